"""skep.model in the real program: model files that must not be used, and tensors as bytes.

DIGITS_FOLDER has the trained model and the held-out images.
"""

import hashlib
import json
import os
import pathlib
import shutil
import socket
import struct
import unittest

from example import DEADLINE, ExampleTest

FOLDER = pathlib.Path(os.environ["DIGITS_FOLDER"])
F32, F64 = 11, 12  # of schema/tensor.capnp

SWARM = """
name = "tensors"
[gateways.front]
type = "tcp"
listen = "127.0.0.1:0"
framing = "length"
content = "tensor"
answers = "classify"
[bees.classify]
class = "skep.model"
from = "front"
[bees.classify.options]
model = "%(model)s"
inputs = [{ name = "pixels", dtype = "f32", shape = [64] }]
outputs = ["scores"]
argmax = "class"
%(more)s
"""


def tensor(values, dtype=F32, shape=None):
    """A Cap'n Proto message with one Tensor, made by hand."""
    shape = shape or [len(values)]
    data = struct.pack(f"<{len(values)}{'f' if dtype == F32 else 'd'}", *values)
    words = struct.pack("<IHH", 0, 1, 2)  # root: a struct of one data word and two pointers, right behind
    words += struct.pack("<Q", dtype)
    words += struct.pack("<II", 1 << 2 | 1, len(shape) << 3 | 5)  # a list of 8-byte elements
    words += struct.pack("<II", len(shape) << 2 | 1, len(data) << 3 | 2)  # a list of bytes
    words += struct.pack(f"<{len(shape)}Q", *shape) + data + b"\0" * (-len(data) % 8)
    return struct.pack("<II", 0, len(words) // 8) + words


class FrameClient:
    """A TCP client that sends and reads frames with a length before each."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, DEADLINE)
        self.file = self.socket.makefile("rb")

    def ask(self, frame):
        self.socket.sendall(struct.pack(">I", len(frame)) + frame)
        (size,) = struct.unpack(">I", self.file.read(4))
        return json.loads(self.file.read(size))

    def close(self):
        self.file.close()
        self.socket.close()


class ModelTest(ExampleTest):
    def swarm(self, model=FOLDER / "digits.pt", more=""):
        return SWARM % {"model": model, "more": more}

    def own_model(self, name="own.pt"):
        path = self.folder / name
        shutil.copy(FOLDER / "digits.pt", path)
        path.chmod(0o600)
        return path

    def assert_does_not_start(self, swarm, *words):
        running = self.start(swarm)
        self.assertEqual(running.end(), 1)
        log = json.dumps(running.lines)
        for word in words:
            self.assertIn(word, log)

    def test_a_missing_model_is_named(self):
        self.assert_does_not_start(self.swarm("none.pt"), str(self.folder / "none.pt"), "No such file")

    def test_an_unreadable_model_is_named(self):
        if os.geteuid() == 0:  # root may read everything but a folder
            (self.folder / "own.pt").mkdir()
            self.assert_does_not_start(self.swarm("own.pt"), "own.pt", "not a regular file")
        else:
            self.own_model().chmod(0)
            self.assert_does_not_start(self.swarm("own.pt"), "own.pt", "Permission denied")

    def test_a_model_that_others_can_write_is_refused(self):
        self.own_model().chmod(0o666)
        self.assert_does_not_start(self.swarm("own.pt"), "own.pt", "its group can write it")

    def test_a_model_with_another_digest_is_refused_with_both(self):
        path = self.own_model()
        wanted = hashlib.sha256(path.read_bytes()).hexdigest()
        path.write_bytes(path.read_bytes()[:-1] + b"\1")
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        self.assert_does_not_start(self.swarm("own.pt", f'sha256 = "{wanted}"'), wanted, found)

    def test_a_file_that_is_no_model_is_refused(self):
        path = self.own_model()
        path.write_text("not a model")
        self.assert_does_not_start(self.swarm("own.pt"), "own.pt", "not a TorchScript model")

    def test_a_damaged_model_is_refused(self):
        path = self.own_model()
        path.write_bytes(path.read_bytes()[:5000])
        self.assert_does_not_start(self.swarm("own.pt"), "own.pt", "not a TorchScript model")

    def test_another_device_than_the_cpu_is_refused(self):
        self.assert_does_not_start(self.swarm(more='device = "cuda"'), "cuda", "cpu")

    def test_a_shape_that_the_model_does_not_take_is_found_before_it_is_ready(self):
        self.assert_does_not_start(self.swarm().replace("[64]", "[65]"), "fails on a batch of 1")

    def test_a_model_with_the_right_digest_is_used(self):
        path = self.own_model()
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        running = self.start(self.swarm("own.pt", f'sha256 = "{digest}"'))
        self.assertIn("class", self.client(running).ask(tensor([0.5] * 64)))

    def client(self, running):
        client = FrameClient(running.address())
        self.addCleanup(client.close)
        return client

    def test_bad_tensors_get_a_clear_error_and_the_connection_goes_on(self):
        client = self.client(self.start(self.swarm()))
        nan, infinity = float("nan"), float("inf")
        for frame, wanted in [
            (tensor([0.5] * 63 + [nan]), "element 63 is not a finite number"),
            (tensor([infinity] + [0.5] * 63), "element 0 is not a finite number"),
            (tensor([0.5] * 63), "expected shape [64], got [63]"),
            (tensor([0.5] * 64, shape=[8, 8]), "expected shape [64], got [8, 8]"),
            (tensor([0.5] * 64, dtype=F64), "expected f32, got f64"),
            (tensor([0.5] * 64, shape=[65]), ""),
            (b"\0" * 16, ""),
            (b"", ""),
        ]:
            with self.subTest(wanted=wanted):
                answer = client.ask(frame)
                self.assertIn("error", answer)
                self.assertIn(wanted, answer["error"]["message"])
                self.assertIn("class", client.ask(tensor([0.5] * 64)))


if __name__ == "__main__":
    unittest.main()
