#!/usr/bin/env python3
"""Every layer of the library, used wrongly: misuse.txt holds what is constructed, the shape of the input without its batch (`i`
before it: integers) and the call, if it is not `a(x)`; then the text that is underlined and the error, which is golden.

Each is one error, in the user's file; it underlines an argument where it is about one, and the library's code is a note.
BLESS=1 rewrites the file. Usage: misuse.py MDLC
"""
import concurrent.futures, glob, os, re, subprocess, sys, tempfile

here = os.path.dirname(os.path.abspath(__file__))
mdlc = os.path.abspath(sys.argv[1])
page = os.path.join(here, 'misuse.txt')


def program(case):
    layer, shape, call = ([part.strip() for part in case.split('|')] + ['a(x)'])[:3]
    dtype, shape = ('int32', shape[1:]) if shape.startswith('i') else ('float32', shape)
    return f'model M {{\n    a = {layer}\n\n    call(x: {dtype}[{", ".join(["batch"] + ([shape] if shape else []))}]) {{\n        return {call}\n    }}\n}}\n'


def errors(output):
    """The errors of mdlc's text: what is underlined, then code and message."""
    lines = output.split('\n')
    for i, line in enumerate(lines):
        m = re.match(r'error\[(E\d+)\]: (.*)', line)
        if not m:
            continue
        at = next((k for k in range(i + 1, len(lines)) if '^' in lines[k] and lines[k].lstrip().startswith('|')), None)
        mine = lines[i + 1].lstrip().startswith('--> case.mdl:') and at is not None
        yield lines[at - 1][lines[at].index('^'):lines[at].rindex('^') + 1] if mine else 'NOT IN THE FILE', f'{m[1]} {m[2]}'


def run(case):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, 'case.mdl'), 'w') as f:
            f.write(program(case))
        done = subprocess.run([mdlc, 'check', 'case.mdl'], cwd=folder, capture_output=True, text=True, timeout=60)
    found = list(errors(done.stderr))
    text = ''.join(f'    {marked}\n        {message}\n' for marked, message in found)
    return text, done.returncode == 1 and len(found) == 1 and 'NOT IN' not in text and done.stderr.count('raised here') <= 1


want = {}
for line in open(page):
    if not line.startswith(' ') and line.strip():
        case = line.strip()
        want[case] = ''
    elif line.strip():
        want[case] += line

passed = failed = 0
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    results = dict(zip(want, pool.map(run, want)))
for case, (text, ok) in results.items():
    good = ok and (text == want[case] or 'BLESS' in os.environ)
    passed, failed = passed + good, failed + (not good)
    if not good:
        print(f'FAILED {case}: expected\n{want[case]}but there is\n{text or "    no error" + chr(10)}')
if 'BLESS' in os.environ:
    with open(page, 'w') as f:
        f.write(''.join(f'{case}\n{text}' for case, (text, _) in results.items()))

used = ' '.join(want)
for path in sorted(glob.glob(os.path.join(here, '../../runtime/layers/*.mdl'))):
    for name in re.findall(r'^layer (\w+)', open(path).read(), re.M):
        known = re.search(rf'\b{name}\(', used)
        passed, failed = passed + bool(known), failed + (not known)
        if not known:
            print(f'FAILED {name}: no wrong use of it is tried')

print(f'{passed} passed, {failed} failed')
sys.exit(failed > 0)
