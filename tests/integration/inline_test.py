"""Bees whose slices are short run on the I/O thread; one that then does not return loses it, and its clients alone wait."""

import pathlib
import select
import time
import unittest

from skep_process import DEADLINE, ECHO, Running, SkepTest

REQUESTS = 300  # a mean of some 256 slices has to come below `inline_time_max`
BRIEF = 'inline_time_max = "1ms"\n'  # whatever the machine
LOOPING = ECHO.replace("test.echo", "test.looping").replace('"echo"', '"looping"', 1)
NEIGHBOUR = ECHO.replace("front", "other").replace('"echo"', '"neighbour"', 1)


def threads(pid):
    """(number, name, how often it was given a core) of each that there is."""
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            yield task.name, (task / "comm").read_text().strip(), int((task / "schedstat").read_text().split()[2])
        except OSError:  # it has just ended
            pass


def scheduled(pid):
    """How often the threads of the scheduler were given a core."""
    return sum(runs for _, name, runs in threads(pid) if name.startswith("caf."))


def owner(pid):
    """The thread that has the loop."""
    return [number for number, name, _ in threads(pid) if name == "skep-io"]


def echoes(test, client, count):
    for n in range(count):
        client.send({"n": n})
        test.assertEqual(client.line(), {"n": n})


class InlineTest(SkepTest):
    def node(self, settings, **swarms):
        files = [self.write(f"{name}.toml", text) for name, text in swarms.items()]
        running = Running("node", "--config", self.write("node.toml", f"swarms = {files}\nthreads = 2\n{settings}"))
        self.addCleanup(running.kill)
        return running

    def wake_ups(self, running, client):
        """Of the scheduler's threads, for so many requests."""
        before = scheduled(running.process.pid)
        echoes(self, client, REQUESTS)
        return scheduled(running.process.pid) - before

    def turn_inline(self, running, client):
        """Asks until its bee runs inline: on a busy machine slices seem long for a while."""
        until = time.monotonic() + DEADLINE
        while self.wake_ups(running, client) >= REQUESTS / 2:
            self.assertLess(time.monotonic(), until, "not inline")

    def thread_named(self, running, name):
        until = time.monotonic() + DEADLINE
        while not any(its == name for _, its, _ in threads(running.process.pid)):
            self.assertLess(time.monotonic(), until, name)

    def get_stuck(self):
        """A node whose brief bee does not return, and a client of another gateway."""
        running = self.node(BRIEF + 'drain_time_max = "2s"\n', looping=LOOPING, neighbour=NEIGHBOUR)
        client, other = self.connect(running), self.connect(running, "other")
        for one in client, other:
            self.turn_inline(running, one)
        client.send("loop inline")
        until = time.monotonic() + DEADLINE
        while not any(name == "skep-stuck" for _, name, _ in threads(running.process.pid)):
            self.assertLess(time.monotonic(), until, "nobody is stuck")
            if select.select([client.socket], [], [], 0.01)[0]:  # a worker had that one
                client.line()
                client.send("loop inline")
        return running, other

    def lose_loop(self, running, client):
        """Has the bee rest until that cost its thread the loop; returns which has it now."""
        until = time.monotonic() + DEADLINE
        before = after = owner(running.process.pid)
        while before == after:
            self.assertLess(time.monotonic(), until, "no takeover")
            self.turn_inline(running, client)
            client.send("rest")
            self.assertEqual(client.line(), "rest")
            after = owner(running.process.pid)
        return after

    def test_a_brief_bee_wakes_no_thread(self):
        running = self.node(BRIEF, echo=ECHO)
        client = self.connect(running)
        self.turn_inline(running, client)
        self.assertEqual(running.terminate(), 0)

    def test_where_there_is_no_time_for_it_no_bee_runs_inline(self):
        running = self.node('inline_time_max = "0s"\n', echo=ECHO)
        client = self.connect(running)
        echoes(self, client, REQUESTS)
        self.assertGreater(self.wake_ups(running, client), REQUESTS / 2)
        self.assertEqual(running.terminate(), 0)

    def test_others_go_on_beside_a_bee_that_does_not_return(self):
        running, other = self.get_stuck()
        self.assertGreater(self.wake_ups(running, other), REQUESTS / 2, "nobody stands by: no bee may run inline")
        echoes(self, self.connect(running, "other"), 1)

    def test_a_node_with_one_that_is_stuck_comes_to_its_end(self):
        running, _ = self.get_stuck()
        running.process.terminate()
        self.assertEqual(running.end(), 1)
        self.assertTrue(any("exiting without them" in line["text"] for line in running.lines), running.lines)

    def test_when_it_has_returned_its_thread_stands_by(self):
        running = self.node(BRIEF, looping=LOOPING)
        client = self.connect(running)
        first = owner(running.process.pid)
        second = self.lose_loop(running, client)
        self.thread_named(running, "skep-spare")
        self.turn_inline(running, client)
        self.assertEqual(self.lose_loop(running, client), first, "only one that stands by can have taken it")
        self.assertNotEqual(first, second)
        self.assertEqual(running.terminate(), 0)


if __name__ == "__main__":
    unittest.main()
