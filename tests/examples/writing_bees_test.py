"""docs/WRITING_BEES.md: its code is that of the examples, which are built and tested; its commands print what it shows."""

import unittest

from document import Document, DocumentTest

PAGE = Document("docs/WRITING_BEES.md")
EMBED = "../tests/package/embed/embed.cpp"
SENSORS = [f"07_sensors/{name}" for name in ("sensors.hpp", "sensors.cpp", "sensors_test.cpp")]


class WritingBeesTest(DocumentTest):
    def test_its_code_is_that_of_the_examples(self):
        self.assertGreater(len(PAGE.blocks("cpp")), 5)
        self.check_code(PAGE, "cpp", ["01_hello/hello.hpp", *SENSORS, "06_typed/typed.hpp", EMBED])

    def test_its_files_are_those_of_the_example(self):
        self.check_code(PAGE, "toml", ["07_sensors/sensors.toml"])
        self.check_code(PAGE, "cmake", ["07_sensors/CMakeLists.txt", "06_typed/CMakeLists.txt"])

    def test_commands_print_what_is_shown(self):
        self.assertIn("bees", self.check_commands(PAGE))


if __name__ == "__main__":
    unittest.main()
