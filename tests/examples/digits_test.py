"""03_digits: every held-out digit through both gateways, compared with the model run without Skep.

DIGITS_FOLDER has the trained model and the held-out images, DIGITS_OFFLINE is the program that runs them offline.
"""

import asyncio
import json
import os
import pathlib
import re
import subprocess
import threading
import unittest

import websockets

from example import DEADLINE, EXAMPLES, ExampleTest, LineClient

FOLDER = pathlib.Path(os.environ["DIGITS_FOLDER"])
MODEL = str(FOLDER / "digits.pt")
IMAGES = (FOLDER / "held_out.jsonl").read_text().splitlines()
LABELS = [int(label) for label in (FOLDER / "held_out_labels.txt").read_text().split()]
IN_FLIGHT = 120


def offline(batch_size):
    """The scores of all images, from LibTorch alone, on one thread as in the swarm: OpenBLAS sums in another order on
    two, which shows in the last bits on some processors."""
    command = [os.environ["DIGITS_OFFLINE"], MODEL, str(FOLDER / "held_out.jsonl"), str(batch_size)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True,
                          env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
    return [json.loads(line) for line in done.stdout.splitlines()]


def class_of(scores):
    return max(range(len(scores)), key=scores.__getitem__)


def through_tcp(address):
    """All images pipelined over one connection, some in flight at a time; answers in order."""
    client = LineClient(address)
    answers = []
    for begin in range(0, len(IMAGES), IN_FLIGHT):
        part = IMAGES[begin:begin + IN_FLIGHT]
        client.socket.sendall("".join(image + "\n" for image in part).encode())
        answers += [client.line() for _ in part]
    client.close()
    return answers


async def through_websocket(address, messages):
    """The same as text messages of one WebSocket connection."""
    answers = []
    async with websockets.connect("ws://%s:%d/" % address, compression=None) as socket:
        for begin in range(0, len(messages), IN_FLIGHT):
            part = messages[begin:begin + IN_FLIGHT]
            for message in part:
                await socket.send(message)
            answers += [json.loads(await asyncio.wait_for(socket.recv(), DEADLINE)) for _ in part]
    return answers


class DigitsTest(ExampleTest):
    @classmethod
    def setUpClass(cls):
        cls.offline_scores = offline(1)

    def setUp(self):
        super().setUp()
        os.environ.update(DIGITS_MODEL=MODEL, DIGITS_TCP="127.0.0.1:0", DIGITS_WEBSOCKET="127.0.0.1:0")

    def example(self):
        return self.run_example("03_digits/digits.toml")

    def assert_as_offline(self, answers):
        self.assertEqual(len(answers), len(IMAGES))
        for answer, scores in zip(answers, self.offline_scores):
            self.assertIn("class", answer)
            self.assertEqual(answer["class"], class_of(scores))
            self.assertLess(max(abs(a - b) for a, b in zip(answer["scores"], scores)), 1e-5)
        right = sum(answer["class"] == label for answer, label in zip(answers, LABELS))
        self.assertGreaterEqual(right / len(LABELS), 0.98)

    def test_360_digits_through_tcp_are_classified_as_offline(self):
        self.assert_as_offline(through_tcp(self.example().address("lines")))

    def test_360_digits_through_websocket_are_classified_as_offline(self):
        self.assert_as_offline(asyncio.run(through_websocket(self.example().address("browser"), IMAGES)))

    def test_with_batches_of_one_every_score_is_bit_for_bit_that_of_offline(self):
        text = (EXAMPLES / "03_digits/digits.toml").read_text()
        self.assertIn("size_max = 32", text)
        running = self.start(text.replace("size_max = 32", "size_max = 1"))
        answers = through_tcp(running.address("lines"))
        self.assertEqual([answer["scores"] for answer in answers], self.offline_scores)

    def test_the_demo_client_prints_its_line_and_exits_with_0(self):
        host, port = self.example().address("browser")
        done = self.demo("--url", f"ws://{host}:{port}/")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^demo: 360 images, accuracy \d+\.\d %, p50 \d+\.\d\d ms, p99 \d+\.\d\d ms\n$")

    def test_the_demo_client_exits_with_1_below_the_accuracy_asked_for(self):
        wrong = self.write("labels.txt", "".join(f"{(label + 1) % 10}\n" for label in LABELS))
        host, port = self.example().address("browser")
        done = self.demo("--url", f"ws://{host}:{port}/", "--labels", wrong)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"accuracy \d\.\d %")

    def demo(self, *words):
        command = ["/usr/bin/python3", str(EXAMPLES / "03_digits/client.py"), "--images",
                   str(FOLDER / "held_out.jsonl"), "--labels", str(FOLDER / "held_out_labels.txt"), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def test_bad_images_get_a_clear_error_while_another_client_is_undisturbed(self):
        running = self.example()
        address = running.address("lines")
        other = []
        thread = threading.Thread(target=lambda: other.extend(through_tcp(address)))
        thread.start()
        for image, wanted in BAD_IMAGES:
            with self.subTest(image=image[:40]):
                self.assert_refused(address, image, wanted)
        thread.join(DEADLINE)
        self.assert_as_offline(other)
        running.wait_for(lambda line: "rejected: " in json.dumps(line))

    def assert_refused(self, address, image, wanted):
        """An error that says `wanted`; the same connection then gets a good image classified."""
        client = LineClient(address)
        self.addCleanup(client.close)
        client.socket.sendall((image + "\n" + IMAGES[0] + "\n").encode())
        error = client.line()
        self.assertIn("error", error)
        self.assertRegex(error["error"]["message"], wanted)
        self.assertEqual(client.line()["class"], class_of(self.offline_scores[0]))

    def test_bad_messages_through_websocket_get_a_clear_error_in_their_place(self):
        images = [image for image, _ in BAD_IMAGES] + [IMAGES[0]]
        *errors, answer = asyncio.run(through_websocket(self.example().address("browser"), images))
        for error, (_, wanted) in zip(errors, BAD_IMAGES):
            self.assertRegex(error["error"]["message"], wanted)
        self.assertEqual(answer["class"], class_of(self.offline_scores[0]))


def pixels(values):
    return json.dumps({"pixels": values})


BAD_IMAGES = [
    ('{"pixels": [1, 2,', r"JSON|expected|ends"),
    ('{"pixel": []}', r"expected 64 pixels.*pixels"),
    (pixels([0] * 63), r"expected 64 pixels.*63"),
    (pixels([0] * 65), r"expected 64 pixels.*(65|64)"),
    (pixels([[0] * 8] * 8), r"expected 64 pixels"),
    (pixels([0] * 63 + ["1"]), r"expected 64 pixels.*63"),
    (pixels([0] * 63 + [None]), r"expected 64 pixels.*63"),
    (pixels([0] * 10 + [17] + [0] * 53), r"pixel 10 is not within 0 to 16"),
    (pixels([0] * 10 + [-1] + [0] * 53), r"pixel 10 is not within 0 to 16"),
    ('{"pixels": [NaN' + ", 0" * 63 + "]}", r"expected|JSON"),
    ('{"pixels": [1e999' + ", 0" * 63 + "]}", r".+"),
    ('"text"', r"expected 64 pixels"),
]


if __name__ == "__main__":
    unittest.main()
