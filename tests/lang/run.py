#!/usr/bin/env python3
"""Tests of the language: python3 tests/lang/run.py [NAME...]; the last line says `N passed, N failed`.

MDLC is the compiler, MDL_WORK a folder for what is built, MDL_JOBS how many cases run at a time. NAME selects the cases
whose name contains it.
"""
import concurrent.futures
import glob
import importlib
import os
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
import harness  # noqa: E402


def main():
    root = os.path.dirname(os.path.dirname(here))
    mdlc = os.environ.get("MDLC", os.path.join(root, "build", "bin", "mdlc"))
    work = os.environ.get("MDL_WORK") or tempfile.mkdtemp(prefix="mdl-lang-")
    for path in sorted(glob.glob(os.path.join(here, "test_*.py"))):
        importlib.import_module(os.path.basename(path)[:-3])
    wanted = [c for c in harness.cases if not sys.argv[1:] or any(w in c.name for w in sys.argv[1:])]
    names = [c.name for c in harness.cases]
    for name in {n for n in names if names.count(n) > 1}:
        sys.exit(f"two cases are called {name}")
    runner, failed = harness.Runner(mdlc, work), 0

    def attempt(c):
        try:
            runner.run(c)
        except harness.Failure as e:
            return str(e)
        except Exception as e:  # a mistake in the test itself
            return f"{type(e).__name__}: {e}"
        return None

    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("MDL_JOBS", os.cpu_count() or 1))) as pool:
        for c, problem in zip(wanted, pool.map(attempt, wanted)):
            if problem is None:
                continue
            failed += 1
            print(f"FAILED {c.name}\n    " + problem.replace("\n", "\n    "))
    print(f"{len(wanted) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
