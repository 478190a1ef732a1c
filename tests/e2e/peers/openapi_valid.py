"""Reads an OpenAPI document from standard input: says what is wrong with it, in its own examples too."""

import json
import sys

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

document = json.load(sys.stdin)
faults = [f"{list(error.absolute_path)}: {error.message}" for error in OpenAPIV31SpecValidator(document).iter_errors()]

here = "urn:document"
registry = Registry().with_resource(here, Resource(document, DRAFT202012))
examples = 0


def absolute(schema):
    """The schema, with references that say in which document."""
    if isinstance(schema, dict):
        return {
            name: here + value if name == "$ref" else absolute(value) for name, value in schema.items()
        }
    return [absolute(item) for item in schema] if isinstance(schema, list) else schema


def look(node, path):
    global examples
    if isinstance(node, list):
        for at, item in enumerate(node):
            look(item, f"{path}/{at}")
        return
    if not isinstance(node, dict):
        return
    shown = [(node["schema"], node["example"])] if "schema" in node and "example" in node else []
    schema = {name: value for name, value in node.items() if name != "examples"}
    shown += [(schema, example) for example in node.get("examples", []) if "type" in node]
    for schema, example in shown:
        examples += 1
        for error in Draft202012Validator(absolute(schema), registry=registry).iter_errors(example):
            faults.append(f"{path}: the example {json.dumps(example)}: {error.message}")
    for name, value in node.items():
        if name not in ("example", "examples"):
            look(value, f"{path}/{name}")


look(document, "")
for fault in faults:
    print(fault)
print(f"{examples} examples")
sys.exit(1 if faults else 0)
