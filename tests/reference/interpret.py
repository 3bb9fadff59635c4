#!/usr/bin/env python3
"""A slow interpreter of graphs, independent of the compiler's passes, of the C that it writes and of the kernels.

    mdlc build net.mdl --dump graph > net.graph
    interpret.py net.graph [-w weights.safetensors] --input x=x.npy --output output=y.npy [--seed N]

It reads the text that `mdlc --dump graph` prints and computes every node with its twin. float32 and float64 are computed in
float64 and not rounded between nodes; 16-bit floats and integers are rounded or wrapped after every node, as their dtypes
ask. Variables that no file gives have to be passed by the caller; states begin as given and are returned.
"""

import argparse
import json
import math
import re
import struct
import sys
from collections import namedtuple
from types import SimpleNamespace

import numpy as np
import twins

Type = namedtuple("Type", "dtype dims")
Function = namedtuple("Function", "id name symbols nodes results")
Node = namedtuple("Node", "id kind args type at line")
Port = namedtuple("Port", "name type")

MASK = (1 << 64) - 1


class GraphError(Exception):
    """The text is no graph."""


class CheckFailed(Exception):
    """A check of the model does not hold; the text is the check's message."""


# ---- reading ----

_TOKEN = re.compile(
    r"\s*(?:(?P<string>\"(?:[^\"\\]|\\.)*\")|(?P<real>-?(?:\d+\.\d+(?:e[+-]\d+)?|\d+e[+-]\d+|inf\b|nan\b))|(?P<value>%\d+)|(?P<function>@\d+)"
    r"|(?P<int>\d+)|(?P<name>[A-Za-z_]\w*(?:'\d+)?)|(?P<sign>//|==|<=|[-+*()\[\]{},:=]))")


