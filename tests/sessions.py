#!/usr/bin/env python3
"""sessions.py MDLC PAGE.md... [--status] [--write]: runs the `$` lines of ```console blocks and compares what they print.

The commands of a page run one after another in a copy of examples/, where a block that follows "Put this into `NAME`"
stands as NAME. With --status an exit status other than 0 is a line of its own: [2]. With --write the pages get the output
that they should have had. The last line is `N passed, N failed`, counted in blocks."""
import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"(?:Put this into `([^`\n]+)`:\n\n)?```(mdl|python|console)\n(.*?)```", re.S)
TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Page:
    """One page's commands, in a folder of their own."""

    def __init__(self, path, args):
        self.path, self.args, self.passed, self.failed = path, args, 0, 0

    def shell(self, command):
        done = subprocess.run(["bash", "-c", command], cwd=self.work, env=self.env, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, errors="replace")
        shown = f"$ {command}\n{done.stdout}"
        if done.stdout and not done.stdout.endswith("\n"):
            shown += "\n"
        return shown + (f"[{done.returncode}]\n" if self.args.status and done.returncode else "")

    def block(self, m):
        if m[1]:
            with open(os.path.join(self.work, m[1]), "w", encoding="utf-8") as f:
                f.write(m[3])
        if m[2] != "console":
            return m[0]
        shown = "".join(self.shell(command) for command in re.findall(r"^\$ (.*)$", m[3], re.M))
        if shown == m[3]:
            self.passed += 1
        else:
            self.failed += 1
            if not self.args.write:
                print(f"{self.path} shows\n{m[3]}\nand this is printed\n{shown}")
        return m[0][:m.start(3) - m.start()] + shown + "```"

    def run(self):
        with open(self.path, encoding="utf-8") as f:
            text = f.read()
        with tempfile.TemporaryDirectory(dir=os.environ.get("MDL_WORK")) as self.work:
            shutil.copytree(os.path.join(TOP, "examples"), os.path.join(self.work, "examples"))
            path = os.path.dirname(self.args.mdlc) + ":" + os.environ["PATH"]
            self.env = dict(os.environ, PATH=path, LC_ALL="C.UTF-8", MDL_ROOT=TOP, MDL_PYTHON=sys.executable)
            result = BLOCK.sub(self.block, text)
        if self.args.write:
            with open(self.path, "w", encoding="utf-8") as f:
                f.write(result)


def main():
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it, and what it starts would, too
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mdlc", type=os.path.abspath)
    parser.add_argument("pages", nargs="+", metavar="PAGE.md")
    parser.add_argument("--status", action="store_true")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    passed = failed = 0
    for path in args.pages:
        page = Page(path, args)
        page.run()
        passed, failed = passed + page.passed, failed + page.failed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
