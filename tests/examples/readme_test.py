"""README.md: its commands print what it shows, and its code is that of the example it names."""

import unittest

from document import Document, DocumentTest
from example import EXAMPLES

README = Document("README.md")
HELLO = [f"01_hello/{name}" for name in ("hello.hpp", "hello.cpp", "hello_test.cpp")]


class ReadmeTest(DocumentTest):
    def test_commands_print_what_is_shown(self):
        self.assertLessEqual({"graph", "lint", "test"}, self.check_commands(README))

    def test_its_code_is_that_of_the_example(self):
        self.assertGreater(len(README.blocks("cpp")), 3)
        self.check_code(README, "cpp", HELLO)

    def test_its_swarm_file_is_the_one_of_the_example(self):
        self.assertIn((EXAMPLES / "01_hello" / "hello.toml").read_text(), README.blocks("toml"))

    def test_its_test_is_the_one_of_the_example(self):
        self.assertTrue(any(block.startswith("[[test]]") and block in (EXAMPLES / "02_branch" / "branch.toml").read_text()
                            for block in README.blocks("toml")))

    def test_it_states_no_number_of_tests(self):
        self.assertNotRegex(README.text, r"(?m)\d+ tests(?!: \d+ ok$)|out of \d+")


if __name__ == "__main__":
    unittest.main()
