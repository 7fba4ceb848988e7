"""Two `skep node` processes with a link between them that a relay can reset: a gateway on one, its bee on the other."""

import contextlib
import json
import os
import pathlib
import subprocess
import tempfile

from cluster_process import free_ports
from relay import Relay
from skep_process import PROGRAM, Running, environment, skep

STOP_SECONDS_MAX = 60
SWARM, GATEWAY, BEE = "link", "front", "work"
FRONT, WORK = "front", "work"  # the nodes; each name is a label, too
THROWS_EVERY = 1000  # the bee throws where `n` is a multiple of it

SWARM_FILE = f"""
name = "{SWARM}"
delivery = "at_least_once"
plugins = ["test_bees"]
[gateways.{GATEWAY}]
type = "tcp"
listen = "127.0.0.1:0"
answers = "{BEE}"
nodes = ["{FRONT}"]
[bees.{BEE}]
class = "test.throwing"
from = "{GATEWAY}"
nodes = ["{WORK}"]
options = {{ every = {THROWS_EVERY} }}
[dead_letters]
records_max = 100
"""


class Sample:
    """What one process takes now; memory in bytes."""

    def __init__(self, pid):
        folder = pathlib.Path(f"/proc/{pid}")
        status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
        self.memory, self.memory_highest = (int(status[key].split()[0]) << 10 for key in ("VmRSS", "VmHWM"))
        self.threads = int(status["Threads"])
        self.descriptors = len(os.listdir(folder / "fd"))


class LinkedNodes:
    """Both nodes, their certificates and the relay, from `__enter__` to `__exit__`; then no process is left."""

    names = (FRONT, WORK)

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="skep-soak-")))
            listen = free_ports(len(self.names))
            self.relay = stack.enter_context(Relay(listen))
            self._write(listen)
            self.nodes = {}
            for name in self.names:
                self.nodes[name] = Running("node", "--config", str(self.folder / f"{name}.toml"))
                stack.callback(self.nodes[name].kill)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def address(self):
        """Of the gateway, once it is open."""
        return self.nodes[FRONT].address(GATEWAY)

    def sample(self):
        return {name: Sample(node.process.pid) for name, node in self.nodes.items()}

    def metrics_at_rest(self):
        """Of both nodes, when nothing is on its way."""
        open_requests = f'skep_gateway_requests_open{{swarm="{SWARM}",gateway="{GATEWAY}"}}'
        queued = f'skep_bee_queued_records{{swarm="{SWARM}",bee="{BEE}"}}'
        front = self.nodes[FRONT].metrics_when(lambda metrics: metrics[open_requests] == 0)
        return {FRONT: front, WORK: self.nodes[WORK].metrics_when(lambda metrics: metrics[queued] == 0)}

    def stop(self):
        """As in production; each node must end with 0. The gateway's first: it waits for its answers."""
        for name, node in self.nodes.items():
            if (code := node.terminate(STOP_SECONDS_MAX)) != 0:
                raise AssertionError(f"node {name} ended with {code}: {json.dumps(node.lines[-50:], indent=1)}")

    def _write(self, listen):
        """All files. Each node is found by the relay's port; where it listens itself only its own file says."""
        (self.folder / "swarm.toml").write_text(SWARM_FILE)
        self._pki("init", "--cluster", "soak")
        listed = ", ".join(f'{{ name = "{name}", address = "127.0.0.1:{port}" }}'
                           for name, port in zip(self.names, self.relay.ports))
        for name, port in zip(self.names, listen):
            self._pki("issue", "node", name, "--out", str(self.folder))
            (self.folder / f"{name}.toml").write_text(f"""
swarms = ["swarm.toml"]
metrics = "127.0.0.1:0"
[cluster]
name = "soak"
nodes = [{listed}]
listen = "127.0.0.1:{port}"
certificate = "{name}.pem"
""")

    def _pki(self, *words):
        done = skep("pki", *words, "--dir", str(self.folder / "pki"))
        if done.returncode != 0:
            raise AssertionError(f"skep pki {' '.join(words)}: {done.stderr}")


class Bench:
    """A `skep bench` of the gateway, in a process of its own that ends with the block. No request throws."""

    def __init__(self, address, seconds, *words):
        self._command = (PROGRAM, "bench", "tcp://%s:%d" % address, "-o", "json", "--warm-up", "0s", "--duration",
                         f"{seconds:g}s", "--template", '{"n": 1, "i": {i}}', *words)
        self._seconds_max = seconds + STOP_SECONDS_MAX

    def __enter__(self):
        self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, text=True, env=environment())
        return self

    def report(self):
        out, problems = self._process.communicate(timeout=self._seconds_max)
        if self._process.returncode != 0:
            raise AssertionError(f"skep bench ended with {self._process.returncode}: {problems}")
        return json.loads(out)

    def __exit__(self, *_):
        self._process.kill()
        self._process.communicate()
