"""Clients that are slow, silent, deaf or loud, hundreds in one thread, and clients beside them that do all right.

A Loop runs them: epoll, which tells of a reset to those that read nothing, too. No wait is longer than what comes due.
"""

import dataclasses
import heapq
import itertools
import select
import socket
import struct
import time

UPGRADE = (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
PINGS = 200  # of a burst
DEAF_BUFFER = 16 << 10  # bytes that the kernel keeps for a client that reads nothing


def frame(opcode, payload=b"", last=True):
    """As a client sends it, masked with zeros."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack(">H", size)
    return bytes([(0x80 if last else 0) | opcode]) + length + b"\0\0\0\0" + payload


def take_frame(data):
    """Cuts the first frame of a server off `data`: (opcode, payload), or None if it is not whole."""
    if len(data) < 2:
        return None
    head, size = (2, data[1]) if data[1] < 126 else (4, int.from_bytes(data[2:4], "big"))
    if len(data) < 4 and head == 4 or len(data) < head + size:
        return None
    opcode, payload = data[0] & 0x0F, bytes(data[head:head + size])
    del data[:head + size]
    return opcode, payload


class Loop:
    """`late`: the longest time since it was set to 0 in which it told its clients nothing, having too much to do."""

    def __init__(self):
        self.late = 0.0
        self._epoll = select.epoll()
        self._clients = {}
        self._timers = []
        self._numbers = itertools.count()  # timers of one time keep their order

    def watch(self, client, events):
        """`events` may be 0: of its end it is told all the same."""
        if client.socket.fileno() in self._clients:
            return self._epoll.modify(client.socket, events)
        self._clients[client.socket.fileno()] = client
        return self._epoll.register(client.socket, events)

    def forget(self, client):
        self._epoll.unregister(client.socket)
        del self._clients[client.socket.fileno()]

    def after(self, seconds, call):
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._numbers), call))

    def run(self, until, seconds):
        """Until that holds; returns whether it came to hold within so many seconds."""
        end = time.monotonic() + seconds
        while not until():
            now = time.monotonic()
            if now > end:
                return False
            due = min(self._timers[0][0], end) if self._timers else end
            happened = self._epoll.poll(max(0.0, due - now))
            begun = time.monotonic()
            for number, events in happened:
                if number in self._clients:
                    self._clients[number].on_events(events)
            while self._timers and self._timers[0][0] <= begun:
                heapq.heappop(self._timers)[2]()
            self.late = max(self.late, time.monotonic() - begun)
        return True

    def close(self):
        for client in list(self._clients.values()):
            client.end()
        self._timers.clear()
        self._epoll.close()


@dataclasses.dataclass(frozen=True)
class Kind:
    """What clients of a kind do, and how they must end."""

    gateway: str
    limits: tuple  # names of the options that end it, one after the other
    first: bytes = b""  # sent at once
    trickle: bytes = b""  # sent byte by byte, from its beginning again after its end
    flood: bytes = b""  # sent again and again, as long as it is taken; the limits' time begins when it is no more
    reads: bool = True  # else at its end, what is there then
    upgrades: bool = False
    hears: object = None  # all that it is told: of a WebSocket, frames


class Client:
    """One connection: `out` leaves as the kernel takes it, what comes goes to `on_bytes`.

    One that does not read hears of a reset, and reads what is there when the other side has ended its stream.
    """

    def __init__(self, loop, address, buffer_bytes=0):
        self.loop, self.reads = loop, True
        self.out, self.got, self.flood = bytearray(), bytearray(), b""
        self.ended = None
        self.began = self.moved = time.monotonic()  # moved: a byte left
        self.socket = socket.socket()
        if buffer_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect(address)
        self.socket.setblocking(False)
        self._events = None
        self.want()

    def want(self):
        writes = self.out or self.flood
        events = (select.EPOLLIN if self.reads else select.EPOLLRDHUP) | (select.EPOLLOUT if writes else 0)
        if self.ended is None and events != self._events:
            self._events = events
            self.loop.watch(self, events)

    def send(self, data):
        if self.ended is None:
            self.out += data
            self.write()

    def write(self):
        try:
            while self.out and self.ended is None:
                del self.out[:self.socket.send(self.out)]
                self.moved = time.monotonic()
        except BlockingIOError:
            pass
        except ConnectionError:
            return self.end()
        return self.want()

    def on_events(self, events):
        if events & select.EPOLLERR and not self.reads:
            return self.end()
        if events & (select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR):
            self.read()
        if events & select.EPOLLOUT and self.ended is None:
            self.send(b"" if self.out else self.flood)
        return None

    def read(self):
        try:
            while data := self.socket.recv(1 << 16):
                self.got += data
        except BlockingIOError:
            return self.on_bytes()
        except ConnectionError:
            pass
        self.on_bytes()
        return self.end()

    def on_bytes(self):
        pass

    def end(self):
        if self.ended is None:
            self.ended = time.monotonic()
            self.loop.forget(self)
            self.socket.close()


class WebSocketClient(Client):
    """Upgrades, then is told so."""

    def __init__(self, loop, address, buffer_bytes=0):
        super().__init__(loop, address, buffer_bytes)
        self.open = False
        self.send(UPGRADE)

    def on_bytes(self):
        if not self.open and b"\r\n\r\n" in self.got:
            assert self.got.startswith(b"HTTP/1.1 101"), self.got
            del self.got[:self.got.index(b"\r\n\r\n") + 4]
            self.open = True
            self.on_open()
        while self.open and (come := take_frame(self.got)) is not None:
            self.on_frame(*come)

    def on_open(self):
        raise NotImplementedError

    def on_frame(self, opcode, payload):
        raise NotImplementedError


class Slow:
    """Behaves as its `kind` says, from `begin` on, until it ends."""

    TRICKLE_SECONDS = 0.05  # from byte to byte

    def begin(self):
        self.began = time.monotonic()
        self.reads = self.kind.reads
        self.flood = self.kind.flood
        self.send(self.kind.first)
        if self.kind.trickle:
            self.drip(itertools.cycle(self.kind.trickle))

    def drip(self, source):
        if self.ended is None:
            self.send(bytes([next(source)]))
            self.loop.after(self.TRICKLE_SECONDS, lambda: self.drip(source))

    def seconds(self):
        """From the beginning of the time that its limits are of to its end."""
        return self.ended - (self.moved if self.kind.flood else self.began)


class SlowTcp(Slow, Client):
    def __init__(self, loop, address, kind):
        self.kind = kind
        super().__init__(loop, address, DEAF_BUFFER if kind.flood else 0)
        self.begin()


class SlowWebSocket(Slow, WebSocketClient):
    def __init__(self, loop, address, kind):
        self.kind, self.frames = kind, []
        super().__init__(loop, address, DEAF_BUFFER if kind.flood else 0)

    def on_open(self):
        self.begin()

    def on_frame(self, opcode, payload):
        self.frames.append((opcode, payload))


class Pinger(WebSocketClient):
    """Sends hundreds of pings, and more once it has the answer to the last of them."""

    BURST = (PINGS - 1) * frame(PING, b"p" * 120)
    PONGS = 33 * (b"\x8a\x78" + b"p" * 120)  # as they come: many of them cost this client no more than one
    PAUSE_SECONDS = 0.02

    def __init__(self, loop, address):
        self.bursts, self.answered, self.stopped, self.closed = 0, 0, None, False
        super().__init__(loop, address)

    def on_open(self):
        self.ping()

    def ping(self):
        if self.ended is None and self.stopped is None:
            self.bursts += 1
            self.send(self.BURST + frame(PING, b"%d" % self.bursts))

    def on_frame(self, opcode, payload):
        self.closed = self.closed or opcode == CLOSE
        if opcode == PONG and payload == b"%d" % self.bursts:
            self.answered = self.bursts
            self.loop.after(self.PAUSE_SECONDS, self.ping)

    def on_bytes(self):
        while self.open and self.got.startswith(self.PONGS):
            del self.got[:len(self.PONGS)]
        super().on_bytes()

    def stop(self):
        self.stopped = time.monotonic()
        self.send(frame(CLOSE, b"\x03\xe8"))


class Healthy(Client):
    """Asks, waits for the answer, and asks again; `seconds` are how long each took, `wrong` what was no answer."""

    PAUSE_SECONDS = 0.002

    def __init__(self, loop, address):
        self.seconds, self.wrong = [], []
        self.asked = self.sent_at = None
        self.number = 0
        super().__init__(loop, address)

    def ask(self):
        if self.ended is None:
            self.number += 1
            self.asked = b'{"n":%d}' % self.number
            self.sent_at = time.monotonic()
            self.send(self.framed(self.asked))

    def hear(self, answer):
        self.seconds.append(time.monotonic() - self.sent_at)
        if answer != self.asked:
            self.wrong.append((self.asked, answer))
        self.loop.after(self.PAUSE_SECONDS, self.ask)

    def percentile(self, share):
        return sorted(self.seconds)[int(len(self.seconds) * share)]

    def framed(self, text):
        raise NotImplementedError


class HealthyLines(Healthy):
    def __init__(self, loop, address):
        super().__init__(loop, address)
        self.ask()

    def framed(self, text):
        return text + b"\n"

    def on_bytes(self):
        while b"\n" in self.got:
            line, _, self.got = self.got.partition(b"\n")
            self.hear(bytes(line))


class HealthyLengths(HealthyLines):
    def framed(self, text):
        return struct.pack(">I", len(text)) + text

    def on_bytes(self):
        while len(self.got) >= 4 and len(self.got) >= 4 + (size := int.from_bytes(self.got[:4], "big")):
            text = bytes(self.got[4:4 + size])
            del self.got[:4 + size]
            self.hear(text)


class HealthyWebSocket(Healthy, WebSocketClient):
    def framed(self, text):
        return frame(TEXT, text)

    def on_open(self):
        self.ask()

    def on_frame(self, opcode, payload):
        if opcode == PING:
            self.send(frame(PONG, payload))
        else:
            self.hear(payload)
