"""The trial of a link that is reset every few seconds, under load, while clients come, leave and make the bee throw."""

import contextlib
import datetime
import itertools
import multiprocessing
import os
import sys
import time

from account import (REFUSED, THROWN, Account, Client, Counts, check_bee, check_clients, check_gateway, check_links,
                     check_log)
from figures import MEBIBYTE, Figure, slope
from link_nodes import BEE, FRONT, GATEWAY, SWARM, THROWS_EVERY, WORK, Bench, LinkedNodes
from traffic import Connects, Paced

LOAD_SHARE = 0.7  # of the peak
CONNECTS_PER_SECOND = 200
LEAVES_ONE_IN = 4  # connects: it closes without reading
THROWS_PER_SECOND = 20
BENCH_CLIENTS = 32
ANSWER_SECONDS_MAX = 60
# What comes and goes while nothing grows: the link's own connections, and of the gateway's node a second's clients.
DESCRIPTORS_EASE = {FRONT: 4 + CONNECTS_PER_SECOND, WORK: 4}


class Times:
    """Seconds. `warm`: from the beginning, in which memory and descriptors may still grow."""

    def __init__(self, seconds, quick):
        self.all = seconds
        self.warm = seconds / 10
        self.peak, self.reset, self.sample = (1, 2, 0.25) if quick else (5, 5, 1)


def _play(make, stop, results):
    """Clients of one kind, until they are told to stop and all is answered."""
    parent = os.getppid()
    try:
        traffic = make()
        while not stop.is_set() and os.getppid() == parent:
            traffic.step(0.005)
        traffic.finish(ANSWER_SECONDS_MAX)
        results.send((traffic.offered, getattr(traffic, "left", 0), dict(traffic.fates)))
    except (AssertionError, OSError) as problem:
        results.send(repr(problem))


class Playing:
    """Clients in a process of their own, which ends with the block."""

    def __init__(self, name, make):
        self._name = name
        self._stop = multiprocessing.Event()
        self._results, results = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_play, args=(make, self._stop, results), daemon=True)

    def __enter__(self):
        self._process.start()
        return self

    def stop(self):
        self._stop.set()

    def result(self):
        """How many requests there were, how many of their clients left, and the fates of the others."""
        if not self._results.poll(ANSWER_SECONDS_MAX + 10):
            raise AssertionError(f"{self._name}: no result")
        result = self._results.recv()
        if isinstance(result, str):
            raise AssertionError(f"{self._name}: {result}")
        return result

    def __exit__(self, *_):
        self._process.kill()
        self._process.join()


def find_peak(address, seconds):
    """Answers a second of a closed loop."""
    with Bench(address, seconds, "--clients", str(BENCH_CLIENTS), "--in-flight", "16") as bench:
        return bench.report()["rate_achieved"]


def sample_and_reset(nodes, times):
    """For all of the time. Returns the samples, and how many resets met a connection."""
    begin = time.monotonic()
    samples, resets = [], 0
    for number in itertools.count(1):
        at = number * times.sample
        if at > times.all:
            return samples, resets
        time.sleep(max(0.0, begin + at - time.monotonic()))
        samples.append((at, nodes.sample()))
        if at % times.reset == 0:
            resets += nodes.relay.reset() > 0


def play(nodes, address, rate, times):
    """All clients at once. Returns what came of their requests by kind, the report of the load, samples and resets."""
    connects = Playing("connects", lambda: Connects(
        address, CONNECTS_PER_SECOND, LEAVES_ONE_IN, itertools.count(1, THROWS_EVERY)))
    throws = Playing("throws", lambda: Paced(address, THROWS_PER_SECOND, itertools.count(0, THROWS_EVERY)))
    bench = Bench(address, times.all, "--clients", str(BENCH_CLIENTS), "--rate", f"{rate:.0f}", "--timeout", "60s")
    with connects, throws, bench:
        samples, resets = sample_and_reset(nodes, times)
        connects.stop()
        throws.stop()
        report = bench.report()
        clients = [of_bench(report)]
        for name, playing, right in (("connects", connects, "answered"), ("throws", throws, THROWN)):
            sent, left, fates = playing.result()
            clients.append(Client(name, sent, fates, (right, REFUSED), left))
    return clients, report, samples, resets


def of_bench(report):
    failed = report["failed"]
    fates = {"answered": report["answered"], **failed["errors"], "timeout": failed["timeouts"],
             "connection lost": failed["lost"], "never answered": report["open"]}
    return Client("load", report["sent"], {fate: count for fate, count in fates.items() if count},
                  ("answered", REFUSED))


