"""The rows of `skep.model`: a perceptron 784-128-10 behind a WebSocket gateway and in process, beside LibTorch alone.

What a model behind a gateway could have is 1 / (1 / echo + 1 / offline): requests a second of a bee that echoes the same
payload, and images a second of LibTorch in batches as large as those that the bee ran in the mean.
"""

import os
import re
import tempfile
import urllib.request

from programs import ROOT, free_port
from table import Absolute, Group, Row

SWARM = os.path.join(ROOT, "bench", "end_to_end", "model.toml")


def groups(programs, quick):
    if not programs.are_built("make_mlp", "offline_mlp", "model_in_process"):
        return []  # without LibTorch
    files = Files(programs)
    return [Behind(programs, quick, files).group(), Group(in_process_rows(programs, quick, files), files.make)]


class Files:
    """The model, what is asked of it, and how it answers. Made once, in a folder that is gone with the last group."""

    def __init__(self, programs):
        self.programs = programs
        self.folder = tempfile.TemporaryDirectory(prefix="skep_bench_")
        self.tensor_bytes = 0
        self.model = self.path("mlp.pt")

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def make(self, _stack):
        if self.tensor_bytes == 0:
            self.tensor_bytes = self.programs.figure("tensor_bytes", "make_mlp", folder=self.folder.name)

    def requests(self, kind):
        if kind == "JSON":
            return {"requests": self.path("requests.jsonl")}
        return {"requests": self.path("requests.tensors"), "request_bytes": self.tensor_bytes}

    def offline(self, key, batch, times):
        return self.programs.figure(key, "offline_mlp", model=self.model, batch=batch, **times)


def times_of(quick):
    return {"milliseconds": 100, "warm_up_milliseconds": 50} if quick else {"milliseconds": 1000}


class Behind:
    """The swarm of model.toml."""

    def __init__(self, programs, quick, files):
        self.programs, self.files, self.times = programs, files, times_of(quick)
        self.port, self.echo_port, self.metrics_port = free_port(), free_port(), free_port()

    def group(self):
        return Group([self.row(kind, in_flight) for kind in ("JSON", "tensor") for in_flight in (1, 32)], self.prepare)

    def prepare(self, stack):
        self.files.make(stack)
        environment = {"MODEL_FILE": self.files.model, "MODEL_PORT": str(self.port),
                       "MODEL_ECHO_PORT": str(self.echo_port), "SKEP_LOG_LEVEL": "warning"}
        stack.enter_context(self.programs.server(
            "skep", ["run", SWARM, "--metrics", f"127.0.0.1:{self.metrics_port}"], [self.port, self.echo_port],
            environment))

    def row(self, kind, in_flight):
        batches = []  # the mean of each round

        def ours():
            before = self.batches_so_far()
            rate = self.load(kind, in_flight, self.port, endings=self.files.path("endings.txt"))
            count, records = (now - then for now, then in zip(self.batches_so_far(), before))
            batches.append(records / count)
            return rate

        def possible():
            echo = self.load(kind, in_flight, self.echo_port)
            offline = self.files.offline("records_per_s", max(round(batches[-1]), 1), self.times)
            return 1 / (1 / echo + 1 / offline)

        return Row(f"model, websocket, {kind}, 64 x {in_flight} / echo and offline", "requests/s", ">= 0.8", ours,
                   possible)

    def load(self, kind, in_flight, port, **more):
        return self.programs.figure("requests_per_s", "load", protocol="websocket", port=port, connections=64,
                                    in_flight=in_flight, **self.times, **self.files.requests(kind), **more)

    def batches_so_far(self):
        """How many the bee has run, and the records in them."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        return [float(re.search(rf'^skep_bee_batch_records_{what}{{[^}}]*bee="classify"}} (\S+)$', text, re.M)[1])
                for what in ("count", "sum")]


def in_process_rows(programs, quick, files):
    times = times_of(quick)
    records = 5_000 if quick else 200_000
    engine = os.path.join(programs.build, "lib", "skep", "torch_engine.so")
    batches = []

    def played(**how):
        return programs.figures("model_in_process", model=files.model, engine=engine, **how)

    def ours(batch):
        seen = played(work="throughput", records=records, batch=batch)
        batches.append(seen["batch"])
        return seen["records_per_s"]

    def offline():
        return files.offline("records_per_s", max(round(batches[-1]), 1), times)

    def overhead():
        one = played(work="one", records=1_000 if quick else 20_000)
        return one["p50_us"] - files.offline("p50_us", 1, times)

    return [
        Row("model, in process, batches of 32 / LibTorch", "records/s", ">= 0.8", lambda: ours(32), offline),
        Row("model, in process, batches as they come / LibTorch", "records/s", ">= 0.8", lambda: ours(0), offline),
        Absolute("model, in process, one record, p50 over LibTorch's", "us", "<= 60", overhead),
    ]
