"""Lines that compute element by element."""
from basics import *

UNARY = "tanh sin cos sigmoid relu softplus exp_small square_small abs neg gelu erf silu sqrt_abs log1p_abs reciprocal elu".split()


class Elements(Basics):
    def unary(self):
        t = self.some(lambda t: t.is_float())
        if not t:
            return
        f = self.r.choice(UNARY)
        x = t.text
        text = {"exp_small": f"exp(minimum({x}, 1.0))", "square_small": f"square({x}) * 0.3", "neg": f"-{x}", "sqrt_abs": f"sqrt(abs({x}) + 0.1)",
                "log1p_abs": f"log1p(abs({x}))", "reciprocal": f"reciprocal(1.5 + abs({x}))"}.get(f, f"{f}({x})")
        self.add(text, t.dtype, t.dims)

    def scalar(self):
        t = self.some()
        if not t or t.dtype == "bool":
            return
        if t.is_float():
            text = self.pick(f"{t.text} * {self.r.uniform(-1.2, 1.2):.3f}", f"{t.text} + 1", f"1 - {t.text}", f"{t.text} / 3", f"{t.text} - 0.25")
            self.add(text, t.dtype, t.dims)
        elif t.dtype not in ("uint8",):
            text = self.pick(f"{t.text} + 1", f"{t.text} * 3 % 7", f"{t.text} // 2", f"-{t.text}", f"abs({t.text}) % 5")
            self.add(text, t.dtype, t.dims)

    def binary(self):
        for _ in range(8):
            a, b = self.some(), self.some()
            if not a or a.is_float() != b.is_float() or "bool" in (a.dtype, b.dtype) or a.dtype != b.dtype:
                continue
            dims = self.broadcast(a, b)
            if dims is None:
                continue
            if a.is_float():
                f = self.pick("{} + {}", "{} - {}", "tanh({} * {})", "maximum({}, {})", "minimum({}, {})", "{} / (1.5 + abs({}))", "add({}, {})")
            else:
                f = self.pick("{} + {}", "{} - {}", "maximum({}, {})", "({} + {}) % 11", "minimum({}, {})")
            self.add(f.format(a.text, b.text), a.dtype, dims)
            return

    def mixed(self):
        """Two dtypes: promotion, casts."""
        a = self.some()
        if not a:
            return
        if a.is_float() and a.dtype == "float32" and self.chance(.4):
            self.add(f"cast({a.text}, \"{self.pick('float64', 'float16')}\")", "?", a.dims)
            t = self.pool[-1] if self.pool and self.pool[-1].dtype == "?" else None
            if t:
                t.dtype = self.body[-1].split('"')[-2]
        elif a.is_float():
            self.add(f"cast({a.text}, \"float32\")", "float32", a.dims)
        else:
            self.add(f"cast({a.text}, \"float32\") * 0.2" if a.dtype != "bool" else f"cast({a.text}, \"float32\")", "float32", a.dims)

    def compare(self):
        a = self.some(lambda t: t.dtype in ("float32", "int32"))
        if not a:
            return
        if a.dtype == "int32":
            c = self.add(f"{a.text} {self.pick('<', '>=', '==', '!=')} {self.r.randrange(-1, 6)}", "bool", a.dims)
        else:
            c = self.add(f"{a.text} > {self.r.uniform(-.7, .7):.5f}", "bool", a.dims)
        if self.chance(.6):
            self.add(f"where({c.text}, {a.text}, {self.pick('0', '-' + a.text, '2 * ' + a.text)})", a.dtype, a.dims)

    def function(self):
        """Functions with a domain: their arguments are brought into it, and away from where they jump or have no limit."""
        t = self.some(lambda t: t.dtype in ("float32", "float64"))
        if not t:
            return
        x = t.text
        text = self.pick(f"log(abs({x}) + 0.3)", f"log2(abs({x}) + 0.3)", f"log10(abs({x}) + 0.3)", f"exp2(minimum({x}, 1.0))", f"expm1(minimum({x}, 1.0))",
                         f"arcsin(clip({x}, -0.9, 0.9))", f"arccos(clip({x}, -0.9, 0.9))", f"arctan({x})", f"sinh(clip({x}, -2.0, 2.0))",
                         f"cosh(clip({x}, -2.0, 2.0))", f"arcsinh({x})", f"arccosh(1.2 + abs({x}))", f"arctanh(clip({x}, -0.9, 0.9))",
                         f"tan(clip({x}, -1.2, 1.2))", f"floor({x} * 1.7 + 0.123)", f"ceil({x} * 1.7 + 0.123)", f"trunc({x} * 1.7 + 0.123)",
                         f"rsqrt(abs({x}) + 0.2)", f"erfinv(clip({x}, -0.8, 0.8))", f"sign({x} + 0.0123)", f"clip(nan_to_num({x} / 0), -1, 1)", f"selu({x})",
                         f"softsign({x})", f"hard_sigmoid({x})", f"mish({x})", f"leaky_relu({x})", f"relu6({x})", f"log_sigmoid({x})", f"celu({x})",
                         f"round({x} * 1.3 + 0.0123)", f"cbrt({x} + 2)", f"logit(clip({x}, 0.1, 0.9))", f"squareplus({x})", f"hard_tanh({x})",
                         f"arctan2({x}, abs({x}) + 0.5)", f"logaddexp({x}, -{x})", f"abs({x}) ** 1.5", f"(abs({x}) + 0.5) ** {x}", f"hypot({x}, 0.5)",
                         f"{x} // 0.37", f"{x} % 0.77", f"clip({x}, none, 0.5)" if False else f"clip({x}, -0.5, 0.5)", f"ops.gelu({x})", f"glu(concatenate([{x}, {x}], axis=-1))"
                         if t.rank and t.dims[-1].known() else f"{x} * pi")
        self.add(text, t.dtype, t.dims)

    def integer(self):
        t = self.some(lambda t: "int" in t.dtype)
        if not t:
            return
        x = t.text
        text = self.pick(f"{x} & 3", f"{x} | 4", f"{x} ^ 5", f"~{x}", f"{x} * {x}", f"{x} - 7", f"left_shift({x}, 2)", f"right_shift({x}, 1)",
                         f"{x} ** 2", f"square({x})", f"minimum({x}, 3)", f"clip({x}, 1, 4)", f"{x} // 3", f"{x} % 3", f"sign({x})", f"{x} * 100",
                         f"where({x} > 2, {x}, 1)", f"bitwise_and({x}, 6)", f"negative({x})", f"{x} // 0", f"(1 - 2 * {x}) // 3", f"(1 - 2 * {x}) % 4")
        self.add(text, t.dtype, t.dims)
        if self.chance(.3):
            self.add(f"{x} {self.pick('/ 4', '* 0.5', '+ 1.5')}", "float32", t.dims)

    def logic(self):
        t = self.some(lambda t: t.dtype == "bool")
        if not t:
            return
        same = [u for u in self.pool if u.dtype == "bool" and u.dims == t.dims] or [t]
        u = self.r.choice(same)
        self.add(self.pick(f"{t.text} & {u.text}", f"{t.text} | ~{u.text}", f"{t.text} ^ {u.text}", f"~{t.text}", f"logical_and({t.text}, {u.text})",
                           f"logical_or({t.text}, {u.text})", f"logical_xor({t.text}, {u.text})", f"logical_not({t.text})", f"{t.text} == {u.text}"), "bool", t.dims)
        other = [v for v in self.pool if v.is_float() and (b := self.broadcast(t, v)) is not None]
        if other and self.chance(.6):
            v = self.r.choice(other)
            self.add(f"where({t.text}, {v.text}, {self.pick('0', '0.5', v.text + ' * 2')})", v.dtype, self.broadcast(t, v))
        if self.chance(.3):
            self.add(f"{t.text} {self.pick('+ 1', '* 3', '- 2')}", "int32", t.dims)

    def narrow(self):
        """Every dtype by a cast whose result does not hang on the last bit."""
        t = self.some(lambda t: t.dtype in ("int32", "int64", "bool", "uint8"))
        if t:
            self.add(f"cast({t.text}, \"{(d := self.pick('int8', 'uint8', 'int16', 'int32', 'int64', 'float64', 'float32', 'bool'))}\")", d, t.dims)

    def promoted(self):
        """Two dtypes of one shape meet."""
        t = self.some(lambda t: t.dtype not in ("float16", "bfloat16"))
        same = [u for u in self.pool if t and u.dims == t.dims and u.dtype != t.dtype and u.dtype not in ("float16", "bfloat16")]
        if not same:
            return
        u = self.r.choice(same)
        self.add(f"{t.text} {self.pick('+', '-', '*')} {u.text}", promote(t.dtype, u.dtype), t.dims)


def promote(a, b):
    """The dtype of a sum, as Keras has it; neither is a 16-bit float, and they differ."""
    if "bool" in (a, b):
        return b if a == "bool" else a
    floats = [t for t in (a, b) if "float" in t]
    if floats:
        return "float64" if floats == ["float64"] or "float64" in floats else "float32"
    if "uint8" in (a, b):
        other = b if a == "uint8" else a
        return "int16" if other == "int8" else other
    return max(a, b, key=lambda t: int(t[3:]))
