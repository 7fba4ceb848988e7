"""Hundreds of clients that are slow on purpose, of every kind, at once: each ends by its limit, nobody else notices.

Clients that send pings without end and read the pongs are heard, so where `control_frames_rate` is 0 no limit ends them; they are
loud, not slow.
"""

import collections
import os
import pathlib
import re
import select
import socket
import struct
import time
import unittest

from skep_process import DEADLINE, SkepTest
from slow_clients import (BINARY, CLOSE, CONTINUATION, PING, PINGS, TEXT, UPGRADE, HealthyLengths, HealthyLines,
                          HealthyWebSocket, Kind, Loop, Pinger, SlowTcp, SlowWebSocket, frame)

MEBIBYTE = 1 << 20
EACH = 5 if os.environ.get("SKEP_SANITIZE") else 25  # clients of a kind: fewer where the program is many times as slow
PIPELINED = 1000
CROWDS = 3  # one after the other
GROWTH_MAX = 96 * MEBIBYTE  # of memory; a crowd takes about 50, three that were not given back three times as much
SILENT = 200
SILENT_SECONDS = 4.0
SILENT_CPU_MAX = 0.1  # of a core
P99_SECONDS_MAX = 0.1  # of a healthy client's answers
SLACK = 1.0  # seconds beyond its limits in which a client must have ended
STOOD_STILL_MAX = 1.0  # seconds in which nobody had an answer, as far as it was not this clock that stood still
EARLY = 0.1  # the clock of a client begins when it hears of its upgrade, that of the gateway before
LIMITS = {"upgrade_time_max": 1.5, "frame_time_max": 1.0, "idle_max": 2.0, "write_stall_max": 1.0,
          "close_time_max": 0.5, "websocket_message_frames_max": 0.0}  # seconds; the last is none of time

SWARM = """
name = "echo"
plugins = ["test_bees"]
[gateways.web]
type = "websocket"
listen = "127.0.0.1:0"
answers = "last"
control_frames_rate = 0
{limits}
{upgrade}
[gateways.lines]
type = "tcp"
listen = "127.0.0.1:0"
answers = "last"
{limits}
[gateways.lengths]
type = "tcp"
listen = "127.0.0.1:0"
answers = "last"
framing = "length"
{limits}
[bees.last]
class = "test.echo"
from = ["web", "lines", "lengths"]
"""
SHORT = """
frame_time_max = "1s"
idle_max = "2s"
write_stall_max = "1s"
close_time_max = "500ms"
write_bytes_max = "256KiB"
overflow = "block"
"""

NUMBERS = [b"%d" % n for n in range(PIPELINED)]
LINES = b"".join(n + b"\n" for n in NUMBERS)
LATE = (CLOSE, b"\x03\xf0frame_time_max = 1s")
QUIET = (CLOSE, b"\x03\xf0nothing heard: idle_max = 2s")
PINGED = (PING, b"")
CUT_UP = (CLOSE, b"\x03\xf0websocket_message_frames_max = 128, and one more for each KiB")
FRAGMENTS = frame(TEXT, b"[", last=False) + 9998 * frame(CONTINUATION, b"1", last=False) + frame(CONTINUATION, b"]")
LATE_LINE = (b'{"error": {"code": "bad_record", "message": "the frame is not whole after frame_time_max = 1s", '
             b'"retry": "safe"}}')

KINDS = {
    "web: silent": Kind("web", ("upgrade_time_max",)),
    "web: trickles its HTTP header": Kind("web", ("upgrade_time_max",), trickle=UPGRADE),
    "web: silent after its upgrade": Kind("web", ("idle_max", "close_time_max"), upgrades=True, hears=[PINGED, QUIET]),
    "web: trickles a frame": Kind("web", ("frame_time_max", "close_time_max"), upgrades=True,
                                  trickle=frame(TEXT, b"1" * 1000), hears=[LATE]),
    "web: 10,000 fragments of a byte": Kind("web", ("websocket_message_frames_max",), upgrades=True, first=FRAGMENTS,
                                            hears=[CUT_UP]),
    "web: never reads": Kind("web", ("write_stall_max",), upgrades=True, reads=False,
                             flood=frame(BINARY, b"y" * 60000)),
    "web: pipelines, and reads at its end": Kind(
        "web", ("idle_max", "close_time_max"), upgrades=True, reads=False,
        first=b"".join(frame(TEXT, n) for n in NUMBERS), hears=[(TEXT, n) for n in NUMBERS] + [PINGED, QUIET]),
    "lines: silent": Kind("lines", ("idle_max",)),
    "lines: trickles a line": Kind("lines", ("frame_time_max",), trickle=b"1" * 1000, hears=LATE_LINE + b"\n"),
    "lines: never reads": Kind("lines", ("write_stall_max",), reads=False, flood=b'"' + b"y" * 60000 + b'"\n'),
    "lines: pipelines, and reads at its end": Kind("lines", ("idle_max",), reads=False, first=LINES, hears=LINES),
    "lengths: trickles a frame": Kind("lengths", ("frame_time_max",), trickle=b"\0\0\x10\0" + b"1" * 4096,
                                      hears=struct.pack(">I", len(LATE_LINE)) + LATE_LINE),
}


