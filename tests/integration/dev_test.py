"""./dev itself, in a folder of its own, with cmake and the package manager played by stubs."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

DEV = pathlib.Path(__file__).resolve().parents[2] / "dev"


class DevTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="skep-dev-"))
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copy(DEV, self.folder / "dev")
        self.script("stubs/cmake", "exit 0")
        self.script("stubs/dpkg-query", "printf installed")

    def script(self, path, body):
        path = self.folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/bash\n{body}\n")
        path.chmod(0o755)

    def dev(self, *words):
        env = dict(os.environ, PATH=f"{self.folder / 'stubs'}:{os.environ['PATH']}")
        return subprocess.run([self.folder / "dev", *words], env=env, capture_output=True, text=True, timeout=30)

    def test_a_crashing_fuzz_target_fails_and_is_named(self):
        self.script("build/asan/bin/fuzz_json", "echo 'ERROR: libFuzzer: deadly signal' >&2; kill -ABRT $$")
        ended = self.dev("fuzz", "1")
        self.assertEqual(ended.returncode, 1, ended.stderr)
        self.assertIn("fuzz_json found something", ended.stderr)
        self.assertIn("deadly signal", ended.stdout)

    def test_fuzz_targets_that_find_nothing_pass_even_if_they_say_nothing(self):
        self.script("build/asan/bin/fuzz_json", "exit 0")
        self.script("build/asan/bin/fuzz_tensor", "echo stat::number_of_executed_units: 7")
        ended = self.dev("fuzz", "1")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertIn("number_of_executed_units: 7", ended.stdout)


if __name__ == "__main__":
    unittest.main()
