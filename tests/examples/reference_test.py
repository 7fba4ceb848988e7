"""docs/REFERENCE.md is what docs/reference.py makes of the program."""

import subprocess
import sys
import tempfile
import unittest

from document import ROOT

from skep_process import PROGRAM, environment


class ReferenceTest(unittest.TestCase):
    def test_it_is_what_the_program_says(self):
        with tempfile.NamedTemporaryFile("r") as made:
            subprocess.run([sys.executable, ROOT / "docs" / "reference.py", PROGRAM, made.name], env=environment(), check=True)
            self.assertEqual(made.read(), (ROOT / "docs" / "REFERENCE.md").read_text(), "run ./dev reference")


if __name__ == "__main__":
    unittest.main()
