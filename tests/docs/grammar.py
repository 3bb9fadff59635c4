#!/usr/bin/env python3
"""The EBNF in docs/language.md is the language that the parser accepts; the last line says `N passed, N failed`.

One way: random sentences of the EBNF parse. The other: each declaration of every program in the tree that parses is a sentence
of the EBNF, told by a recognizer that tries all derivations (Earley's). MDLC is the compiler.
"""
import glob
import os
import random
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MDLC = os.environ.get("MDLC", os.path.join(ROOT, "build", "bin", "mdlc"))
SENTENCES, LONGEST = 400, 700  # how many are made; tokens of a declaration that is recognized


# ---- the EBNF as productions: a rule's name to lists of symbols; terminals are strings in quotes or capitals ----

class Grammar:
    def __init__(self, text):
        self.rules, self.count = {}, 0
        for name, body in re.findall(r"^(\w+)\s*=\s*((?:\"[^\"]*\"|[^\";])*);", text, re.M):
            self.tokens = re.findall(r'"[^"]*"|\w+|[][(){}|]', body)
            self.rules[name] = self.alternatives()
            if self.tokens:
                raise SystemExit(f"docs/language.md: cannot read the rule {name}: {self.tokens[:5]}")

    def helper(self, productions):
        self.count += 1
        name = f"_{self.count}"
        self.rules[name] = productions
        return name

    def alternatives(self):
        out = [self.sequence()]
        while self.tokens and self.tokens[0] == "|":
            self.tokens.pop(0)
            out.append(self.sequence())
        return out

    def sequence(self):
        out = []
        while self.tokens and self.tokens[0] not in ("|", ")", "]", "}"):
            t = self.tokens.pop(0)
            if t in "([{":
                inside = self.alternatives()
                self.tokens.pop(0)
                name = self.helper(inside)
                if t == "[":
                    self.rules[name] = inside + [[]]
                elif t == "{":
                    self.rules[name] = [p + [name] for p in inside] + [[]]
                out.append(name)
            else:
                out.append(t)
        return out


# ---- sentences ----

WORDS = {"NAME": "x y units Dense layer state f".split(), "INT": ["0", "1_000"], "FLOAT": [".5", "1e-5"], "STRING": ['"text"', "'t'"], "FSTRING": ['f"a {x + 1} b"'], "NL": ["\n"]}


def sentence(grammar, symbol, r, depth, out):
    if symbol not in grammar.rules:
        out.append(symbol[1:-1] if symbol[0] == '"' else r.choice(WORDS[symbol]))
        return
    options = grammar.rules[symbol]
    if depth > 18:  # the way that ends soonest
        options = [min(options, key=lambda p: sum(grammar.least[s] for s in p))]
    for s in r.choice(options):
        sentence(grammar, s, r, depth + 1, out)


