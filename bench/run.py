#!/usr/bin/env python3
"""Plays the project against its baselines and prints one table.

Usage: run.py [--build DIR] [--json FILE] [--rounds N] [--only TEXT] [--quick] [--strict]

Ours and the baseline run in turn (A B A B ...) for five rounds; shown are the medians, their ratio, and the smallest
and largest ratio of one round. Programs drop a warm-up of their own. Client and server share the machine, on both
sides alike. `--quick` runs every program once and briefly: a check that they work, no measurement. The exit code says
whether everything ran and every answer was right; with `--strict` also whether every bar holds.
"""

import argparse
import contextlib
import functools
import json
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import two_nodes

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
START_SECONDS_MAX = 30
PROGRAM_SECONDS_MAX = 120


class Row:
    """One line of the table. `ours` and `baseline` measure once and return a number, or None where they are not there.

    Without a bar it is for comparison.
    """

    def __init__(self, name, unit, bar, ours=None, baseline=None):
        self.name, self.unit, self.bar, self.ours, self.baseline = name, unit, bar, ours, baseline
        self.pairs = []

    def rows(self):
        return [self]

    def measure(self, rounds):
        for _ in range(rounds):
            self.pairs.append((self.ours(), self.baseline()))

    def result(self):
        ours, baseline = (None if None in values else statistics.median(values) for values in zip(*self.pairs))
        ratio = None if None in (ours, baseline) else ours / baseline if baseline else 0.0
        return {"name": self.name, "ours": rounded(ours), "baseline": rounded(baseline), "unit": self.unit,
                "ratio": rounded(ratio), "bar": self.bar, "holds": self.holds(ratio)}

    def holds(self, ratio):
        if ratio is None or self.bar is None:
            return None
        at_least, limit = self.bar.split()
        return ratio >= float(limit) if at_least == ">=" else ratio <= float(limit)

    def spread(self):
        ratios = [ours / baseline for ours, baseline in self.pairs if baseline and ours is not None]
        return f"{min(ratios):.2f}..{max(ratios):.2f}" if ratios else "-"


class Race:
    """Work that several contenders do in turn, once a round; each of its rows holds ours against one of the others."""

    def __init__(self, name, figures):
        """`figures(contender)` measures once and returns figures by name, or None if that contender is not there."""
        self.name, self.figures = name, figures
        self.entries = []  # contender, the name of the figure, row

    def rows(self):
        return [row for _, _, row in self.entries]

    def measure(self, rounds):
        for _ in range(rounds):
            seen = {name: self.figures(name) for name in dict.fromkeys(["ours"] + [entry[0] for entry in self.entries])}
            for name, key, row in self.entries:
                row.pairs.append(tuple(figures and figures[key] for figures in (seen["ours"], seen[name])))


def rounded(value):
    return None if value is None else round(value, 3)


