#!/usr/bin/env python3
"""Checks the source tree against the rules of the project's style that a machine can check.

Usage: tidy.py ROOT            all rules
       tidy.py ROOT RULE...    some
       tidy.py --list          their names and reasons

Exit code: 0 if nothing is found, 1 otherwise; one line a finding. `self_test.py` proves that each rule can fail.
"""

import sys

import documents
import layers
import limits
import sizes
import words
from source_tree import Tree

RULES = {rule.__name__: rule for module in (layers, sizes, words, limits, documents) for rule in module.RULES}


def main(arguments):
    if arguments == ["--list"]:
        for name, rule in RULES.items():
            print(f"{name:30} {rule.__doc__.splitlines()[0]}")
        return 0
    if not arguments or any(name not in RULES for name in arguments[1:]):
        print(__doc__)
        return 2
    tree = Tree(arguments[0])
    findings = 0
    for name in arguments[1:] or RULES:
        for finding in RULES[name](tree):
            print(f"{name}: {finding}")
            findings += 1
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
