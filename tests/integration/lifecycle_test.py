"""How a swarm ends: asked to, by itself, and when something does not end."""

import json
import re
import signal
import socket
import subprocess
import threading
import time
import unittest

from skep_process import ECHO, Running, SkepTest

SLOW = ECHO.replace("test.echo", "test.slow")

OTHER = """
[gateways.side]
type = "tcp"
listen = "127.0.0.1:0"
answers = "other"
[bees.other]
class = "test.looping"
from = "side"
"""

SENDS_OUT = ECHO.replace('answers = "last"', "") + """
[gateways.out]
type = "tcp"
listen = "127.0.0.1:0"
from = "last"
"""

FILES = """
name = "files"
plugins = ["test_bees"]
[gateways.source]
type = "file"
path = "-"
[bees.last]
class = "test.echo"
from = "source"
[gateways.sink]
type = "file"
path = "-"
from = "last"
"""


class LifecycleTest(SkepTest):
    def test_terminating_answers_all_that_was_admitted(self):
        running = self.start(SLOW)
        client = self.connect(running)
        client.send(*({"n": n} for n in range(500)))
        first = client.line()
        running.process.send_signal(signal.SIGTERM)
        answers = [first]
        while (answer := client.line()) is not None:
            answers.append(answer)
        self.assertEqual(running.end(), 0)
        summary = running.summary()
        self.assertEqual(summary["answered"], summary["requests"])
        self.assertEqual(summary["failed"], 0)
        served = [answer["n"] for answer in answers if "n" in answer]
        self.assertEqual(served, list(range(summary["answered"])))
        for answer in answers[len(served):]:
            self.assertEqual(answer["error"]["retry"], "safe")

    def test_interrupting_drains_too(self):
        running = self.start(ECHO)
        running.address()
        running.process.send_signal(signal.SIGINT)
        self.assertEqual(running.end(), 0)

    def test_settings_of_the_actor_library_in_the_working_folder_are_not_read(self):
        counts = []
        for threads in (2, 9):
            self.write("caf-application.ini", f"[scheduler]\nmax-threads={threads}\n")
            running = self.start(ECHO, "--threads", "3", cwd=self.folder)
            running.address()
            counts.append(running.thread_count())
            self.assertEqual(running.terminate(), 0)
        self.assertEqual(counts[0], counts[1])

    def test_the_setting_for_threads_is_what_the_scheduler_gets(self):
        counts = []
        for threads in ("1", "4"):
            running = self.start(ECHO, "--threads", threads)
            running.address()
            counts.append(running.thread_count())
            self.assertEqual(running.terminate(), 0)
        self.assertEqual(counts[1] - counts[0], 3)

    def test_the_ports_are_free_after_draining(self):
        running = self.start(ECHO)
        host, port = running.address()
        self.assertEqual(running.terminate(), 0)
        again = self.start(ECHO.replace("127.0.0.1:0", f"{host}:{port}"))
        self.assertEqual(again.address(), (host, port))
        self.assertEqual(again.terminate(), 0)

    def test_a_second_signal_stops_at_once_with_1(self):
        running = self.start(ECHO.replace("test.echo", "test.stuck"))
        client = self.connect(running)
        client.send({"n": 1}, {"n": 2}, {"n": 3})
        running.wait_for(lambda line: "stuck from here on" in line["text"])
        running.process.send_signal(signal.SIGTERM)
        with self.assertRaises(subprocess.TimeoutExpired):
            running.process.wait(timeout=0.5)  # it drains
        running.process.send_signal(signal.SIGTERM)
        self.assertEqual(running.end(timeout=4), 1)

    def test_a_second_signal_a_tenth_of_a_second_later_stops_at_once_too(self):
        running = self.start(ECHO.replace("test.echo", "test.stuck"), "--drain_time_max", "1h")
        client = self.connect(running)
        client.send({"n": 1})
        running.wait_for(lambda line: "stuck from here on" in line["text"])
        running.process.send_signal(signal.SIGTERM)
        with self.assertRaises(subprocess.TimeoutExpired):
            running.process.wait(timeout=0.1)
        running.process.send_signal(signal.SIGTERM)
        self.assertEqual(running.end(timeout=4), 1)

    def test_the_lines_of_a_bee_with_several_replicas_say_which_one_wrote_them(self):
        for replicas, said in ((2, [0, 1]), (1, [None])):
            running = self.start(ECHO.replace("test.echo", "test.stuck") + f"replicas = {replicas}\n")
            client = self.connect(running)
            client.send(*({"n": n} for n in range(8)))
            for _ in range(replicas):
                wrote = []
                running.wait_for(lambda line: "stuck" in line["text"] and (wrote.append(line) or len(wrote) == replicas))
            self.assertEqual(sorted((line.get("replica") for line in wrote), key=str), said)
            self.assertEqual({line["source"] for line in wrote}, {"echo.last"})
            running.kill()

    def test_signals_that_come_together_are_one_request_to_stop(self):
        running = self.start(SLOW)
        client = self.connect(running)
        client.send(*({"n": n} for n in range(200)))
        self.assertEqual(client.line(), {"n": 0})
        running.process.send_signal(signal.SIGTERM)
        running.process.send_signal(signal.SIGINT)
        self.assertEqual(running.end(), 0)
        self.assertEqual(running.summary()["answered"], running.summary()["requests"])

    def test_a_swarm_that_does_not_end_takes_no_time_of_its_neighbours(self):
        def swarm(name, gateway, delay):
            text = SLOW.replace('"echo"', f'"{name}"').replace("front", gateway)
            return self.write(f"{name}.toml", f'{text}options = {{ delay = "{delay}" }}\nexecution = "dedicated"\n')
        files = [swarm("long", "front", "3s"), swarm("short", "side", "300ms")]  # drained in this order, they once were
        node = self.write("node.toml", f'swarms = {json.dumps(files)}\ndrain_time_max = "1s"\n')
        running = Running("node", "--config", node)
        self.addCleanup(running.kill)
        clients = {gateway: self.connect(running, gateway) for gateway in ("front", "side")}
        for gateway, client in clients.items():
            client.send({"n": 1})
            other = self.connect(running, gateway)
            other.socket.sendall(b"?\n")
            self.assertEqual(other.line()["error"]["code"], "bad_record")  # the gateway has read what came before
            other.close()
        self.assertEqual(running.terminate(), 1)
        self.assertEqual(clients["side"].line(), {"n": 1})
        self.assertEqual(running.summary("side")["lost"], 0)
        self.assertEqual(running.summary("front")["lost"], 1)

    def test_what_does_not_drain_in_time_is_named_and_what_is_lost_counted(self):
        running = self.start(SLOW.replace('from = "front"', 'from = "front"\noptions = { delay = "2s" }'),
                             "--drain_time_max", "100ms")
        client, other = self.connect(running), self.connect(running)
        client.send({"n": 1})
        self.assertEqual(client.line(), {"n": 1})
        client.send({"n": 2})
        other.socket.sendall(b"?\n")
        self.assertEqual(other.line()["error"]["code"], "bad_record")  # the gateway has read what came before
        other.close()
        self.assertEqual(running.terminate(), 1)
        self.assertTrue(any("was not drained in full (drain_time_max of the node: 100ms)" in line["text"] for line in running.lines), running.lines)
        self.assertEqual(client.line()["error"]["code"], "unavailable")
        summary = running.summary()
        self.assertEqual((summary["requests"], summary["answered"], summary["lost"]), (2, 1, 1))

    def test_one_way_records_that_bees_have_no_time_for_are_counted(self):
        one_way = ECHO.replace("test.echo", "test.slow").replace('answers = "last"', "")
        running = self.start(one_way + 'options = { delay = "400ms" }\n', "--drain_time_max", "600ms")
        client = self.connect(running)
        client.send(*({"n": n} for n in range(10)))
        client.socket.shutdown(socket.SHUT_WR)
        self.assertIsNone(client.line())  # all were taken
        self.assertEqual(running.terminate(), 1)
        said = next(line["text"] for line in running.lines if "on the way to it" in line["text"])
        count = int(re.fullmatch(r"bee 'last': lost (\d+) records in it or on the way to it", said)[1])
        self.assertGreaterEqual(count, 7)
        self.assertLessEqual(count, 10)

    def test_each_one_way_record_stands_somewhere_after_a_drain(self):
        for more in ("", 'delivery = "at_least_once"\n'):
            with self.subTest(more):
                running = self.start(more + SENDS_OUT, "--drain_time_max", "1s")
                reader = socket.create_connection(running.address("out"))  # which does not read
                self.addCleanup(reader.close)
                client = self.connect(running)
                client.send(*({"n": n, "padding": "x" * 10_000} for n in range(1500)))
                self.assertEqual(running.terminate(), 1)
                ended = running.summary("out")
                left = [re.search(r"lost (\d+) records? in it or on the way to it", line["text"])
                        for line in running.lines]
                lost = ended["lost"] + sum(int(found[1]) for found in left if found)
                self.assertGreater(lost, 0)
                self.assertEqual(running.summary()["requests"], ended["sent"] + lost)

    def answers_to_a_file(self, more=""):
        text = FILES.split("[gateways.sink]")[0].replace('path = "-"', f'path = "-"\nanswers = "last"\n{more}')
        running = self.start(text, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        lines = "".join(json.dumps({"n": n, "padding": "x" * 1000}) + "\n" for n in range(1000))
        self.addCleanup(running.process.stdout.close)
        running.process.stdin.write(lines)
        running.process.stdin.close()
        running.wait_for(lambda line: "read to its end: 1000 lines" in line["text"])
        return running

    def test_a_slow_reader_of_answers_has_the_time_of_the_drain(self):
        running = self.answers_to_a_file()
        running.process.send_signal(signal.SIGTERM)
        with self.assertRaises(subprocess.TimeoutExpired):
            running.process.wait(timeout=3)  # close_time_max, and more
        answers = [json.loads(line)["n"] for line in running.process.stdout]
        self.assertEqual(running.end(), 0)
        summary = running.summary("source")
        self.assertEqual(answers, list(range(1000)))
        self.assertEqual((summary["requests"], summary["answered"], summary["lost"]), (1000, 1000, 0))

    def test_answers_that_nobody_reads_in_time_are_lost_and_counted(self):
        running = self.answers_to_a_file('drain_time_max = "300ms"\nclose_time_max = "300ms"')
        self.assertEqual(running.terminate(), 1)
        whole = sum(line.endswith("\n") for line in running.process.stdout)
        summary = running.summary("source")
        self.assertGreater(summary["lost"], 0)
        self.assertEqual(summary["answered"], whole)
        self.assertEqual(summary["answered"] + summary["lost"], summary["requests"])

    def test_a_bee_that_never_returns_does_not_keep_the_process(self):
        running = self.start(ECHO.replace("test.echo", "test.stuck"), "--drain_time_max", "100ms")
        client = self.connect(running)
        client.send({"n": 1})
        running.wait_for(lambda line: "stuck from here on" in line["text"])
        running.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.ended_within(running, 0.1), 1)
        self.assertTrue(any("among them 1 bee: bee 'last'" in line["text"] for line in running.lines), running.lines)

    def ended_within(self, running, drain_time_max):
        """The exit code; the time that a drain may take and stop_time_max bound how long it takes to come."""
        stop_time_max, slack = 3.0, 1.5
        began = time.monotonic()
        code = running.end(timeout=60)
        self.assertLess(time.monotonic() - began, drain_time_max + stop_time_max + slack)
        return code

    def test_an_endless_loop_in_a_shared_bee_does_not_keep_the_process_beyond_the_time_of_a_drain(self):
        looping = ECHO.replace("test.echo", "test.looping")
        running = self.start(looping + OTHER, "--drain_time_max", "1s", "--threads", "3")
        for gateway in ("front", "side"):
            client = self.connect(running, gateway)
            client.send({"n": 1})
            self.assertEqual(client.line(), {"n": 1})
            client.send("loop")
            bee = "last" if gateway == "front" else "other"
            running.wait_for(lambda line: (line["text"], line["source"]) == ("loops from here on", f"echo.{bee}"))
        running.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.ended_within(running, 1.0), 1)
        named = next(line["text"] for line in running.lines if "exiting without them" in line["text"])
        self.assertIn("bee 'last' replica 0 of swarm 'echo', bee 'other' replica 0", named)

    def test_a_swarm_of_files_ends_by_itself_with_everything_written(self):
        running = self.start(FILES, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        records = [{"n": n} for n in range(5000)]
        out = self.exchange(running, "".join(json.dumps(record) + "\n" for record in records))
        self.assertEqual(running.end(), 0)
        self.assertEqual([json.loads(line) for line in out.splitlines()], records)

    def exchange(self, running, text):
        """Like `communicate`, but stderr stays with the log's reader."""
        written = threading.Thread(target=lambda: (running.process.stdin.write(text), running.process.stdin.close()))
        written.start()
        out = running.process.stdout.read()
        written.join()
        running.process.stdout.close()
        return out

    def test_answers_to_the_records_of_a_file_come_in_their_order(self):
        text = FILES.split("[gateways.sink]")[0].replace('path = "-"', 'path = "-"\nanswers = "last"')
        running = self.start(text.replace("test.echo", "test.slow"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        records = [{"n": n} for n in range(200)]
        out = self.exchange(running, "".join(json.dumps(record) + "\n" for record in records))
        self.assertEqual(running.end(), 0)
        self.assertEqual([json.loads(line) for line in out.splitlines()], records)

    def test_a_full_disk_ends_with_1_and_the_counts_say_how_much_is_lost(self):
        running = self.start(FILES.replace('path = "-"\nfrom', 'path = "/dev/full"\nfrom'), stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
        self.exchange(running, '{"n": 1}\n{"n": 2}\n')
        self.assertEqual(running.end(), 1)
        self.assertEqual(running.summary("source")["requests"], 2)
        self.assertEqual(running.summary("sink")["lost"], 2)
        self.assertTrue(any("gateway 'sink' failed: /dev/full" in line["text"] for line in running.lines), running.lines)

    def test_an_input_that_cannot_be_read_to_its_end_ends_with_1(self):
        running = self.start(FILES.replace('path = "-"', 'path = "/proc/self/mem"', 1))  # opens, and cannot be read at 0
        self.assertEqual(running.end(), 1)
        self.assertTrue(any("is read no further after line 0" in line["text"] for line in running.lines), running.lines)

    def test_an_empty_input_ends_with_0(self):
        running = self.start(FILES, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        out = self.exchange(running, "")
        self.assertEqual((running.end(), out), (0, ""))


if __name__ == "__main__":
    unittest.main()
