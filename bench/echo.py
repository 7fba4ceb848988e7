"""The rows of one bee that echoes behind a gateway, loaded over loopback."""

import os
import sys
import tempfile

from programs import ROOT, free_port
from table import Group, Row

SWARM = os.path.join(ROOT, "bench", "end_to_end", "echo.toml")
SWARM_TLS = os.path.join(ROOT, "bench", "end_to_end", "echo_tls.toml")
PROTOCOLS = ("tcp", "websocket")
PAYLOADS = {"16 B": 16, "100 B": 100, "1 KiB": 1024, "16 KiB": 1 << 14, "64 KiB": 1 << 16, "1 MiB": 1 << 20}
TEMPLATE = '{"text":"' + 75 * "x" + '","id":{i}}'  # what `skep bench` asks: about 100 bytes


def groups(programs, quick):
    echo = Echo(programs, quick)
    return [echo.connections(), echo.metrics(), echo.payloads(), echo.tls(), echo.threads(), echo.io_threads(),
            echo.open_loop()]


class Server:
    """An echo server, on ports of its own."""

    def __init__(self, program, arguments, environment=None, protocols=PROTOCOLS):
        self.ports = {protocol: free_port() for protocol in protocols}
        self.program, self.arguments = program, arguments(self.ports)
        self.environment = {**swarm_environment(self.ports), **(environment or {})}

    def start(self, programs, stack):
        stack.enter_context(programs.server(self.program, self.arguments, self.ports.values(), self.environment))


def swarm_environment(ports):
    """What the swarms are told."""
    return {**{f"ECHO_{protocol.upper()}_PORT": str(port) for protocol, port in ports.items()},
            "SKEP_LOG_LEVEL": "warning"}


def skep(*options, swarm=SWARM, **environment):
    return Server("skep", lambda ports: ["run", swarm, *options], environment)


def alone(program, protocol):
    """A program that speaks one protocol."""
    return Server(program, lambda ports: ["--port", str(ports[protocol])], protocols=(protocol,))


