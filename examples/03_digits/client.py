#!/usr/bin/python3
"""Sends every held-out digit over one WebSocket connection and compares the answers with the labels.

Shares no code with Skep: only python3-websockets. Prints one line:

    demo: 360 images, accuracy 99.4 %, p50 0.43 ms, p99 0.54 ms
"""

import argparse
import asyncio
import json
import math
import os
import sys
import time

import websockets
import websockets.exceptions

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build/release/examples/03_digits")
WARM_UP = 20  # images sent before the clock counts: connections and caches, too, have a first time


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="ws://127.0.0.1:9022/")
    parser.add_argument("--images", default=os.path.join(FOLDER, "held_out.jsonl"), help="JSON lines")
    parser.add_argument("--labels", default=os.path.join(FOLDER, "held_out_labels.txt"), help="a class a line")
    parser.add_argument("--min-accuracy", type=float, default=98.0, help="in percent; below: exit 1")
    return parser.parse_args()


async def ask(socket, image):
    """The class of one image and how long the answer took, in milliseconds."""
    begin = time.perf_counter()
    await socket.send(image)
    answer = json.loads(await socket.recv())
    milliseconds = 1000 * (time.perf_counter() - begin)
    if "class" not in answer:
        raise ValueError(f"no class in the answer: {answer}")
    return answer["class"], milliseconds


async def classify(url, images):
    async with websockets.connect(url, compression=None) as socket:
        for image in images[:WARM_UP]:
            await ask(socket, image)
        return [await ask(socket, image) for image in images]


def percentile(values, percent):
    """Nearest rank."""
    return sorted(values)[max(0, math.ceil(percent / 100 * len(values)) - 1)]


def main():
    options = arguments()
    with open(options.images, encoding="utf-8") as file:
        images = file.read().splitlines()
    with open(options.labels, encoding="utf-8") as file:
        labels = [int(line) for line in file]
    if not images or len(images) != len(labels):
        sys.exit(f"demo: {len(images)} images and {len(labels)} labels do not belong together")
    answers = asyncio.run(classify(options.url, images))
    right = sum(found == label for (found, _), label in zip(answers, labels))
    accuracy = 100 * right / len(labels)
    times = [milliseconds for _, milliseconds in answers]
    print(f"demo: {len(images)} images, accuracy {accuracy:.1f} %, "
          f"p50 {percentile(times, 50):.2f} ms, p99 {percentile(times, 99):.2f} ms")
    return 0 if accuracy >= options.min_accuracy else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, ValueError, websockets.exceptions.WebSocketException) as problem:
        sys.exit(f"demo: {problem}")
