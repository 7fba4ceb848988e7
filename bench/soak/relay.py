"""A TCP relay between two nodes, in a process of its own, that resets all its connections when it is told to."""

import multiprocessing
import os
import select
import socket
import struct

READ_BYTES = 1 << 18
ANSWER_SECONDS_MAX = 20
LOOK_SECONDS = 1.0  # at whether whoever started the relay is still there
LINGER_NOT = struct.pack("ii", 1, 0)  # a close sends RST and drops what waits


class Relay:
    """Listens on loopback at `addresses`, one for each of `targets` (ports), and relays to those.

    Has its process from `__enter__` to `__exit__`; that ends by itself, too, when its parent does.
    """

    def __init__(self, targets):
        self._listeners = [socket.create_server(("127.0.0.1", 0)) for _ in targets]
        self.ports = [listener.getsockname()[1] for listener in self._listeners]
        self._orders, orders = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_serve, args=(self._listeners, targets, orders), daemon=True)

    def reset(self):
        """Both ends of every connection get a RST; returns how many connections there were."""
        self._orders.send("reset")
        if not self._orders.poll(ANSWER_SECONDS_MAX):
            raise AssertionError("the relay does not answer")
        return self._orders.recv()

    def __enter__(self):
        self._process.start()
        for listener in self._listeners:
            listener.close()
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.join()


class _End:
    """One of the two sockets of a connection, and what waits for its peer to take it."""

    def __init__(self, peer):
        self.socket = peer
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.out = bytearray()
        self.other = None
        self.ended = False  # it sends no more

    def flush(self):
        try:
            while self.out:
                del self.out[:self.socket.send(self.out[:READ_BYTES])]
        except BlockingIOError:
            pass
        if self.other.ended and not self.out:
            self.socket.shutdown(socket.SHUT_WR)

    def wants(self):
        """Reads no more than its other end takes."""
        reads = not self.ended and not self.other.out
        return (select.EPOLLIN if reads else 0) | (select.EPOLLOUT if self.out else 0)


class _Connections:
    def __init__(self):
        self.poll = select.epoll()
        self.ends = {}

    def join(self, client, port):
        """A client that came, and the node that it is relayed to."""
        try:
            node = socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS_MAX)
        except OSError:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
            client.close()
            return
        one, two = _End(client), _End(node)
        one.other, two.other = two, one
        for end in (one, two):
            self.ends[end.socket.fileno()] = end
            self.poll.register(end.socket, end.wants())

    def turn(self, descriptor, events):
        """Moves what can be moved at one end. What goes wrong there is the end of both."""
        end = self.ends.get(descriptor)
        if end is None:
            return
        try:
            if events & select.EPOLLOUT:
                end.flush()
            if events & ~select.EPOLLOUT and end.wants() & select.EPOLLIN:
                piece = end.socket.recv(READ_BYTES)
                end.ended = not piece
                end.other.out += piece
                end.other.flush()
        except BlockingIOError:
            pass
        except OSError:
            self.reset(end)
            return
        if end.ended and end.other.ended and not end.out and not end.other.out:
            self.close(end)
            return
        for one in (end, end.other):
            self.poll.modify(one.socket, one.wants())

    def reset(self, end):
        for one in (end, end.other):
            one.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        self.close(end)

    def close(self, end):
        for one in (end, end.other):
            del self.ends[one.socket.fileno()]
            one.socket.close()

    def reset_all(self):
        count = len(self.ends) // 2
        while self.ends:
            self.reset(next(iter(self.ends.values())))
        return count


def _serve(listeners, targets, orders):
    parent = os.getppid()
    connections = _Connections()
    ports = dict(zip((listener.fileno() for listener in listeners), targets))
    by_descriptor = {listener.fileno(): listener for listener in listeners}
    for descriptor in (*by_descriptor, orders.fileno()):
        connections.poll.register(descriptor, select.EPOLLIN)
    while os.getppid() == parent:
        for descriptor, events in connections.poll.poll(LOOK_SECONDS):
            if descriptor in by_descriptor:
                connections.join(by_descriptor[descriptor].accept()[0], ports[descriptor])
            elif descriptor == orders.fileno():
                orders.recv()
                orders.send(connections.reset_all())
            else:
                connections.turn(descriptor, events)
