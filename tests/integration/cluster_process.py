"""Nodes of one cluster as real processes on loopback, with certificates of `skep pki`."""

import json
import queue
import signal
import socket

from skep_process import DEADLINE, LineClient, Running, SkepTest, skep

ECHOES = """
name = "test"
plugins = ["test_bees"]
[gateways.front]
type = "tcp"
listen = "127.0.0.1:0"
answers = "last"
[bees.first]
class = "test.echo"
from = "front"
replicas = 2
[bees.last]
class = "test.echo"
from = "first"
replicas = 2
"""


_reserved = []


def free_ports(count):
    """Of a node alone until this process ends: bound, and not listened on, so that no other gets one of them by chance."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        each.bind(("127.0.0.1", 0))
    _reserved.extend(sockets)
    return [each.getsockname()[1] for each in sockets]


class ClusterTest(SkepTest):
    def cluster(self, names, swarm=ECHOES, labels=None, restrict=None):
        """Writes the files of all nodes. `labels`: of some of them, by name; `restrict`: nodes that have a gateway."""
        self.pki("init", "--cluster", "demo")
        self.write("swarm.toml", swarm)
        self.ports = dict(zip(names, free_ports(len(names))))
        self.nodes = {}
        listed = ",\n".join(
            f'  {{ name = "{name}", address = "127.0.0.1:{port}", labels = {json.dumps((labels or {}).get(name, []))} }}'
            for name, port in self.ports.items())
        for name in names:
            self.pki("issue", "node", name)
            self.write(f"{name}.toml", f"""
name = "{name}"
swarms = ["swarm.toml"]
threads = 2
[cluster]
name = "demo"
nodes = [
{listed}
]
certificate = "{name}.pem"
""")

    def pki(self, *words):
        done = skep("pki", *words, "--dir", str(self.folder / "pki"), *self.out(words))
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def out(self, words):
        return ("--out", str(self.folder)) if words[0] == "issue" else ()

    def start_node(self, name, *words):
        node = Running("node", "--config", str(self.folder / f"{name}.toml"), *words)
        self.addCleanup(node.kill)
        self.addCleanup(node.process.send_signal, signal.SIGCONT)
        self.nodes[name] = node
        return node

    def start_all(self, *words):
        for name in self.ports:
            self.start_node(name, *words)

    def kill_node(self, name):
        self.nodes[name].kill()

    def client(self, name, timeout=DEADLINE):
        """Of the node's gateway, once it is open."""
        client = LineClient(self.nodes[name].address(), timeout)
        self.addCleanup(client.close)
        return client

    def assert_served(self, name, count=50):
        client = self.client(name)
        for number in range(count):
            client.send(number)
            try:
                answer = client.line()
            except TimeoutError as error:
                answer = error
            if answer != number:
                self.fail((name, number, answer, self.logs()))
        client.close()

    def logs(self):
        return {name: [f"{line.get('time', '')} {line['text']}" for line in node.take_log()] for name, node in self.nodes.items()}

    def wait_line(self, name, part, timeout=DEADLINE):
        try:
            return self.nodes[name].wait_for(lambda line: part in line["text"], timeout)
        except queue.Empty:
            return self.fail((name, part, self.logs()))
