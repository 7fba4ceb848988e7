"""The bench programs of one build: run to their end, or as servers while others load them."""

import contextlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
START_SECONDS_MAX = 60
PROGRAM_SECONDS_MAX = 120


class Programs:
    """The bench programs of one build."""

    def __init__(self, build):
        self.build = build

    def path(self, name):
        folder = "bin" if name == "skep" else "bench"
        return os.path.join(self.build, folder, name)

    def are_built(self, *names):
        """Of those that need what is not everywhere."""
        return all(os.path.exists(self.path(name)) for name in names)

    def figure(self, key, name, **arguments):
        return self.figures(name, **arguments)[key]

    def figures(self, name, **arguments):
        return self.figures_of([self.path(name)], **arguments)

    @staticmethod
    def figures_of(command, **arguments):
        """Runs a program to its end and returns the JSON it prints."""
        for option, value in arguments.items():
            command = [*command, "--" + option.replace("_", "-"), str(value)]
        return json.loads(Programs.output_of(command))

    @staticmethod
    def output_of(command):
        done = subprocess.run(command, text=True, capture_output=True, timeout=PROGRAM_SECONDS_MAX, check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
        return done.stdout

    def make_certificates(self, folder, *names):
        """Of nodes on this machine: ca.pem, and NAME.pem and NAME.key for each."""
        authority = os.path.join(folder, "authority")
        self.output_of([self.path("skep"), "pki", "init", "--cluster", "bench", "--dir", authority])
        for name in names:
            self.output_of([self.path("skep"), "pki", "issue", "node", name, "--dns", "localhost", "--ip", "127.0.0.1",
                            "--dir", authority, "--out", folder])

    @contextlib.contextmanager
    def server(self, name, arguments, ports, environment=None, wait=0.02):
        """Runs a server until its ports answer, asking every `wait` seconds; ends it with SIGTERM."""
        command = [self.path(name), *arguments]
        process = subprocess.Popen(command, env={**os.environ, **(environment or {})}, stdout=subprocess.DEVNULL)
        try:
            for port in ports:
                await_port(process, port, name, wait)
            yield process
            if process.poll() is not None:
                sys.exit(f"{name} ended by itself, exit code {process.returncode}")
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(START_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                sys.exit(f"{name} did not end within {START_SECONDS_MAX} s of SIGTERM")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_port(process, port, name, wait=0.02):
    deadline = time.monotonic() + START_SECONDS_MAX
    while True:
        if process.poll() is not None:
            sys.exit(f"{name} did not start, exit code {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                sys.exit(f"{name} does not listen on port {port}")
            time.sleep(wait)


def allow_many_connections():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else 1 << 16, hard))
