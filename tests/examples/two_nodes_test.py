"""09_two_nodes: its script, which loses a node and no request, prints what its README shows and leaves nothing behind.

DIGITS_FOLDER has the trained model and the held-out images.
"""

import os
import pathlib
import re
import signal
import socket
import subprocess
import unittest

from example import EXAMPLES
from two_nodes import ADDRESSES, RUN_TIME_MAX, TwoNodesTest

from skep_process import environment

BUILD = pathlib.Path(os.environ["DIGITS_FOLDER"]).parents[1]


def shown():
    """What the README shows of a run, with any numbers, and any words of the system for the end of a connection."""
    readme = (EXAMPLES / "09_two_nodes" / "README.md").read_text()
    text = re.search(r"(?ms)^\$ examples/09_two_nodes/run.py\n(.*?)^```", readme)[1]
    return re.sub(r"\d+", r"\\d+", re.escape(text)).replace(re.escape("Connection reset by peer"), "[^\n]+")


class TwoNodesRunTest(TwoNodesTest):
    def test_it_prints_what_the_readme_shows(self):
        done = self.run_script(BUILD)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        output = done.stdout
        for address, port in zip(ADDRESSES, self.ports):
            output = output.replace(f"127.0.0.1:{port}", address)
        self.assertRegex(output, rf"\A{shown()}\Z")
        self.assertEqual(output.count("360 of 360 answered, accuracy 99"), 3, output)

    def test_keys_are_for_their_owner_alone(self):
        self.assertEqual(self.run_script(BUILD).returncode, 0)
        for name in ("edge.key", "worker.key", "pki/ca.key"):
            self.assertEqual((self.example / "certificates" / name).stat().st_mode & 0o777, 0o600, name)

    def test_it_takes_its_nodes_along_when_it_is_stopped(self):
        for said in ("the link to node worker is up", "360 digits"):
            with self.subTest(said=said):
                self.stop_script_after(said)
                for port in self.ports:
                    with self.assertRaises(ConnectionRefusedError, msg=port):
                        socket.create_connection(("127.0.0.1", port)).close()

    def stop_script_after(self, said):
        with subprocess.Popen(self.command(BUILD), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as running:
            self.addCleanup(running.kill)
            next(line for line in running.stdout if said in line)
            running.send_signal(signal.SIGTERM)
            _, errors = running.communicate(timeout=RUN_TIME_MAX)
        self.assertEqual((running.returncode, errors), (1, "two_nodes: stopped\n"))


if __name__ == "__main__":
    unittest.main()
