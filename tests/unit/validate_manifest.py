#!/usr/bin/env python3
"""usage: validate_manifest.py SCHEMA MANIFEST.json...   Each manifest must be what the schema says, and consistent in itself."""
import json
import math
import sys

import jsonschema


def check_totals(manifest):
    variables = manifest["variables"]
    for key, wanted in (("trainable", [True]), ("non_trainable", [False]), ("total", [True, False])):
        chosen = [v for v in variables if v["trainable"] in wanted]
        total = manifest["totals"][key]
        assert total["variables"] == len(chosen), key
        assert total["parameters"] == sum(math.prod(v["shape"]) for v in chosen), key


def check_names(manifest):
    paths = [v["path"] for v in manifest["variables"]]
    assert len(paths) == len(set(paths)), "a path is there twice"
    layers = {layer["path"] for layer in manifest["layers"]}
    for v in manifest["variables"]:
        assert v["layer"] in layers, v["path"]
        assert v["trainable"] == (v["reason"] == ""), v["path"]


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for name in sys.argv[2:]:
        with open(name, encoding="utf-8") as f:
            manifest = json.load(f)
        validator.validate(manifest)
        check_totals(manifest)
        check_names(manifest)
        print(name, "is valid")


if __name__ == "__main__":
    main()
