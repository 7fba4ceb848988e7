#!/usr/bin/env python3
"""Overloads, stops and breaks bees of a real node for minutes, and prints what became of everybody else.

Usage: run.py [--build DIR] [--json FILE] [--seconds N] [--only TEXT] [--quick] [--strict]

Every trial checks that each request is answered, once, in order, whatever happens; that fails the run. The figures
stand in a table with their bars; with `--strict` one that does not hold fails the run too. `--seconds` is how long the
bee is stopped and the throwing lasts (60); a link is reset again and again for ten times that, and what was seen
meanwhile goes to a file beside that of `--json`. `--quick` is a check that the trials work, no measurement.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import signal
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "integration"))
sys.path.insert(0, str(ROOT / "bench" / "soak"))

from figures import MEBIBYTE, Figure, slope  # noqa: E402
from traffic import ClosedLoop, OpenLoop, Paced  # noqa: E402

ANSWER_SECONDS_MAX = 60


def swarm(name, bee, bee_keys="", gateway_keys=""):
    return f"""
name = "{name}"
plugins = ["test_bees"]
[gateways.front_{name}]
type = "tcp"
listen = "127.0.0.1:0"
answers = "work"
{gateway_keys}
[bees.work]
from = "front_{name}"
class = "{bee}"
{bee_keys}
"""


class Node:
    """A real `skep node` with some swarms, and its folder."""

    def __init__(self, swarms, *words):
        from skep_process import Running  # reads its settings when it is loaded
        self._folder = tempfile.TemporaryDirectory(prefix="skep-soak-")
        self.folder = pathlib.Path(self._folder.name)
        paths = []
        for number, text in enumerate(swarms):
            paths.append(self.folder / f"swarm{number}.toml")
            paths[-1].write_text(text.replace("FOLDER", str(self.folder)))
        config = self.folder / "node.toml"
        config.write_text("swarms = " + json.dumps([str(path) for path in paths]) + "\n")
        self._running = Running("node", "--config", str(config), *words)

    def address(self, name):
        return self._running.address(f"front_{name}")

    def memory(self):
        return self._running.rss_bytes()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        code = None
        if kind is None:
            code = self._running.terminate(ANSWER_SECONDS_MAX)
        self._running.kill()
        self._folder.cleanup()
        if kind is None and code != 0:
            raise AssertionError(f"the node ended with {code}: {json.dumps(self._running.lines, indent=1)}")


def run_for(seconds, *traffic, wait=0.001):
    begin = time.monotonic()
    while time.monotonic() < begin + seconds:
        for one in traffic:
            one.step(wait)
    return begin, time.monotonic()


def settle(traffic, what):
    """All that was asked is answered."""
    for one in traffic:
        if missing := one.finish(ANSWER_SECONDS_MAX):
            raise AssertionError(f"{what}: {missing} of {one.offered} requests were not answered")


def _probe(address, per_second, seconds, results):
    paced = Paced(address, per_second)
    begin, end = run_for(seconds, paced)
    settle([paced], "the neighbour")
    results.put((paced.p99(begin, end + ANSWER_SECONDS_MAX), dict(paced.fates)))


class Neighbour:
    """Asks another swarm of the node 200 times a second, from a process of its own."""

    def __init__(self, address, seconds):
        self._results = multiprocessing.Queue()
        self._process = multiprocessing.Process(target=_probe, args=(address, 200, seconds, self._results))
        self._process.start()

    def done(self):
        return not self._process.is_alive()

    def p99(self):
        """Seconds; every request must have been answered."""
        latency, fates = self._results.get(timeout=ANSWER_SECONDS_MAX)
        self._process.join()
        if set(fates) != {"answered"}:
            raise AssertionError(f"the neighbour's requests: {fates}")
        return latency


def watched(traffic, address, seconds):
    """Plays `traffic` while the neighbour is asked for `seconds`; the neighbour's p99."""
    neighbour = Neighbour(address, seconds)
    while not neighbour.done():
        traffic.step(0.001)
    return neighbour.p99()


def stopped_bee(overflow, seconds, quick):
    """The slowest bee stops; its clients go on sending as fast as they are let."""
    budget = 32
    warm, after = (1, 2) if quick else (5, 10)
    gate = ('execution = "dedicated"\ncallback_time_max = "0s"\n'
            'options = { delay = "1ms", gate = "FOLDER/closed" }')
    # A client that is read no further must not be told that it is too slow.
    keys = f'overflow = "{overflow}"\nframe_time_max = "300s"'
    with Node([swarm("flood", "test.gate", gate, keys), swarm("other", "test.echo")],
              "--payload_bytes_max", f"{budget}MiB") as node:
        other = node.address("other")
        flood = ClosedLoop(node.address("flood"), connections=16, in_flight=256, padding=4000)
        run_for(warm, flood)
        baseline = watched(flood, other, warm)
        begin, end = run_for(warm, flood)
        before, start = flood.rate(begin, end), node.memory()
        (node.folder / "closed").touch()
        highest = start
        neighbour = Neighbour(other, seconds)
        while not neighbour.done():
            flood.step(0.01)
            highest = max(highest, node.memory())
        stopped = neighbour.p99()
        (node.folder / "closed").unlink()
        run_for(2, flood)
        begin, end = run_for(after, flood)
        back = flood.rate(begin, end)
        highest = max(highest, node.memory())
        settle([flood], "the stopped bee")
        flood.close()
        print(f"  {overflow}: {before:,.0f}/s before, {back:,.0f}/s after; neighbour's p99 {baseline * 1e3:.2f} ms, "
              f"{stopped * 1e3:.2f} ms while stopped; {dict(flood.fates)}", file=sys.stderr)
    name = f"slowest bee stopped {seconds:g} s, {overflow}"
    return [Figure(f"{name}: memory above start and budget", (highest - start) / MEBIBYTE - budget, "MiB", "<= 16"),
            Figure(f"{name}: neighbour's p99 / before", stopped / baseline, "", "<= 2"),
            Figure(f"{name}: throughput 2 s after / before", back / before, "", ">= 0.9")]


