"""A whole program from a seed: the same seed gives the same program."""
from elements import *
from features import *
from indexing import *
from layers import *
from shapes import *


class Generator(Elements, Shapes, Indexing, Layers, Features):
    def program(self):
        r = self.r
        for k in range(r.randrange(0, 4)):
            self.layer(k)
        self.body, self.fields, self.pool, self.declared, self.inputs = [], [], [], [], {}
        names = {n: r.randrange(1, 6) for n in r.sample(["batch", "time", "rows"], r.randrange(0, 4))}
        if self.chance(.06) and names:
            names[r.choice(list(names))] = 0
        params = []
        for i in range(r.randrange(1, 4)):
            rank = self.pick(1, 2, 2, 3, 3, 4)
            dims, types = [], []
            for k in range(rank):
                if names and self.chance(.55):
                    n = r.choice(list(names))
                    d = Dim(n, names[n])
                    if self.chance(.15):
                        d = self.pick(d.times(2), d.plus(1), d.times(3).plus(1))
                    elif self.chance(.1) and names[n] >= 1:
                        types.append(f"1 <= {n} <= 64")
                        dims.append(d)
                        continue
                else:
                    d = Dim(r.choice([1, 2, 3, 4, 5, 6, 8]))
                dims.append(d)
                types.append(d.text)
            dtype = self.pick("float32", "float32", "float32", "float32", "int32", "float64", "bool", "float16", "int64", "uint8")
            name = f"in{i}"
            params.append(f"{name}: {dtype if dtype != 'float32' or self.chance(.5) else ''}[{', '.join(types)}]")
            self.inputs[name] = (dtype, [d.value for d in dims])
            self.pool.append(Tensor(name, dtype, dims))
        given = set()
        for p in params:  # a dimension must stand alone somewhere, else it is asked of the caller
            given |= {w for w in p.replace("[", " ").replace("]", " ").replace(",", " ").split()}
        kinds = [self.unary, self.scalar, self.binary, self.binary, self.mixed, self.compare, self.reduce, self.move, self.reshape, self.join,
                 self.subscript, self.subscript, self.halves, self.product, self.product, self.call_layer, self.call_layer, self.call_layer,
                 self.gather, self.along, self.fill, self.pad, self.scan, self.draw, self.convolve,
                 self.chain, self.chain, self.chain, self.recur, self.library, self.library, self.grouped, self.remember,
                 self.function, self.function, self.integer, self.logic, self.narrow, self.promoted, self.statistic, self.truth, self.contract, self.counted,
                 self.several, self.scattered, self.symbolic, self.chosen, self.rearranged, self.rearranged, self.static_code, self.static_code,
                 self.function_file, self.optional, self.optional, self.masked, self.attend, self.image, self.image, self.more_library, self.more_library,
                 self.shared, self.scan_more, self.scan_more, self.draw_more, self.double]
        if self.chance(.1):
            kinds.append(self.half)
        for _ in range(r.randrange(3, 22)):
            r.choice(kinds)()
        self.outputs = r.sample(self.pool, min(len(self.pool), r.randrange(1, 5)))
        if self.pool[-1] not in self.outputs:
            self.outputs.append(self.pool[-1])
        outputs = [t.text for t in self.outputs]
        if self.chance(.3):
            result = "{" + ", ".join(f"o{i}: {o}" for i, o in enumerate(outputs)) + "}"
        else:
            result = ", ".join(outputs)
        r.shuffle(self.fields)
        text = "\n".join(self.lines) + "\nmodel M {\n" + "".join(f"    {f}\n" for f in self.fields)
        return text + f"    call({', '.join(params)}) {{\n" + "".join(f"        {line}\n" for line in self.body) + f"        return {result}\n    }}\n}}\n"
