"""`skep bench` against real swarms, and against servers that misbehave."""

import contextlib
import json
import os
import pty
import select
import signal
import socket
import subprocess
import threading
import time
import unittest

from skep_process import DEADLINE, ECHO, PROGRAM, SkepTest, environment, skep

WEBSOCKET = ECHO.replace('"tcp"', '"websocket"\npath = "/in"')
LENGTH = ECHO.replace('"tcp"', '"tcp"\nframing = "length"')
THROWING = ECHO.replace("test.echo", "test.throwing") + "options = { every = 10 }\n"
SLOW = ECHO.replace("test.echo", "test.slow") + 'options = { delay = "10ms" }\n'
SHORT = ("--warm-up", "0s", "--duration", "300ms")
METRICS = ("--metrics", "127.0.0.1:0")
LIMITS = {"bench_connect_time_max": 5, "bench_connect_delay": 0.1}  # seconds


class Server:
    """Accepts connections, and has `serve(connection)` for each in a thread of its own, until it returns."""

    def __init__(self, serve):
        self.accepted = 0
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.accepted += 1
                threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection):
        with connection, contextlib.suppress(OSError):
            self._serve(connection)

    def close(self):
        self._listener.close()


def silent(connection):
    """Reads, and says nothing."""
    while connection.recv(1 << 16):
        pass


