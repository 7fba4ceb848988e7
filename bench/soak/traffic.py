"""Clients of line gateways, many in one thread: what the soak offers, and what becomes of each request."""

import itertools
import json
import select
import socket
import time
from collections import Counter

CONNECT_SECONDS_MAX = 10
READ_BYTES = 1 << 18


def percentile(values, share):
    """The smallest value that `share` of `values` do not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Line:
    """One connection; requests are `{"n": number, ...}` and are answered in order."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, CONNECT_SECONDS_MAX)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.out = bytearray()
        self.sent = []  # (number, when), oldest first
        self._in = bytearray()

    def ask(self, number, tail, now):
        self.out += b'{"n": %d%s}\n' % (number, tail)
        self.sent.append((number, now))
        self.flush()

    def flush(self):
        try:
            while self.out:
                del self.out[:self.socket.send(self.out[:READ_BYTES])]
        except BlockingIOError:
            pass

    def lines(self):
        try:
            piece = self.socket.recv(READ_BYTES)
        except BlockingIOError:
            return []
        if not piece:
            raise AssertionError("the gateway closed a connection")
        self._in += piece
        *whole, rest = self._in.split(b"\n")
        self._in = bytearray(rest)
        return whole


class Traffic:
    """Requests to one gateway and their fate. `numbers`: what stands as `n` in each, in turn (0, 1, ... unless given).

    Wrong order, a wrong number or an answer that nobody asked for is an AssertionError at once.
    """

    def __init__(self, address, padding=0, numbers=None):
        self.address = address
        self.tail = b', "p": "%s"' % (b"x" * padding) if padding else b""
        self._numbers = numbers or itertools.count()
        self.offered = 0
        self.fates = Counter()  # "answered", or the code of the error
        self.latencies = {}  # fate -> [(when answered, seconds)]
        self._poll = select.epoll()
        self._lines = {}

    def connect(self):
        line = Line(self.address)
        self._lines[line.socket.fileno()] = line
        self._poll.register(line.socket, select.EPOLLIN)
        return line

    def drop(self, line):
        """Closes one connection, whatever has become of its requests."""
        self._poll.unregister(line.socket)
        del self._lines[line.socket.fileno()]
        line.socket.close()

    def close(self):
        for line in self._lines.values():
            line.socket.close()
        self._poll.close()

    @property
    def lines(self):
        return list(self._lines.values())

    @property
    def open(self):
        return self.offered - sum(self.fates.values())

    def ask(self, line):
        line.ask(next(self._numbers), self.tail, time.monotonic())
        self.offered += 1

    def turn(self, wait=0.0):
        """Moves what can be moved; returns the connections on which something was answered."""
        for line in self._lines.values():
            if line.out:
                line.flush()
        woken = []
        for descriptor, _ in self._poll.poll(wait):
            line = self._lines[descriptor]
            texts = line.lines()
            now = time.monotonic()
            for (number, when), text in zip(line.sent, texts):
                self._settle(number, now, now - when, text)
            if len(texts) > len(line.sent):
                raise AssertionError(f"answers that nobody asked for: {texts[len(line.sent)]!r}")
            del line.sent[:len(texts)]
            if texts:
                woken.append(line)
        return woken

    def _settle(self, number, now, seconds, text):
        if text.startswith(b'{"error"'):
            fate = json.loads(text)["error"]["code"]
        else:
            fate = "answered"
            if not text.startswith((b'{"n": %d,' % number, b'{"n": %d}' % number)):
                raise AssertionError(f"request {number} was answered with {text[:60]!r}")
        self.fates[fate] += 1
        self.latencies.setdefault(fate, []).append((now, seconds))

    def rate(self, begin, end, fate="answered"):
        """Of `fate`, per second between two times."""
        return sum(begin <= when < end for when, _ in self.latencies.get(fate, ())) / (end - begin)

    def p99(self, begin, end, fate="answered"):
        """Seconds."""
        return percentile([took for when, took in self.latencies.get(fate, ()) if begin <= when < end], 0.99)

    def finish(self, seconds):
        """Waits until all is answered; returns how many are not."""
        until = time.monotonic() + seconds
        while self.open and time.monotonic() < until:
            self.turn(0.05)
        return self.open


class ClosedLoop(Traffic):
    """Some connections, each with so many requests open."""

    def __init__(self, address, connections, in_flight, padding=0):
        super().__init__(address, padding)
        self._in_flight = in_flight
        for _ in range(connections):
            self.connect()

    def step(self, wait=0.0):
        for line in self.lines:
            while len(line.sent) < self._in_flight:
                self.ask(line)
        self.turn(wait)


class OpenLoop(Traffic):
    """So many requests a second, whatever becomes of them; each on a connection that has no other open."""

    def __init__(self, address, per_second, connections_max, padding=0):
        super().__init__(address, padding)
        self._per_second = per_second
        self._connections_max = connections_max
        self._free = []
        self._begin = time.monotonic()
        self._due = 0
        self.short = 0  # not offered, because all connections waited

    def step(self, wait=0.0):
        due = int((time.monotonic() - self._begin) * self._per_second)
        for _ in range(self._due, due):
            if not self._free and len(self._lines) >= self._connections_max:
                self.short += 1
                continue
            self.ask(self._free.pop() if self._free else self.connect())
        self._due = due
        self._free += self.turn(wait)


class Paced(Traffic):
    """So many requests a second on one connection, pipelined."""

    def __init__(self, address, per_second, numbers=None):
        super().__init__(address, numbers=numbers)
        self._per_second = per_second
        self._begin = time.monotonic()
        self._line = self.connect()

    def step(self, wait=0.0):
        due = int((time.monotonic() - self._begin) * self._per_second)
        while self.offered < due:
            self.ask(self._line)
        self.turn(wait)


class Connects(Traffic):
    """So many new connections a second, each with one request. One in `leaves` closes at once and reads no answer."""

    def __init__(self, address, per_second, leaves, numbers=None):
        super().__init__(address, numbers=numbers)
        self._per_second = per_second
        self._leaves = leaves
        self._begin = time.monotonic()
        self.left = 0

    @property
    def open(self):
        return super().open - self.left

    def step(self, wait=0.0):
        due = int((time.monotonic() - self._begin) * self._per_second)
        while self.offered < due:
            line = self.connect()
            self.ask(line)
            if self.offered % self._leaves == 0:
                self.left += 1
                self.drop(line)
        self.turn(wait)

    def turn(self, wait=0.0):
        for line in super().turn(wait):
            self.drop(line)
