"""What the tests of documents share: what a document shows runs, and its code is that of an example."""

import re
import subprocess
import unittest

from example import DEADLINE, EXAMPLES

from skep_process import PROGRAM, environment

ROOT = EXAMPLES.parent
WAITS = ("run", "node")  # verbs that go on until they are stopped; other tests run them


def shown(text):
    """`...` stands for anything."""
    return ".*".join(re.escape(part) for part in text.split("..."))


class Document:
    def __init__(self, path):
        self.text = (ROOT / path).read_text()

    def blocks(self, language):
        return re.findall(rf"(?ms)^```{language}\n(.*?)^```", self.text)

    def commands(self):
        """(words, output) of each command of the program that ends by itself and is shown with what it prints."""
        for block in self.blocks("console"):
            for command, output in re.findall(r"(?m)^\$ ([^\n]*)\n((?:(?!\$ )[^\n]*\n)*)", block):
                words = command.split()
                if words[0] == "build/release/bin/skep" and words[1] not in WAITS and output.strip():
                    yield words[1:], output.rstrip("\n")


class DocumentTest(unittest.TestCase):
    def check_commands(self, document):
        """Each prints what is shown; returns their verbs."""
        verbs = set()
        for words, output in document.commands():
            done = subprocess.run([PROGRAM, *words], cwd=ROOT, env=environment(), stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=DEADLINE, check=False)
            self.assertRegex(done.stdout.rstrip("\n"), rf"(?s)\A{shown(output)}\Z", words)
            verbs.add(words[0])
        return verbs

    def check_code(self, document, language, paths):
        """Each block stands in one of these files of the examples, as it is or further in."""
        sources = [(EXAMPLES / path).read_text() for path in paths]
        for block in document.blocks(language):
            code = re.sub(r'(?m)^#include "skep/.*\n+', "", block)
            self.assertTrue(any(code in re.sub("(?m)^  ", "", source) or code in source for source in sources), code)
