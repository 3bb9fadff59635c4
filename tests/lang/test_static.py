"""Static values: Python's meaning, computed by Python itself."""
import warnings

from harness import *

# Each expression is evaluated by MDL and by Python; the results, numbers, must agree.
NAMES = {"true": True, "false": False, "none": None, "inf": float("inf"), "nan": float("nan"), "pi": np.pi}
EXPRESSIONS = """
1 + 2 * 3 - 4 // 3 % 2
-7 // 2
-7 % 3
7 % -3
-7.5 // 2
-7.5 % 2
2 ** 10
2 ** -1
-2 ** 2
2 ** 3 ** 2
(-8) // 3 * 3 + (-8) % 3
7 / 2
1_000 + 0
1e3 + .5
6 & 3 | 8 ^ 1
~5
+3
- - 3
1 < 2 < 3
1 < 3 < 2
1 == 1.0
3 in [1, 2, 3]
4 not in (1, 2)
"b" in "abc"
"k" in dict(k=1)
none is none
1 is not none
not 0
0 or 5
3 and 4
1 if [] else 2
1 if "x" else 2
len("abc") + len([1, 2]) + len((1,)) + len(dict(a=1)) + len(range(5))
sum([1, 2, 3])
sum(i * i for i in range(4))
sum(i for i in range(10) if i % 2)
sum(i * j for i in range(3) for j in range(i))
sum([a + b for a, b in zip([1, 2], [3, 4])])
sum(i * a - b for i, (a, b) in enumerate([(1, 2), (3, 4)]))
sum(k for k in reversed([1, 2, 3]))
sorted([3, 1, 2])[0]
sorted([3, 1, 2], reverse=true)[0]
min(3, 1, 2) + max([4, 9, 2])
min(1, 2.5)
abs(-3) + abs(-2.5)
abs(true) + abs(false)
round(2.5) + round(3.5)
round(2.345, 2)
divmod(-7, 2)[0] * 10 + divmod(-7, 2)[1]
int(3.9) + int(-3.9) + int("12")
float("1.5") + float(3)
int(true) + true
all([1, 2, 0]) + any([0, 1])
[1, 2, 3][-1]
[1, 2, 3, 4][1:3][0]
[1, 2, 3, 4][::-1][0]
[1, 2, 3, 4][::2][1]
len([1, 2, 3][5:])
len([1, 2, 3][-2:])
(1, 2, 3)[1:][0]
len("hello"[1:3])
([1] + [2, 3])[2]
([0] * 3 + [1])[3]
((1,) + (2,))[1]
len([*[1, 2], 3, *(4, 5)])
len("a" * 3)
dict(a=1, b=2)["b"]
dict(a=1).a
(dict(a=1, b=2) | dict(b=3, c=4))["b"]
sum(dict(a=1, b=2).values())
len(dict(a=1, b=2).keys())
sum(v for k, v in dict(a=1, b=2).items() if k != "a")
dict(a=1).get("b", 7)
1 if dict(a=1).get("b") is none else 0
len("a,b,c".split(","))
len("-".join(["a", "b"]))
len("abc".replace("b", "xyz"))
"abc".startswith("ab") + "ABC".lower().startswith("abc")
[1, 2, 3].index(2)
isinstance(3, int) + isinstance(3.0, int) + isinstance("s", str) + isinstance([1], list)
isinstance(3, (str, int)) * 1
1 if f"{1 + 1} and {'x'}" == "2 and x" else 0
1 if f"{{{3}}}" == "{3}" else 0
1 if [1, 2] == [1, 2] and (1, 2) != (1, 3) else 0
1 if [1, 2] < [1, 3] else 0
1 if "a" < "b" else 0
1 if inf > 1e300 else 0
1 if nan != nan else 0
pi
1 if true == 1 else 0
0x10 if false else 1
list(range(3, 10, 3))[2]
list(range(5, 0, -2))[1]
len(range(10, 0))
len(list("abc"))
tuple([1, 2])[1]
len([[i, j] for i in range(2) for j in range(3) if i != j])
[[i * j for j in range(3)] for i in range(3)][2][2]
1 if "x" == 'x' else 0
len("a\\tb\\n\\\\\\"")
len(enumerate(["a", "b"], start=5)) if false else list(enumerate(["a", "b"], start=5))[1][0]
9007199254740993 - 9007199254740992
-9223372036854775807 - 1
9223372036854775807 // 2
3.0 // 0.5
5 // 2.0
2 ** 0.5
1e308 * 10 > 1e308
sum([])
sum([0.5, 1])
max("b", "a") == "b"
round(-0.5)
round(7)
round(7, -1)
round(7, 2)
round(1234, -2)
round(-25, -1)
round(-15, -1)
round(25, -1)
round(15, -1)
round(5 * 10 ** 18, -19)
round(-4 * 10 ** 18, -19)
round(9 * 10 ** 18, -20)
int(1e10)
str(5) + "" == "5"
str(1.0) == "1.0"
str(1e20) == "1e+20"
str(1e-5) == "1e-05"
str(0.1) == "0.1"
bool([]) + bool("a")
[1, 2, 1].count(1)
"abc".upper() == "ABC"
"a.b".endswith("b")
not 1 == 2
1 if 1 < 2 and 2 < 3 or false else 0
1 + 1 if false else 2 + 2
[x for x in (1, 2, 3) if x > 1 if x < 3][0]
""".strip().splitlines()
EXPRESSIONS.remove("0x10 if false else 1")