class BenchVerbTest(SkepTest):
    def server(self, serve):
        server = Server(serve)
        self.addCleanup(server.close)
        return server

    def address(self, running, scheme="tcp", path=""):
        return "%s://%s:%d%s" % (scheme, *running.address(), path)

    def figures(self, *words, code=0, **more):
        """The report as JSON. Whatever happens, each request has one end."""
        done = skep("bench", *words, "-o", "json", **more)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return self.checked(json.loads(done.stdout))

    def checked(self, report):
        failed = report["failed"]
        ends = (report["answered"], sum(failed["errors"].values()), failed["timeouts"], failed["lost"], report["open"])
        self.assertEqual(sum(ends), report["requests"], report)
        self.assertLessEqual(report["sent"], report["requests"])
        return report

    def test_echoes_are_counted_over_every_protocol(self):
        cases = ((ECHO, "tcp", "", ()), (WEBSOCKET, "ws", "/in", ()), (LENGTH, "tcp", "", ("--framing", "length")))
        for text, scheme, path, words in cases:
            running = self.start(text)
            report = self.figures(self.address(running, scheme, path), *SHORT, "--clients", "3", "--in-flight", "4",
                                  "--template", '{"id": {i}, "x": {random:10}}', *words)
            self.assertGreater(report["answered"], 0)
            self.assertEqual(report["answered"], report["requests"])
            self.assertEqual(report["bytes_received"], report["bytes_sent"], "echoes")
            latency = report["latency_seconds"]
            order = [latency[name] for name in ("min", "p50", "p90", "p99", "p99_9", "max")]
            self.assertEqual(order, sorted(order))
            self.assertAlmostEqual(report["rate_offered"], report["requests"] / 0.3, 3)
            self.assertEqual(running.terminate(), 0)
            self.assertGreaterEqual(running.summary()["answered"], report["answered"])

    def test_the_same_as_text_is_for_people(self):
        done = skep("bench", self.write("echo.toml", ECHO), *SHORT, "--rate", "200", "--seed", "7")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"\Aswarm 'echo', gateway 'front' at tcp://127\.0\.0\.1:\d+:\n"
                                      r"200 requests a second \(poisson, --seed 7\), 1 client, up to 1024 in flight, "
                                      r"for 300ms after 0s of warm-up\n\nrequests +\d+ +[\d.]+ a second\nanswered ")
        for part in ("failed     ", "bytes ", "latency     p50 ", "  queue ", "  compute ", "\n  last   "):
            self.assertIn(part, done.stdout)

    def test_of_a_swarm_file_the_parts_of_the_time_add_up(self):
        report = self.figures(self.write("echo.toml", ECHO), "--warm-up", "100ms", "--duration", "500ms")
        parts = report["time"]
        self.assertEqual((report["swarm"], report["gateway"]), ("echo", "front"))
        self.assertEqual([bee["name"] for bee in parts["bees"]], ["last"])
        names = [f"{name}_seconds" for name in ("outside", "gateway", "queue", "compute")]
        mean = report["latency_seconds"]["mean"]
        self.assertAlmostEqual(sum(parts[name] for name in names), mean, delta=0.01 * mean + 1e-6)
        self.assertNotIn("fill_seconds", parts)
        self.assertNotIn("link_seconds", parts)

    def test_what_is_not_measured_is_left_out(self):
        report = self.figures(self.write("echo.toml", ECHO), *SHORT, SKEP_METRICS="off")
        self.assertNotIn("time", report)
        running = self.start(ECHO)
        self.assertNotIn("time", self.figures(self.address(running), *SHORT))

    def test_of_several_gateways_one_is_named(self):
        two = ECHO + '[gateways.back]\ntype = "websocket"\nlisten = "127.0.0.1:0"\nanswers = "last"\n'
        path = self.write("two.toml", two.replace('from = "front"', 'from = ["front", "back"]'))
        done = skep("bench", path, *SHORT)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("which gateway? --gateway names it (known: front, back)\n", done.stderr)
        self.assertIn("did you mean 'back'?", skep("bench", path, *SHORT, "--gateway", "bock").stderr)
        report = self.figures(path, *SHORT, "--gateway", "back")
        self.assertTrue(report["target"].startswith("ws://127.0.0.1:"))

    def test_error_answers_are_counted_by_their_codes(self):
        report = self.figures(self.write("throwing.toml", THROWING), *SHORT, "--template", '{"n": {i}}')
        errors = report["failed"]["errors"]
        self.assertEqual(list(errors), ["bee_failed"])
        self.assertEqual(errors["bee_failed"], -(-report["requests"] // 10), "every tenth, from 0")
        report = self.figures(self.write("throwing.toml", THROWING), *SHORT, "--template", "no number", code=1)
        self.assertEqual((report["answered"], report["latency_seconds"]), (0, {}))

    def test_records_of_a_file_are_sent_again_and_again(self):
        records = self.write("records.jsonl", '{"n": 1}\r\n\n{"n": 10}\n{"n": 3}')
        report = self.figures(self.write("throwing.toml", THROWING), *SHORT, "--payload", records)
        self.assertEqual(report["failed"]["errors"]["bee_failed"], (report["requests"] + 1) // 3)

    def test_a_pause_is_seen_by_all_that_are_due_in_it(self):
        """No coordinated omission: 100 requests of a gate that is shut, 5 ms apart, and the first waits longest."""
        gate = self.folder / "gate"
        text = ECHO.replace("test.echo", "test.gate") + f'options = {{ gate = "{gate}" }}\n'
        running = self.start(text, *METRICS)
        bench = self.bench(self.address(running), "--rate", "200", "--arrivals", "constant", "--warm-up", "0s",
                           "--duration", "4s", "-o", "json")
        requests, open_now = (f'skep_gateway_requests_{what}{{swarm="echo",gateway="front"}}' for what in ("total", "open"))
        running.metrics_when(lambda metrics: metrics[requests] >= 50)
        gate.touch()
        running.metrics_when(lambda metrics: metrics[open_now] >= 100)
        gate.unlink()
        out, _ = bench.communicate(timeout=DEADLINE)
        report = self.checked(json.loads(out))
        self.assertEqual((report["requests"], report["answered"]), (800, 800))
        self.assertGreater(report["latency_seconds"]["max"], 0.49)
        self.assertGreater(report["latency_seconds"]["p99"], 0.45, "eight of 800 are above it")

    def bench(self, *words, **more):
        process = subprocess.Popen([PROGRAM, "bench", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=environment(), **more)

        def end():
            process.kill()
            process.communicate()
        self.addCleanup(end)
        return process

    def test_stopped_early_it_reports_what_was_measured(self):
        running = self.start(ECHO, *METRICS)
        bench = self.bench(self.address(running), "--duration", "1h", "--warm-up", "0s", "-o", "json")
        answered = 'skep_gateway_answered_total{swarm="echo",gateway="front"}'
        running.metrics_when(lambda metrics: metrics[answered] >= 10)
        bench.send_signal(signal.SIGINT)
        out, err = bench.communicate(timeout=DEADLINE)
        report = self.checked(json.loads(out))
        self.assertEqual(bench.returncode, 0)
        self.assertTrue(report["stopped"])
        self.assertGreaterEqual(report["answered"], 10)
        self.assertEqual(report["warnings"][0], "it was stopped early")
        self.assertEqual(err, "skep bench: SIGINT: stops; a second one stops at once\n")

    def test_a_search_finds_what_a_slow_bee_bears(self):
        """10 ms each: it cannot be 200 a second, and none is within 1 ms."""
        swarm = self.write("slow.toml", SLOW)
        words = ("--warm-up", "0s", "--duration", "500ms", "--seed", "1", "--rate", "200", "--ramp")
        done = skep("bench", swarm, *words, "--p99", "1s", "-o", "json")
        search = self.checked(json.loads(done.stdout))["search"]
        held = [tried["rate"] for tried in search["tried"] if tried["held"]]
        self.assertFalse(search["tried"][0]["held"])
        self.assertEqual(search["tried"][1]["rate"], 100)
        self.assertEqual(done.returncode, 0 if held else 1)
        self.assertEqual(search["best_rate"], held[-1] if held else None)
        self.assertTrue(all(rate < 200 for rate in held))
        done = skep("bench", swarm, *words, "--p99", "1ms")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"(?m)^ +200\.0 a second: not held  p99 .*\n +100\.0 a second: not held ")
        self.assertIn("No rate was found with p99 <= 1ms", done.stdout)
        done = skep("bench", swarm, *words[:-2], "10", "--ramp", "--p99", "1ms", "-o", "json")
        rates = [tried["rate"] for tried in json.loads(done.stdout)["search"]["tried"]]
        self.assertEqual(rates, [20], "the least that has ten requests in --duration")

    def test_requests_that_take_too_long_are_timeouts(self):
        server = self.server(silent)
        report = self.figures(f"tcp://{server.address}", *SHORT, "--timeout", "100ms", "--rate", "100", code=1)
        self.assertEqual(report["failed"]["timeouts"], report["requests"])

    def test_a_dead_address_is_told_and_is_four(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        for scheme in ("tcp", "ws"):
            done = skep("bench", f"{scheme}://127.0.0.1:{port}", "-o", "json")
            self.assertEqual((done.returncode, done.stdout), (4, ""))
            self.assertIn(f"skep bench: cannot connect to {scheme}://127.0.0.1:{port}", done.stderr)
            self.assertIn("Connection refused\n", done.stderr)

    def test_one_of_many_connections_that_fails_is_told_as_such(self):
        server = self.server(lambda connection: connection.recv(1 << 16))  # and ends, without an answer
        done = skep("bench", f"ws://{server.address}", "--clients", "4", *SHORT)
        self.assertEqual(done.returncode, 4)
        self.assertIn("(one of 4 connections; 0 were made)", done.stderr)

    def test_what_does_not_speak_websocket_is_told(self):
        running = self.start(WEBSOCKET)
        done = skep("bench", self.address(running, "ws", "/other"))
        self.assertEqual(done.returncode, 4)
        self.assertIn("it does not become a WebSocket: HTTP/1.1 404 Not Found: nothing here; the WebSocket is at /in\n", done.stderr)

    def test_the_other_protocol_is_told_by_its_first_words(self):
        done = skep("bench", self.address(self.start(WEBSOCKET), "tcp"))
        self.assertEqual(done.returncode, 4)
        self.assertIn("it answers with HTTP: a websocket gateway is ws://HOST:PORT/PATH\n", done.stderr)
        done = skep("bench", self.address(self.start(ECHO), "ws", "/in"))
        self.assertEqual(done.returncode, 4)
        self.assertIn("it does not answer with HTTP: a tcp gateway is tcp://HOST:PORT\n", done.stderr)

    def test_the_other_framing_is_told(self):
        lines, lengths = (self.address(self.start(text)) for text in (ECHO, LENGTH))
        done = skep("bench", lengths, "--timeout", "1s")
        self.assertEqual(done.returncode, 4)
        self.assertIn("has sent no whole frame (--framing?)\n", done.stderr)
        report = self.figures(lines, "--framing", "length", "--warm-up", "100ms", "--duration", "200ms", code=1)
        self.assertEqual(report["warnings"], ["no request was due within 200ms (--duration): 1 request before it had no answer"])

    def test_who_does_not_say_a_word_is_waited_for_no_longer_than_bench_connect_time_max(self):
        server = self.server(silent)
        done = skep("bench", f"ws://{server.address}/")
        self.assertEqual(done.returncode, 4)
        self.assertIn(f"it does not become a WebSocket within {LIMITS['bench_connect_time_max']}s\n", done.stderr)

    def test_lost_connections_are_counted_and_made_anew_after_bench_connect_delay(self):
        def one_line(connection):
            connection.sendall(connection.recv(1 << 16))
            connection.recv(1 << 16)
        server = self.server(one_line)
        report = self.figures(f"tcp://{server.address}", *SHORT)
        self.assertGreater(report["failed"]["lost"], 0)
        self.assertEqual(report["connections_lost"], report["failed"]["lost"], "one in flight")
        self.assertEqual(report["connects_failed"], 0)
        self.assertLessEqual(server.accepted, 2 + 0.3 / LIMITS["bench_connect_delay"])
        self.assertRegex(report["warnings"][-1], "ended and had to be made anew; the first: .")

    def test_who_always_hangs_up_is_no_target(self):
        server = self.server(lambda connection: connection.recv(1))
        done = skep("bench", f"tcp://{server.address}")
        self.assertEqual(done.returncode, 4)
        self.assertIn("end before an answer comes: ", done.stderr)

    def test_progress_is_for_terminals(self):
        path = self.write("echo.toml", ECHO)
        words = (path, "--warm-up", "0s", "--duration", "1200ms")
        self.assertEqual(skep("bench", *words).stderr, "")
        try:
            ours, theirs = pty.openpty()
        except OSError as problem:  # a chroot without /dev/pts
            self.skipTest(f"no terminal can be opened here: {problem}")
        with os.fdopen(ours, "rb", buffering=0) as terminal:
            with subprocess.Popen([PROGRAM, "bench", *words], stdout=subprocess.DEVNULL, stderr=theirs,
                                  env=environment()) as process:
                os.close(theirs)
                shown = self.read_all(terminal)
                self.assertEqual(process.wait(DEADLINE), 0)
        self.assertRegex(shown, rb"\d s: \d+ answers a second, 0 failed\r\r\x1b\[K")

    @staticmethod
    def read_all(terminal):
        shown, until = b"", time.monotonic() + DEADLINE
        while select.select([terminal], [], [], max(0.0, until - time.monotonic()))[0]:
            try:
                shown += terminal.read(4096)
            except OSError:  # its other end has closed
                break
        return shown

    def test_a_wrong_command_line_is_told_before_anything_starts(self):
        huge = self.folder / "huge.jsonl"
        with open(huge, "wb") as file:
            file.truncate((64 << 20) + 1)
        swarm = self.write("echo.toml", ECHO)
        target = "tcp://127.0.0.1:9"
        for words, told in (
                ((), "what is to be driven?"),
                ((swarm, target), "what is to be driven?"),
                (("udp://127.0.0.1:9",), "expected tcp://host:port or ws://host:port/path"),
                (("tcp://127.0.0.1",), "'tcp://127.0.0.1'"),
                (("127.0.0.1:9",), "'127.0.0.1:9': expected tcp://host:port or ws://host:port/path"),
                ((target, "--clients", "0"), "--clients is not a whole number from 1 to 10000: '0'"),
                ((target, "--in-flight", "65537"), "--in-flight is not"),
                ((target, "--rate", "-1"), "--rate is not a number of requests a second"),
                ((target, "--ramp"), "--ramp needs --p99"),
                ((target, "--duration", "ten"), "--duration is not a time, as 10s or 250ms, from 1ms to 24h: 'ten'"),
                ((target, "--template", '{"id": {id}}'), "at character 8: '{id}' is no placeholder"),
                ((target, "--template", "{i}", "--payload", swarm), "one of them"),
                ((target, "--payload", str(self.folder / "none")), "No such file"),
                ((target, "--payload", str(huge)), "bench_payload_file_bytes_max"),
                ((target, "--gateway", "front"), "--gateway is for swarm files"),
                ((target, "--threads", "2"), "--threads is for swarm files"),
                ((target, "--plugins", "x"), "--plugins is for swarm files"),
                ((target, "--framing", "lenght"), "did you mean 'length'?"),
                (("ws://127.0.0.1:9", "--framing", "line"), "--framing is for tcp://"),
                ((swarm, "--framing", "line"), "--framing is for tcp://"),
                ((swarm, "--threads", "100000"), "256"),
                ((target, "--durations", "1s"), "did you mean '--duration'?"),
                ((target, "-o", "xml"), "no output form 'xml'")):
            done = skep("bench", *words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), (words, done.stderr))
            self.assertIn(told, done.stderr)

    def test_a_swarm_that_cannot_be_driven_is_told(self):
        wrong = self.write("wrong.toml", ECHO.replace('class = "test.echo"', 'class = "test.ekko"'))
        done = skep("bench", wrong)
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn(f"{wrong}: 1 error\n", done.stderr)
        silent = self.write("silent.toml", ECHO.replace('answers = "last"\n', ""))
        done = skep("bench", silent)
        self.assertEqual(done.returncode, 2)
        self.assertIn("no gateway can be driven", done.stderr)
        unstartable = self.write("unstartable.toml", ECHO.replace("test.echo", "test.unstartable"))
        done = skep("bench", unstartable)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("no fuel", done.stderr)


if __name__ == "__main__":
    unittest.main()
