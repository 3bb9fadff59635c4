#!/usr/bin/env python3
"""Deletes, doubles or swaps each token of each example: the first error must stand on the damaged line or the next in at
least 95 % of the cases that have an error, no case has more than 3 errors, status 70, more than 1 s or 512 MB.

Usage: run.py MDLC [--every N] [--verbose] [FILE.mdl ...]
`--every N` takes each N-th token only.
"""
import concurrent.futures, glob, os, re, shutil, subprocess, sys, tempfile

here = os.path.dirname(os.path.abspath(__file__))
arguments = sys.argv[1:]
every = 1
if '--every' in arguments:
    at = arguments.index('--every')
    every = int(arguments[at + 1])
    del arguments[at:at + 2]
verbose = '--verbose' in arguments
arguments = [a for a in arguments if a != '--verbose']
mdlc = os.path.abspath(arguments[0])
files = arguments[1:] or sorted(glob.glob(os.path.join(here, '../../examples/*/*.mdl')))
TOKEN = re.compile(r'''(?P<skip>[ \t\r\n]+|\#[^\n]*)|f?"(?:[^"\\\n]|\\.)*"|f?'(?:[^'\\\n]|\\.)*'|\d[\w.]*(?:[eE]-?\d+)?|\w+|\.\.\.|->|//=|\*\*|//|[-+*/%=<>!]=|.''')

KINDS = ('delete', 'double', 'swap')


def tokens(text):
    return [(m.start(), m.end()) for m in TOKEN.finditer(text) if not m.group('skip')]


def mutants(text):
    spots = tokens(text)
    for i in range(0, len(spots), every):
        a, b = spots[i]
        yield 'delete', a, text[:a] + text[b:]
        yield 'double', a, text[:b] + ' ' + text[a:b] + text[b:]
        if i + 1 < len(spots):
            c, d = spots[i + 1]
            yield 'swap', a, text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def check(path, folder):
    """Exit status, what it says, seconds of processor time (the clock says how busy the machine is) and MB resident at most."""
    with tempfile.TemporaryFile('w+', encoding='utf-8') as said:
        process = subprocess.Popen([mdlc, 'check', path], cwd=folder, stdout=subprocess.DEVNULL, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        return process.returncode, said.read(), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def judge(job):
    folder, name, kind, at, mutant, number = job
    path = os.path.join(folder, f'{name}.{number}.mdl')
    with open(path, 'w') as f:
        f.write(mutant)
    status, output, seconds, megabytes = check(path, folder)
    os.unlink(path)
    line = mutant.count('\n', 0, at) + 1
    errors = len(re.findall(r'^error\[', output, re.M))
    first = re.search(r'^error\[[^\n]*\n *--> [^\n]*?(\w[\w.]*\.mdl):(\d+):', output, re.M)
    near = bool(first) and first.group(1) == os.path.basename(path) and int(first.group(2)) in (line, line + 1)
    faults = []
    if status not in (0, 1):
        faults.append(f'status {status}')
    if errors > 3:
        faults.append(f'{errors} errors')
    if seconds > 1:
        faults.append(f'{seconds:.1f} s')
    if megabytes > 512:
        faults.append(f'{megabytes:.0f} MB')
    return kind, errors > 0, near, faults, seconds, megabytes, f'{name}:{line} {kind} {mutant.splitlines()[line - 1].strip() if line <= mutant.count(chr(10)) else ""!r}', output


passed = failed = 0
with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
    for path in files:
        text = open(path).read()
        base = os.path.join(folder, os.path.basename(os.path.dirname(path)))
        shutil.copytree(os.path.dirname(os.path.abspath(path)), base, dirs_exist_ok=True)
        name = os.path.basename(path)[:-4]
        jobs = [(base, name, *m, i) for i, m in enumerate(mutants(text))]
        wrong, close = dict.fromkeys(KINDS, 0), dict.fromkeys(KINDS, 0)
        bad = slowest = largest = 0
        for kind, is_wrong, near, faults, seconds, megabytes, what, output in pool.map(judge, jobs):
            wrong[kind], close[kind] = wrong[kind] + is_wrong, close[kind] + near
            bad, slowest, largest = bad + bool(faults), max(slowest, seconds), max(largest, megabytes)
            if faults or (verbose and is_wrong and not near):
                print(f'{"FAILED" if faults else "far"} {what}: {", ".join(faults)}')
                if verbose:
                    print(output)
        share = {kind: close[kind] / max(wrong[kind], 1) for kind in KINDS}
        total = sum(close.values()) / max(sum(wrong.values()), 1)
        ok = bad == 0 and total >= 0.95
        passed, failed = passed + ok, failed + (not ok)
        print(f'{"ok" if ok else "FAILED"} {os.path.relpath(path)}: {len(jobs)} mutants, {sum(wrong.values())} with errors, '
              f'{100 * total:.1f} % on the line or the next ({", ".join(f"{kind} {100 * share[kind]:.1f}" for kind in KINDS)}); '
              f'{bad} faults; at most {slowest:.2f} s, {largest:.0f} MB')

print(f'{passed} passed, {failed} failed')
sys.exit(failed > 0)
