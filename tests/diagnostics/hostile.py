#!/usr/bin/env python3
"""Inputs that are made to break a compiler: each ends with a message that names the fault, at most 20 errors, an exit status
of 0, 1 or 2, within 5 seconds of processor time and 512 MB.

Usage: hostile.py MDLC
"""
import os, re, shutil, stat, subprocess, sys, tempfile

mdlc = os.path.abspath(sys.argv[1])
passed = failed = 0
DEEP = 100_000


def model(expression, shape='float32[batch, 4]'):
    return f'model M {{\n    call(x: {shape}) {{\n        return {expression}\n    }}\n}}\n'


def static(expression):
    return f'const c = {expression}\n' + model('x')


VALID = model('x')
TEXTS = {
    # name: (bytes or text, status, what the output must hold)
    'not UTF-8': (VALID.encode() + b'# \xff\xfe', 1, 'E0002'),
    'UTF-16': (VALID.encode('utf-16'), 1, 'E000'),
    'NUL bytes': (VALID.encode() + b'\0' * 1000, 1, 'E0003'),
    'random bytes': (bytes((i * 7919 + i // 3) % 256 for i in range(100_000)), 1, 'error'),
    'a 10 MB comment': ('#' + 'x' * 10_000_000 + '\n' + VALID, 0, ''),
    'a 10 MB string': (static('"' + 'x' * 10_000_000 + '"'), 0, ''),
    'a 10 MB string without an end': (static('"' + 'x' * 10_000_000), 1, 'E0103'),
    'a 10 MB name': (model('y' * 10_000_000), 1, 'E0201'),
    'a 10 MB number': (static('1' * 10_000_000), 1, 'E0106'),
    'a 10 MB line of garbage': (VALID + '@ ' * 5_000_000, 1, 'E0124'),
    'a 10 MB sum': (static('1' + ' + 1' * 2_500_000), 1, 'E0109'),
    'a million errors': ('model {\n' * 1_000_000, 1, 'error'),
    'brackets': (static('(' * DEEP + '1' + ')' * DEEP), 1, 'E0109'),
    'brackets that are not closed': (static('[' * DEEP), 1, 'E01'),
    'brackets that were not opened': (static(')' * DEEP), 1, 'E01'),
    'braces': (VALID + '{' * DEEP, 1, 'E01'),
    'lists': (static('[' * DEEP + ']' * DEEP), 1, 'E0109'),
    'ifs': ('model M {\n    call(x: float32[b]) {\n' + 'if true {\n' * DEEP + '}\n' * DEEP + '        return x\n    }\n}\n', 1, 'E0109'),
    'else ifs': ('model M {\n    call(x: float32[b]) {\n        if true { y = x }' + ' else if true { y = x }' * DEEP + '\n        return y\n    }\n}\n', 1, 'E0109'),
    'minus signs': (static('-' * DEEP + '1'), 1, 'E0109'),
    'nots': (static('not ' * DEEP + 'true'), 1, 'E0109'),
    'powers': (static('1' + ' ** 1' * DEEP), 1, 'E0109'),
    'members': (model('x' + '.a' * DEEP), 1, 'E0109'),
    'calls': (model('x' + '()' * DEEP), 1, 'E0109'),
    'indices': (model('x' + '[0]' * DEEP), 1, 'E0109'),
    'conditions': (static('1 if true else ' * DEEP + '1'), 1, 'E0109'),
    'comparisons': (static('1' + ' < 2' * DEEP), 0, ''),
    'f-strings in f-strings': (static('f"{' * 500 + '1' + '}"' * 500), 1, 'E01'),
    'many f-string parts': (static('f"' + '{1}' * DEEP + '"'), 0, ''),
    'comprehensions': (static('[' * 1000 + '1' + ' for i in range(2)]' * 1000), 1, 'E0109'),
    'a comprehension of a billion': (static('[i for i in range(1000000000)]'), 1, 'E0309'),
    'a billion in two loops': (static('[1 for i in range(100000) for j in range(100000)]'), 1, 'E0309'),
    'a sum over a billion': (static('sum([i for i in range(1000000000)])'), 1, 'E0309'),
    'a list times a billion': (static('[0] * 1000000000'), 1, 'E030'),
    'a string times a billion': (static('"abc" * 1000000000'), 1, 'E030'),
    'a string that doubles': ('fn f(s, n) { return s if n == 0 else f(s + s, n - 1) }\n' + static('f("ab", 100)'), 1, 'E03'),
    'a list that doubles': ('fn f(s, n) { return s if n == 0 else f(s + s, n - 1) }\n' + static('f([1, 2], 100)'), 1, 'E03'),
    'an integer that overflows': (static('9223372036854775807 + 1'), 1, 'E0307'),
    'a product that overflows': (static('4611686018427387904 * 4'), 1, 'E0307'),
    'a power that overflows': (static('10 ** 100'), 1, 'E0307'),
    'the smallest integer negated': (static('-(-9223372036854775807 - 1)'), 1, 'E0307'),
    'the smallest integer divided': (static('(-9223372036854775807 - 1) // -1'), 1, 'E0307'),
    'division by zero': (static('1 // 0'), 1, 'E0307'),
    'a number that is too large': (static('9223372036854775808'), 1, 'E0106'),
    'a float that is too large': (static('1e999'), 1, 'E0106'),
    'a weight that is too large': ('model M {\n    d = Dense(4611686018427387904)\n    call(x: float32[b, 4611686018427387904]) { return d(x) }\n}\n', 1, 'E0307'),
    'a rank of a thousand': (model('x', 'float32[' + ', '.join(['2'] * 1000) + ']'), 1, 'E'),
    'a function without end': ('fn f(n) { return f(n + 1) }\n' + static('f(0)'), 1, 'E0310'),
    'two functions without end': ('fn f(n) { return g(n) }\nfn g(n) { return f(n) }\n' + static('f(0)'), 1, 'E0310'),
    'a layer in itself': ('layer L { l = L()\n    call(x) { return x } }\nmodel M { l = L()\n    call(x: float32[b]) { return l(x) } }\n', 1, 'E0310'),
    'two layers in each other': ('layer A { b = B() }\nlayer B { a = A() }\nmodel M { a = A()\n    call(x: float32[b]) { return x } }\n', 1, 'E0310'),
    'a layer that calls itself': ('layer L { call(x) { return me(x) }\n    fn me(x) { return me(x) } }\nmodel M { l = L()\n    call(x: float32[b]) { return l(x) } }\n', 1, 'E0310'),
    'a constant in itself': ('const a = b\nconst b = a\n' + VALID, 1, 'E0206'),
    'an import of itself': ('import "hostile.mdl"\n' + VALID, 1, 'E0204'),
    'an import of a folder': ('import "."\n' + VALID, 1, 'E0203'),
    'an import of /dev/zero': ('import "/dev/zero"\n' + VALID, 1, 'E0203'),
    'a hundred thousand layers': ('model M {\n    d = [Dense(1) for i in range(100000)]\n    call(x: float32[b, 1]) { return x }\n}\n', 0, 'W0901'),
    'a hundred thousand names': ('model M {\n    call(x: float32[b]) {\n' + ''.join(f'        y{i} = z{i}\n' for i in range(100_000)) + '        return x\n    }\n}\n', 1, 'E0201'),
    'a hundred thousand locals': ('model M {\n    call(x: float32[b]) {\n' + ''.join(f'        y{i} = x + {i % 5}\n' for i in range(100_000)) + '        return y9\n    }\n}\n', 0, ''),
}


def run(arguments, folder, **more):
    """Exit status, output, seconds of processor time, MB."""
    with tempfile.TemporaryFile('w+b') as said:
        process = subprocess.Popen([mdlc, *arguments], cwd=folder, stdin=subprocess.DEVNULL, stderr=said, **{'stdout': said, **more})
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        return process.returncode, said.read().decode('utf-8', 'replace'), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def judge(name, result, status, holds, limits=True):
    global passed, failed
    got, output, seconds, megabytes = result
    faults = []
    if got != status:
        faults.append(f'status {got}, not {status}')
    if not re.search(holds, output):
        faults.append(f'"{holds}" is not said')
    errors = len(re.findall(r'^error\[', output, re.M))
    if errors > 20:
        faults.append(f'{errors} errors')
    if limits and seconds > 5:
        faults.append(f'{seconds:.1f} s')
    if limits and megabytes > 512:
        faults.append(f'{megabytes:.0f} MB')
    if len(output) > 100_000:
        faults.append(f'{len(output)} bytes are said')
    passed, failed = passed + (not faults), failed + bool(faults)
    if faults or '--verbose' in sys.argv:
        print(f'{"FAILED" if faults else "ok"} {name}: {", ".join(faults)} [{seconds:.2f} s, {megabytes:.0f} MB, {errors} errors]\n{output[:600]}')


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, 'hostile.mdl')
    for name, (text, status, holds) in TEXTS.items():
        with open(path, 'wb') as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        judge(name, run(['check', 'hostile.mdl'], folder), status, holds)
    with open(path, 'w') as f:
        f.write(VALID)
    with open(os.path.join(folder, 'empty.mdl'), 'w'):
        judge('an empty file', run(['manifest', 'empty.mdl'], folder), 1, 'E0701')
    judge('a missing file', run(['check', 'none.mdl'], folder), 2, 'E0001.*No such file')
    judge('a folder', run(['check', '.'], folder), 2, 'E0001.*')
    judge('/dev/zero', run(['check', '/dev/zero'], folder), 2, 'E0001')
    os.mkfifo(os.path.join(folder, 'pipe.mdl'))
    judge('a FIFO', run(['check', 'pipe.mdl'], folder), 2, 'E0001')
    if os.geteuid():
        os.chmod(path, 0)
        judge('no permission', run(['check', 'hostile.mdl'], folder), 2, 'E0001.*Permission')
        os.chmod(path, stat.S_IRUSR | stat.S_IWUSR)
    judge('a missing C compiler', run(['build', 'hostile.mdl', '--cc', 'no-such-compiler'], folder), 2, 'no-such-compiler')
    judge('no C compiler in $PATH', run(['build', 'hostile.mdl'], folder, env={'PATH': folder}), 2, 'C compiler|cc')
    with open('/dev/full', 'w') as full:
        judge('a full disk behind standard output', run(['manifest', 'hostile.mdl'], folder, stdout=full), 2, 'standard output: No space left')
    judge('output to a missing folder', run(['build', 'hostile.mdl', '-o', 'none/exe'], folder), 2, 'none/exe.*No such file')
    if not os.geteuid() and shutil.which('mount'):
        small = os.path.join(folder, 'small')
        os.mkdir(small)
        if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=4k', 'small', small], capture_output=True).returncode == 0:
            try:
                judge('a full disk', run(['build', 'hostile.mdl', '-o', 'small/exe'], folder), 2, 'No space left', limits=False)
                judge('a full disk for C', run(['build', 'hostile.mdl', '--emit', 'c', '-o', 'small'], folder), 2, 'No space left')
                judge('a full disk for temporary files',
                      run(['build', 'hostile.mdl', '-o', 'exe'], folder, env={**os.environ, 'TMPDIR': small}), 2, 'No space left', limits=False)
            finally:
                subprocess.run(['umount', small], check=True)

print(f'{passed} passed, {failed} failed')
sys.exit(failed > 0)
