"""docs/WRITING_GATEWAYS.md: its code is that of the example, which is built and tested."""

import unittest

from document import Document, DocumentTest

PAGE = Document("docs/WRITING_GATEWAYS.md")
FILES = [f"04_custom_gateway/{name}" for name in
         ("udp.hpp", "udp.cpp", "ticker.hpp", "example.cpp", "udp_test.cpp", "ticker_test.cpp")]


class WritingGatewaysTest(DocumentTest):
    def test_its_code_is_that_of_the_example(self):
        self.assertGreater(len(PAGE.blocks("cpp")), 10)
        self.check_code(PAGE, "cpp", FILES)

    def test_its_files_are_those_of_the_example(self):
        self.check_code(PAGE, "toml", ["04_custom_gateway/custom.toml"])
        self.check_code(PAGE, "cmake", ["04_custom_gateway/CMakeLists.txt"])


if __name__ == "__main__":
    unittest.main()
