"""01_hello: a name in, one line with greeting and farewell out."""

import subprocess
import unittest

from example import DEADLINE, ExampleTest


class HelloTest(ExampleTest):
    def setUp(self):
        super().setUp()
        self.running = self.run_example("01_hello/hello.toml", HELLO_LISTEN="127.0.0.1:0")
        self.host, self.port = self.running.address("door")

    def netcat(self, text):
        done = subprocess.run(["nc", "-N", self.host, str(self.port)], input=text, capture_output=True, text=True,
                              timeout=DEADLINE, check=True)
        return done.stdout

    def test_a_name_comes_back_with_greeting_and_farewell(self):
        self.assertEqual(self.netcat("Ada\n"), "Hello, Ada! Goodbye!\n")

    def test_answers_come_in_the_order_of_the_names(self):
        names = [f"name{i}" for i in range(500)]
        answers = self.netcat("".join(name + "\n" for name in names)).splitlines()
        self.assertEqual(answers, [f"Hello, {name}! Goodbye!" for name in names])

    def test_an_empty_name_is_an_error_in_its_place(self):
        error, answer = self.netcat("\nGrace\n").splitlines()
        self.assertIn('"bad_record"', error)
        self.assertIn("expected a name", error)
        self.assertEqual(answer, "Hello, Grace! Goodbye!")

    def test_it_ends_with_0_when_asked_to(self):
        self.netcat("Ada\n")
        self.assertEqual(self.running.terminate(), 0)


if __name__ == "__main__":
    unittest.main()