def outages(lines):
    """Seconds of each time without a link, after the first with one, as a node's log tells it."""
    up, found = None, []
    for line in lines:
        if line["text"].startswith("no link to node") and up:
            up, down = False, datetime.datetime.fromisoformat(line["time"])
        elif line["text"].startswith("the link to node"):
            if up is False:
                found.append((datetime.datetime.fromisoformat(line["time"]) - down).total_seconds())
            up = True
    return found


def growth_figures(samples, times, name):
    """Memory, descriptors and threads of one node after the warm-up. Of the latter the last third beside the first."""
    warm = [(at, node[name]) for at, node in samples if at > times.warm]
    third = max(1, len(warm) // 3)
    first, last = ([sample for _, sample in part] for part in (warm[:third], warm[-third:]))

    def rise(of, what):
        return of(getattr(sample, what) for sample in last) - of(getattr(sample, what) for sample in first)

    def figure(what, value, unit, most):
        return Figure(f"link resets, {name}: {what}", value, unit, f"<= {most}")

    per_second = slope([(at, sample.memory) for at, sample in warm])
    return [
        figure("memory slope", per_second * 60 / MEBIBYTE, "MiB/min", 1),
        figure("fewest descriptors, last third above first", rise(min, "descriptors"), "", DESCRIPTORS_EASE[WORK]),
        figure("most descriptors, last third above first", rise(max, "descriptors"), "", DESCRIPTORS_EASE[name]),
        figure("fewest threads, last third above first", rise(min, "threads"), "", 0),
        figure("most threads, last third above first", rise(max, "threads"), "", 0),
    ]


def check(clients, before, after, resets):
    account = Account()
    counts = {name: Counts(before[name], after[name]) for name in LinkedNodes.names}
    check_clients(account, clients)
    check_gateway(account, clients, counts[FRONT], {"swarm": SWARM, "gateway": GATEWAY})
    check_bee(account, clients, counts[WORK], SWARM, BEE)
    for node, peer in ((FRONT, WORK), (WORK, FRONT)):
        check_links(account, node, counts[node], SWARM, peer, resets)
    return account


def tell(record):
    """For people, what stands behind the figures; the record has all of it for programs."""
    down = record["outages_seconds"]
    lines = [f"peak {record['peak_per_s']:,.0f}/s, load {record['load']['rate_offered']:,.0f}/s, "
             f"{record['resets']} resets; no link {len(down)} times for {sum(down):.1f} s, "
             f"the longest {max(down, default=0):.2f} s"]
    for name, client in record["clients"].items():
        left = f", {client['left']:,} left without reading" if client["left"] else ""
        lines.append(f"{name}: {client['sent']:,} sent{left}: {client['fates']}")
    lines += [f"load: {warning}" for warning in record["load"]["warnings"]]
    for name, samples in record["samples"].items():
        ranges = (f"{what} {min(s[what] for s in samples):,} to {max(s[what] for s in samples):,}"
                  for what in ("memory", "memory_highest", "descriptors", "threads"))
        lines.append(f"{name}: {', '.join(ranges)}")
    lines += [f"not accounted for: {problem}" for problem in record["problems"]]
    print("\n".join(f"  {line}" for line in lines), file=sys.stderr)


def recorded(client):
    return {"sent": client.sent, "left": client.left, "fates": dict(client.fates)}


def grown(before, after):
    """Counters that have counted."""
    return {name: value - max(0, before[name]) for name, value in after.items() if "_total" in name and value > 0}


def link_resets(seconds, quick):
    """A gateway and its bee on two nodes, whose link is reset. Returns the figures, and a record of what was seen."""
    times = Times(seconds, quick)
    with LinkedNodes() as nodes:
        address = nodes.address()
        peak = find_peak(address, times.peak)
        before = nodes.metrics_at_rest()
        clients, report, samples, resets = play(nodes, address, LOAD_SHARE * peak, times)
        after = nodes.metrics_at_rest()
        account = check(clients, before, after, resets)
        logs = {name: list(node.take_log()) for name, node in nodes.nodes.items()}
        nodes.stop()
    for name, lines in logs.items():
        check_log(account, name, lines)
    record = {
        "peak_per_s": peak, "load": report, "resets": resets, "outages_seconds": outages(logs[FRONT]),
        "clients": {client.name: recorded(client) for client in clients},
        "problems": [problem for _, problem in account.problems],
        "samples": {name: [{"at": at, **vars(each[name])} for at, each in samples] for name in LinkedNodes.names},
        "counters": {name: grown(before[name], after[name]) for name in LinkedNodes.names},
    }
    tell(record)
    figures = [figure for name in LinkedNodes.names for figure in growth_figures(samples, times, name)]
    figures.append(Figure("link resets: errors not accounted for", account.count, "", "<= 0", must=True))
    return figures, record
