#!/usr/bin/python3
"""ctest_count.py TREE [CTEST-OPTION...]: runs ctest, shows what fails, and ends with `N passed, N failed`.

A test whose output ends with such a line counts as so many, a Check program as its checks, any other as one.
"""
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree


def count(output, good):
    for line in reversed(output.strip().splitlines()[-5:]):
        m = re.fullmatch(r"(\d+) passed, (\d+) failed", line.strip())
        if m:
            return int(m[1]), max(int(m[2]), 0 if good else 1)
        m = re.search(r"Checks: (\d+), Failures: (\d+), Errors: (\d+)", line)
        if m:
            bad = int(m[2]) + int(m[3])
            return int(m[1]) - bad, max(bad, 0 if good else 1)
    return (1, 0) if good else (0, 1)


def main():
    tree, options = sys.argv[1], sys.argv[2:]
    report = os.path.join(os.path.abspath(tree), "ctest.xml")
    if os.path.exists(report):
        os.remove(report)
    jobs = os.environ.get("MDL_JOBS", "2")
    run = subprocess.run(["ctest", "--test-dir", tree, "-j", jobs, "--timeout", "600", "--test-output-size-passed", "1000000",
                          "--test-output-size-failed", "1000000", "--output-junit", report, *options],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if not os.path.exists(report):
        print(run.stdout)
        print("0 passed, 1 failed")
        return 1
    passed = failed = 0
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        good = case.get("status") == "run"
        output = case.findtext("system-out") or ""
        p, f = count(output, good)
        passed, failed = passed + p, failed + f
        print(f"{case.get('name'):24} {p:6} passed {f:4} failed {float(case.get('time') or 0):7.1f} s")
        if f:
            lines = output.strip().splitlines()
            for line in (lines if len(lines) <= 80 else ["..."] + lines[-80:]):
                print("    " + line)
    if not passed + failed:
        failed = 1
        print("ctest found no tests")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
