"""What the tests of the package share: an installed Skep, and projects that are built against it."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
BUILD = os.environ["SKEP_BUILD"]
CMAKE = os.environ.get("SKEP_CMAKE", "cmake")
CPACK = os.environ.get("SKEP_CPACK", "cpack")
DEADLINE = 300.0


def run(*words, cwd=None, timeout=DEADLINE, **more):
    """Runs a command to its end; its output is part of the failure."""
    done = subprocess.run(list(map(str, words)), cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=timeout, check=False, env=environment(), **more)
    if done.returncode != 0:
        raise AssertionError(f"{words} ended with {done.returncode}:\n{done.stdout[-8000:]}")
    return done.stdout


def environment():
    """Without the settings of this build."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("SKEP_", "CCACHE_"))}


def ask(address, line):
    """One line to a gateway, and its answer."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=20) as client:
        client.sendall(line.encode() + b"\n")
        return client.makefile("r").readline().rstrip("\n")


class PackageTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="skep-package-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def build(self, source, prefix):
        """The build folder of a project that finds Skep under `prefix`."""
        build = source / "build"
        run(CMAKE, "-S", source, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}")
        run(CMAKE, "--build", build, "-j", "2")
        return build
