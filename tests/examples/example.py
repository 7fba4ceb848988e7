"""What the tests of examples share: an example's own swarm file, on ports that the system chooses."""

import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES = HERE.parent.parent / "examples"
sys.path.insert(0, str(HERE.parent / "integration"))

from skep_process import DEADLINE, LineClient, Running, SkepTest  # noqa: E402, F401


class ExampleTest(SkepTest):
    def run_example(self, path, **variables):
        """`skep run` on the file of an example; `variables` are those that its file reads."""
        os.environ.update(variables)
        running = Running("run", str(EXAMPLES / path))
        self.addCleanup(running.kill)
        return running
