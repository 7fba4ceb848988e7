"""Two nodes with a network between them that loses, cuts and comes back: namespaces and `nft`, skipped without the right.

SKEP_LOSS_SECONDS is how long packets are lost; the figures of the records come from runs with 60.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import unittest

from cluster_process import ClusterTest
from skep_process import Running

LOSS_SECONDS = float(os.environ.get("SKEP_LOSS_SECONDS", "8"))

SWARM = """
name = "test"
delivery = "at_least_once"
plugins = ["test_bees"]
[gateways.front]
type = "tcp"
listen = "127.0.0.1:9100"
answers = "last"
deadline = "60s"
nodes = ["a"]
[bees.first]
class = "test.echo"
from = "front"
nodes = ["b"]
[bees.last]
class = "test.echo"
from = "first"
nodes = ["b"]
"""

# Sends for so long, in rounds of 50 records, and says how many came back and how long the longest round took.
CLIENT = """
import json, socket, sys, time
end, pad = time.monotonic() + float(sys.argv[1]), "x" * int(sys.argv[2])
while True:
    try:
        peer = socket.create_connection(("127.0.0.1", 9100), timeout=60)
        break
    except OSError:
        assert time.monotonic() < end, "no gateway"
stream, sent, longest = peer.makefile("rwb"), 0, 0.0
print("begun", flush=True)
while time.monotonic() < end:
    began = time.monotonic()
    stream.write(b"".join(json.dumps([sent + i, pad]).encode() + b"\\n" for i in range(50)))
    stream.flush()
    for i in range(50):
        line = json.loads(stream.readline())
        assert isinstance(line, list) and line[0] == sent + i, line
    sent, longest = sent + 50, max(longest, time.monotonic() - began)
print(json.dumps({"sent": sent, "longest": longest}))
"""


def may_make_namespaces():
    made = subprocess.run(["ip", "netns", "add", "skep-probe"], capture_output=True, check=False)
    subprocess.run(["ip", "netns", "del", "skep-probe"], capture_output=True, check=False)
    return made.returncode == 0


@unittest.skipUnless(shutil.which("ip") and shutil.which("nft") and may_make_namespaces(),
                     "needs the right to make network namespaces, and nft")
class ClusterNetworkTest(ClusterTest):
    def setUp(self):
        super().setUp()
        self.spaces = {name: f"skep-{os.getpid()}-{name}" for name in "ab"}
        for space in self.spaces.values():
            self.ip("netns", "add", space)
            self.addCleanup(self.ip, "netns", "del", space)
        a, b = self.spaces.values()
        self.ip("link", "add", "wire", "netns", a, "type", "veth", "peer", "name", "wire", "netns", b)
        for number, space in enumerate((a, b), 1):
            self.ip("-n", space, "addr", "add", f"10.99.0.{number}/24", "dev", "wire")
            self.ip("-n", space, "link", "set", "wire", "up")
            self.ip("-n", space, "link", "set", "lo", "up")
        self.cluster(["a", "b"], SWARM)
        for number, name in enumerate("ab", 1):
            text = (self.folder / f"{name}.toml").read_text()
            for other, port in enumerate(self.ports.values(), 1):
                text = text.replace(f"127.0.0.1:{port}", f"10.99.0.{other}:7400")
            self.write(f"{name}.toml", text)
            self.nodes[name] = Running("node", "--config", str(self.folder / f"{name}.toml"),
                                       inside=("ip", "netns", "exec", self.spaces[name]))
            self.addCleanup(self.nodes[name].kill)

    def ip(self, *words):
        subprocess.run(["ip", *words], check=True, capture_output=True)

    def network(self, name, rule):
        """What happens to packets that come to this node; "": nothing."""
        rules = "flush ruleset"
        if rule:
            rules += ("; add table ip t; add chain ip t i { type filter hook input priority 0; }"
                      f"; add rule ip t i iifname wire {rule}")
        self.ip("netns", "exec", self.spaces[name], "nft", rules)

    def client_for(self, seconds, size):
        client = subprocess.Popen(["ip", "netns", "exec", self.spaces["a"], sys.executable, "-c", CLIENT, str(seconds),
                                   str(size)], stdout=subprocess.PIPE, text=True)
        self.addCleanup(client.wait)
        self.addCleanup(client.kill)
        self.addCleanup(client.stdout.close)
        self.assertEqual(client.stdout.readline(), "begun\n", self.logs())
        return client

    def end_of(self, client):
        result = client.stdout.read()
        self.assertEqual(client.wait(), 0, self.logs())
        return json.loads(result)

    def downs(self, name):
        return [line["text"] for line in self.nodes[name].take_log() if "no link to node" in line["text"]
                and "cannot connect" not in line["text"]]

    def test_five_in_a_hundred_packets_lost_are_no_death(self):
        client = self.client_for(LOSS_SECONDS, 10_000)
        for name in "ab":
            self.network(name, "numgen random mod 100 < 5 drop")
        result = self.end_of(client)
        self.assertEqual(self.downs("a") + self.downs("b"), [])
        print(f"{result['sent']} records, the longest round of 50 took {result['longest']:.2f} s")

    def test_a_cable_that_comes_out_and_goes_in_loses_nothing(self):
        client = self.client_for(12, 1000)
        began = time.monotonic()
        self.network("b", "drop")
        self.wait_line("b", "no link to node a: nothing was heard for 3s")
        self.nodes["a"].wait_for(lambda _: self.downs("a"))  # of itself, or because b ends the link
        self.assertLess(time.monotonic() - began, 4)
        self.network("b", "")
        began = time.monotonic()
        result = self.end_of(client)
        self.assertLess(result["longest"], 12)
        ups = sum("the link to node b is up" in line["text"] for line in self.nodes["a"].take_log())
        self.assertEqual(ups, 2, self.logs())

    def test_packets_that_go_one_way_alone_are_a_death_on_both_sides(self):
        client = self.client_for(12, 1000)
        began = time.monotonic()
        self.network("a", "drop")
        self.wait_line("a", "no link to node b: nothing was heard for 3s")
        self.nodes["b"].wait_for(lambda _: self.downs("b"))
        self.assertLess(time.monotonic() - began, 4)
        self.network("a", "")
        self.end_of(client)


if __name__ == "__main__":
    unittest.main()
