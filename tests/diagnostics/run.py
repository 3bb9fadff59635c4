#!/usr/bin/env python3
"""Every row of diag_codes.def has an example here that raises exactly it, and whose whole output is golden.

tests/diagnostics/CODE.mdl is checked (`# args:` on its first line adds arguments, `# file:` names another file), its output
compared with CODE.txt; where a fix is suggested, applying it and checking again must not raise the code any more.
BLESS=1 rewrites the goldens. Usage: run.py MDLC
"""
import os, re, shutil, subprocess, sys, tempfile

here = os.path.dirname(os.path.abspath(__file__))
mdlc = os.path.abspath(sys.argv[1])
rows = re.findall(r'^DIAG\((\w+), LEVEL_(\w+), (\d+),', open(os.path.join(here, '../../compiler/source/diag_codes.def')).read(), re.M)
passed = failed = 0


def check(folder, name, *more):
    first = open(os.path.join(folder, name), 'rb').readline().decode('utf-8', 'replace')
    args = re.match(r'# args: (.*)', first)
    other = re.match(r'# file: (.*)', first)
    command = [mdlc, 'check', other.group(1).strip() if other else name, *(args.group(1).split() if args else []), *more]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=20)
    return done.returncode, (done.stdout + done.stderr).decode('utf-8', 'replace')


def result(ok, name, why):
    global passed, failed
    passed, failed = passed + ok, failed + (not ok)
    if not ok:
        print(f'FAILED {name}: {why}')


for code, level, number in rows:
    name, golden = code + '.mdl', os.path.join(here, code + '.txt')
    if not os.path.exists(os.path.join(here, name)):
        result(False, code, 'there is no example')
        continue
    status, text = check(here, name)
    shown = re.findall(r'^(error|warning)\[([EW]\d+)\]', text, re.M)
    want = (level.lower(), f'{level[0]}{int(number):04d}')
    result(bool(shown) and all(s == want for s in shown), code, f'it raises {shown}, not only {want}')
    result(status == (0 if level == 'WARNING' else 2 if code == 'E_FILE_UNREADABLE' else 1), code, f'exit status {status}')
    if os.environ.get('BLESS'):
        open(golden, 'w').write(text)
    result(os.path.exists(golden) and open(golden).read() == text, code, 'the output differs from the golden:\n' + text)
    if re.search(r'^ *\d+ \+', text, re.M):
        with tempfile.TemporaryDirectory() as folder:
            for f in os.listdir(here):
                shutil.copy(os.path.join(here, f), folder)
            check(folder, name, '--fix')
            status, text = check(folder, name)
            result(f'[{want[1]}]' not in text, code, 'the fix does not remove it:\n' + text)

print(f'{passed} passed, {failed} failed')
sys.exit(failed > 0)
