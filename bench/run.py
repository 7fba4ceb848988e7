#!/usr/bin/env python3
"""Plays the project against its baselines and prints one table.

Usage: run.py [--build DIR] [--json FILE] [--rounds N] [--only TEXT] [--quick] [--strict]

Ours and the baseline run in turn (A B A B ...) for five rounds; shown are the medians, their ratio, and the smallest
and largest ratio of one round. Programs drop a warm-up of their own. Client and server share the machine, on both
sides alike. `--quick` runs every program once and briefly: a check that they work, no measurement. The exit code says
whether everything ran and every answer was right; with `--strict` also whether every bar holds.

`--only` chooses rows by what is in their name. Names of whole subjects: in-process, hop, metrics, scheduler, fan-out,
keys, skep. (ready-made bees), two nodes, tcp echo, websocket echo, libwebsockets, payload, TLS on, I/O threads, open loop,
model, idle node, memory. All of them take about 20 minutes.
"""

import argparse
import contextlib
import json
import os
import sys

import echo
import idle
import in_process
import model
import two_nodes
from programs import ROOT, Programs, allow_many_connections
from table import table

GROUPS = (in_process.groups, two_nodes.groups, echo.groups, model.groups, idle.groups)  # in the order of the table


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"))
    parser.add_argument("--json", default=os.path.join(ROOT, "build", "bench.json"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--strict", action="store_true")
    return parser.parse_args()


def measure(group, only, rounds):
    """Its chosen rows, measured; its servers end before those of the next one start."""
    work = group.chosen(only)
    with contextlib.ExitStack() as stack:
        if work:
            group.prepare(stack)
        for each in work:
            print(f"  {each.name}", file=sys.stderr, flush=True)
            each.measure(rounds)
    return [row for each in work for row in each.rows()]


def main():
    arguments = parse_arguments()
    allow_many_connections()
    programs = Programs(arguments.build)
    rounds = 1 if arguments.quick else arguments.rounds
    rows = [row for groups in GROUPS for group in groups(programs, arguments.quick)
            for row in measure(group, arguments.only, rounds)]
    if not rows:
        sys.exit(f"run.py: no row's name contains '{arguments.only}'")
    print("\n".join(table(rows)))
    with open(arguments.json, "w", encoding="utf-8") as file:
        json.dump([row.result() for row in rows], file, indent=2)
        file.write("\n")
    return 1 if arguments.strict and any(row.result()["holds"] is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
