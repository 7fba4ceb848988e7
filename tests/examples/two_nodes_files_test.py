"""09_two_nodes without its model: what its files have in common, and what its script says before anything runs."""

import pathlib
import socket
import tomllib
import unittest

from example import EXAMPLES
from two_nodes import TwoNodesTest

from skep_process import PROGRAM


def read(path):
    return tomllib.loads((EXAMPLES / path).read_text())


class TwoNodesFilesTest(TwoNodesTest):
    def setUp(self):
        super().setUp()
        self.build = self.folder / "build"
        (self.build / "bin").mkdir(parents=True)
        (self.build / "examples/03_digits").mkdir(parents=True)

    def add_program(self):
        (self.build / "bin/skep").symlink_to(pathlib.Path(PROGRAM).resolve())

    def add_model(self):
        for name in ("digits.pt", "held_out.jsonl", "held_out_labels.txt"):
            (self.build / "examples/03_digits" / name).touch()

    def assert_refused(self, said):
        done = self.run_script(self.build)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, rf"\Atwo_nodes: .*{said}.*\n\Z")
        self.assertFalse((self.example / "certificates").exists())

    def test_the_swarm_is_that_of_03_digits_but_for_nodes_delivery_and_addresses(self):
        ours, theirs = read("09_two_nodes/digits.toml"), read("03_digits/digits.toml")
        self.assertEqual(ours.pop("delivery"), "at_least_once")
        for gateway in ours["gateways"].values():
            self.assertEqual(gateway.pop("nodes"), ["edge"])
        self.assertEqual(ours["bees"]["classify"].pop("nodes"), ["model"])
        for swarm in (ours, theirs):
            for gateway in swarm["gateways"].values():
                gateway.pop("listen")
        self.assertEqual(ours, theirs)

    def test_both_nodes_have_one_list(self):
        edge, worker = (read(f"09_two_nodes/{name}.toml") for name in ("edge", "worker"))
        for name, node in (("edge", edge), ("worker", worker)):
            self.assertEqual(node["cluster"].pop("certificate"), f"certificates/{name}.pem")
        self.assertEqual(edge, worker)

    def test_a_missing_program_is_named(self):
        self.add_model()
        self.assert_refused("there is no .*/build/bin/skep ")

    def test_a_missing_model_is_named(self):
        self.add_program()
        self.assert_refused("there is no .*/digits.pt ")

    def test_an_address_in_use_is_named(self):
        self.add_program()
        self.add_model()
        for port in self.ports:
            with self.subTest(port=port), socket.create_server(("127.0.0.1", port)):
                self.assert_refused(f"127.0.0.1:{port}: Address already in use")

    def test_a_node_that_does_not_start_is_shown_with_its_log(self):
        self.add_program()
        self.add_model()
        (self.example / "edge.toml").write_text((self.example / "edge.toml").read_text() + "colour = 1\n")
        done = self.run_script(self.build)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"(?s)unknown key 'colour'.*two_nodes: node edge has ended with 3; above is its log")


if __name__ == "__main__":
    unittest.main()
