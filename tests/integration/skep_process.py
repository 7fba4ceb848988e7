"""Drives the real program: starts it on a swarm file, reads its log, talks to its gateways.

SKEP_PROGRAM is the program, SKEP_TEST_PLUGINS the folder with the tests' bees. Every wait has a deadline.
"""

import collections
import json
import os
import pathlib
import queue
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request

PROGRAM = os.environ.get("SKEP_PROGRAM", "build/release/bin/skep")
PLUGINS = os.environ.get("SKEP_TEST_PLUGINS", "build/release/tests/plugins")
DEADLINE = 20.0

ECHO = """
name = "echo"
plugins = ["test_bees"]
[gateways.front]
type = "tcp"
listen = "127.0.0.1:0"
answers = "last"
[bees.last]
class = "test.echo"
from = "front"
"""


def environment():
    """The tests' own, without settings and colours of whoever runs them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SKEP_")}
    return {**kept, "SKEP_PLUGINS": PLUGINS, "NO_COLOR": "1"}


def skep(*words, stdin="", timeout=DEADLINE, **more):
    """Runs a verb to its end."""
    return subprocess.run([PROGRAM, *words], input=stdin, capture_output=True, text=True, timeout=timeout,
                          env={**environment(), **more}, check=False)


def series(text):
    """Metrics: name with labels -> value; -1 for what is not there (yet)."""
    lines = (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
    return collections.defaultdict(lambda: -1.0, {name: float(value) for name, value in lines})


class Running:
    """A `skep run` or `skep node` with its log."""

    def __init__(self, *words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=None, inside=()):
        """`inside`: a command that runs it."""
        self.process = subprocess.Popen([*inside, PROGRAM, *words, "--log.format", "json"], stdin=stdin, stdout=stdout, cwd=cwd,
                                        stderr=subprocess.PIPE, text=True, env=environment())
        self.lines = []
        self._arrived = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        try:
            for line in self.process.stderr:
                self._arrived.put(line.rstrip("\n"))
        except ValueError:  # the test has ended it, and closed its log
            pass
        self._arrived.put(None)

    def take_log(self):
        """What has come of it so far, in `lines`."""
        while not self._arrived.empty():
            self._add(self._arrived.get())
        return self.lines

    def _add(self, line):
        if line is not None:
            self.lines.append(json.loads(line) if line.startswith("{") else {"text": line})

    def wait_for(self, wanted, timeout=DEADLINE):
        """The first log line, from now or before, for which `wanted(line)` holds."""
        seen = 0
        until = time.monotonic() + timeout
        while True:
            for line in self.lines[seen:]:
                if wanted(line):
                    return line
            seen = len(self.lines)
            line = self._arrived.get(timeout=max(0.0, until - time.monotonic()))
            if line is None:
                raise AssertionError("the program ended; its log: " + json.dumps(self.lines, indent=1))
            self.lines.append(json.loads(line) if line.startswith("{") else {"text": line})

    def address(self, gateway="front"):
        """(host, port) of a gateway once it listens."""
        line = self.wait_for(lambda line: line.get("gateway") == gateway and "address" in line)
        host, port = line["address"].rsplit(":", 1)
        return host, int(port)

    def metrics_when(self, wanted, timeout=DEADLINE, told=lambda metrics: metrics):
        """The first reading of its metrics for which `wanted(metrics)` holds; fails with `told(metrics)` if none comes."""
        port = self.wait_for(lambda line: "metrics" in line)["metrics"]
        until = time.monotonic() + timeout
        while True:
            with urllib.request.urlopen(f"http://{port}/metrics", timeout=timeout) as answer:
                metrics = series(answer.read().decode())
            if wanted(metrics):
                return metrics
            if time.monotonic() > until:
                raise AssertionError(told(metrics))

    def end(self, timeout=DEADLINE):
        """Waits for the exit code; reads the rest of the log."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"does not end within {timeout} s\n{self._threads()}\n{self._rest_of_log()}") from None
        self._reader.join(timeout)
        while (line := self._arrived.get(timeout=timeout)) is not None:
            self.lines.append(json.loads(line) if line.startswith("{") else {"text": line})
        return code

    def _threads(self):
        """What each of them is in, for a failure: its name, state and system call."""
        told = []
        for task in sorted(pathlib.Path(f"/proc/{self.process.pid}/task").glob("*")):
            try:
                state = next(line for line in (task / "status").read_text().splitlines() if line.startswith("State"))
                told.append(f"{(task / 'comm').read_text().strip():16} {state} {(task / 'wchan').read_text()} "
                            f"{(task / 'syscall').read_text().strip()}")
            except OSError as gone:
                told.append(f"{task.name}: {gone}")
        return "\n".join(told)

    def _rest_of_log(self):
        lines = [str(line) for line in self.lines]
        while not self._arrived.empty():
            lines.append(str(self._arrived.get_nowait()))
        return "\n".join(lines)

    def terminate(self, timeout=DEADLINE):
        self.process.send_signal(signal.SIGTERM)
        return self.end(timeout)

    def summary(self, gateway="front"):
        """The counters that the program logs of a gateway when it ends."""
        line = next(line for line in self.lines if line.get("gateway") == gateway and "requests" in line)
        names = ("requests", "answered", "failed", "expired", "abandoned", "refused", "orphaned", "sent", "lost")
        counts = collections.Counter({name: line[name] for name in names})
        if counts["answered"] + counts["failed"] + counts["expired"] + counts["abandoned"] > 0:  # it answers
            ends = ("answered", "failed", "expired", "abandoned", "lost")
            assert counts["requests"] == sum(counts[name] for name in ends), counts
        return counts

    def rss_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))

    def thread_count(self):
        return len(list(pathlib.Path(f"/proc/{self.process.pid}/task").iterdir()))

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stderr.close()


class LineClient:
    """A TCP client that sends and reads lines."""

    def __init__(self, address, timeout=DEADLINE):
        self.socket = socket.create_connection(address, timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self.socket.makefile("rb")

    def send(self, *values):
        self.socket.sendall(b"".join(json.dumps(value).encode() + b"\n" for value in values))

    def line(self):
        """The next line as JSON; None once the gateway has closed."""
        text = self._file.readline()
        return json.loads(text) if text else None

    def close(self):
        self._file.close()
        self.socket.close()


class SkepTest(unittest.TestCase):
    """A test with a folder of its own, that leaves no process behind."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="skep-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def start(self, text, *words, **more):
        running = Running("run", self.write("swarm.toml", text), *words, **more)
        self.addCleanup(running.kill)
        return running

    def connect(self, running, gateway="front"):
        client = LineClient(running.address(gateway))
        self.addCleanup(client.close)
        return client