class Dict(dict):
    __getattr__ = dict.__getitem__

    def __or__(self, other):
        return Dict({**self, **other})


def python(e):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `1 is not none`
        return float(eval(e, {**NAMES, "dict": Dict}))


for part in range(0, len(EXPRESSIONS), 30):
    some = EXPRESSIONS[part:part + 30]
    lines = "\n".join(f"        v{k} = {e}" for k, e in enumerate(some))
    sums = ", ".join(f"x * float(v{k})" for k in range(len(some)))
    case(f"Python's meaning {part}", f"model M {{\n    call(x: float64[1]) {{\n{lines}\n        return {sums}\n    }}\n}}\n",
         {"x": np.ones(1)}, lambda i, w, some=some: tuple(np.array([python(e)]) for e in some))
    fields = "\n".join(f"    v{k} = {e}" for k, e in enumerate(some))
    case(f"Python's meaning in members {part}", f"model M {{\n{fields}\n    call(x: float64[1]) {{ return {sums} }}\n}}\n",
         {"x": np.ones(1)}, lambda i, w, some=some: tuple(np.array([python(e)]) for e in some))


def refuse(name, expression, code, *texts):
    error(f"static: {name}", f"model M {{\n    a = {expression}\n    call(x: [n]) {{ return x }}\n}}\n", code, *texts)


refuse("overflow", "9223372036854775807 + 1", "E0307")
refuse("overflow of abs", "abs(-9223372036854775807 - 1)", "E0307")
refuse("overflow of a power", "10 ** 30", "E0307")
refuse("too large a literal", "9223372036854775808", "E0106")
refuse("division by zero", "1 // 0", "E0307")
refuse("index out of range", "[1, 2][2]", "E0305")
refuse("no such key", 'dict(alpha=1)["alphq"]', "E0305", "alpha")
refuse("no such entry", "dict(alpha=1).alphq", "E0207")
refuse("adding apples and pears", '1 + "a"', "E0306")
refuse("unpacking", "[a for a, b in [(1, 2, 3)]]", "E0308")
refuse("running over an int", "[i for i in 5]", "E0304", "range(5)")
refuse("a billion elements", "[i for i in range(1000000000)]", "E0309")
refuse("an unknown name", "lenn([1])", "E0201", "len")
refuse("a list that is changed", "[1].append(2)", "E0207", "+=")
refuse("int of text", 'int("x")', "E0405")
error("recursion without end", "fn f(n) { return f(n + 1) }\nmodel M {\n a = f(0)\n call(x: [n]) { return x } }\n", "E0310")
error("a constant of itself", "const a = b\nconst b = a\nmodel M { call(x: [n]) { return x } }\n", "E0206")
error("an int that rounds beyond 64 bits", "const a = round(6 * 10 ** 18, -19)\nmodel M { call(x: [n]) { return x * a } }\n", "E0307")
