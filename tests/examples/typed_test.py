"""06_typed: JSON in and out over a socket, structs of the example's own schema between, mistakes that lint finds."""

import json
import os
import re
import subprocess
import tempfile
import unittest

from document import ROOT, Document, DocumentTest
from example import DEADLINE, ExampleTest, LineClient

from skep_process import PROGRAM, environment

FOLDER = ROOT / "examples/06_typed"
README = Document("examples/06_typed/README.md")


class TypedTest(ExampleTest, DocumentTest):
    def test_answers_are_those_of_the_readme(self):
        running = self.run_example("06_typed/typed.toml", TYPED_LISTEN="127.0.0.1:0")
        client = LineClient(running.address("readings"))
        self.addCleanup(client.close)
        client.send(*[json.loads(line) for line in (FOLDER / "readings.jsonl").read_text().splitlines()])
        shown = re.search(r"(?ms)^\$ nc -N [^\n]*\n(.*)", README.blocks("console")[1]).group(1)
        wanted = [json.loads(line) for line in shown.splitlines()]
        self.assertEqual([client.line() for _ in wanted], wanted)

    def test_the_readme_shows_the_graph(self):
        os.environ.pop("TYPED_LISTEN", None)
        self.check_commands(README)

    def lint(self, old, new):
        """What lint says of the example's file with one thing changed in it."""
        text = (FOLDER / "typed.toml").read_text()
        self.assertIn(old, text)
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write(text.replace(old, new))
            file.flush()
            done = subprocess.run([PROGRAM, "lint", file.name], env=environment(), capture_output=True, text=True,
                                  timeout=DEADLINE, check=False)
        self.assertNotEqual(done.returncode, 0)
        return done.stdout + done.stderr

    def test_lint_knows_the_types_of_the_plug_in_from_its_manifest(self):
        self.assertRegex(self.lint('[{ bee = "judge", route = "key" }]', '"readings"'),
                         r"'tally' reads Verdict of plug-in 'typed', and 'judge' reads Reading of plug-in 'typed'")
        self.assertRegex(self.lint('"$.sensor"', '"$.senser"'),
                         r":7:14: error: 'key' of gateway 'readings': Reading has no field 'senser' "
                         r"\(did you mean 'sensor'\?\)")


if __name__ == "__main__":
    unittest.main()
