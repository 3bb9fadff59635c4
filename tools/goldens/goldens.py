"""Writes reference data; see make."""
import sys

import architectures
import common
import distributions
import function_signatures
import functions
import models
import signatures


def write_evidence(names):
    """`evidence`: of all layers; `evidence/Dense`: of some; `evidence-coverage`: the table of classes and arguments."""
    import evidence
    if names == ["evidence-coverage"]:
        return 0 if evidence.coverage() else 1
    for n in evidence.NAMES if names == ["evidence"] else [n.partition("/")[2] for n in names]:
        evidence.write(n)
    return 0


def main(names):
    if names and names[0].startswith("evidence"):
        return write_evidence(names)
    try:
        import layers
    except ImportError:
        layers = None
    everything = ["signatures"] + models.NAMES + ["architectures/" + n for n in architectures.NAMES]
    everything += ["layers/" + n for n in layers.NAMES] if layers else []
    everything += ["function-signatures", "distributions"] + ["functions/" + n for n in functions.NAMES]
    if names == ["--list"]:
        print("\n".join(everything))
        return 0
    print(" ".join(f"{k} {v}" for k, v in common.versions().items()))
    if not names:
        names = everything
    for name in names:
        if name == "signatures":
            signatures.write()
        elif name in models.NAMES:
            models.write(name)
        elif name == "architectures":
            for n in architectures.NAMES:
                architectures.write(n)
        elif name.startswith("architectures/") and name[14:] in architectures.NAMES:
            architectures.write(name[14:])
        elif name == "function-signatures":
            function_signatures.write()
        elif name == "distributions":
            distributions.write()
        elif name == "functions":
            for n in functions.NAMES:
                functions.write(n)
        elif name.startswith("functions/") and name[10:] in functions.NAMES:
            functions.write(name[10:])
        elif layers and name == "layers":
            for n in layers.NAMES:
                layers.write(n)
        elif layers and name.startswith("layers/") and name[7:] in layers.NAMES:
            layers.write(name[7:])
        else:
            print(f"make: no golden is called {name}; --list prints the names", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
