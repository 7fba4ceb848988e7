"""A gateway on several I/O threads of a real process: all of them work, a drain answers all, tokens are read again by all."""

import pathlib
import signal
import unittest

from skep_process import ECHO, SkepTest

THREADS = 3
SPREAD = ECHO.replace('answers = "last"', f'answers = "last"\nthreads = {THREADS}')


def run_times(pid):
    """I/O thread -> nanoseconds that it has run, as the kernel says."""
    times = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        name = (task / "comm").read_text().strip()
        if name.startswith("skep-io"):
            times[name] = int((task / "schedstat").read_text().split()[0])
    return times


class IoThreadsTest(SkepTest):
    def clients(self, running, count):
        clients = [self.connect(running) for _ in range(count)]
        for client in clients:
            client.send({"n": 0})
            self.assertEqual(client.line(), {"n": 0})
        return clients

    def test_each_thread_has_its_part_of_the_clients(self):
        running = self.start(SPREAD, "--io_threads", str(THREADS))
        running.address()
        before = run_times(running.process.pid)
        self.assertEqual(sorted(before), ["skep-io", "skep-io/1", "skep-io/2"])
        clients = self.clients(running, 2 * THREADS)
        for number in range(1, 200):
            for client in clients:
                client.send({"n": number})
            for client in clients:
                self.assertEqual(client.line(), {"n": number})
        after = run_times(running.process.pid)
        worked = {name: after[name] - before[name] for name in before}
        self.assertGreater(min(worked.values()), max(worked.values()) / 4, worked)
        self.assertEqual(running.terminate(), 0)

    def test_a_drain_answers_what_every_thread_has_taken(self):
        slow = SPREAD.replace('class = "test.echo"', 'class = "test.slow"\noptions = { delay = "20ms" }')
        running = self.start(slow, "--io_threads", str(THREADS))
        clients = [self.connect(running) for _ in range(2 * THREADS)]
        for client in clients:
            for number in range(10):
                client.send({"n": number})
        for client in clients:
            self.assertEqual(client.line(), {"n": 0})
        running.process.send_signal(signal.SIGTERM)
        for client in clients:
            answers = []
            while (line := client.line()) is not None:
                answers.append(line)
            # What had not been read when the drain began is refused, after all that had.
            good = [answer["n"] for answer in answers if "n" in answer]
            self.assertEqual(good, list(range(1, len(good) + 1)))
            for refused in answers[len(good):]:
                self.assertEqual(refused["error"]["code"], "unavailable")
        self.assertEqual(running.end(), 0)

    def test_more_threads_than_the_node_has_share_them(self):
        running = self.start(SPREAD)
        for client in self.clients(running, 2 * THREADS):
            client.send({"n": 1})
            self.assertEqual(client.line(), {"n": 1})
        self.assertEqual(sorted(run_times(running.process.pid)), ["skep-io"])
        self.assertEqual(running.terminate(), 0)


if __name__ == "__main__":
    unittest.main()
