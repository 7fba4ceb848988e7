"""at_least_once with real processes: a bee hangs on one record, is given up again and again, and costs no other."""

import json
import threading
import unittest

from skep_process import SkepTest

COUNT = 200
AT = 70  # of the record that hangs

# front -> first -> work -> front; what work sends also goes out to a file
DIRECT = """
name = "orders"
delivery = "at_least_once"
plugins = ["test_bees"]
[gateways.front]
type = "tcp"
listen = "127.0.0.1:0"
answers = "work"
deadline = "60s"
[bees.work]
class = "test.hanging"
from = "front"
execution = "dedicated"
callback_time_max = "200ms"
[gateways.out]
type = "file"
path = "{out}"
from = "work"
[supervision]
intensity = 10
"""
BEHIND = DIRECT.replace("""from = "front"
""", """from = "first"
""") + """[bees.first]
class = "test.echo"
from = "front"
"""


class DeliveryTest(SkepTest):
    def start_orders(self, text):
        self.out = self.folder / "out.json"
        return self.start(text.format(out=self.out))

    def requests(self, name, hangs):
        return [{"client": name, "n": n, **({"do": "hang"} if n == AT and hangs else {})} for n in range(COUNT)]

    def talk(self, running, answers, name, hangs=False):
        """Sends all requests at once; reads as many answers."""
        client = self.connect(running)
        client.send(*self.requests(name, hangs))
        client.socket.settimeout(60)
        answers[name] = [client.line() for _ in range(COUNT)]
        client.socket.settimeout(0.5)  # nothing more comes
        self.assertRaises(TimeoutError, client.line)

    def check(self, running):
        answers = {}
        clients = [threading.Thread(target=self.talk, args=(running, answers, name, name == "a")) for name in "abc"]
        for client in clients:
            client.start()
        for client in clients:
            client.join(90)
        for name in "abc":
            expected = self.requests(name, name == "a")
            got = answers[name]
            if name == "a":
                error = got[AT]["error"]
                self.assertEqual((error["code"], error["retry"]), ("bee_failed", "unknown"))
                del expected[AT], got[AT]
            self.assertEqual(got, expected)  # each once, in the order of the requests
        self.assertEqual(running.terminate(), 1)  # threads were left behind
        given_up = sum("is given up with its thread" in line["text"] for line in running.lines)
        self.assertIn(given_up, (3, 4), "once in company, if others were with it, and three times alone")
        counts = running.summary()
        self.assertEqual((counts["answered"], counts["failed"], counts["expired"]), (3 * COUNT - 1, 1, 0))
        self.check_file()

    def check_file(self):
        """Each record went out, and each client's first copies in order."""
        lines = [json.loads(line) for line in self.out.read_text().splitlines()]
        for name in "abc":
            numbers = list(dict.fromkeys(line["n"] for line in lines if line["client"] == name))
            self.assertEqual(numbers, [n for n in range(COUNT) if name != "a" or n != AT])

    def test_a_record_that_hangs_a_bee_behind_another_costs_no_other_record(self):
        self.check(self.start_orders(BEHIND))

    def test_a_record_that_hangs_a_bee_behind_a_gateway_costs_no_other_record(self):
        self.check(self.start_orders(DIRECT))

    def test_under_at_most_once_it_costs_what_the_bee_had(self):
        running = self.start_orders(DIRECT.replace("at_least_once", "at_most_once").replace("60s", "3s"))
        client = self.connect(running)
        client.send(*self.requests("a", True))
        answers = [client.line() for _ in range(COUNT)]
        lost = [answer for answer in answers if answer.get("error", {}).get("code") == "deadline_exceeded"]
        self.assertGreaterEqual(len(lost), 1)
        self.assertEqual(running.terminate(), 1)
        self.assertEqual(sum("is given up with its thread" in line["text"] for line in running.lines), 1)


if __name__ == "__main__":
    unittest.main()