class Programs:
    """The bench programs of one build."""

    def __init__(self, build):
        self.build = build

    def path(self, name):
        folder = "bin" if name == "skep" else "bench"
        return os.path.join(self.build, folder, name)

    def figure(self, key, name, **arguments):
        return self.figures(name, **arguments)[key]

    def figures(self, name, **arguments):
        return self.figures_of([self.path(name)], **arguments)

    @staticmethod
    def figures_of(command, **arguments):
        """Runs a program to its end and returns the JSON it prints."""
        for option, value in arguments.items():
            command = [*command, "--" + option.replace("_", "-"), str(value)]
        done = subprocess.run(command, text=True, capture_output=True, timeout=PROGRAM_SECONDS_MAX, check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
        return json.loads(done.stdout)

    @contextlib.contextmanager
    def server(self, name, arguments, ports, environment=None):
        """Runs a server until its ports answer; ends it with SIGTERM."""
        command = [self.path(name), *arguments]
        process = subprocess.Popen(command, env={**os.environ, **(environment or {})}, stdout=subprocess.DEVNULL)
        try:
            for port in ports:
                await_port(process, port, name)
            yield process
            if process.poll() is not None:
                sys.exit(f"{name} ended by itself, exit code {process.returncode}")
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(START_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                sys.exit(f"{name} did not end within {START_SECONDS_MAX} s of SIGTERM")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_port(process, port, name):
    deadline = time.monotonic() + START_SECONDS_MAX
    while True:
        if process.poll() is not None:
            sys.exit(f"{name} did not start, exit code {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                sys.exit(f"{name} does not listen on port {port}")
            time.sleep(0.02)


def in_process_rows(programs, quick):
    records = 200_000 if quick else 4_000_000
    singles = 50_000 if quick else 500_000
    turns = 10 if quick else 100
    both = {}  # of the program that plays hop and ping in turn, its last run

    def ours(**how):
        return programs.figure("records_per_s", "in_process", records=records, **how)

    def raw(items, per_message, **how):
        return lambda: programs.figure("items_per_s", "raw_caf_pipeline", items=items, per_message=per_message, **how)

    def hop():
        both.update(programs.figures("hop", turns=turns))
        return both["hop_us"]

    return [
        Row("in-process, 3 bees / raw CAF, 256, new batches", "records/s", ">= 0.4", ours,
            raw(records, 256, rebuild=1, window=records)),
        Row("in-process, 3 bees / raw CAF, 256, new, window", "records/s", ">= 0.4", ours, raw(records, 256, rebuild=1)),
        Row("in-process, 3 bees / raw CAF, 256, passed on, window", "records/s", ">= 0.4", ours, raw(records, 256)),
        Row("in-process, 3 bees / raw CAF, 1, passed on, window", "records/s", ">= 4", ours, raw(singles, 1)),
        Row("one more local hop, p50 / raw CAF ping", "us", "<= 1.5", hop,
            lambda: both["ping_us"]),
        Row("metrics on / off, in-process, 3 bees", "records/s", ">= 0.9", ours, lambda: ours(metrics=0)),
    ]


def ready_made_rows(programs, quick):
    """What a ready-made bee costs, against one that passes everything on in its place. Bars are there to see decay."""
    records = 100_000 if quick else 1_000_000

    def of(bee):
        return lambda: programs.figure("records_per_s", "ready_made", records=records, bee=bee)

    bars = {"skep.aggregate": 0.1, "skep.window": 0.1, "skep.dedup": 0.12, "skep.throttle": 0.35, "skep.join": 0.08}
    return [Row(f"{bee} / a bee that passes on", "records/s", f">= {bar}", of(bee), of("pass"))
            for bee, bar in bars.items()]


def two_node_races(contenders, quick, only):
    """Of the rows that `only` chooses. `contenders()` makes them ready, once."""
    times = {"milliseconds": 100, "warm_up_milliseconds": 50} if quick else {"milliseconds": 2000}
    for work, work_name, lines in two_nodes.WORKS:
        race = Race(work_name, lambda name, work=work: contenders().figures(name, work, **times))
        for key, baseline, bar in lines:
            name = f"{work_name} {key.removesuffix('_us')}" if key.endswith("_us") else work_name
            race.entries.append((baseline, key, Row(f"{name} / {baseline}", two_nodes.UNITS[key], bar)))
        race.entries = [entry for entry in race.entries if only in entry[2].name]
        if race.entries:
            yield race


def echo_rows(programs, quick, ports):
    time_options = {"milliseconds": 100, "warm_up_milliseconds": 50} if quick else {"milliseconds": 1000}

    def load(protocol, port, connections, in_flight):
        return lambda: programs.figure("requests_per_s", "load", protocol=protocol, port=port, connections=connections,
                                       in_flight=in_flight, **time_options)

    rows = []
    for protocol in ("tcp", "websocket"):
        for connections in (1, 64, 1000):
            for in_flight in (1, 32):
                rows.append(Row(f"{protocol} echo, {connections} x {in_flight} / bare Asio", "requests/s", ">= 0.5",
                                load(protocol, ports["ours"][protocol], connections, in_flight),
                                load(protocol, ports["bare"][protocol], connections, in_flight)))
    for connections, in_flight in ((1, 1), (64, 32)):
        rows.append(Row(f"metrics on / off, tcp echo, {connections} x {in_flight}", "requests/s", ">= 0.97",
                        load("tcp", ports["measured"]["tcp"], connections, in_flight),
                        load("tcp", ports["unmeasured"]["tcp"], connections, in_flight)))
    return rows


def start_servers(stack, programs, ports):
    swarm, bare = os.path.join(ROOT, "bench", "end_to_end", "echo.toml"), ports["bare"]
    # "measured" is as fresh as "unmeasured" when they are compared; "ours" has had thousands of connections by then.
    for side, more in (("ours", {}), ("measured", {}), ("unmeasured", {"SKEP_METRICS": "off"})):
        environment = {"ECHO_TCP_PORT": str(ports[side]["tcp"]), "SKEP_LOG_LEVEL": "warning",
                       "ECHO_WEBSOCKET_PORT": str(ports[side]["websocket"]), **more}
        stack.enter_context(programs.server("skep", ["run", swarm], ports[side].values(), environment))
    for protocol, port in bare.items():
        stack.enter_context(programs.server(f"bare_echo_{protocol}", ["--port", str(port)], [port]))


def allow_many_connections():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else 1 << 16, hard))


def number(value, absent="-"):
    if value is None:
        return absent
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def table(rows):
    lines = [("work", "ours", "baseline", "unit", "ratio", "spread", "bar", "holds")]
    for row in rows:
        result = row.result()
        ratio = "-" if result["ratio"] is None else f"{result['ratio']:.2f}"
        lines.append((result["name"], number(result["ours"]), number(result["baseline"], "not installed"),
                      result["unit"], ratio, row.spread(), result["bar"] or "-",
                      {True: "yes", False: "NO", None: "-"}[result["holds"]]))
    widths = [max(map(len, column)) for column in zip(*lines)]
    right = (False, True, True, False, True, True, False, False)
    for line in lines:
        cells = (cell.rjust(width) if flush else cell.ljust(width) for cell, width, flush in zip(line, widths, right))
        yield "  ".join(cells).rstrip()


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"))
    parser.add_argument("--json", default=os.path.join(ROOT, "build", "bench.json"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--strict", action="store_true")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    allow_many_connections()
    programs = Programs(arguments.build)
    ports = {side: {protocol: free_port() for protocol in ("tcp", "websocket")}
             for side in ("ours", "measured", "unmeasured", "bare")}
    with contextlib.ExitStack() as stack:
        local, echo = ([row for row in rows if arguments.only in row.name] for rows in (
            in_process_rows(programs, arguments.quick) + ready_made_rows(programs, arguments.quick),
            echo_rows(programs, arguments.quick, ports)))
        contenders = functools.cache(lambda: two_nodes.Contenders(
            programs, stack.enter_context(tempfile.TemporaryDirectory(prefix="skep_bench_")), free_port))
        work = [*local, *two_node_races(contenders, arguments.quick, arguments.only), *echo]
        for each in work:
            if echo and each is echo[0]:
                start_servers(stack, programs, ports)
            print(f"  {each.name}", file=sys.stderr, flush=True)
            each.measure(1 if arguments.quick else arguments.rounds)
    rows = [row for each in work for row in each.rows()]
    print("\n".join(table(rows)))
    with open(arguments.json, "w", encoding="utf-8") as file:
        json.dump([row.result() for row in rows], file, indent=2)
        file.write("\n")
    return 1 if arguments.strict and any(row.result()["holds"] is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