class Echo:
    """The groups; each has servers of its own, so that none has thousands of connections behind it."""

    def __init__(self, programs, quick):
        self.programs, self.quick = programs, quick
        self.times = {"milliseconds": 100, "warm_up_milliseconds": 50} if quick else {"milliseconds": 1000}

    def group(self, rows, *servers):
        def prepare(stack):
            for server in servers:
                server.start(self.programs, stack)

        return Group(rows, prepare)

    def load(self, server, protocol, connections, in_flight, **more):
        return lambda: self.programs.figure("requests_per_s", "load", protocol=protocol, port=server.ports[protocol],
                                            connections=connections, in_flight=in_flight, **self.times, **more)

    def connections(self):
        ours, bare = skep(), {protocol: alone(f"bare_echo_{protocol}", protocol) for protocol in PROTOCOLS}
        rows = [Row(f"{protocol} echo, {connections} x {in_flight} / bare Asio", "requests/s", ">= 0.5",
                    self.load(ours, protocol, connections, in_flight),
                    self.load(bare[protocol], protocol, connections, in_flight))
                for protocol in PROTOCOLS for connections in (1, 64, 1000) for in_flight in (1, 32)]
        other, others = lambda: None, []
        if self.programs.are_built("libwebsockets_echo"):
            others = [alone("libwebsockets_echo", "websocket")]
            other = self.load(others[0], "websocket", 64, 32)
        rows.append(Row("websocket echo, 64 x 32 / libwebsockets", "requests/s", ">= 1",
                        self.load(ours, "websocket", 64, 32), other))
        return self.group(rows, ours, *bare.values(), *others)

    def metrics(self):
        measured, unmeasured = skep(), skep(SKEP_METRICS="off")
        return self.group([Row(f"metrics on / off, tcp echo, {connections} x {in_flight}", "requests/s", ">= 0.97",
                               self.load(measured, "tcp", connections, in_flight),
                               self.load(unmeasured, "tcp", connections, in_flight))
                           for connections, in_flight in ((1, 1), (64, 32))], measured, unmeasured)

    def payloads(self):
        """Few connections: with a megabyte each 32 requests are a lot to hold."""
        ours, bare = skep(), {protocol: alone(f"bare_echo_{protocol}", protocol) for protocol in PROTOCOLS}
        return self.group([Row(f"payload of {name}, {protocol} echo, 8 x 4 / bare Asio", "requests/s", None,
                               self.load(ours, protocol, 8, 4, payload=size),
                               self.load(bare[protocol], protocol, 8, 4, payload=size))
                           for protocol in PROTOCOLS for name, size in PAYLOADS.items()], ours, *bare.values())

    def tls(self):
        folder = tempfile.TemporaryDirectory(prefix="skep_bench_")
        # Below errors it tells of who does not shake hands, as whoever looks whether it listens yet.
        encrypted = skep(swarm=SWARM_TLS, ECHO_CERTIFICATES=folder.name, SKEP_LOG_LEVEL="error")
        plain = skep()
        authorities = os.path.join(folder.name, "ca.pem")
        rows = [Row(f"TLS on / off, {protocol} echo, {connections} x {in_flight}", "requests/s", None,
                    self.load(encrypted, protocol, connections, in_flight, tls_authorities=authorities),
                    self.load(plain, protocol, connections, in_flight))
                for protocol in PROTOCOLS for connections, in_flight in ((1, 1), (64, 32))]

        def prepare(stack):
            self.programs.make_certificates(stack.enter_context(folder), "gateway")
            for server in (encrypted, plain):
                server.start(self.programs, stack)

        return Group(rows, prepare)

    def io_threads(self):
        """Of the gateways. With two cores, of which the load generator has one, they can gain nothing: what it costs."""
        folder = tempfile.TemporaryDirectory(prefix="skep_bench_")
        spread = os.path.join(folder.name, "echo.toml")
        two, one = skep("--io_threads", "2", swarm=spread), skep()

        def prepare(stack):
            with open(SWARM, encoding="utf-8") as whole, open(spread, "w", encoding="utf-8") as text:
                text.write(whole.read().replace("\nanswers ", "\nthreads = 2\nanswers "))
            stack.enter_context(folder)
            for server in (two, one):
                server.start(self.programs, stack)

        return Group([Row(f"I/O threads, 2 / 1, {protocol} echo, 64 x 32", "requests/s", None,
                          self.load(two, protocol, 64, 32), self.load(one, protocol, 64, 32))
                      for protocol in PROTOCOLS], prepare)

    def threads(self):
        """Of the scheduler; the gateways' loop has one of its own beside them."""
        two, one = skep("--threads", "2"), skep("--threads", "1")
        return self.group([Row(f"threads of the scheduler, 2 / 1, {protocol} echo, 64 x 32", "requests/s", None,
                               self.load(two, protocol, 64, 32), self.load(one, protocol, 64, 32))
                           for protocol in PROTOCOLS], two, one)

    def open_loop(self):
        """Latency at half of what ours does at most: requests are due by a schedule, whatever became of those before."""
        ours, bare = skep(), alone("bare_echo_tcp", "tcp")
        return self.group([self.open_loop_row(ours, bare, in_flight) for in_flight in (1, 32)], ours, bare)

    def open_loop_row(self, ours, bare, in_flight):
        half = []  # of the peak of ours, in this round

        def at_half(server):
            return 1e6 * self.skep_bench(server, "--rate", str(half[-1]))["latency_seconds"]["p99_9"]

        def of_ours():
            half.append(self.skep_bench(ours, "--in-flight", str(in_flight))["rate_achieved"] / 2)
            return at_half(ours)

        return Row(f"open loop at half the peak of 64 x {in_flight}, tcp echo, p99.9 / bare Asio", "us", None, of_ours,
                   lambda: at_half(bare))

    def skep_bench(self, server, *options):
        seconds = ("100ms", "50ms") if self.quick else ("2s", "300ms")
        seen = self.programs.figures_of([
            self.programs.path("skep"), "bench", f"tcp://127.0.0.1:{server.ports['tcp']}", "--clients", "64", "--seed",
            "1", "--template", TEMPLATE, "--duration", seconds[0], "--warm-up", seconds[1], "--output", "json",
            *options])
        for warning in seen["warnings"]:
            print(f"    {warning}", file=sys.stderr, flush=True)
        if seen["answered"] != seen["requests"]:
            raise SystemExit(f"skep bench: {seen['answered']} of {seen['requests']} requests were answered")
        return seen
