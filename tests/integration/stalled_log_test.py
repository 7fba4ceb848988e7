"""A log whose reader has stalled, as in `skep run ... 2>&1 | less`: it keeps nobody from ending."""

import os
import signal
import socket
import subprocess
import time
import unittest

from skep_process import DEADLINE, ECHO, PROGRAM, LineClient, SkepTest, environment

LOG_FLUSH_TIME_MAX = 2.0  # the limit of that name
SLACK = 3.0  # of a busy machine


class StalledLogTest(SkepTest):
    def full_pipe(self):
        """The writing end of a pipe that holds all it can, and that nobody reads."""
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        self.addCleanup(os.close, writing)
        os.set_blocking(writing, False)
        try:
            while os.write(writing, b"x" * 4096):
                pass
        except BlockingIOError:
            os.set_blocking(writing, True)
        return writing

    def running(self, text, *words):
        """The program, with both its outputs in such a pipe; and a client, as its log cannot tell the address."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = free.getsockname()
        path = self.write("swarm.toml", text.replace("127.0.0.1:0", f"{address[0]}:{address[1]}"))
        pipe = self.full_pipe()
        process = subprocess.Popen([PROGRAM, "run", path, *words], stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe,
                                   env=environment())
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        until = time.monotonic() + DEADLINE
        while True:
            try:
                client = LineClient(address)
                self.addCleanup(client.close)
                return process, client
            except ConnectionRefusedError:
                self.assertLess(time.monotonic(), until)
                self.assertIsNone(process.poll())

    def await_what_came_before(self, address):
        """Returns when the gateway has read what other clients have sent so far."""
        client = LineClient(address)
        self.addCleanup(client.close)
        client.socket.sendall(b"?\n")
        self.assertEqual(client.line()["error"]["code"], "bad_record")

    def ends_within(self, process, seconds):
        begun = time.monotonic()
        code = process.wait(DEADLINE)
        self.assertLess(time.monotonic() - begun, seconds + SLACK)
        return code

    def test_a_signal_to_stop_drains_and_ends(self):
        process, client = self.running(ECHO)
        client.send({"n": 1})
        self.assertEqual(client.line(), {"n": 1})
        process.send_signal(signal.SIGTERM)
        self.assertEqual(self.ends_within(process, LOG_FLUSH_TIME_MAX), 0)

    def test_a_second_signal_stops_at_once(self):
        process, client = self.running(ECHO.replace("test.echo", "test.slow")
                                       + 'options = { delay = "1h" }\n', "--drain_time_max", "1h")
        client.send({"n": 1})
        self.await_what_came_before(client.socket.getpeername())
        process.send_signal(signal.SIGTERM)
        with self.assertRaises(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)  # it drains
        process.send_signal(signal.SIGTERM)
        self.assertEqual(self.ends_within(process, 0), 1)

    def test_a_node_that_is_out_of_memory_exits(self):
        process, client = self.running(ECHO.replace("test.echo", "test.hoarding"), "--memory_max", "256MiB")
        client.send("flood")
        self.assertEqual(self.ends_within(process, 0), 1)


if __name__ == "__main__":
    unittest.main()
