"""08_in_code: a swarm built in C++ answers, and is printed as a swarm file; docs/EMBEDDING.md shows the same."""

import os
import subprocess
import unittest

from document import Document, DocumentTest
from example import DEADLINE

IN_CODE = os.environ["SKEP_IN_CODE"]
PAGE = Document("docs/EMBEDDING.md")


class InCodeTest(DocumentTest):
    def test_it_answers_and_ends_with_its_input(self):
        with subprocess.Popen([IN_CODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as running:
            self.addCleanup(running.kill)
            host, port = running.stdout.readline().rsplit(":", 1)
            client = subprocess.run(["nc", "-N", host, port.strip()], input="4.2\n101\n", capture_output=True, text=True,
                                    timeout=DEADLINE, check=True)
            self.assertEqual(client.stdout, '42\n{"error": {"code": "rejected", "message": "it is too large", '
                                            '"retry": "unknown"}}\n')
            _, log = running.communicate(timeout=DEADLINE)
        self.assertEqual(running.returncode, 0, log)
        self.assertIn("too large: 1010", log)

    def test_it_is_printed_as_the_file_that_says_the_same(self):
        done = subprocess.run([IN_CODE, "--toml"], stdout=subprocess.PIPE, text=True, timeout=DEADLINE, check=True)
        self.assertIn(done.stdout, PAGE.blocks("toml"))

    def test_the_page_quotes_the_example(self):
        self.assertGreater(len(PAGE.blocks("cpp")), 3)
        self.check_code(PAGE, "cpp", [f"08_in_code/{name}" for name in ("in_code.hpp", "in_code.cpp", "in_code_test.cpp")])

    def test_commands_print_what_is_shown(self):
        self.assertEqual(self.check_commands(PAGE), {"export"})


if __name__ == "__main__":
    unittest.main()