def overload(times, seconds, quick):
    """More is offered than a bee can do. The bee computes for 2 ms a record."""
    measured = 2 if quick else max(5.0, seconds / 6)
    with Node([swarm("busy", "test.busy", 'options = { work = "2ms" }')]) as node:
        closed = ClosedLoop(node.address("busy"), connections=64, in_flight=1)
        run_for(1, closed)
        begin, end = run_for(measured, closed)
        peak = closed.rate(begin, end)
        settle([closed], "peak")
        closed.close()
        flood = OpenLoop(node.address("busy"), per_second=times * peak, connections_max=3500)
        run_for(2, flood)
        begin, end = run_for(measured, flood)
        settle([flood], "overload")
        good, refused = flood.rate(begin, end), flood.p99(begin, end, "overloaded")
        offered = flood.offered
        flood.close()
        print(f"  {times} times: peak {peak:,.0f}/s, goodput {good:,.0f}/s, {offered:,} offered ({flood.short:,} more had no "
              f"connection free): {dict(flood.fates)}", file=sys.stderr)
    return [Figure(f"{times} times capacity offered: goodput / peak", good / peak, "", ">= 0.8"),
            Figure(f"{times} times capacity offered: p99 of refusals", refused * 1e3, "ms", "<= 50")]


def throws(every, seconds):
    """A bee throws on one record in `every`, at 1,000 a second."""
    with Node([swarm("throws", "test.throwing", f"options = {{ every = {every} }}")]) as node:
        traffic = Paced(node.address("throws"), 1000)
        warm = seconds / 6
        run_for(warm, traffic)
        samples, begin = [], time.monotonic()
        while (now := time.monotonic()) < begin + seconds:
            run_for(0.2, traffic)
            samples.append((now - begin, node.memory()))
        settle([traffic], "throws")
        expected = (traffic.offered + every - 1) // every
        if traffic.fates != {"answered": traffic.offered - expected, "bee_failed": expected}:
            raise AssertionError(f"{traffic.offered} requests of which {expected} throw: {dict(traffic.fates)}")
        traffic.close()
        print(f"  one in {every}: {dict(traffic.fates)}; memory {samples[0][1] / MEBIBYTE:.2f} to "
              f"{samples[-1][1] / MEBIBYTE:.2f} MiB", file=sys.stderr)
    return [Figure(f"one record in {every} throws, {seconds:g} s at 1,000/s: memory slope", slope(samples) * 60 / MEBIBYTE,
                   "MiB/min", "<= 1")]


def resets(seconds, quick, path):
    """The link between two nodes is reset again and again; what was seen meanwhile goes to `path`."""
    from link_resets import link_resets  # what it imports reads its settings when it is loaded
    figures, record = link_resets(seconds, quick)
    path.write_text(json.dumps(record) + "\n")
    return figures


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=str(ROOT / "build" / "release"))
    parser.add_argument("--json", default=str(ROOT / "build" / "soak.json"))
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only", default="", help="trials whose name contains this")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--strict", action="store_true")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    os.environ.setdefault("SKEP_PROGRAM", os.path.join(arguments.build, "bin", "skep"))
    os.environ.setdefault("SKEP_TEST_PLUGINS", os.path.join(arguments.build, "tests", "plugins"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended
    quick, results = arguments.quick, pathlib.Path(arguments.json)
    seconds = 3 if quick else arguments.seconds
    trials = {
        "stopped bee, block": lambda: stopped_bee("block", seconds, quick),
        "stopped bee, reject": lambda: stopped_bee("reject", seconds, quick),
        "overload, 5 times": lambda: overload(5, seconds, quick),
        "overload, 10 times": lambda: overload(10, seconds, quick),
        "throws, 1 in 100": lambda: throws(100, seconds),
        "throws, 1 in 50": lambda: throws(50, seconds),
        "link resets": lambda: resets(8 if quick else 10 * seconds, quick, results.with_suffix(".link_resets.json")),
    }
    figures = []
    for name, trial in trials.items():
        if arguments.only in name:
            print(name, file=sys.stderr, flush=True)
            figures += trial()
    width = max((len(figure.name) for figure in figures), default=0)
    for figure in figures:
        print(f"{figure.name:<{width}}  {figure.value:>9.3f} {figure.unit:<8} {figure.bar:<7} {'yes' if figure.holds else 'NO'}")
    results.write_text(json.dumps([figure.result() for figure in figures], indent=2) + "\n")
    return 0 if all(figure.holds or not (figure.must or arguments.strict) for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
