#!/usr/bin/env python3
"""What `--format json` says of every example keeps to docs/diagnostic.schema.json and is what the text form says: the same
diagnostics in the same order, every message, label, note and help of them, and fixes that do what `--fix` does.

Usage: json_form.py MDLC
"""
import glob, json, os, re, shutil, subprocess, sys, tempfile

import jsonschema

here = os.path.dirname(os.path.abspath(__file__))
mdlc = os.path.abspath(sys.argv[1])
with open(os.path.join(here, '../../docs/diagnostic.schema.json')) as f:
    schema = jsonschema.Draft202012Validator(json.load(f))


def check(folder, name, *more):
    first = open(os.path.join(folder, name), 'rb').readline().decode('utf-8', 'replace')
    args, other = re.match(r'# args: (.*)', first), re.match(r'# file: (.*)', first)
    command = [mdlc, 'check', other.group(1).strip() if other else name, *(args.group(1).split() if args else []), *more]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=60).stderr.decode('utf-8', 'replace')


def fixed(source, name, diagnostics):
    """The example with all fixes; two at one place are one."""
    edits = {(p['start'], p['end']): p['replacement'] for d in diagnostics for p in d['parts'] if p['kind'] == 'fix' and p['file'] == name}
    for (start, end), text in sorted(edits.items(), reverse=True):
        source = source[:start] + text.encode() + source[end:]
    return source


def problem(name):
    found = [json.loads(line) for line in check(here, name, '--format', 'json').splitlines()]
    for d in found:
        for error in schema.iter_errors(d):
            return f'{error.message} in {d}'
    text = check(here, name)
    if re.findall(r'^(?:error|warning)\[(\w+)\]: (.*)', text, re.M) != [(d['code'], d['message'].split('\n')[0]) for d in found]:
        return 'the text form has other diagnostics'
    places = re.findall(r'^(?:error|warning)\[[^\n]*\n *--> (.*)', text, re.M)
    if places != [f'{d["file"]}:{d["line"]}:{d["column"]}' for d in found if 'file' in d]:
        return f'the text form has other places: {places}'
    flat = ' '.join(text.split())
    for said in [t for d in found for t in [d.get('label', ''), *(p.get('text', '') for p in d['parts'])]]:
        if ' '.join(said.split()) not in flat:
            return f'the text form does not say: {said}'
    if not any(p['kind'] == 'fix' for d in found for p in d['parts']):
        return None
    with tempfile.TemporaryDirectory() as folder:
        for f in glob.glob(os.path.join(here, '*.mdl')):
            shutil.copy(f, folder)
        before = open(os.path.join(folder, name), 'rb').read()
        check(folder, name, '--fix')
        if open(os.path.join(folder, name), 'rb').read() != fixed(before, name, found):
            return 'the fixes do something else than --fix'
    return None


passed = failed = 0
for path in sorted(glob.glob(os.path.join(here, '[EW]_*.mdl'))):
    why = problem(os.path.basename(path))
    passed, failed = passed + (why is None), failed + (why is not None)
    if why:
        print(f'FAILED {os.path.basename(path)}: {why}')
print(f'{passed} passed, {failed} failed')
sys.exit(failed > 0)
