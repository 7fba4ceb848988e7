#!/usr/bin/python3
"""Runs the digits swarm on two nodes of this machine, kills one of them at work, and counts the answers.

Whatever happens, no node is left running. The exit code is 0 if every image was answered, 98 % of them rightly, and
each node that was asked to end ended with 0.
"""

import argparse
import asyncio
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "03_digits"))
try:
    import client  # that of 03_digits
    import websockets
    import websockets.exceptions
except ModuleNotFoundError as missing:
    sys.exit(f"two_nodes: {missing} (apt install python3-websockets)")

CERTIFICATES = HERE / "certificates"  # where the node files look for them
CLIENTS = 8  # at once; each sends an image when it has the answer to the one before
STEP_TIME_MAX = 60  # seconds


async def run(build):
    skep, digits = build / "bin/skep", build / "examples/03_digits"
    check_files(skep, digits)
    check_addresses()
    images = (digits / "held_out.jsonl").read_text().splitlines()
    labels = [int(line) for line in (digits / "held_out_labels.txt").read_text().split()]
    edge, worker = (Node(name, skep, digits / "digits.pt") for name in ("edge", "worker"))
    try:
        step("Certificates: the authority of the cluster, and one for each node")
        make_certificates(skep)

        step("Start: each node gets one of the two classify bees, edge has the gateways")
        await edge.start()
        await worker.start()
        await edge.line("the link to node worker is up")
        await edge.line("placement .* decided by node edge")
        await edge.line("is loaded and warm")
        await worker.line("is loaded and warm")
        url = "ws://" + (await edge.line("gateway 'browser'.* listens"))["address"]

        step(f"{len(images)} digits from {CLIENTS} clients at once")
        show(await classify(url, images), labels)

        step("The same again, and worker is killed in the midst of it")
        answers = await classify(url, images, halfway=worker.kill)
        await edge.line("no link to node worker")
        await edge.line("placement .* decided by node edge")
        await edge.line("is loaded and warm")
        show(answers, labels)

        step("Worker is started again: it is there for bees that have to move, and none does now")
        await worker.start()
        await worker.line("the link to node edge is up")
        show(await classify(url, images), labels)

        step("Both are asked to end")
        await edge.stop()
        await worker.stop()
    finally:
        await edge.end()
        await worker.end()


# ---- before anything runs -------------------------------------------------------------------------------------------

def check_files(skep, digits):
    for path in (skep, digits / "digits.pt", digits / "held_out.jsonl"):
        if not path.exists():
            sys.exit(f"two_nodes: there is no {path} (./dev demo makes it; --build DIR names another build)")


def check_addresses():
    nodes = tomllib.loads((HERE / "edge.toml").read_text())["cluster"]["nodes"]
    gateways = tomllib.loads((HERE / "digits.toml").read_text())["gateways"].values()
    for address in [node["address"] for node in nodes] + [gateway["listen"] for gateway in gateways]:
        host, port = address.split(":")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, int(port)))
            except OSError as problem:
                sys.exit(f"two_nodes: {address}: {problem.strerror} (the .toml files of {HERE} have the addresses)")


def make_certificates(skep):
    shutil.rmtree(CERTIFICATES, ignore_errors=True)
    CERTIFICATES.mkdir(mode=0o700)
    for command in ("pki init --cluster digits", "pki issue node edge", "pki issue node worker"):
        done = subprocess.run([skep, *command.split()], cwd=CERTIFICATES, capture_output=True, text=True,
                              timeout=STEP_TIME_MAX, check=False)
        if done.returncode != 0:
            sys.exit(f"two_nodes: skep {command}: {done.stderr.strip()}")
        print(f"  $ skep {command}\n    {done.stdout.splitlines()[0]}")


# ---- a node ---------------------------------------------------------------------------------------------------------

