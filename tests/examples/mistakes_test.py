"""What lint says of each kind of mistake that a plug-in and its swarm file can make: schema, port, option and ABI."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from document import ROOT

from skep_process import PLUGINS, PROGRAM, environment

SECTION = ".skep.manifest"


def lint(path, plugins=PLUGINS):
    done = subprocess.run([PROGRAM, "lint", path, "--plugins", plugins], cwd=ROOT, env=environment(), capture_output=True,
                          text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


class MistakesTest(unittest.TestCase):
    def test_each_is_told_with_its_place_and_what_was_meant(self):
        code, said = lint("tests/examples/mistakes.toml")
        self.assertEqual(code, 3)
        for line in (
            r"mistakes.toml:12:13: error: .*'limits'.* \(did you mean 'limit'\?\)",
            r"mistakes.toml:20:\d+: error: 'again' reads Reading of plug-in 'typed', and 'tally.default' sends Verdict of plug-in 'typed'",
            r"mistakes.toml:24:\d+: error: .*'alarm'.* \(did you mean .*alarms.*\?\)",
            r"mistakes.toml: 3 errors",
        ):
            self.assertRegex(said, line)

    def test_a_plug_in_of_another_abi_is_refused_unloaded(self):
        with tempfile.TemporaryDirectory() as folder:
            plugin = pathlib.Path(folder, "typed.so")
            shutil.copy(pathlib.Path(PLUGINS, "typed.so"), plugin)
            manifest = pathlib.Path(folder, "manifest.json")
            subprocess.run(["objcopy", "--dump-section", f"{SECTION}={manifest}", plugin], check=True)
            manifest.write_text(re.sub(r"skep-abi \d+", "skep-abi 1", manifest.read_text()))
            subprocess.run(["objcopy", "--update-section", f"{SECTION}={manifest}", plugin], check=True)
            os.chmod(plugin, 0o755)
            code, said = lint("examples/06_typed/typed.toml", folder)
        self.assertEqual(code, 3)
        self.assertRegex(said, r"typed.toml:2:\d+: error: .*'skep-abi 1,.*'skep-abi \d+,")


if __name__ == "__main__":
    unittest.main()
