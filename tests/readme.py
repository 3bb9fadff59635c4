#!/usr/bin/env python3
"""readme.py MDLC FILE.md [--write]: runs the `$` lines of a page's ```console blocks and compares what they print.

The commands of a page run one after another in a copy of examples/, where a ```mdl block that follows "Put this into
`NAME`" stands as NAME. With --write the page gets the output that it should have had."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"(?:Put this into `([^`\n]+)`:\n\n)?```(mdl|console)\n(.*?)```", re.S)


def main():
    mdlc, page = os.path.abspath(sys.argv[1]), sys.argv[2]
    top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with open(page, encoding="utf-8") as f:
        text = f.read()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as work:
        shutil.copytree(os.path.join(top, "examples"), os.path.join(work, "examples"))
        env = dict(os.environ, PATH=os.path.dirname(mdlc) + ":" + os.environ["PATH"], LC_ALL="C.UTF-8")

        def block(m):
            nonlocal passed, failed
            if m[2] == "mdl":
                if m[1]:
                    with open(os.path.join(work, m[1]), "w", encoding="utf-8") as f:
                        f.write(m[3])
                return m[0]
            shown = ""
            for command in re.findall(r"^\$ (.*)$", m[3], re.M):
                done = subprocess.run(["bash", "-c", command], cwd=work, env=env, stdin=subprocess.DEVNULL, text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
                shown += f"$ {command}\n{done.stdout}"
                if done.stdout and not done.stdout.endswith("\n"):
                    shown += "\n"
            if shown == m[3]:
                passed += 1
            else:
                failed += 1
                if "--write" not in sys.argv:
                    print(f"{page} shows\n{m[3]}\nand this is printed\n{shown}")
            return m[0][:m.start(3) - m.start()] + shown + "```"

        result = BLOCK.sub(block, text)
    if "--write" in sys.argv:
        with open(page, "w", encoding="utf-8") as f:
            f.write(result)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
