#!/usr/bin/env python3
"""Runs the tests under ThreadSanitizer, but for those that it would report falsely.

Usage: tsan.py BIN          runs them; BIN has the test binaries of the preset tsan
       tsan.py BIN --check  says whether LEFT_OUT names what exists, and how many tests that leaves

CAF's library is not instrumented: what it hands from one thread to another looks like a race. Tests whose actors run on
one thread (CAF's test coordinator) are clean, and so is what needs no actor system. A new suite with actors on threads
of their own goes into LEFT_OUT.
"""

import os
import pathlib
import re
import subprocess
import sys

LEFT_OUT = {
    "serialization_tests": (),
    "actors_tests": ("BeeActorThreadsTest",),
    "simulation_tests": (),
    "gateways_tests": (
        "AddressGatewayTest", "CustomGatewayIoTest", "DepartedTest", "FileGatewayTest", "GatewayCountsTest",
        "GatewayMeterTest", "LoopTest", "NodeAdmissionTest", "NodeBuffersTest", "TcpDescriptorsTest", "TcpGatewayDrainTest",
        "TcpGatewayOutTest", "TcpGatewayTest", "TcpLimitsTest", "TcpSplitsTest", "TlsBadServerTest", "TlsConnectingTest",
        "TlsConnectingVersionTest", "TlsGatewayTest", "TlsHostileTest", "TlsVersionTest", "TokenGatewayTest",
        "TokenReloadTest", "WebSocketGatewayTest", "WebSocketSplitsTest", "WebSocketTimeTest", "WebSocketTypedTest"),
    "runtime_tests": (
        "ClusterMemberTest", "ClusterTest", "CustomGatewayNodeTest", "LinkEndTest", "LinkHostTest", "RemoteActorTest",
        "RemoteActorsTest", "SwarmActorsTest", "SwarmDrainTest", "SwarmTest", "SwarmThreadsTest"),
}
TESTS = pathlib.Path(__file__).resolve().parents[1]
SEEDS = "100"  # of the simulation
OPTIONS = "exitcode=66:second_deadlock_stack=1"


def tests_of(binary, pattern="*"):
    """Their full names."""
    listed = subprocess.run([binary, "--gtest_list_tests", f"--gtest_filter={pattern}"], capture_output=True, text=True,
                            check=True)
    suite, names = "", []
    for line in listed.stdout.splitlines():
        name = line.split("#")[0].rstrip()
        if line.startswith("  "):
            names.append(suite + name.strip())
        elif name.endswith("."):
            suite = name
    return names


def pattern_of(suite):
    return f"{suite}.*:*/{suite}.*"  # by itself, or once for each parameter


def filter_of(binary):
    return "*-" + ":".join(pattern_of(suite) for suite in LEFT_OUT[binary.name])


def suites_with_threads():
    """Of gateways: those in whose file a Hive stands, which is a gateway on threads of CAF's."""
    texts = [path.read_text() for path in (TESTS / "gateways").glob("*_test.cpp")]
    return {suite for text in texts if re.search(r"\bHive\b", text)
            for suite in re.findall(r"^TEST(?:_F|_P)?\((\w+)", text, re.MULTILINE)}


def check(binary):
    """Mistakes of LEFT_OUT, in words."""
    stale = [suite for suite in LEFT_OUT[binary.name] if not tests_of(binary, pattern_of(suite))]
    mistakes = [f"{binary.name} has no suite {suite}" for suite in stale]
    if binary.name == "gateways_tests":
        mistakes += [f"{suite} has actors on threads of their own: it belongs into LEFT_OUT"
                     for suite in sorted(suites_with_threads() - set(LEFT_OUT[binary.name]))]
    if not tests_of(binary, filter_of(binary)):
        mistakes.append(f"nothing of {binary.name} is left to run")
    return mistakes


def run(binary):
    """Its exit code; what was found is printed."""
    settings = {**os.environ, "TSAN_OPTIONS": OPTIONS, "SKEP_SEEDS": SEEDS}
    return subprocess.run([binary, f"--gtest_filter={filter_of(binary)}", "--gtest_brief=1"], env=settings,
                          check=False).returncode


def main(arguments):
    if len(arguments) not in (1, 2) or arguments[1:] not in ([], ["--check"]):
        print(__doc__)
        return 2
    binaries = [pathlib.Path(arguments[0]) / name for name in LEFT_OUT]
    mistakes = [mistake for binary in binaries for mistake in check(binary)]
    for mistake in mistakes:
        print(mistake)
    if mistakes:
        return 1
    for binary in binaries:
        print(f"{binary.name}: {len(tests_of(binary, filter_of(binary)))} of {len(tests_of(binary))} tests", flush=True)
    if arguments[1:]:
        return 0
    codes = [run(binary) for binary in binaries]
    return 1 if any(codes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