def cpu_seconds(running):
    fields = pathlib.Path(f"/proc/{running.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class SlowClientsTest(SkepTest):
    def setUp(self):
        super().setUp()
        self.loop = Loop()
        self.addCleanup(self.loop.close)

    def run_until(self, seen, what):
        if not self.loop.run(seen, DEADLINE):
            self.fail(what())

    def serve_well(self, running):
        """Clients that do all right: one of each gateway, which have had their first answers."""
        healthy = [client(self.loop, running.address(gateway)) for client, gateway in
                   ((HealthyWebSocket, "web"), (HealthyLines, "lines"), (HealthyLengths, "lengths"))]
        self.run_until(lambda: all(len(client.seconds) >= 100 for client in healthy), lambda: "no first answers")
        return healthy

    def start_slow(self, running):
        """EACH of each kind, all at once, but for the turns of the others; returns kind -> clients."""
        clients = {name: [] for name in KINDS}

        def start_one_of_each():
            for name, kind in KINDS.items():
                make = SlowWebSocket if kind.upgrades else SlowTcp
                clients[name].append(make(self.loop, running.address(kind.gateway), kind))

        for i in range(EACH):
            self.loop.after(i * 0.01, start_one_of_each)
        return clients

    def watch_memory(self, running):
        """A list that grows by what its process holds, now and then, until it is no longer wanted."""
        sizes = [running.rss_bytes()]

        def look():
            if self.sizes is sizes:
                sizes.append(running.rss_bytes())
                self.loop.after(0.05, look)

        self.sizes = sizes
        look()
        return sizes

    def check_ends(self, name, kind, clients, stood_still):
        """Each by its limit, not before that, and told what it should be."""
        limit = sum(LIMITS[option] for option in kind.limits)
        seconds = [client.seconds() for client in clients]
        if not kind.flood:
            self.assertGreaterEqual(min(seconds), limit - EARLY, name)
        self.assertLessEqual(max(seconds), limit + SLACK + stood_still, name)
        for client in clients:
            if kind.upgrades and not kind.flood:
                self.assertEqual(client.frames, kind.hears, name)
            elif not kind.flood:
                self.assertEqual(bytes(client.got), kind.hears or b"", name)

    def check_crowd(self, running, healthy, pingers):
        """One crowd of all kinds: each ends by its limit, and the healthy ones have their answers in time."""
        for client in healthy:
            client.seconds.clear()
        clients = self.start_slow(running)
        self.loop.late = 0.0
        cpu, begun = cpu_seconds(running), time.monotonic()
        all_ended = lambda those: len(those) == EACH and all(client.ended for client in those)
        self.run_until(lambda: all(all_ended(those) for those in clients.values()),
                       lambda: {name: sum(not client.ended for client in those) for name, those in clients.items()})
        cpu, seconds = cpu_seconds(running) - cpu, time.monotonic() - begun
        print(f"\n  {EACH * (len(KINDS) + 1)} clients, {seconds:.1f} s, {100 * cpu / seconds:.0f} % of a core, "
              f"{sum(client.bursts for client in pingers) * PINGS} pings so far; the load itself was up to "
              f"{self.loop.late * 1e3:.0f} ms late")
        self.show(clients, healthy)
        # A machine that stands still does so for all, this clock and those that do all right.
        stood_still = max(self.loop.late, min(STOOD_STILL_MAX, max(max(client.seconds) for client in healthy)))
        for name, kind in KINDS.items():
            self.check_ends(name, kind, clients[name], stood_still)
        for client in healthy:
            self.assertEqual(client.wrong, [])
            self.assertGreater(len(client.seconds), 100)
            self.assertLessEqual(client.percentile(0.99), P99_SECONDS_MAX, type(client).__name__)

    def show(self, clients, healthy):
        for name, kind in KINDS.items():
            seconds = [client.seconds() for client in clients[name]]
            limits = " + ".join(f"{option} {LIMITS[option]} s" for option in kind.limits)
            print(f"  {name:40} {min(seconds):5.2f} to {max(seconds):5.2f} s; {limits}")
        for client in healthy:
            print(f"  {type(client).__name__}: {len(client.seconds)} answers, p99 {client.percentile(0.99) * 1e3:.1f} ms, "
                  f"at most {max(client.seconds) * 1e3:.1f} ms", flush=True)

    def end_pingers(self, pingers):
        """Pings end nobody: all were answered to the end, and their Close is."""
        for client in pingers:
            self.assertIsNone(client.ended)
            self.assertGreater(client.answered, 10)
            client.stop()
        self.run_until(lambda: all(client.ended for client in pingers), lambda: "a Close is not answered")
        for client in pingers:
            self.assertTrue(client.closed)
            self.assertLessEqual(client.ended - client.stopped, SLACK)

    def check_log(self, running, deaf):
        """Those that did not take what they were owed are in it, each once; of those without a request to upgrade, and of
        those in too many pieces, one a second; and no other complaint."""
        complaints = [line["text"] for line in running.lines if line["level"] not in ("info", "debug")]
        for why in ("no whole HTTP header in upgrade_time_max", "it breaks the rules: websocket_message_frames_max"):
            paced = [text for text in complaints if f" is refused: {why}" in text]
            self.assertGreater(len(paced), 0)
            complaints = [text for text in complaints if text not in paced]
        told = collections.Counter(re.sub(r"session \d+ from 127.0.0.1:\d+ ", "", text) for text in complaints)
        self.assertEqual(told, {"closed: it does not read what it is sent (write_stall_max)": deaf})

    def test_each_of_hundreds_of_slow_clients_ends_by_its_limit_and_the_others_do_not_notice(self):
        running = self.start(SWARM.format(limits=SHORT, upgrade='upgrade_time_max = "1500ms"'))
        healthy = self.serve_well(running)
        start = running.rss_bytes()
        pingers = [Pinger(self.loop, running.address("web")) for _ in range(EACH)]
        peaks = []
        for _ in range(CROWDS):
            sizes = self.watch_memory(running)
            self.check_crowd(running, healthy, pingers)
            peaks.append(max(sizes))
        self.end_pingers(pingers)
        told = ", then ".join(f"{peak / MEBIBYTE:.1f}" for peak in peaks)
        print(f"  memory: {start / MEBIBYTE:.1f} MiB, with crowds {told}", flush=True)
        self.assertLess(max(peaks) - start, GROWTH_MAX)
        self.loop.close()
        self.assertEqual(running.terminate(), 0)
        self.check_log(running, deaf=2 * EACH * CROWDS)
        late = EACH * CROWDS  # of these, one frame each
        for gateway in ("web", "lines", "lengths"):
            counts = running.summary(gateway)
            self.assertEqual((counts["refused"], counts["expired"]), (late, 0), gateway)

    def test_hundreds_of_silent_connections_cost_next_to_nothing(self):
        running = self.start(SWARM.format(limits="", upgrade=""))
        silent = []
        for i in range(SILENT):  # in turn before and within what should come first
            gateway = ("web", "lines", "lengths")[i % 3]
            silent.append(socket.create_connection(running.address(gateway), DEADLINE))
            self.addCleanup(silent[-1].close)
            silent[-1].sendall((b"GET" if gateway == "web" else b"\0\0")[:i % 2 * 3])
        self.serve_well(running)
        self.loop.close()
        cpu, begun = cpu_seconds(running), time.monotonic()
        heard, _, _ = select.select(silent, [], [], SILENT_SECONDS)
        self.assertEqual(heard, [])
        share = (cpu_seconds(running) - cpu) / (time.monotonic() - begun)
        print(f"\n  {SILENT} silent connections: {100 * share:.1f} % of a core")
        self.assertLessEqual(share, SILENT_CPU_MAX)
        self.assertEqual(running.terminate(), 0)
        self.assertEqual([line for line in running.lines if line["level"] not in ("info", "debug")], [])


if __name__ == "__main__":
    unittest.main()