class Node:
    """A `skep node` and what it logs."""

    def __init__(self, name, skep, model):
        self.name = name
        self.command = [skep, "node", "--config", HERE / f"{name}.toml", "--log.format", "json"]
        self.environment = {**os.environ, "DIGITS_MODEL": str(model)}
        self.process = None
        self.log = []

    async def start(self):
        self.process = await asyncio.create_subprocess_exec(
            *self.command, env=self.environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)

    async def line(self, pattern):
        """Waits for a line of the log that has `pattern`, after the one found before; prints and returns it."""
        try:
            async with asyncio.timeout(STEP_TIME_MAX):
                while line := await self._next():
                    if re.search(pattern, line["text"]):
                        self._say(shortened(line))
                        return line
                await self._fail(f"has ended with {await self.process.wait()}")
        except TimeoutError:
            await self._fail(f"has not said '{pattern}' within {STEP_TIME_MAX} s")

    def kill(self):
        self.process.kill()
        self._say(f"SIGKILL to process {self.process.pid}")

    async def stop(self):
        """As in production: SIGTERM, upon which it answers what it has admitted, and ends."""
        self.process.terminate()
        try:
            code = await asyncio.wait_for(self.process.wait(), STEP_TIME_MAX)
        except TimeoutError:
            await self._fail(f"has not ended within {STEP_TIME_MAX} s")
        if code != 0:
            await self._fail(f"has ended with {code}")
        self._say("has ended with 0")

    async def end(self):
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def _next(self):
        """The next line of the log, or nothing after the last one."""
        text = (await self.process.stderr.readline()).decode().rstrip("\n")
        if not text:
            return None
        self.log.append(json.loads(text) if text.startswith("{") else {"text": text})
        return self.log[-1]

    def _say(self, text):
        print(f"  {self.name:<8}{text}")

    async def _fail(self, what):
        await self.end()
        while await self._next():
            pass
        for line in self.log:
            print(f"  {self.name}: {line['text']}", file=sys.stderr)
        sys.exit(f"two_nodes: node {self.name} {what}; above is its log")


def shortened(line):
    """Without folders and digests; with the name of the bee that speaks."""
    bee = f"{line['source'].split('.')[-1]} {line['replica']}: " if "replica" in line else ""
    return bee + re.sub(r"'\S*/(\S+)' \(sha256 \w+\)", r"'\1'", line["text"])


# ---- the clients ----------------------------------------------------------------------------------------------------

async def classify(url, images, halfway=None):
    """(class, milliseconds) of each image; calls `halfway` when half of them are answered."""
    answers = {}
    waiting = iter(enumerate(images))

    async def one_client():
        async with websockets.connect(url, compression=None) as connection:
            for number, image in waiting:
                answers[number] = await client.ask(connection, image)
                if halfway and len(answers) == len(images) // 2:
                    halfway()

    try:
        async with asyncio.timeout(STEP_TIME_MAX):
            await asyncio.gather(*(one_client() for _ in range(CLIENTS)))
    except TimeoutError:
        sys.exit(f"two_nodes: {len(answers)} of {len(images)} images are answered after {STEP_TIME_MAX} s")
    return [answers[number] for number in range(len(images))]


def show(answers, labels):
    right = sum(found == label for (found, _), label in zip(answers, labels))
    times = [milliseconds for _, milliseconds in answers]
    print(f"  {len(answers)} of {len(labels)} answered, accuracy {100 * right / len(labels):.1f} %, "
          f"p50 {client.percentile(times, 50):.1f} ms, p99 {client.percentile(times, 99):.1f} ms, "
          f"slowest {max(times):.1f} ms")
    if right < 0.98 * len(labels):
        sys.exit("two_nodes: 98 % should be right")


def step(text):
    print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n{text}")


async def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=HERE / "../../build/release", help="default: build/release")
    options = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    await run(options.build.resolve())


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("two_nodes: stopped")
    except (OSError, ValueError) as problem:
        sys.exit(f"two_nodes: {problem}")
    except websockets.exceptions.WebSocketException as problem:
        sys.exit(f"two_nodes: the gateway has gone: {problem}")
