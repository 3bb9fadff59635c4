#!/usr/bin/env python3
"""usage: validate_reports.py SCHEMA REPORT.json...   Each report of what fits must be what the schema says."""
import json
import sys

import jsonschema

with open(sys.argv[1], encoding="utf-8") as f:
    schema = json.load(f)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for name in sys.argv[2:]:
    with open(name, encoding="utf-8") as f:
        report = json.load(f)
    validator.validate(report)
    assert report["fits"] == (not any(fault["blocks"] for fault in report["faults"])), name
    print(name, "is valid")
