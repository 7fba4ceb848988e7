"""05_window: what its README shows of windows, rates and joins."""

import json
import re
import subprocess
import unittest

from document import ROOT, Document
from example import DEADLINE, ExampleTest, LineClient

from skep_process import PROGRAM, environment

README = Document("examples/05_window/README.md")


def shown_after(command):
    """The lines that the README shows after the command that has this text."""
    for block in README.blocks("console"):
        found = re.search(rf"(?ms)^\$ [^\n]*{re.escape(command)}[^\n]*\n(.*)", block)
        if found and found.group(1):
            return [json.loads(line) for line in found.group(1).splitlines()]
    raise AssertionError(f"the README shows nothing after {command}")


class WindowTest(ExampleTest):
    def test_windows_are_those_of_the_readme(self):
        with open(ROOT / "examples/05_window/readings.jsonl", "rb") as readings:
            done = subprocess.run([PROGRAM, "run", "examples/05_window/windows.toml"], cwd=ROOT, env=environment(),
                                  stdin=readings, capture_output=True, text=True, timeout=DEADLINE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        wanted = shown_after("windows.toml")
        for field in ("count", "records"):  # of one bee in order; the two bees side by side
            self.assertEqual([line for line in lines if field in line], [line for line in wanted if field in line])
        self.assertEqual(len(lines), len(wanted))
        self.assertRegex(done.stderr, r"too late: .*99")

    def test_answers_are_those_of_the_readme(self):
        running = self.run_example("05_window/questions.toml", WINDOW_QUESTIONS="127.0.0.1:0")
        client = LineClient(running.address("questions"))
        self.addCleanup(client.close)
        client.send(*[{"text": "to be or not"}] * 6)
        wanted = shown_after("nc -N")
        self.assertEqual([client.line() for _ in wanted], wanted)


if __name__ == "__main__":
    unittest.main()
