"""docs/TUTORIAL.md and docs/HOW_TO.md: their code is that of the examples, their commands print what is shown."""

import unittest

from document import Document, DocumentTest
from example import EXAMPLES

TUTORIAL = Document("docs/TUTORIAL.md")
HOW_TO = Document("docs/HOW_TO.md")
SWARMS = [str(path.relative_to(EXAMPLES)) for path in sorted(EXAMPLES.glob("*/*.toml"))]
HELLO = [f"01_hello/{name}" for name in ("hello.hpp", "hello.cpp", "hello_test.cpp")]


class GuidesTest(DocumentTest):
    def test_code_of_the_tutorial_is_that_of_the_examples(self):
        self.assertGreater(len(TUTORIAL.blocks("cpp")), 4)
        self.check_code(TUTORIAL, "cpp", [*HELLO, "03_digits/normalize.cpp"])
        self.check_code(TUTORIAL, "cmake", ["01_hello/CMakeLists.txt"])

    def test_tables_of_both_are_those_of_the_examples(self):
        self.assertGreater(len(HOW_TO.blocks("toml")), 6)
        for page in (TUTORIAL, HOW_TO):
            self.check_code(page, "toml", SWARMS)

    def test_commands_print_what_is_shown(self):
        self.assertLessEqual({"graph", "lint"}, self.check_commands(TUTORIAL))


if __name__ == "__main__":
    unittest.main()
