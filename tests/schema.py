#!/usr/bin/env python3
"""Compares the JSON Schema that duel prints with what 'duel check' says.

    tests/schema.py DUEL

Every configuration that comes with duel must be valid by its schema, and every wrong one of tests/bad must be refused, but for
those of tests/bad/only-check-sees: names, shapes, expressions. That list must be right to the line. The schemas of
configs/schema must be what the program prints.

Skipped (status 77) where python3-jsonschema or python3-yaml is not there.
"""
import json
import math
import os
import pathlib
import re
import subprocess
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"skipped: {missing} (Debian: python3-jsonschema, python3-yaml)")
    sys.exit(77)

TOP = pathlib.Path(__file__).resolve().parent.parent


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema, as duel reads it: no yes and no, no octal surprises; duplicate keys are mistakes."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        if len(set(keys)) < len(keys):
            raise yaml.constructor.ConstructorError(None, None, "a key is there twice", node.start_mark)
        return {key.value: self.construct_object(value, deep=True) for key, value in node.value}


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in (
        ("null", r"~|null|Null|NULL|", "~nN\0"),
        ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
        ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
        ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?(\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN",
         "-+.0123456789")):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"),
                               [None if c == "\0" else c for c in first] + ([""] if tag == "null" else []))


def construct_int(loader, node):
    text = node.value
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


def construct_float(loader, node):
    text = node.value.lower()
    return math.nan if "nan" in text else float(text.replace(".inf", "inf"))


Core.add_constructor("tag:yaml.org,2002:int", construct_int)
Core.add_constructor("tag:yaml.org,2002:float", construct_float)
Core.add_constructor("tag:yaml.org,2002:map", lambda loader, node: loader.construct_mapping(node))


def kind_of(path):
    return {"objectives": "objective", "blocks": "blocks"}.get(path.parent.name, "experiment")


def mistake_of(path, validators):
    """What is wrong with a file, as one line; None: nothing is."""
    try:
        value = yaml.load(path.read_bytes(), Loader=Core)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        return f"YAML: {str(error).splitlines()[0]}"
    kind = kind_of(path)
    error = jsonschema.exceptions.best_match(validators[kind].iter_errors(value))
    return None if error is None else f"{error.json_path}: {error.message[:100]}"


def schemas(duel):
    """The validators of what the program prints, and how many files of configs/schema are something else."""
    found, wrong = {}, 0
    environment = dict(os.environ, XDG_CONFIG_HOME="/nonexistent")
    for kind in ("experiment", "objective", "blocks"):
        text = subprocess.run([duel, "schema", kind], check=True, capture_output=True, text=True, env=environment).stdout
        schema = json.loads(text)
        jsonschema.Draft7Validator.check_schema(schema)
        found[kind] = jsonschema.Draft7Validator(schema)
        file = TOP / "configs" / "schema" / f"{kind}.json"
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            print(f"{file.relative_to(TOP)} is not what the program says; scripts/reference writes it anew")
            wrong += 1
    return found, wrong


def check_good(validators):
    wrong = 0
    files = [file for file in sorted((TOP / "configs").rglob("*.yaml"))]
    for file in files:
        mistake = mistake_of(file, validators)
        if mistake:
            print(f"{file.relative_to(TOP)}: {mistake}")
            wrong += 1
        depth = len(file.relative_to(TOP / "configs").parts) - 1
        kind = kind_of(file)
        line = f"# yaml-language-server: $schema={'../' * depth}schema/{kind}.json"
        if file.read_text(encoding="utf-8").splitlines()[0] != line:
            print(f"{file.relative_to(TOP)}: its first line should be '{line}'")
            wrong += 1
    print(f"{len(files)} good files, {wrong} wrong")
    return wrong


def check_misspelt(validators):
    """Where a file has no blocks and includes nothing, a layer that duel has not is seen, at any depth."""
    experiment = yaml.load((TOP / "configs" / "points" / "ring.yaml").read_bytes(), Loader=Core)
    wrong = 0
    for layer in ("leaky_rleu", {"leaky_rleu": 0.2}, {"residual": ["leaky_rleu"]}, {"branch": {"branches": [[], ["leaky_rleu"]]}}):
        experiment["networks"]["generator"]["layers"][1] = layer
        if validators["experiment"].is_valid(experiment):
            print(f"the schema does not see that there is no such layer: {layer}")
            wrong += 1
        if not validators["experiment"].is_valid({**experiment, "blocks": {"leaky_rleu": {"layers": ["relu"]}}}):
            print(f"the schema does not see that this is a block: {layer}")
            wrong += 1
    return wrong


