#!/usr/bin/python3
"""Writes REFERENCE.md from what the program says of itself: `skep bees -o json`, and each verb's --help.

Usage: docs/reference.py PROGRAM [FILE]     (default: the REFERENCE.md beside this; `./dev reference` runs it)
"""

import json
import pathlib
import re
import subprocess
import sys

HEAD = """# Reference

Every bee class and gateway type that comes with Skep, with all options, and every verb of the program. Generated from the program
itself (`./dev reference`), so it says what `skep bees` and `--help` say; a test compares it. What they are for, with examples:
[Swarm files](SWARM_FILE.md), [Writing bees](WRITING_BEES.md), [Operating](OPERATING.md).
"""


def said(program, *words):
    """What the program prints."""
    return subprocess.run([program, *words], stdout=subprocess.PIPE, text=True, timeout=60, check=True).stdout


def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;")


def bound(value, kind):
    if kind == "duration":
        for unit, seconds in (("h", 3600), ("m", 60), ("s", 1)):
            if value % seconds == 0 and value >= seconds:
                return f"{value // seconds:g}{unit}"
        return "0s" if value == 0 else f"{value * 1000:g}ms"
    return f"{value:.15g}"


def rules(option):
    """What its value may be, besides its type."""
    if "one_of" in option:
        return ", ".join(f"`{choice}`" for choice in option["one_of"])
    low, high = (bound(option[end], option["type"]) if end in option else None for end in ("min", "max"))
    if low is None and high is None:
        return ""
    return f"{low} to {high}" if None not in (low, high) else f"at least {low}" if high is None else f"at most {high}"


def table(options):
    lines = ["", "| Option | Type | Default | Allowed | What it is |", "|---|---|---|---|---|"]
    for option in options:
        default = "required" if option["required"] else f"`{option['default']}`" if "default" in option else ""
        cells = (f"`{option['name']}`", option["type"], default, rules(option), option["doc"])
        lines.append("| " + " | ".join(cell(each) for each in cells) + " |")
    return lines if options else ["", "It has no options."]


def port(output):
    marks = [mark for mark in ("side", "by_options") if output[mark]]
    name = f"`{output['name']}`" if "name" in output else f"each of its option `{output['names_from']}`"
    return name + (f" ({', '.join(marks).replace('_', ' ')})" if marks else "")


def of_bee(bee):
    outputs = ", ".join(map(port, bee["outputs"])) or "nothing"
    holds = "; holds records" if bee["holds_records"] else ""
    ports = f"Reads {', '.join(bee['inputs']) or 'any kind'}; emits on {outputs}{holds}."
    return ["", f"### `{bee['name']}`", "", bee["summary"], "", ports, *table(bee["options"])]


def of_gateways(gateways):
    """Options that all have stand once."""
    shared = [each for each in gateways[0]["options"] if all(each in other["options"] for other in gateways)]
    lines = ["", "## Gateways", "", "Options of every gateway:", *table(shared)]
    for gateway in gateways:
        own = [each for each in gateway["options"] if each not in shared]
        lines += ["", f"### `{gateway['type']}`", "", gateway["summary"], *table(own)]
    return lines


def of_verbs(program):
    lines = ["", "## The program"]
    for verb in re.findall(r"(?m)^  ([a-z-]+)  ", said(program, "--help")):
        lines += ["", f"### `skep {verb}`", "", "```text", said(program, verb, "--help").rstrip(), "```"]
    return lines


def reference(program):
    catalog = json.loads(said(program, "bees", "-o", "json"))
    lines = ["", "## Bees"]
    for bee in catalog["bees"]:
        lines += of_bee(bee)
    return HEAD + "\n".join(lines + of_gateways(catalog["gateways"]) + of_verbs(program)) + "\n"


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    default = pathlib.Path(__file__).with_name("REFERENCE.md")
    pathlib.Path(sys.argv[2] if len(sys.argv) == 3 else default).write_text(reference(sys.argv[1]))


if __name__ == "__main__":
    main()
