#!/usr/bin/env python3
"""The layers against Keras by many cases: manifests and numbers of tests/evidence/*.json.

    run.py [--mdlc MDLC] [--jobs N] [--filter GLOB] [--keep DIRECTORY] [--table FILE [--check]]

Cases of one layer share programs. For each case the manifest must list the same variables with the same shapes, dtypes, flags,
initializers, Keras names and places in files, and every output, in both modes where they are deterministic, must be
within its bound of the reference. --filter takes names such as 'LSTM.00*'. --table writes the page docs/layers-evidence.md;
with --check it only compares. Needs Python 3.9 and NumPy 1.20, nothing else.
"""
import argparse
import concurrent.futures
import fnmatch
import os
import sys
import tempfile

import evidence
from evidence import batch

TOGETHER = 24  # cases in a program


def check(mdlc, directory, cases, library=""):
    """[(case, None or what is wrong, errors)]."""
    parts = [c.part() for c in cases]
    results = batch.run_each(mdlc, directory, parts, library)
    file = batch.write_program(directory, parts, library)
    found = []
    for case in cases:
        got, none = results[case.model], {False: 0.0, True: 0.0}
        if isinstance(got, str):
            found.append((case, got, none))
            continue
        wrong = case.check_manifest(batch.manifest(mdlc, file, case.model))
        other, worst = case.check_outputs(got)
        found.append((case, wrong or other, worst))
    return found


def groups(wanted):
    """Cases of one layer, so many that each program is worth its compiler."""
    for layer in evidence.layers():
        cases = [c for c in evidence.cases_of(layer) if fnmatch.fnmatch(f"{layer}.{c.name}", wanted)]
        count = -(-len(cases) // TOGETHER)
        for i in range(count):
            yield f"{layer}.{i}", cases[i::count]


def attempt(job):
    mdlc, directory, name, cases = job
    return check(mdlc, os.path.join(directory, name), cases)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mdlc", default=os.path.join(evidence.HERE, "..", "..", "build", "bin", "mdlc"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--filter", default="*", metavar="GLOB")
    parser.add_argument("--keep", metavar="DIRECTORY")
    parser.add_argument("--table", metavar="FILE")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    passed = failed = 0
    rows = {}
    with tempfile.TemporaryDirectory() as scratch:
        jobs = [(os.path.abspath(args.mdlc), args.keep or scratch, name, cases) for name, cases in groups(args.filter)]
        with concurrent.futures.ThreadPoolExecutor(max(1, args.jobs)) as pool:
            for found in pool.map(attempt, jobs):
                for case, wrong, worst in found:
                    passed, failed = passed + (not wrong), failed + bool(wrong)
                    rows.setdefault(case.layer, []).append((case, worst))
                    if wrong:
                        print(f"FAILED {case.title}\n    " + wrong.replace("\n", "\n    "), flush=True)
    if args.table and not failed:
        import table
        wrong = table.check(args.table, rows) if args.check else table.write(args.table, rows)
        passed, failed = passed + (not wrong), failed + bool(wrong)
        print(wrong or "", end="\n" if wrong else "")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
