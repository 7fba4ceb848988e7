"""The rows of a node with nothing to do, and of what lies idle in one: replicas, and WebSocket sessions.

No LibTorch is loaded: no swarm here asks for it. The bars are for the figures themselves.
"""

import contextlib
import os
import socket
import tempfile
import time
import urllib.request

from process_cost import cpu_microseconds, resident_kib
from programs import ROOT, await_port, free_port
from table import Absolute, Group, Race

SWARM = os.path.join(ROOT, "bench", "end_to_end", "idle.toml")
NODES = ("first", "second")
SETTLE_SECONDS_MAX = 30

MANY = """
name    = "many"
plugins = ["bench_echo"]

[gateways.frames]
type          = "websocket"
listen        = "127.0.0.1:{port}"
answers       = "echo"
sessions_max  = 20000
idle_max      = "10m"
ping_interval = "5m"

[bees.echo]
class    = "bench.echo"
from     = "frames"
replicas = {replicas}
"""

NODE_FILE = """
swarms = ["{swarm}"]

[cluster]
name        = "bench"
nodes       = [{nodes}]
certificate = "{name}.pem"
"""

UPGRADE = (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
REQUEST, ANSWER = b"\x81\x82\0\0\0\0" + b"12", b"\x81\x02" + b"12"


def groups(programs, quick):
    return [Idle(programs, quick).group()]


class Idle:
    def __init__(self, programs, quick):
        self.programs, self.quick = programs, quick
        self.seconds = 0.2 if quick else 5
        self.replicas = 1_000 if quick else 100_000
        self.sessions = 500 if quick else 10_000
        self.folder = None

    def group(self):
        return Group([
            self.race("idle node, alone", self.alone, [
                ("cpu", "idle node, alone, CPU", "%", "<= 0.1"),
                ("memory", "idle node, alone, memory", "MiB", "<= 40"),
                ("ready", "idle node, from its start until it accepts", "ms", "<= 200")]),
            self.race("idle node, in a cluster of two", self.in_cluster, [
                ("cpu", "idle node, in a cluster of two, the busier one's CPU", "%", "<= 0.5"),
                ("memory", "idle node, in a cluster of two, the larger one's memory", "MiB", None)]),
            self.race("memory of replicas", self.of_replicas, [
                ("memory", f"memory, {self.replicas:,} idle replicas on an `any` edge, each", "KiB", "<= 4")]),
            self.race("memory of sessions", self.of_sessions, [
                ("opened", f"memory, {self.sessions:,} idle WebSocket sessions, each, opened", "KiB", "<= 10"),
                ("used", f"memory, {self.sessions:,} idle WebSocket sessions, each, after six requests", "KiB", "<= 10")]),
        ], self.prepare)

    def prepare(self, stack):
        self.folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="skep_bench_"))
        self.programs.make_certificates(self.folder, *NODES)

    @staticmethod
    def race(name, figures, rows):
        """Of ours alone."""
        return Race(name, lambda _: figures(), [(None, key, Absolute(*row)) for key, *row in rows])

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def alone(self):
        port, other = free_port(), free_port()
        begin = time.monotonic()
        with self.programs.server("skep", ["run", SWARM], [port], environment(port, other), wait=0.001) as process:
            ready = time.monotonic() - begin
            return {**self.watch(process), "ready": 1000 * ready}

    def watch(self, *processes):
        """The greater figures of these, once what belongs to the start is over."""
        time.sleep(self.seconds / 2)
        before = [sum(cpu_microseconds(process).values()) for process in processes]
        begin = time.monotonic()
        time.sleep(self.seconds)
        seconds = time.monotonic() - begin
        spent = [sum(cpu_microseconds(process).values()) - then for process, then in zip(processes, before)]
        return {"cpu": max(spent) / 1e6 / seconds * 100, "memory": max(map(resident_kib, processes)) / 1024}

    def in_cluster(self):
        ports = [free_port() for _ in NODES]
        metrics = [free_port() for _ in NODES]
        nodes = ", ".join(f'{{ name = "{name}", address = "127.0.0.1:{port}" }}' for name, port in zip(NODES, ports))
        gateway, other = free_port(), free_port()
        with contextlib.ExitStack() as stack:
            processes = []
            for name, port in zip(NODES, metrics):
                file = self.write(f"{name}.toml", NODE_FILE.format(swarm=SWARM, nodes=nodes, name=name))
                arguments = ["node", "--config", file, "--metrics", f"127.0.0.1:{port}"]
                processes.append(stack.enter_context(
                    self.programs.server("skep", arguments, [port], environment(gateway, other, "error"))))
            for port in metrics:
                await_both(port)
            await_port(processes[0], other, "the gateway of a cluster")
            with session(other) as one:
                ask(one)  # it works
            return self.watch(*processes)

    @contextlib.contextmanager
    def many(self, replicas):
        """A node with so many of one bee: its process and its port."""
        port = free_port()
        file = self.write("many.toml", MANY.format(port=port, replicas=replicas))
        with self.programs.server("skep", ["run", file], [port], {"SKEP_LOG_LEVEL": "warning"}) as process:
            with session(port) as one:
                ask(one)  # it works
            yield process, port

    def of_replicas(self):
        kib = {}
        for replicas in (1, self.replicas):
            with self.many(replicas) as (process, _):
                kib[replicas] = resident_kib(process)
        return {"memory": (kib[self.replicas] - kib[1]) / (self.replicas - 1)}

    def of_sessions(self):
        with self.many(1) as (process, port), contextlib.ExitStack() as stack:
            nothing = resident_kib(process)
            sessions = [stack.enter_context(session(port)) for _ in range(self.sessions)]
            opened = resident_kib(process)
            for _ in range(6):
                for each in sessions:
                    ask(each)
            used = resident_kib(process)
            return {"opened": (opened - nothing) / self.sessions, "used": (used - nothing) / self.sessions}


def environment(port, websocket_port, log_level="warning"):
    """Below errors a node of a cluster tells that the other one is not there yet, or no more."""
    return {"IDLE_PORT": str(port), "IDLE_WEBSOCKET_PORT": str(websocket_port), "SKEP_LOG_LEVEL": log_level}


def await_both(port):
    """Until a node says at its metrics port that both are there."""
    deadline = time.monotonic() + SETTLE_SECONDS_MAX
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            if "\nskep_cluster_nodes_seen 2" in answer.read().decode():
                return
        time.sleep(0.05)
    raise SystemExit("the two nodes of a cluster do not see each other")


@contextlib.contextmanager
def session(port):
    """An open WebSocket."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(UPGRADE)
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += connection.recv(4096) or b"closed\r\n\r\n"
        if not answer.startswith(b"HTTP/1.1 101 "):
            raise SystemExit(f"no WebSocket: {answer!r}")
        yield connection


def ask(connection):
    connection.sendall(REQUEST)
    answer = connection.recv(100)
    if answer != ANSWER:
        raise SystemExit(f"a wrong answer: {answer!r}")
