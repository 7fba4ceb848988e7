"""What fails in one swarm, and who notices."""

import json
import unittest

from skep_process import ECHO, Running, SkepTest, skep

NEIGHBOUR = ECHO.replace("front", "other").replace('"echo"', '"neighbour"', 1)
UNSTARTABLE = ECHO.replace("test.echo", "test.unstartable").replace('"echo"', '"broken"', 1)
FAILS_LATER = (ECHO.replace("test.echo", "test.starts_once").replace('"echo"', '"failing"', 1)
               + "[supervision]\nintensity = 2\n")


class SupervisionTest(SkepTest):
    def node(self, **swarms):
        for name, text in swarms.items():
            self.write(f"{name}.toml", text)
        files = json.dumps([f"{name}.toml" for name in swarms])
        running = Running("node", "--config", self.write("node.toml", f"swarms = {files}\nthreads = 2\n"))
        self.addCleanup(running.kill)
        return running

    def failed(self, running):
        return running.wait_for(lambda line: "has failed" in line["text"])

    def test_a_bee_that_never_starts_fails_its_swarm_and_leaves_the_neighbour_alone(self):
        running = self.node(broken=UNSTARTABLE, neighbour=NEIGHBOUR)
        self.assertIn("no fuel", self.failed(running)["text"])
        client = self.connect(running, "other")
        for n in range(100):
            client.send({"n": n})
            self.assertEqual(client.line(), {"n": n})
        self.assertEqual(running.terminate(), 1)

    def test_a_node_whose_only_swarm_does_not_start_exits_with_1(self):
        running = self.node(broken=UNSTARTABLE)
        self.assertEqual(running.end(), 1)

    def test_a_swarm_that_fails_later_answers_unavailable_and_the_neighbour_does_not_notice(self):
        running = self.node(failing=FAILS_LATER, neighbour=NEIGHBOUR)
        client, other = self.connect(running), self.connect(running, "other")
        client.send({"n": 1}, "throw", {"n": 2})
        self.assertEqual(client.line(), {"n": 1})
        self.assertEqual(client.line()["error"]["code"], "bee_failed")
        self.assertEqual(client.line()["error"]["code"], "unavailable")
        self.assertIn("more than 2 restarts within 30s", self.failed(running)["text"])
        client.send({"n": 3})
        error = client.line()["error"]
        self.assertEqual((error["code"], error["retry"]), ("unavailable", "safe"))
        self.assertIn("the licence is used up", error["message"])
        for n in range(100):
            other.send({"n": n})
            self.assertEqual(other.line(), {"n": n})
        self.assertEqual(running.terminate(), 1)

    def test_a_program_whose_only_swarm_fails_ends_by_itself_with_1(self):
        running = self.start(FAILS_LATER)
        client = self.connect(running)
        client.send("throw", {"n": 2})
        self.assertEqual(client.line()["error"]["code"], "bee_failed")
        self.assertEqual(client.line()["error"]["code"], "unavailable")
        self.assertEqual(running.end(), 1)
        self.assertTrue(any("has failed" in line["text"] for line in running.lines), running.lines)

    def test_single_throws_never_fail_a_swarm(self):
        text = ECHO.replace("test.echo", "test.throwing") + "[supervision]\nintensity = 0\n"
        running = self.start(text)
        client = self.connect(running)
        client.send(*({"n": n} for n in range(1, 1001)))
        answers = [client.line() for _ in range(1000)]
        failed = [n for n, answer in enumerate(answers, 1) if "error" in answer]
        self.assertEqual(failed, list(range(100, 1001, 100)))
        self.assertEqual([answer["n"] for answer in answers if "n" in answer], [n for n in range(1, 1001) if n % 100])
        self.assertEqual(running.terminate(), 0)

    def test_lint_refuses_what_gateways_cannot_have(self):
        path = self.write("wrong.toml", ECHO.replace('type = "tcp"', 'type = "tcp"\nstrategy = "one_for_all"'))
        result = skep("lint", path)
        self.assertEqual(result.returncode, 3)
        self.assertRegex(result.stderr, r"wrong\.toml:\d+:1: error: a gateway has no 'strategy' \(gateways are always")


if __name__ == "__main__":
    unittest.main()