class Line:
    """The tokens of one line. A comment begins with two spaces and #."""

    def __init__(self, number, text):
        self.number, self.text = number, text
        self.tokens, at = [], 0
        text = self._without_comment(text)
        while text[at:].strip():
            match = _TOKEN.match(text, at)
            if not match:
                raise GraphError(f"line {number}: cannot read {text[at:]!r}")
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        self.at = 0

    @staticmethod
    def _without_comment(text):
        quoted = False
        for i, c in enumerate(text):
            if c == '"' and text[i - 1] != "\\":
                quoted = not quoted
            if not quoted and text.startswith("  #", i):
                return text[:i]
        return text

    def peek(self, ahead=0):
        return self.tokens[self.at + ahead][1] if self.at + ahead < len(self.tokens) else None

    def next(self, kind=None, text=None):
        if self.at >= len(self.tokens):
            raise GraphError(f"line {self.number} ends too early: {self.text}")
        found, value = self.tokens[self.at]
        if (kind and found != kind) or (text and value != text):
            raise GraphError(f"line {self.number}: {text or kind} expected, not {value}: {self.text}")
        self.at += 1
        return value

    def accept(self, text):
        if self.peek() == text:
            self.at += 1
            return True
        return False

    def end(self):
        if self.at != len(self.tokens):
            raise GraphError(f"line {self.number}: {self.peek()} is too much: {self.text}")

    def number_of(self, kind):
        return int(self.next(kind)[1:])

    def string(self):
        return json.loads(self.next("string"))

    # Dimensions: sums of products of integers, symbols, (a)//(b), min(a, b), max(a, b).

    def dim(self):
        terms = [(1, self.product())]
        while self.peek() in ("+", "-"):
            terms.append((1 if self.next() == "+" else -1, self.product()))
        return lambda symbols: sum(sign * term(symbols) for sign, term in terms)

    def product(self):
        sign = -1 if self.accept("-") else 1
        factors = [self.quotient()]
        while self.accept("*"):
            factors.append(self.quotient())
        return lambda symbols: sign * math.prod(f(symbols) for f in factors)

    def quotient(self):
        value = self.atom()
        while self.accept("//"):
            value = (lambda a, b: lambda symbols: a(symbols) // b(symbols))(value, self.atom())
        return value

    def atom(self):
        if self.accept("("):
            value = self.dim()
            self.next(text=")")
            return value
        if self.peek() in ("min", "max") and self.peek(1) == "(":
            function = min if self.next() == "min" else max
            self.next(text="(")
            a = self.dim()
            self.next(text=",")
            b = self.dim()
            self.next(text=")")
            return lambda symbols: function(a(symbols), b(symbols))
        if self.tokens[self.at][0] == "int":
            constant = int(self.next())
            return lambda symbols: constant
        name = self.next("name")
        return lambda symbols: symbols[name]

    def list(self, one, first="[", last="]"):
        items = []
        self.next(text=first)
        while not self.accept(last):
            if items:
                self.next(text=",")
            items.append(one())
        return items

    def type(self):
        dtype = self.next("name")
        return Type(dtype, self.list(self.dim))

    def inputs(self):
        return self.list(lambda: self.number_of("value"), "(", ")")

    def field(self, name, read):
        self.next(text=name)
        self.next(text="=")
        return read()

    def literal(self):
        kind, _ = self.tokens[self.at]
        if kind == "real":
            return float(self.next())
        return -int(self.next("int")) if self.accept("-") else int(self.next("int"))

    def attribute(self):
        kind, _ = self.tokens[self.at]
        if kind == "real":
            value = float(self.next())
            return lambda symbols: value
        if self.peek() == "[":
            items = self.list(self.dim)
            return lambda symbols: [item(symbols) for item in items]
        return self.dim()


def _check(line):
    left = line.dim()
    relation = line.next("sign")
    right = line.dim()
    return left, relation, right, line.string()


def _body(line, kind):
    """What stands behind the kind of a node."""
    if kind == "param":
        return int(line.next("int"))
    if kind == "const":
        return line.literal()
    if kind == "dim":
        return line.dim()
    if kind == "variable":
        return line.string()
    if kind == "result":
        return int(line.next("int")), line.number_of("value")
    if kind in ("call", "scan", "loop"):
        function = line.number_of("function")
        path = "" if kind == "loop" else line.string()
        args = {"function": function, "path": path, "symbols": line.list(line.dim), "inputs": line.inputs()}
        if kind == "scan":
            args |= {"length": line.field("length", line.dim), "carries": line.field("carries", line.literal), "reverse": line.field("reverse", line.literal)}
        if kind == "loop":
            args |= {"count": line.field("count", line.literal), "carries": line.field("carries", line.literal)}
        return args
    args = {"inputs": line.inputs(), "attrs": {}}
    while line.peek() is not None and line.peek(1) == "=":
        name = line.next("name")
        line.next(text="=")
        args["attrs"][name] = line.attribute()
    return args


def _node(line):
    if line.peek() == "assign":
        line.next()
        node = Node(None, "assign", (line.string(), line.inputs()), None, "", line.number)
    elif line.peek() == "check":
        line.next()
        node = Node(None, "check", _check(line), None, "", line.number)
    else:
        number = line.number_of("value")
        line.next(text="=")
        kind = line.next("name")
        args = _body(line, kind)
        type_ = line.type() if line.accept(":") else None
        node = Node(number, kind, args, type_, "", line.number)
    if line.accept("at"):
        node = node._replace(at=line.string())
    line.end()
    return node


class Program:
    """A graph as it was printed."""

    def __init__(self, text):
        self.name, self.symbols, self.inputs, self.outputs, self.checks = "", [], [], [], []
        self.variables, self.states, self.aliases, self.functions = {}, set(), {}, {}
        lines = iter([Line(i, t) for i, t in enumerate(text.splitlines(), 1) if t.strip()])
        for line in lines:
            kind = line.next("name")
            if kind == "function":
                self._function(line, lines)
                continue
            if kind == "program":
                self.name = line.next("name")
            elif kind == "symbol":
                name, low = line.next("name"), line.literal()
                self.symbols.append((name, low, line.literal() if line.peek() else None))
            elif kind in ("input", "output"):
                name = line.string()
                line.next(text=":")
                (self.inputs if kind == "input" else self.outputs).append(Port(name, line.type()))
            elif kind in ("weight", "state"):
                path = line.string()
                self.variables[path] = line.type()
                if kind == "state":
                    self.states.add(path)
            elif kind == "alias":
                alias = line.string()
                self.aliases[alias] = line.string()
            elif kind == "check":
                self.checks.append(_check(line))
            else:
                raise GraphError(f"line {line.number}: {line.text}")
            line.end()
        self.main = max(self.functions)

    def _function(self, line, lines):
        number, name = line.number_of("function"), line.next("name")
        symbols = line.list(lambda: line.next("name"))
        line.accept("draws")
        line.next(text="{")
        nodes = []
        for line in lines:
            if line.peek() == "return":
                line.next()
                results = line.inputs()
                break
            nodes.append(_node(line))
        next(lines).next(text="}")
        self.functions[number] = Function(number, name, symbols, nodes, results)


# ---- keys of random numbers: the functions of mdl_code.h ----


def mix(key, x):
    z = (key ^ x * 0x9E3779B97F4A7C15 & MASK) + 0x9E3779B97F4A7C15 & MASK
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def key_path(key, path):
    for component in path.split(".") if path else []:
        hash_ = 0xCBF29CE484222325
        for byte in component.encode():
            hash_ = (hash_ ^ byte) * 0x100000001B3 & MASK
        key = mix(key, hash_)
    return key


def key_scan(key, step):
    return mix(key ^ 0x5CA25CA25CA25CA2, step)


def key_site(key, site):
    return mix(key ^ 0x517E517E517E517E, site)


# ---- running ----


class Run:
    """One call of a program. `variables`: values by path, states included; assignments change it."""

    def __init__(self, program, variables, seed=0):
        self.program, self.variables, self.seed = program, variables, seed

    def outputs(self, inputs):
        """The outputs by name; `inputs` are arrays in the order of the ports."""
        symbols = self._bind(inputs)
        for check in self.program.checks:
            self._check(check, symbols)
        main = self.program.functions[self.program.main]
        values = [twins.load(a, p.type.dtype) for a, p in zip(inputs, self.program.inputs)]
        results = self._call(main, "", {s: symbols[s] for s in main.symbols}, values, self.seed, None)
        return {port.name: value for port, value in zip(self.program.outputs, results)}

    def _bind(self, inputs):
        """Symbols stand alone in some input's shape, or as `a*n + b`; the other sizes have to fit."""
        symbols, sizes = {}, []
        for array, port in zip(inputs, self.program.inputs):
            if np.ndim(array) != len(port.type.dims):
                raise CheckFailed(f"{port.name}: rank {np.ndim(array)}")
            sizes += zip(port.type.dims, np.shape(array))
        names = [name for name, _, _ in self.program.symbols]
        for alone in (True, False):
            for name in names:
                for dim, size in sizes:
                    # A dimension that is the symbol itself takes its value and ignores the others'; else n of `2*n + 1`
                    # is (size - 1) // 2, which has to fit below.
                    try:
                        low, step = dim({**symbols, name: 0}), dim({**symbols, name: 1}) - dim({**symbols, name: 0})
                        if step and dim({**symbols, name: 11}) == low + 11 * step and ((low, step) == (0, 1) or not alone):
                            symbols.setdefault(name, (size - low) // step)
                    except KeyError:
                        pass
        for name, low, high in self.program.symbols:
            if name not in symbols:
                raise GraphError(f"no input has the size {name}")
            if symbols[name] < low or (high is not None and symbols[name] > high):
                raise CheckFailed(f"{name} is {symbols[name]}")
        for dim, size in sizes:
            if dim(symbols) != size:
                raise CheckFailed(f"an input has size {size}, not {dim(symbols)}")
        return symbols

    @staticmethod
    def _check(check, symbols):
        left, relation, right, message = check
        a, b = left(symbols), right(symbols)
        if not (a == b if relation == "==" else a <= b):
            raise CheckFailed(message)

    def _variable(self, owner, path, step):
        path = ".".join(p for p in (owner, expand(path, step)) if p)
        for _ in range(len(self.program.aliases) + 1):
            if path in self.program.variables:
                return path
            shared = max((a for a in self.program.aliases if path == a or path.startswith(a + ".")), key=len, default=None)
            if shared is None:
                break
            path = self.program.aliases[shared] + path[len(shared):]
        raise GraphError(f"there is no variable {path}")

    def _call(self, function, owner, symbols, args, key, step):
        values, groups = {}, {}
        for node in function.nodes:
            try:
                self._node(function, owner, symbols, args, key, step, node, values, groups)
            except (CheckFailed, GraphError):
                raise
            except Exception as error:
                raise GraphError(f"line {node.line}, {node.kind}: {error!r}") from error
        return [values[r] for r in function.results]

    def _node(self, function, owner, symbols, args, key, step, node, values, groups):
        if node.kind == "check":
            self._check(node.args, symbols)
            return
        if node.kind == "assign":
            path, inputs = node.args
            path = self._variable(owner, path, step)
            self.variables[path] = twins.store(values[inputs[0]], self.program.variables[path].dtype)
            return
        if node.kind in ("call", "scan", "loop"):
            groups[node.id] = getattr(self, "_" + node.kind + "_node")(node.args, owner, symbols, values, key, step)
            if node.type is not None:
                values[node.id] = groups[node.id][0]
            return
        shape = tuple(d(symbols) for d in node.type.dims)
        value = self._value(node, shape, owner, symbols, args, key, step, values, groups)
        if np.shape(value) != shape:
            raise GraphError(f"line {node.line}: {node.kind} gives {np.shape(value)}, not {shape}")
        rounded = node.type.dtype not in ("float32", "float64")
        values[node.id] = twins.store(value, node.type.dtype) if rounded else np.asarray(value, np.float64)

    def _value(self, node, shape, owner, symbols, args, key, step, values, groups):
        if node.kind == "param":
            return args[node.args]
        if node.kind == "const":
            return np.full(shape, node.args, twins.load(node.args, node.type.dtype).dtype)
        if node.kind == "dim":
            return np.array(node.args(symbols), np.int64)
        if node.kind == "variable":
            path = self._variable(owner, node.args, step)
            return twins.load(self.variables[path], self.program.variables[path].dtype)
        if node.kind == "result":
            index, group = node.args
            value = groups[group][index]  # None: stacked from no step
            return np.zeros(shape, twins.load(0, node.type.dtype).dtype) if value is None else value
        attrs = {name: attr(symbols) for name, attr in node.args["attrs"].items()}
        if node.kind in ("random_uniform", "random_normal"):
            attrs["key"] = key_site(key_path(key, expand(node.at, step)), attrs["site"])
        out = SimpleNamespace(shape=shape, dtype=node.type.dtype)
        twin = getattr(twins, node.kind, None)
        if twin is None:
            raise GraphError(f"line {node.line}: there is no operation {node.kind}")
        return twin([values[i] for i in node.args["inputs"]], attrs, out)

    # Calls: the callee's owner lies below the caller's, and so do its keys.

    def _below(self, call, owner, symbols, key, step):
        function = self.program.functions[call["function"]]
        path = expand(call["path"], step)
        bound = dict(zip(function.symbols, [d(symbols) for d in call["symbols"]]))
        return function, ".".join(p for p in (owner, path) if p), bound, key_path(key, path)

    def _call_node(self, call, owner, symbols, values, key, step):
        function, below, bound, key = self._below(call, owner, symbols, key, step)
        return self._call(function, below, bound, [values[i] for i in call["inputs"]], key, None)

    def _scan_node(self, scan, owner, symbols, values, key, step):
        function, below, bound, key = self._below(scan, owner, symbols, key, step)
        inputs, count = [values[i] for i in scan["inputs"]], scan["carries"]
        carries, xs, length, ys = inputs[:count], inputs[count:], scan["length"](symbols), []
        for i in range(length):
            at = length - 1 - i if scan["reverse"] else i
            results = self._call(function, below, bound, carries + [x[at] for x in xs], key_scan(key, i), None)
            carries = results[:count]
            ys.append(results[count:])
        if scan["reverse"]:
            ys.reverse()
        if ys:
            return carries + [np.stack(y) for y in zip(*ys)]
        types = [function.nodes[i].type for i in function.results[count:]]
        return carries + [np.zeros([0] + [d(bound) for d in t.dims]) for t in types]

    def _loop_node(self, loop, owner, symbols, values, key, step):
        function = self.program.functions[loop["function"]]
        bound = dict(zip(function.symbols, [d(symbols) for d in loop["symbols"]]))
        inputs = [values[i] for i in loop["inputs"]]
        carries, invariants = inputs[:loop["carries"]], inputs[loop["carries"]:]
        for i in range(loop["count"]):
            carries = self._call(function, owner, bound, carries + invariants, key, i)
        return carries


def expand(path, step):
    """`blocks.{i+1}` in step 2 of a loop is `blocks.3`."""
    return re.sub(r"\{i(?:\+(\d+))?\}", lambda m: str(step + int(m[1] or 0)), path)


# ---- the command line ----

SAFETENSORS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U8": "u1", "BOOL": "?"}


def read_safetensors(name):
    with open(name, "rb") as f:
        size, = struct.unpack("<Q", f.read(8))
        header, data = json.loads(f.read(size)), f.read()
    tensors = {}
    for path, entry in header.items():
        if path == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        values = np.frombuffer(data[begin:end], SAFETENSORS[entry["dtype"]]).reshape(entry["shape"])
        tensors[path] = (values.astype("<u4") << 16).view("<f4") if entry["dtype"] == "BF16" else values
    return tensors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graph")
    parser.add_argument("-w", "--weights", metavar="FILE")
    parser.add_argument("--input", action="append", default=[], metavar="NAME=FILE.npy")
    parser.add_argument("--output", action="append", default=[], metavar="NAME=FILE.npy")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with open(options.graph, encoding="utf-8") as f:
        program = Program(f.read())
    files = dict(i.split("=", 1) for i in options.input)
    inputs = [np.load(files[port.name]) for port in program.inputs]
    run = Run(program, read_safetensors(options.weights) if options.weights else {}, options.seed)
    try:
        outputs = run.outputs(inputs)
    except CheckFailed as error:
        print(error, file=sys.stderr)
        return 1
    for name, file in (o.split("=", 1) for o in options.output):
        np.save(file, outputs[name])
    if not options.output:
        for name, value in outputs.items():
            print(name, value.shape, value)
    return 0


if __name__ == "__main__":
    sys.exit(main())
