"""Bees that fail, clients that are too fast, clients that do not read: nobody else is disturbed.

SKEP_FLOOD_SECONDS is how long the flood lasts (10).
"""

import json
import os
import select
import socket
import time
import unittest
from collections import Counter

from skep_process import DEADLINE, ECHO, LineClient, SkepTest

FLOOD_SECONDS = float(os.environ.get("SKEP_FLOOD_SECONDS", "10"))
MEBIBYTE = 1 << 20


class Exchange:
    """Writes and reads one connection at once, in one thread."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, DEADLINE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.out = bytearray()
        self._in = bytearray()

    def turn(self, timeout):
        """Waits at most `timeout` seconds, moves what can be moved; returns the lines that came."""
        readable, writable, _ = select.select([self.socket], [self.socket] if self.out else [], [], timeout)
        if writable:
            del self.out[:self.socket.send(self.out)]
        if not readable:
            return []
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise AssertionError("the gateway closed the connection")
        self._in += piece
        *lines, rest = self._in.split(b"\n")
        self._in = rest
        return lines


class HostileTest(SkepTest):
    def test_a_bee_that_throws_costs_only_the_record_it_threw_on(self):
        running = self.start(ECHO.replace("test.echo", "test.throwing"))
        exchange = Exchange(running.address())
        self.addCleanup(exchange.socket.close)
        rate, count = 1000, 3000
        answers = []
        begin = time.monotonic()
        sent = 0
        while len(answers) < count:
            due = min(count, int((time.monotonic() - begin) * rate) + 1)
            exchange.out += b"".join(b'{"n": %d}\n' % n for n in range(sent, due))
            sent = max(sent, due)
            self.assertLess(time.monotonic() - begin, DEADLINE)
            answers += [json.loads(line) for line in exchange.turn(1 / rate)]
        for n, answer in enumerate(answers):
            if n % 100 == 0:
                self.assertEqual(answer["error"]["code"], "bee_failed")
                self.assertIn(f"refuses {n}", answer["error"]["message"])
            else:
                self.assertEqual(answer, {"n": n})
        self.assertEqual(running.terminate(), 0)
        self.assertEqual(running.summary(), Counter(requests=count, answered=count - 30, failed=30, refused=0))

    def test_a_client_faster_than_the_swarm_is_refused_what_is_too_much_and_memory_stays_flat(self):
        running = self.start(ECHO.replace("test.echo", "test.slow"))
        exchange = Exchange(running.address())
        self.addCleanup(exchange.socket.close)
        sent, answered, refused = 0, 0, 0
        begin = time.monotonic()
        settled, sizes = begin + FLOOD_SECONDS / 5, []
        batch = 100
        while time.monotonic() < begin + FLOOD_SECONDS:
            if len(exchange.out) < 4096:
                exchange.out += b"".join(b'{"n": %d, "padding": "%s"}\n' % (n, b"x" * 200)
                                         for n in range(sent, sent + batch))
                sent += batch
            for line in exchange.turn(0.1):
                answer = json.loads(line)
                answered += "n" in answer
                refused += answer.get("error", {}).get("code") == "overloaded"
            if time.monotonic() > settled:
                sizes.append(running.rss_bytes())
        until = time.monotonic() + 3 * DEADLINE
        while answered + refused < sent and time.monotonic() < until:
            for line in exchange.turn(0.1):
                answer = json.loads(line)
                answered += "n" in answer
                refused += answer.get("error", {}).get("code") == "overloaded"
        self.assertEqual(answered + refused, sent)
        self.assertGreater(refused, 0)
        self.assertGreater(answered, FLOOD_SECONDS * 100)
        self.assertLess(max(sizes) - min(sizes), 16 * MEBIBYTE)
        print(f"\n  {sent} requests in {FLOOD_SECONDS:.0f} s: {answered} answered, {refused} refused; "
              f"memory {min(sizes) / MEBIBYTE:.1f} to {max(sizes) / MEBIBYTE:.1f} MiB", flush=True)
        self.assertEqual(running.terminate(), 0)

    def test_clients_that_never_read_or_never_finish_a_line_do_not_disturb_another(self):
        running = self.start(ECHO.replace('answers = "last"', 'answers = "last"\nwrite_stall_max = "1s"'))
        address = running.address()
        half_open = socket.create_connection(address, DEADLINE)
        self.addCleanup(half_open.close)
        half_open.sendall(b'{"n": ')
        deaf = socket.create_connection(address, DEADLINE)
        self.addCleanup(deaf.close)
        deaf.setblocking(False)
        line = json.dumps({"padding": "x" * 1000}).encode() + b"\n"
        other = LineClient(address)
        self.addCleanup(other.close)
        ended, served, start = False, 0, running.rss_bytes()
        until = time.monotonic() + DEADLINE
        while not ended and time.monotonic() < until:
            _, writable, _ = select.select([], [deaf], [], 0.01)
            try:
                if writable:
                    deaf.send(line * 64)
            except (ConnectionError, BrokenPipeError):
                ended = True  # the gateway gave up on the client that does not read
            other.send({"n": served})
            self.assertEqual(other.line(), {"n": served})
            served += 1
        self.assertTrue(ended)
        self.assertGreater(served, 10)
        self.assertLess(running.rss_bytes() - start, 96 * MEBIBYTE)
        half_open.sendall(b"7}\n")
        self.assertEqual(json.loads(half_open.makefile().readline()), {"n": 7})
        other.close()
        self.assertEqual(running.terminate(), 0)

    def test_a_crowd_of_frames_that_never_end_stays_within_the_budget_and_disturbs_nobody(self):
        running = self.start(ECHO, "--memory_max", "320MiB", "--payload_bytes_max", "32MiB")
        other = self.connect(running)
        other.send({"n": 0})
        self.assertEqual(other.line(), {"n": 0})
        crowd, refused, start = [], 0, running.rss_bytes()
        for _ in range(80):  # 320 MiB in all
            client = socket.create_connection(running.address(), DEADLINE)
            self.addCleanup(client.close)
            crowd.append(client)
            client.sendall(b"x" * (4 * MEBIBYTE - 1))
            other.send({"n": len(crowd)})
            self.assertEqual(other.line(), {"n": len(crowd)})
        for client in crowd:
            client.setblocking(False)
            try:
                answer = client.recv(4096)
            except BlockingIOError:
                continue  # it has its place
            error = json.loads(answer)["error"]
            self.assertEqual((error["code"], error["retry"]), ("overloaded", "safe"))
            self.assertIn("payload_bytes_max = 32MiB", error["message"])
            refused += 1
        self.assertGreater(refused, 70)
        self.assertLess(running.rss_bytes() - start, 96 * MEBIBYTE)
        for client in crowd:
            client.close()
        other.close()
        self.assertEqual(running.terminate(), 0)
        self.assertFalse(any("memory:" in line["text"] for line in running.lines), running.lines)

    def test_malformed_requests_are_refused_in_their_place_and_the_session_goes_on(self):
        running = self.start(ECHO)
        client = self.connect(running)
        client.socket.sendall(b'{"n": 1}\n{"n": \n\xff\xfe\n{"n": NaN}\n{"n": 2}\n')
        codes = [client.line() for _ in range(5)]
        self.assertEqual((codes[0], codes[4]), ({"n": 1}, {"n": 2}))
        for answer in codes[1:4]:
            self.assertEqual((answer["error"]["code"], answer["error"]["retry"]), ("bad_record", "safe"))
        self.assertEqual(running.terminate(), 0)
        self.assertEqual(running.summary(), Counter(requests=2, answered=2, failed=0, refused=3))


if __name__ == "__main__":
    unittest.main()
