#!/usr/bin/env python3
"""What one request costs a gateway: CPU time of its threads, and with --callgrind the instructions of each.

Usage: gateway_cost.py [--build DIR] [--protocol tcp|websocket] [--connections N] [--in-flight N] [--payload BYTES]
                       [--rounds N] [--callgrind DIR]

The swarm of end_to_end/echo.toml, with metrics and without, and the bare server with the same codec are loaded in turn;
shown are the medians. CPU time moves with the load of the machine, too, but ratios repeat. With --callgrind (of valgrind)
ours runs once more under it, much slower; `callgrind_annotate --inclusive=yes` of the files that it leaves in DIR says
which functions the instructions are in.
"""

import argparse
import contextlib
import glob
import os
import re
import shutil
import statistics
import subprocess
import sys
import time

from echo import SWARM, swarm_environment
from process_cost import cpu_microseconds
from programs import ROOT, Programs, allow_many_connections, await_port, free_port

LOAD = {"milliseconds": 1000, "warm_up_milliseconds": 300}
SLOW_START_SECONDS_MAX = 120


def cost(programs, process, arguments, port):
    """Of one run: CPU microseconds a request of all threads, of the busiest one, and requests a second."""
    before = cpu_microseconds(process)
    loaded = programs.figures("load", protocol=arguments.protocol, port=port, connections=arguments.connections,
                              in_flight=arguments.in_flight, payload=arguments.payload, **LOAD)
    spent = {name: now - before.get(name, 0.0) for name, now in cpu_microseconds(process).items()}
    requests = loaded["requests_per_s"] * (LOAD["milliseconds"] + LOAD["warm_up_milliseconds"]) / 1000
    return sum(spent.values()) / requests, max(spent.values()) / requests, loaded["requests_per_s"]


def compare(programs, arguments):
    ours, bare = ({name: free_port() for name in ("tcp", "websocket")} for _ in range(2))
    unmeasured = {name: free_port() for name in ours}
    seen = {"skep": [], "metrics off": [], "bare": []}
    with contextlib.ExitStack() as stack:
        skep = stack.enter_context(programs.server("skep", ["run", SWARM], ours.values(), swarm_environment(ours)))
        off = stack.enter_context(programs.server("skep", ["run", SWARM], unmeasured.values(),
                                                  {**swarm_environment(unmeasured), "SKEP_METRICS": "off"}))
        server = stack.enter_context(programs.server(f"bare_echo_{arguments.protocol}",
                                                     ["--port", str(bare[arguments.protocol])],
                                                     [bare[arguments.protocol]]))
        for _ in range(arguments.rounds):
            seen["skep"].append(cost(programs, skep, arguments, ours[arguments.protocol]))
            seen["metrics off"].append(cost(programs, off, arguments, unmeasured[arguments.protocol]))
            seen["bare"].append(cost(programs, server, arguments, bare[arguments.protocol]))
    print(f"{arguments.protocol}, {arguments.connections} x {arguments.in_flight}, {arguments.payload} bytes")
    for name, costs in seen.items():
        every, busiest, rate = (statistics.median(column) for column in zip(*costs))
        print(f"  {name:11} {busiest:8.3f} us in its busiest thread, {every:8.3f} us in all, a request"
              f"   ({rate:,.0f} requests/s)")


def count_instructions(programs, arguments):
    if shutil.which("valgrind") is None:
        sys.exit("--callgrind needs valgrind")
    os.makedirs(arguments.callgrind, exist_ok=True)
    ports = {name: free_port() for name in ("tcp", "websocket")}
    files = os.path.join(arguments.callgrind, "callgrind.out")
    command = ["valgrind", "--tool=callgrind", "--separate-threads=yes", "--instr-atstart=no",
               f"--callgrind-out-file={files}", programs.path("skep"), "run", SWARM]
    with subprocess.Popen(command, env={**os.environ, **swarm_environment(ports)}, stderr=subprocess.DEVNULL) as process:
        try:
            await_slowly(process, ports[arguments.protocol])
            subprocess.run(["callgrind_control", "-i", "on", str(process.pid)], stdout=subprocess.DEVNULL, check=True)
            loaded = programs.figures("load", protocol=arguments.protocol, port=ports[arguments.protocol],
                                      connections=arguments.connections, in_flight=arguments.in_flight,
                                      payload=arguments.payload, milliseconds=6000, warm_up_milliseconds=0)
            subprocess.run(["callgrind_control", "-i", "off", str(process.pid)], stdout=subprocess.DEVNULL, check=True)
        finally:
            process.terminate()
    for path in sorted(glob.glob(files + "-*")):
        with open(path, encoding="utf-8") as file:
            total = re.search(r"^totals: (\d+)", file.read(), re.M)
        if total and int(total[1]) > loaded["requests"]:
            print(f"  {path}: {int(total[1]) / loaded['requests']:,.0f} instructions a request")


def await_slowly(process, port):
    deadline = time.monotonic() + SLOW_START_SECONDS_MAX
    while True:
        try:
            return await_port(process, port, "skep under valgrind")
        except SystemExit:
            if process.poll() is not None or time.monotonic() > deadline:
                raise


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"))
    parser.add_argument("--protocol", choices=("tcp", "websocket"), default="websocket")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--in-flight", type=int, default=32)
    parser.add_argument("--payload", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--callgrind", metavar="DIR")
    arguments = parser.parse_args()
    allow_many_connections()
    programs = Programs(arguments.build)
    compare(programs, arguments)
    if arguments.callgrind:
        count_instructions(programs, arguments)


if __name__ == "__main__":
    main()
