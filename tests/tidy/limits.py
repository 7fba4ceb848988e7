"""The table of limits in docs/OPERATING.md says what the code says, and every limit has a test.

Counted are tables whose first column is headed "Limit". A row belongs to the limit that its first cell names in
backquotes; the first other cell that reads as a quantity is its default: `1,024`, `4 MiB`, `100 ms`, `60 s`.
"""

import re

from source_tree import CPP, LAYERS, bare_code, without_comments

TABLE = "docs/OPERATING.md"
CONSTANT = re.compile(r"inline\s+constexpr\s+([\w:]+)\s+(\w+)\s*(?:=\s*([^;]+)|\{([^}]*)\})\s*;")
DURATIONS = {"nanoseconds": 1, "microseconds": 10**3, "milliseconds": 10**6, "seconds": 10**9, "minutes": 60 * 10**9,
             "hours": 3600 * 10**9}
UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "min": 60 * 10**9, "h": 3600 * 10**9,
         "B": 1, "bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
QUANTITY = re.compile(r"^`?\"?([0-9][0-9, _]*(?:\.[0-9]+)?)\s*([A-Za-zµ]*)\"?`?")
EXPRESSION = re.compile(r"[0-9.\s()*+<-]+")


def code_limits(tree):
    """name -> (value, is a duration, header) for every constant of the four limits.hpp."""
    found = {}
    for layer in LAYERS:
        path = f"{layer}/include/skep/{layer}/limits.hpp"
        if path not in tree.paths:
            continue
        for kind, name, assigned, braced in CONSTANT.findall(bare_code(tree.text(path))):
            expression = re.sub(r"(?<=[0-9])[uUlLzZ]+\b|'", "", assigned or braced).strip()
            for known, (value, _, _) in found.items():
                expression = re.sub(rf"\b{known}\b", str(value), expression)
            if not EXPRESSION.fullmatch(expression):
                raise ValueError(f"{path}: {name}: cannot read '{expression}'")
            unit = DURATIONS.get(kind.split("::")[-1])
            found[name] = (eval(expression) * (unit or 1), unit is not None, path)  # digits and operators only
    return found


def _quantity(cell):
    match = QUANTITY.match(cell)
    if not match:
        return None
    unit = match.group(2)
    return float(re.sub(r"[, _]", "", match.group(1))) * UNITS.get(unit, 1)


def documented_limits(tree):
    """name -> default, as the tables of docs/OPERATING.md have them."""
    found, heading = {}, None
    for line in tree.text(TABLE).splitlines():
        if not line.strip().startswith("|"):
            heading = None
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        heading = heading or cells[0]
        for name in re.findall(r"`(?:limits::)?(\w+)`", cells[0]) if heading.startswith("Limit") else ():
            found[name] = next((q for q in map(_quantity, cells[1:]) if q is not None), None)
    return found


def limits_are_documented(tree):
    """Every limit has a row in docs/OPERATING.md, with the default that the code has; no row is about nothing."""
    limits = code_limits(tree)
    if TABLE not in tree.paths:
        yield f"{TABLE} is missing; it lists {len(limits)} limits"
        return
    documented = documented_limits(tree)
    for name, (value, is_duration, path) in limits.items():
        shown = f"{value / 10**9:g} s" if is_duration else f"{value:,}"
        if name not in documented:
            yield f"{TABLE}: no row whose first cell names `{name}` (default {shown}, {path})"
        elif documented[name] != value:
            yield f"{TABLE}: `{name}`: the default is {shown}, says {path}"


def _code(tree, path):
    text = tree.text(path)
    return re.sub(r"#[^\n]*", "", text) if path.endswith(".py") else without_comments(text)


def limits_are_tested(tree):
    """Every limit's name occurs in a test; in a comment it says nothing."""
    paths = [p for p in tree.select(("tests",), CPP + (".py",)) if not p.startswith("tests/tidy/")]
    tests = "\n".join(_code(tree, path) for path in paths)
    for name, (_, _, path) in code_limits(tree).items():
        if not re.search(rf"\b{name}\b", tests):
            yield f"{path}: no test names {name}"


RULES = (limits_are_documented, limits_are_tested)
