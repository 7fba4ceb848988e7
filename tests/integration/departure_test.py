"""Clients that leave while a slow bee works for them, and those that only end their side of the stream."""

import collections
import json
import socket
import struct
import time
import unittest
import urllib.request

from skep_process import DEADLINE, SkepTest

SLOW = """
name = "shop"
plugins = ["test_bees"]
[gateways.front]
type = "tcp"
listen = "127.0.0.1:0"
{answers}
[bees.last]
class = "test.slow"
from = "front"
options = {{ delay = "20ms" }}
"""
ANSWERED, ONE_WAY = SLOW.format(answers='answers = "last"'), SLOW.format(answers="")
LAST, FRONT = '{swarm="shop",bee="last"}', '{swarm="shop",gateway="front"}'
CANCELLED, WORKED = "skep_bee_cancelled_total" + LAST, "skep_bee_batch_records_sum" + LAST


class DepartureTest(SkepTest):
    def run_measured(self, text):
        running = self.start(text, "--metrics", "127.0.0.1:0")
        self.page = running.wait_for(lambda line: "metrics" in line)["metrics"]
        return running

    def metrics_when(self, wanted):
        """The first reading for which `wanted(metrics)` holds."""
        until = time.monotonic() + DEADLINE
        while True:
            with urllib.request.urlopen(f"http://{self.page}/metrics", timeout=DEADLINE) as answer:
                lines = [line.rsplit(" ", 1) for line in answer.read().decode().splitlines() if line[:1] != "#"]
            metrics = collections.defaultdict(lambda: -1.0, {name: float(value) for name, value in lines})
            if wanted(metrics):
                return metrics
            self.assertLess(time.monotonic(), until, metrics)

    def leaves(self, leave):
        """One client asks for 8 s of work and leaves; another one asks for one answer."""
        running = self.run_measured(ANSWERED)
        hurried, patient = self.connect(running), self.connect(running)
        hurried.send(*({"n": n} for n in range(400)))
        self.metrics_when(lambda m: m["skep_gateway_requests_open" + FRONT] == 400)
        leave(hurried)
        patient.send({"n": -1})
        self.assertEqual(patient.line(), {"n": -1})
        received, queued = "skep_bee_records_received_total" + LAST, "skep_bee_queued_records" + LAST
        metrics = self.metrics_when(lambda m: m[received] == 401 and m[queued] == 0)  # told a moment later
        self.assertGreater(metrics[CANCELLED], 200)
        self.assertEqual(metrics["skep_bee_dead_letters_total" + LAST], 0)
        self.assertEqual(running.terminate(), 0)

    def test_a_client_that_breaks_off_frees_the_queue_for_others(self):
        def reset(client):
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
        self.leaves(reset)

    def test_so_does_one_that_closes_once_the_first_answer_is_refused(self):
        self.leaves(lambda client: client.close())

    def test_a_client_that_ends_its_stream_and_reads_on_gets_all_its_answers(self):
        running = self.run_measured(ANSWERED)
        client = self.connect(running)
        client.send(*({"n": n} for n in range(20)))
        client.socket.shutdown(socket.SHUT_WR)
        self.assertEqual([client.line() for _ in range(21)], [{"n": n} for n in range(20)] + [None])
        self.assertEqual(self.metrics_when(lambda m: m[WORKED] == 20)[CANCELLED], 0)
        self.assertEqual(running.terminate(), 0)

    def test_who_sends_one_way_data_may_leave(self):
        running = self.run_measured(ONE_WAY)
        client = self.connect(running)
        client.socket.sendall(b"".join(json.dumps(n).encode() + b"\n" for n in range(50)))
        client.close()
        self.assertEqual(self.metrics_when(lambda m: m[WORKED] == 50)[CANCELLED], 0)
        self.assertEqual(running.terminate(), 0)


if __name__ == "__main__":
    unittest.main()
