"""What the tests of 09_two_nodes share: a copy of the example, so that its addresses and certificates are its own."""

import shutil
import subprocess

from example import EXAMPLES, ExampleTest

from cluster_process import free_ports
from skep_process import environment

ADDRESSES = ("127.0.0.1:7401", "127.0.0.1:7402", "127.0.0.1:9091", "127.0.0.1:9092")
RUN_TIME_MAX = 120  # seconds; a run takes four, on two cores


class TwoNodesTest(ExampleTest):
    def setUp(self):
        super().setUp()
        for name in ("03_digits", "09_two_nodes"):
            shutil.copytree(EXAMPLES / name, self.folder / name, ignore=shutil.ignore_patterns("certificates", "__pycache__"))
        self.example = self.folder / "09_two_nodes"
        self.ports = free_ports(len(ADDRESSES))
        for file in self.example.glob("*.toml"):
            text = file.read_text()
            for address, port in zip(ADDRESSES, self.ports):
                text = text.replace(address, f"127.0.0.1:{port}")
            file.write_text(text)

    def command(self, build):
        return ["/usr/bin/python3", str(self.example / "run.py"), "--build", str(build)]

    def run_script(self, build):
        return subprocess.run(self.command(build), env=environment(), capture_output=True, text=True,
                              timeout=RUN_TIME_MAX, check=False)
