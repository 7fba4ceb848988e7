"""What the program says of itself over HTTP: every counter against what clients saw, and clients that misbehave."""

import http.client
import socket
import time
import unittest
import urllib.request

from skep_process import DEADLINE, ECHO, Running, SkepTest, series

SWARM = """
name = "shop"
plugins = ["test_bees"]
[gateways.front]
type = "tcp"
listen = "127.0.0.1:0"
answers = "last"
[bees.check]
class = "test.throwing"
from = "front"
options = { every = 10 }
[bees.last]
class = "test.echo"
from = "check"
replicas = 3
"""
CHECK, LAST = '{swarm="shop",bee="check"}', '{swarm="shop",bee="last"}'
FRONT = '{swarm="shop",gateway="front"}'
IN, BETWEEN = '{swarm="shop",edge="front -> check"}', '{swarm="shop",edge="check.default -> last"}'


class MetricsTest(SkepTest):
    def run_measured(self, text, *words):
        running = self.start(text, "--metrics", "127.0.0.1:0", *words)
        self.port = running.wait_for(lambda line: "metrics" in line)["metrics"]
        return running

    def get(self, path="/metrics"):
        with urllib.request.urlopen(f"http://{self.port}{path}", timeout=DEADLINE) as answer:
            return answer.read().decode()

    def hostile(self):
        host, port = self.port.rsplit(":", 1)
        client = socket.create_connection((host, int(port)), DEADLINE)
        self.addCleanup(client.close)
        return client

    def test_every_counter_is_what_clients_saw(self):
        running = self.run_measured(SWARM)
        client = self.connect(running)
        lines = [b'{"n": %d}' % n for n in range(1, 101)]         # ten of them make the bee throw
        lines += [b'{"m": 1}'] * 5                                # five it cannot read
        lines += [b"broken"] * 7                                  # seven the gateway refuses
        client.socket.sendall(b"".join(line + b"\n" for line in lines))
        answers = [client.line() for _ in lines]
        self.assertEqual(sum("n" in answer for answer in answers), 90)
        sent = sum(len(line) for line in lines[:105])
        passed = sum(len(b'{"n": %d}' % n) for n in range(1, 101) if n % 10 != 0)
        expected = {
                "skep_gateway_sessions_total" + FRONT: 1, "skep_gateway_sessions_open" + FRONT: 1,
                "skep_gateway_requests_total" + FRONT: 105, "skep_gateway_requests_open" + FRONT: 0,
                "skep_gateway_answered_total" + FRONT: 90, "skep_gateway_failed_total" + FRONT: 15,
                "skep_gateway_refused_total" + FRONT: 7, "skep_gateway_expired_total" + FRONT: 0,
                "skep_gateway_orphan_replies_total" + FRONT: 0, "skep_gateway_overhead_seconds_count" + FRONT: 105,
                "skep_gateway_end_to_end_seconds_count" + FRONT: 105,
                "skep_bee_records_received_total" + CHECK: 105, "skep_bee_received_bytes_total" + CHECK: sent,
                "skep_bee_records_sent_total" + CHECK: 90, "skep_bee_replies_total" + CHECK: 15,
                "skep_bee_dead_letters_total" + CHECK: 10, "skep_bee_rebuilds_total" + CHECK: 10,
                "skep_bee_bad_records_total" + CHECK: 5, "skep_bee_restarts_total" + CHECK: 0,
                "skep_bee_batch_records_sum" + CHECK: 105, "skep_bee_queue_wait_seconds_count" + CHECK: 105,
                "skep_bee_queued_records" + CHECK: 0, "skep_bee_replicas" + LAST: 3,
                "skep_bee_records_received_total" + LAST: 90, "skep_bee_replies_total" + LAST: 90,
                "skep_bee_batch_records_sum" + LAST: 90, "skep_bee_queue_wait_seconds_count" + LAST: 90,
                "skep_edge_records_total" + IN: 105, "skep_edge_bytes_total" + IN: sent,
                "skep_edge_records_total" + BETWEEN: 90, "skep_edge_bytes_total" + BETWEEN: passed,
                "skep_edge_waiting_records" + BETWEEN: 0, "skep_edge_overflow_drops_total" + BETWEEN: 0,
                "skep_edge_unheard_total" + BETWEEN: 0,
                "skep_bee_lost_total" + CHECK: 0,
                'skep_swarm_failed{swarm="shop"}': 0, 'skep_swarm_dead_letters{swarm="shop"}': 10,
                'skep_swarm_restarts_total{swarm="shop"}': 0}
        # A bee tells its counters at the end of each turn, in which others may already answer what it sent.
        metrics = running.metrics_when(lambda m: expected.items() <= m.items(),
                                       told=lambda m: {name: m.get(name) for name in expected if m.get(name) != expected[name]})
        whole, share = (metrics[f"skep_gateway_{name}_seconds_sum" + FRONT] for name in ("end_to_end", "overhead"))
        self.assertGreater(whole, share)
        self.assertGreater(share, 0)
        self.assertEqual(running.terminate(), 0)

    def test_the_process_and_its_health(self):
        running = self.run_measured(ECHO)
        running.address()  # all threads are there
        metrics = series(self.get())
        self.assertEqual(metrics["process_threads"], running.thread_count())
        self.assertLess(abs(metrics["process_resident_memory_bytes"] - running.rss_bytes()), 8 << 20)
        self.assertLess(metrics["skep_uptime_seconds"], DEADLINE)
        self.assertLess(abs(metrics["process_start_time_seconds"] - time.time()), DEADLINE)
        self.assertEqual(self.get("/healthz"), "ok\n")

    def test_a_bee_that_does_not_return_does_not_hold_up_the_metrics(self):
        running = self.run_measured(ECHO.replace("test.echo", "test.stuck") + "execution = \"dedicated\"\n")
        client = self.connect(running)
        client.send({"n": 1})
        running.wait_for(lambda line: "stuck from here on" in line["text"])
        edge = 'skep_edge_records_total{swarm="echo",edge="front -> last"}'
        running.metrics_when(lambda metrics: metrics[edge] == 1)

    def test_a_restart_and_a_failed_swarm_are_seen_and_counters_never_fall(self):
        files = {"swarm.toml": ECHO.replace("test.echo", "test.starts_once") + "[supervision]\nintensity = 1\n"}
        for name, text in files.items():
            self.write(name, text)
        running = Running("node", "--config", self.write("node.toml",
                                                         'swarms = ["swarm.toml"]\nmetrics = "127.0.0.1:0"\n'))
        self.addCleanup(running.kill)
        client = self.connect(running)
        client.send({"n": 1}, "throw")
        client.line(), client.line()
        metrics = running.metrics_when(lambda m: m['skep_swarm_failed{swarm="echo"}'] == 1)
        self.assertEqual(metrics['skep_swarm_restarts_total{swarm="echo"}'], 1)
        self.assertEqual(metrics['skep_bee_restarts_total{swarm="echo",bee="last"}'], 1)
        self.assertEqual(metrics['skep_bee_records_received_total{swarm="echo",bee="last"}'], 2)

    def test_off_means_that_nothing_is_measured_and_nobody_listens(self):
        running = self.start(ECHO, "--metrics", "off")
        client = self.connect(running)
        client.send({"n": 1})
        self.assertEqual(client.line(), {"n": 1})
        self.assertEqual(running.terminate(), 0)
        self.assertFalse([line for line in running.lines if "metrics" in line])

    def test_a_port_in_use_is_said_and_ends_the_program(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            running = self.start(ECHO, "--metrics", "127.0.0.1:%d" % other.getsockname()[1])
            self.assertEqual(running.end(), 1)
        self.assertTrue([line for line in running.lines if "setting 'metrics': cannot listen on" in line["text"]])

    def test_whatever_is_not_a_get_of_a_page_is_an_error_and_an_end(self):
        self.run_measured(ECHO)
        for method, path, body, status in (("GET", "/", None, 404), ("POST", "/metrics", b"x", 405),
                                           ("GET", "/metrics", b"x", 400), ("DELETE", "/healthz", None, 405)):
            connection = http.client.HTTPConnection(self.port, timeout=DEADLINE)
            connection.request(method, path, body)
            self.assertEqual(connection.getresponse().status, status, (method, path))
            connection.close()
        client = self.hostile()
        client.sendall(b"GET /metrics HTTP/1.1\r\n" + b"X: " + b"y" * 20_000 + b"\r\n\r\n")
        self.assertRegex(client.recv(64), rb"^HTTP/1.1 431 ")
        client = self.hostile()
        client.sendall(b"\x16\x03\x01 garbage \r\n\r\n" * 100)
        self.assertRegex(client.recv(64), rb"^HTTP/1.1 400 ")

    def test_silent_and_slow_clients_are_closed_in_time_and_keep_nobody_out(self):
        running = self.run_measured(ECHO)
        clients = [self.hostile() for _ in range(40)]
        slow = clients[-1]
        slow.sendall(b"GET /metrics HTTP/1.1\r\n")
        begin = time.monotonic()
        self.assertIn("skep_build_info", self.get())
        for client in clients:
            self.assertEqual(client.recv(64), b"")
        self.assertLess(time.monotonic() - begin, 10)
        self.assertEqual(self.get("/healthz"), "ok\n")
        self.assertEqual(running.terminate(), 0)


if __name__ == "__main__":
    unittest.main()
