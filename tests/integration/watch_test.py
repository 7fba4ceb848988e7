"""Bees that do not return, and bees that take all memory: who is named, who goes on, what the node does."""

import json
import signal
import subprocess
import time
import unittest

from skep_process import ECHO, LineClient, Running, SkepTest

CALLBACK_TIME_MAX = 0.5
NAMED_WITHIN = CALLBACK_TIME_MAX + 2  # bee_look_time is half a second: a call is seen by one look and named by a later one

LOOPING = """
name = "looping"
plugins = ["test_bees"]
[gateways.front]
type = "tcp"
listen = "127.0.0.1:0"
answers = "shared"
[bees.shared]
class = "test.looping"
from = "front"
[gateways.side]
type = "tcp"
listen = "127.0.0.1:0"
answers = "own"
deadline = "3s"
[bees.own]
class = "test.looping"
from = "side"
execution = "dedicated"
"""
NEIGHBOUR = ECHO.replace("front", "other").replace('"echo"', '"neighbour"', 1)
STUCK_APART = 'execution = "dedicated"\ncallback_time_max = "100ms"\n'


class WatchTest(SkepTest):
    def node(self, settings, **swarms):
        for name, text in swarms.items():
            self.write(f"{name}.toml", text)
        files = json.dumps([f"{name}.toml" for name in swarms])
        running = Running("node", "--config", self.write("node.toml", f"swarms = {files}\nthreads = 2\n{settings}"))
        self.addCleanup(running.kill)
        return running

    def looping(self, text=LOOPING):
        return self.node(f'callback_time_max = "{CALLBACK_TIME_MAX}s"\n', looping=text, neighbour=NEIGHBOUR)

    def named(self, running, name, what="has not returned from a call for "):
        return running.wait_for(lambda line: f"{name} {what}" in line["text"])

    def echoes(self, client, count=100):
        for n in range(count):
            client.send({"n": n})
            self.assertEqual(client.line(), {"n": n})

    def ask_until(self, running, gateway, wanted, request):
        """Sends `request` again and again; returns the first answer for which `wanted(answer)` holds."""
        client = LineClient(running.address(gateway))
        self.addCleanup(client.close)
        until = time.monotonic() + 20
        while time.monotonic() < until:
            client.send(request)
            answer = client.line()
            if wanted(answer):
                return answer
        raise AssertionError("never answered as wanted")

    def test_an_endless_loop_in_a_shared_bee_is_named_and_the_neighbour_goes_on(self):
        running = self.looping()
        client, other = self.connect(running), self.connect(running, "other")
        self.echoes(client)
        begun = time.monotonic()
        client.send("loop")
        self.named(running, "bee 'shared' replica 0 of swarm 'looping'")
        self.assertLess(time.monotonic() - begun, NAMED_WITHIN)
        self.echoes(other)
        self.assertFalse(any("is given up" in line["text"] for line in running.lines), running.lines)

    def test_an_endless_loop_in_a_dedicated_bee_is_named_and_another_takes_its_place(self):
        running = self.looping()
        self.connect(running).send("loop")  # one of the two threads for shared bees is gone: supervisors have their own
        side = self.connect(running, "side")
        self.echoes(side)
        begun = time.monotonic()
        side.send("loop")
        line = self.named(running, "bee 'own' replica 0 of swarm 'looping'")
        self.assertLess(time.monotonic() - begun, NAMED_WITHIN)
        self.assertEqual(line["level"], "error")
        self.assertRegex(line["text"], r"for [0-9.]+(ms|s) \(callback_time_max\)$")
        running.wait_for(lambda line: "bee 'own' is given up with its thread: has not returned" in line["text"])
        running.wait_for(lambda line: "restarting bee 'own'" in line["text"])
        self.ask_until(running, "side", lambda answer: answer == {"n": 1}, {"n": 1})
        self.assertEqual(side.line()["error"]["code"], "deadline_exceeded")
        self.echoes(side)
        self.echoes(self.connect(running, "other"))

    def test_what_was_left_behind_is_named_and_counted_at_the_end(self):
        running = self.looping(LOOPING.replace('"test.looping"', '"test.echo"', 1))
        side = self.connect(running, "side")
        side.send("loop")
        running.wait_for(lambda line: "restarting bee 'own'" in line["text"])
        self.ask_until(running, "side", lambda answer: answer == {"n": 1}, {"n": 1})
        begun = time.monotonic()
        self.assertEqual(running.terminate(), 1)
        self.assertLess(time.monotonic() - begun, 5.5)  # the deadline of the first request; not stop_time_max, 3 s, more
        self.assertTrue(any("1 bee: bee 'own' replica 0 of swarm 'looping'; exiting without them" in line["text"]
                            for line in running.lines), running.lines)

    def test_a_bee_that_fails_so_again_and_again_fails_its_swarm(self):
        running = self.looping(LOOPING + "[supervision]\nintensity = 1\n")
        for _ in range(2):
            self.ask_until(running, "side", lambda answer: answer == {"n": 1}, {"n": 1})
            self.connect(running, "side").send("loop")
            running.wait_for(lambda line: "restarting bee 'own'" in line["text"] or "has failed" in line["text"])
        failed = running.wait_for(lambda line: "swarm 'looping' has failed" in line["text"])
        self.assertIn("has not returned from a call", failed["text"])
        self.echoes(self.connect(running, "other"))

    def slow(self, delay, callback_time_max, more=""):
        """A bee that is asked and takes its time; and the client that asked."""
        swarm = (ECHO.replace("test.echo", "test.slow").replace('"echo"', '"slow"', 1)
                 + f'options = {{ delay = "{delay}" }}\n{more}')
        running = self.node(f'callback_time_max = "{callback_time_max}"\n', slow=swarm)
        client = self.connect(running)
        client.send({"n": 1})
        return running, client

    def answers_and_was_never_named(self, running, client):
        self.assertEqual(client.line(), {"n": 1})
        self.assertEqual(running.terminate(), 0)
        self.assertFalse(any("callback_time_max" in line["text"] for line in running.lines), running.lines)

    def test_a_call_that_was_only_slow_is_named_again_when_it_returns(self):
        running, client = self.slow("2500ms", f"{CALLBACK_TIME_MAX}s")
        self.named(running, "bee 'last' replica 0 of swarm 'slow'")
        self.assertEqual(client.line(), {"n": 1})
        self.named(running, "bee 'last' replica 0 of swarm 'slow'", "has returned from a call that took more than ")
        self.assertEqual(running.terminate(), 0)

    def test_a_bee_may_be_allowed_more(self):
        more = 'execution = "dedicated"\ncallback_time_max = "1m"\n'
        self.answers_and_was_never_named(*self.slow("2500ms", f"{CALLBACK_TIME_MAX}s", more))

    def test_a_bee_is_not_given_up_for_the_time_in_which_the_process_was_stopped(self):
        running, client = self.slow("2s", "4s", 'execution = "dedicated"\n')
        for signal_, seconds in ((signal.SIGSTOP, 1), (signal.SIGCONT, 5)):  # stopped in the midst of the call
            with self.assertRaises(subprocess.TimeoutExpired):
                running.process.wait(timeout=seconds)
            running.process.send_signal(signal_)
        self.answers_and_was_never_named(running, client)

    def test_a_bee_that_hoards_makes_the_node_shed_and_then_exit_with_the_reason(self):
        hoarding = ECHO.replace("test.echo", "test.hoarding").replace('"echo"', '"hoarding"', 1)
        running = self.node('memory_max = "320MiB"\n', hoarding=hoarding, neighbour=NEIGHBOUR)
        client, other = self.connect(running), self.connect(running, "other")
        self.echoes(other)
        client.send("hoard")
        self.assertEqual(client.line(), "hoard")
        refused = self.ask_until(running, "other", lambda answer: "error" in answer, {"n": 1})["error"]
        self.assertEqual((refused["code"], refused["retry"]), ("overloaded", "safe"))
        self.assertRegex(refused["message"], r"memory: 2[78][0-9]MiB of 320MiB in use \(8[5-9] %\)")
        self.assertEqual(running.end(), 1)
        texts = [line["text"] for line in running.lines]
        shed = [n for n, text in enumerate(texts) if text.endswith("gateways take no more requests")]
        exits = [n for n, text in enumerate(texts) if "exits before it is killed (memory_max)" in text]
        self.assertEqual((len(shed), len(exits)), (1, 1), texts)
        self.assertLess(shed[0], exits[0])
        self.assertRegex(texts[exits[0]], r"memory: 3[01][0-9]MiB of 320MiB in use \(9[5-9] %\)")

    def test_a_bee_that_takes_all_at_once_ends_the_node_with_the_reason(self):
        hoarding = ECHO.replace("test.echo", "test.hoarding").replace('"echo"', '"hoarding"', 1)
        running = self.node('memory_max = "512MiB"\n', hoarding=hoarding)
        self.connect(running).send("flood")
        self.assertEqual(running.end(), 1)
        self.assertIn("exits before it is killed (memory_max)", running.lines[-1]["text"])

    def test_a_failed_swarm_ends_without_the_bee_that_was_given_up(self):
        running = self.start(ECHO.replace("test.echo", "test.stuck") + STUCK_APART + "[supervision]\nintensity = 0\n")
        client = self.connect(running)
        client.send({"n": 1}, {"n": 2})
        running.wait_for(lambda line: "has failed" in line["text"])
        client.close()
        self.assertEqual(running.terminate(), 1)
        self.assertFalse([line for line in running.lines if "was not drained" in line["text"]])

    def test_what_a_one_way_gateway_had_sent_to_a_bee_that_was_given_up_counts_as_lost(self):
        one_way = ECHO.replace("test.echo", "test.stuck").replace('answers = "last"\n', "")
        running = self.start(one_way + STUCK_APART)
        client = self.connect(running)
        client.send({"n": 1}, {"n": 2}, {"n": 3})
        running.wait_for(lambda line: "restarting bee 'last'" in line["text"])
        running.terminate()
        self.assertEqual(running.summary()["lost"], 3)


if __name__ == "__main__":
    unittest.main()