def measure(grammar):
    """How deep each symbol must go at least."""
    least = {}
    for options in grammar.rules.values():
        for p in options:
            for s in p:
                least[s] = 0 if s not in grammar.rules else 99
    least.update({s: 99 for s in grammar.rules})
    for _ in range(99):
        for name, options in grammar.rules.items():
            least[name] = min(least[name], 1 + min(max((least[s] for s in p), default=0) + sum(least[s] for s in p) // 50 for p in options))
    grammar.least = least


def parses(text, folder):
    path = os.path.join(folder, "sentence.mdl")
    with open(path, "w") as f:
        f.write(text)
    p = subprocess.run([MDLC, "check", path, "--dump", "ast"], capture_output=True, text=True, timeout=60)
    ordered = set(re.findall(r"^error\[(E\d+)\]", p.stderr, re.M)) != {"E0112"}  # in which order arguments stand is said beside the EBNF
    return p.returncode == 0 or not ordered, p.stderr


# ---- recognizing ----

TOKEN = re.compile(r"""(?P<space>[ \t\r]+|\#[^\n]*)|(?P<newline>\n)|(?P<fstring>f"(?:[^"\\\n]|\\.)*"|f'(?:[^'\\\n]|\\.)*')|(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<float>\d[\d_]*\.\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|\d[\d_]*[eE][-+]?\d+)|(?P<int>\d[\d_]*)|(?P<name>[A-Za-z_]\w*)
    |(?P<sign>\.\.\.|\*\*=|//=|->|==|!=|<=|>=|\*\*|//|[-+*/%@|^&]=|[-+*/%@|^&~<>=(){}\[\],:.?])""", re.X)
KEYWORDS = set("return if else for in is assert and or not true false none".split())
ENDS = {"NAME", "INT", "FLOAT", "STRING", "FSTRING", ")", "]", "}", "?", "...", "return", "true", "false", "none"}
NEVER_BEGINS = set("else { -> . , ) ] = : ? and or in is * / // % @ ** | ^ & < > <= >= == !=".split())


def tokens_of(text):
    """(class, spelling) of each token, with the newlines that end statements, by the rules of docs/language.md."""
    out, depth, waiting = [], [], False
    for m in TOKEN.finditer(text):
        kind, spelling = m.lastgroup, m[0]
        if kind == "space":
            continue
        if kind == "newline":
            waiting |= bool(out) and out[-1][0] in ENDS and (not depth or depth[-1] == "{")
            continue
        cls = {"name": "NAME", "int": "INT", "float": "FLOAT", "string": "STRING", "fstring": "FSTRING", "sign": spelling}[kind]
        if cls == "NAME" and spelling in KEYWORDS:
            cls = spelling
        if waiting and cls not in NEVER_BEGINS and cls != "}":
            out.append(("NL", "\n"))
        waiting = False
        if cls == "{" and out and out[-1][0] == "return":
            depth.append("named")
        elif cls in "([{":
            depth.append(cls)
        elif cls in ")]}" and depth:
            depth.pop()
        out.append((cls, spelling))
    return out


def matches(symbol, token):
    return symbol[1:-1] == token[1] and token[0] not in ("STRING", "FSTRING") if symbol[0] == '"' else symbol == token[0]


def recognizes(grammar, start, tokens):
    sets = [dict() for _ in range(len(tokens) + 1)]
    empty = {name for name in grammar.rules if nullable(grammar, name)}

    def add(at, item, queue):
        if item not in sets[at]:
            sets[at][item] = True
            queue.append(item)
    waiting = [dict() for _ in sets]  # symbol -> items that stand before it
    for at in range(len(sets)):
        queue = list(sets[at]) if at else []
        if not at:
            for p in grammar.rules[start]:
                add(0, (start, tuple(p), 0, 0), queue)
        while queue:
            name, p, dot, origin = queue.pop()
            if dot == len(p):
                for n2, p2, d2, o2 in list(waiting[origin].get(name, ())):
                    add(at, (n2, p2, d2 + 1, o2), queue)
                continue
            s = p[dot]
            if s in grammar.rules:
                waiting[at].setdefault(s, []).append((name, p, dot, origin))
                for q in grammar.rules[s]:
                    add(at, (s, tuple(q), 0, at), queue)
                if s in empty:
                    add(at, (name, p, dot + 1, origin), queue)
            elif at < len(tokens) and matches(s, tokens[at]):
                sets[at + 1][(name, p, dot + 1, origin)] = True
        if at < len(tokens) and not sets[at + 1]:
            return at
    return None if any(n == start and d == len(p) and o == 0 for n, p, d, o in sets[-1]) else len(tokens)


def nullable(grammar, name, seen=()):
    return any(all(s in grammar.rules and s not in seen and nullable(grammar, s, (*seen, name)) for s in p) for p in grammar.rules[name])


def declarations(tokens):
    """The tokens of each declaration: newlines outside braces part them."""
    out, depth = [[]], 0
    for t in tokens:
        depth += (t[0] in "([{") - (t[0] in ")]}") if len(t[0]) == 1 else 0
        if t[0] == "NL" and depth == 0:
            out.append([])
        else:
            out[-1].append(t)
    return [d for d in out if d]


def programs():
    for pattern in ("examples/*/*.mdl", "runtime/layers/*.mdl", "tests/diagnostics/**/*.mdl", "tests/code/*.mdl", "tests/consumer/**/*.mdl"):
        yield from sorted(glob.glob(os.path.join(ROOT, pattern), recursive=True))


def main():
    with open(os.path.join(ROOT, "docs", "language.md")) as f:
        grammar = Grammar(re.search(r"^```ebnf\n(.*?)^```", f.read(), re.M | re.S)[1])
    grammar.rules["_file"] = [["file"]]
    measure(grammar)
    unknown = {s for options in grammar.rules.values() for p in options for s in p if s not in grammar.rules and s[0] != '"' and s not in WORDS}
    if unknown:
        raise SystemExit(f"docs/language.md: the grammar names {sorted(unknown)} and does not say what they are")
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(SENTENCES // 20):
            r, parts = random.Random(seed), []
            for _ in range(20):
                words = []
                # a line that begins with an operator continues the one before
                while not words or re.search(r"\n not |\} \n [-+] ", " ".join(words)):
                    words.clear()
                    sentence(grammar, "declaration", r, 0, words)
                parts.append(" ".join(words))
            if parses("\n".join(parts), folder)[0]:
                passed += 20
                continue
            for text in parts:
                ok, said = parses(text, folder)
                passed, failed = passed + ok, failed + (not ok)
                if not ok:
                    print(f"FAILED a sentence of the grammar does not parse:\n{text}\n{said[:600]}")
        for path in programs():
            with open(path, encoding="utf-8", errors="replace") as f:
                text = f.read()
            if not parses(text, folder)[0]:
                continue
            for d in declarations(tokens_of(text)):
                if len(d) > LONGEST:
                    continue
                wrong = recognizes(grammar, "declaration", d)
                passed, failed = passed + (wrong is None), failed + (wrong is not None)
                if wrong is not None:
                    print(f"FAILED {os.path.relpath(path, ROOT)}: no sentence of the grammar from here on: {' '.join(t[1] for t in d[max(0, wrong - 8):wrong + 4])}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
