"""README.md: its commands print what it shows, and its code is that of the example it names."""

import pathlib
import re
import subprocess
import unittest

from example import DEADLINE, EXAMPLES

from skep_process import PROGRAM, environment

ROOT = EXAMPLES.parent
README = (ROOT / "README.md").read_text()
WAITS = ("run", "node")  # verbs that go on until they are stopped; other tests run them


def blocks(language):
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```", README)


def commands():
    """(words, output) of each command of the program that ends by itself and is shown with what it prints."""
    for block in blocks("console"):
        for command, output in re.findall(r"(?m)^\$ ([^\n]*)\n((?:(?!\$ )[^\n]*\n)*)", block):
            words = command.split()
            if words[0] == "build/release/bin/skep" and words[1] not in WAITS and output.strip():
                yield words[1:], output.rstrip("\n")


def shown(text):
    """`...` stands for anything."""
    return ".*".join(re.escape(part) for part in text.split("..."))


class ReadmeTest(unittest.TestCase):
    def test_commands_print_what_is_shown(self):
        verbs = set()
        for words, output in commands():
            done = subprocess.run([PROGRAM, *words], cwd=ROOT, env=environment(), stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=DEADLINE, check=False)
            self.assertRegex(done.stdout.rstrip("\n"), rf"(?s)\A{shown(output)}\Z", words)
            verbs.add(words[0])
        self.assertLessEqual({"graph", "lint"}, verbs)

    def test_its_code_is_that_of_the_example(self):
        sources = [path.read_text() for path in sorted((EXAMPLES / "01_hello").glob("*.?pp"))]
        self.assertGreater(len(blocks("cpp")), 3)
        for block in blocks("cpp"):
            code = re.sub(r'(?m)^#include "skep/.*\n+', "", block)
            self.assertTrue(any(code in re.sub("(?m)^  ", "", source) or code in source for source in sources), code)

    def test_its_swarm_file_is_the_one_of_the_example(self):
        self.assertIn((EXAMPLES / "01_hello" / "hello.toml").read_text(), blocks("toml"))

    def test_it_states_no_number_of_tests(self):
        self.assertNotRegex(README, r"\d+ tests|out of \d+")


if __name__ == "__main__":
    unittest.main()