def changed(value, path, new):
    """A copy with another value at PATH; None: without it."""
    copy = dict(value)
    if len(path) > 1:
        copy[path[0]] = changed(value.get(path[0]) or {}, path[1:], new)
    elif new is None:
        del copy[path[0]]
    else:
        copy[path[0]] = new
    return copy


def check_given(validators):
    """What must be given is told, but where it may come from a file that is included: there, or anywhere if the whole file
    includes one. What is in a list comes from nowhere else, but for layers' options, which `defaults` may give."""
    experiment = yaml.load((TOP / "configs" / "points" / "ring.yaml").read_bytes(), Loader=Core)
    wrong, maps, layers = 0, (
        (("data", "source"), None), (("data",), {"source": "npy", "batch": 4}), (("data",), {"batch": 4}),
        (("data",), {"a": {"source": "ring"}, "b": {"batch": 4}}), (("networks", "generator", "layers"), None),
        (("blocks",), {"empty": {"inputs": ["h"]}}), (("averages",), {"shadow": {"decay": 0.9}}),
        (("optimizer",), {"clip": {"norm": 1}}), (("optimizers",), {"generator": {"clip": {"norm": 1}}}),
        (("load",), {"into": {"generator": "teacher"}}), (("samplers",), {"default": {"let": {"w": "z"}}})), (
        [{"linear": {}}], ["linear"], [{"linear": None}], [{"residual": [{"linear": {"bias": False}}]}],
        [{"branch": {"branches": [[], ["linear"]]}}])
    elsewhere, defaults = ("networks", "generator", "layers"), {"linear": {"units": 2}}

    def expect(value, good, what):
        nonlocal wrong
        if validators["experiment"].is_valid(value) != good:
            print(f"the schema {'has something against' if good else 'does not see what is missing in'} {what}")
            wrong += 1

    expect(experiment, True, "ring.yaml")
    for path, new in maps + tuple((elsewhere, new) for new in layers):
        without = changed(experiment, path, new)
        expect(without, False, f"{'.'.join(path)}: {new}")
        expect({**without, "include": "other.yaml"}, True, f"{'.'.join(path)}: {new}, where the file includes")
        if (path, new) in maps:
            expect(changed(without, (path[0], "include"), "part.yaml"), True, f"{'.'.join(path)}: {new}, where the map includes")
    for new in layers:
        without = changed(experiment, elsewhere, new)
        expect({**without, "defaults": defaults}, True, f"{new}, where the file has defaults")
        expect(changed(without, (*elsewhere[:2], "defaults"), defaults), True, f"{new}, where the network has defaults")
    nameless = changed(experiment, elsewhere, [{"as": "h"}])
    expect(nameless, False, "a layer without a name")
    expect({**nameless, "include": "other.yaml"}, False, "a layer without a name, where the file includes")
    expect(changed(experiment, ("train",), None), False, "train: None")
    return wrong


def check_bad(duel, validators):
    wrong, unseen = 0, []
    folder = TOP / "tests" / "bad"
    files = sorted(folder.glob("*.yaml"))
    for file in files:
        if subprocess.run([duel, "check", file.name], cwd=folder, capture_output=True, check=False).returncode == 0:
            print(f"{file.name}: 'duel check' has nothing against it")
            wrong += 1
        if mistake_of(file, validators) is None:
            unseen.append(file.stem)
    listed = [line.split()[0] for line in (folder / "only-check-sees").read_text(encoding="utf-8").splitlines()
              if line.strip() and not line.startswith("#")]
    for name in sorted(set(unseen) - set(listed)):
        print(f"{name}: the schema does not see it; if it cannot, name it in tests/bad/only-check-sees")
    for name in sorted(set(listed) - set(unseen)):
        print(f"{name}: the schema sees it; take it out of tests/bad/only-check-sees")
    wrong += len(set(unseen) ^ set(listed))
    print(f"{len(files)} bad files, {len(unseen)} of which only 'duel check' sees")
    return wrong


def main():
    duel = os.path.abspath(sys.argv[1])
    validators, wrong = schemas(duel)
    if len(sys.argv) > 2:
        for name in sys.argv[2:]:
            print(f"{name}: {mistake_of(pathlib.Path(name).resolve(), validators)}")
        return 0
    wrong += check_good(validators)
    wrong += check_misspelt(validators)
    wrong += check_given(validators)
    wrong += check_bad(duel, validators)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
