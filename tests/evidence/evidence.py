"""The cases of tests/evidence/<Layer>.json: as programs, and what is compared."""
import json
import os
import re
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import batch  # noqa: E402
import hash_weights  # noqa: E402


class Case:
    """One case of a layer: its record, its variables, and its numbers by output."""

    def __init__(self, golden, record, values):
        self.record, self.layer, self.name = record, golden["layer"], record["name"]
        manifest = golden["manifests"][record["manifest"]]
        self.variables = [dict(zip(golden["keys"], row)) for row in manifest["variables"]]
        self.keras2 = manifest["keras2"]
        self.model = f"C{self.name}"
        self.outputs = [dict(zip(("name", "shape", "dtype", "bound", "own", "scale"), o)) for o in record["outputs"]]
        at = record["at"]
        for o in self.outputs:
            size = len(range(0, int(np.prod(o["shape"])), stride_of(int(np.prod(o["shape"])), golden["sample"])))
            o["values"], o["stride"] = values[at:at + size], stride_of(int(np.prod(o["shape"])), golden["sample"])
            at += size

    @property
    def title(self):
        return f"{self.layer}.{self.name}: {self.record['fields']['unit']} {self.record['call']}"

    def part(self):
        """Its model and inputs. A result without a mask must have none: that is asserted in the source."""
        places = [o["name"] for o in self.outputs if o["name"].startswith("r")]
        named = {f"y{i}": place for i, place in enumerate(places)}
        lines = [f"model {self.model} {{"] + [f"    {k} = {t}" for k, t in self.record["fields"].items()]
        types = [f"{s['dtype']}[{', '.join(map(str, s['shape']))}]" for s in self.record["inputs"]]
        parameters = ", ".join(f"{s['name']}: {t}" for s, t in zip(self.record["inputs"], types))
        lines += ["", f"    call({parameters}) {{", f"        r = {self.record['call']}"]
        if places == ["r"]:
            lines.append('        assert r.mask is none, "the result has a mask"')
        lines += [f"        return {{{', '.join(f'{k}: {text}' for k, text in named.items())}}}", "    }", "}", ""]
        inputs = [(s["name"], t, hash_weights.make_input(s)) for s, t in zip(self.record["inputs"], types)]
        states = [o["name"][6:] for o in self.outputs if o["name"].startswith("after ")]
        part = batch.Part(self.model, "\n".join(lines), inputs, list(named), self.record.get("training", False), states)
        for o in self.outputs:
            prefix, _, place = o["name"].rpartition(" ")
            o["key"] = o["name"] if prefix == "after" else (prefix + " " if prefix else "") + f"y{places.index(place)}"
        return part

    # ---- comparison

    def check_manifest(self, manifest):
        """None, or what differs."""
        have, want = manifest["variables"], self.variables
        if [v["path"] for v in have] != [v["path"] for v in want]:
            return f"the variables are {[v['path'] for v in have]}, not {[v['path'] for v in want]}"
        for got, expected in zip(have, want):
            for key, value in expected.items():
                if key == "keras_path" and value is not None:
                    value = re.sub("^case/", self.model.lower() + "/", value)
                if value is not None and got[key] != value:
                    return f"{got['path']}: {key} is {got[key]}, not {value}"
        if self.keras2 is not None:
            counted = [v for v, expected in zip(have, want) if expected["keras_path"] is not None]  # not what a stateful layer keeps
            mine = sorted([re.sub("^c[0-9]+/", "case/", v["keras2_name"]), v["shape"]] for v in counted)
            if mine != self.keras2:
                return f"the names of Keras 2 are {mine}, not {self.keras2}"
        return None

    def is_narrow(self, output):
        """Whether a result has 16 bits, or was computed in them: states of float32 may hold what was rounded before."""
        return "float16" in output["dtype"] or any("float16" in text for text in self.record["fields"].values())

    def check_outputs(self, results):
        """(None or what differs, the worst error of 32 bits and more, that of 16 bits)."""
        worst = {False: 0.0, True: 0.0}
        for o in self.outputs:
            got = results[o["key"]]
            if list(got.shape) != o["shape"]:
                return f"{o['name']}: shape {list(got.shape)} instead of {o['shape']}", worst
            error = relative(got.reshape(-1)[::o["stride"]].astype(np.float64), o["values"], o["scale"])
            if not error <= o["bound"]:
                return f"{o['name']}: error {error:.3g}, more than {o['bound']:.3g}", worst
            worst[self.is_narrow(o)] = max(worst[self.is_narrow(o)], error)
        return None, worst


def stride_of(size, sample):
    """Every so-manieth element is kept; an odd number, so that it does not hit one channel only."""
    stride = -(-size // sample)
    return stride | 1 if stride > 1 else 1


def relative(got, want, scale):
    """The largest difference in units of the largest magnitude, which the sample `want` may not hold."""
    if not want.size:
        return 0.0
    distance = float(np.max(np.abs(got - want)))
    return distance / scale if scale > 0 else distance


def layers():
    return sorted(f[:-5] for f in os.listdir(HERE) if f.endswith(".json"))


def cases_of(layer):
    with open(os.path.join(HERE, layer + ".json"), encoding="utf-8") as f:
        golden = json.load(f)
    with np.load(os.path.join(HERE, layer + ".npz")) as arrays:
        values = arrays["values"]
    return [Case(golden, record, values) for record in golden["cases"]]
