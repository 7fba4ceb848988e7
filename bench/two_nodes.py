"""The rows of two nodes: who contends, at what, and against whom.

A contender is one command. It runs two processes on loopback, joined by TLS, and does for `--milliseconds`, after
`--warm-up-milliseconds`, what `--work` says:

  batched     one way, records of 100 bytes, 256 a message: {"records_per_s": N}
  single      one way, records of 100 bytes, one a message: {"messages_per_s": N}
  round-trip  one record of 100 bytes there and back, the next when it is back: {"p50_us": N, "p99_us": N}
  bulk        one way, payloads of 64 KiB: {"megabytes_per_s": N}, of 1,000,000 bytes

It prints that one line of JSON and exits with 0, or fails and says why. `--certificates` is a folder with ca.pem, and
sender and receiver, each .pem and .key: both show theirs and judge the other's. One way, only what the receiver has
confirmed counts, and a window bounds what is in flight (the baselines: 16 batches, as many single records, or 16
payloads). Nothing outlives the command, and its ports are free ones.
"""

import os
import shutil
import subprocess
import tempfile

from programs import free_port
from table import Group, Race, Row

HERE = os.path.dirname(os.path.abspath(__file__))
STEP_SECONDS_MAX = 30

UNITS = {"records_per_s": "records/s", "messages_per_s": "messages/s", "p50_us": "us", "p99_us": "us",
         "megabytes_per_s": "MB/s"}

# Work, its name in the table, and its rows: the figure, the baseline, the bar of ours / baseline if there is one.
WORKS = (
    ("batched", "two nodes, TLS, 256 records a message", (
        ("records_per_s", "Erlang", ">= 3"), ("records_per_s", "CAF", ">= 1.5"))),
    ("single", "two nodes, TLS, one record a message", (
        ("messages_per_s", "Erlang", ">= 2"), ("messages_per_s", "CAF", None))),
    ("round-trip", "two nodes, TLS, round trip", (
        ("p50_us", "Erlang", "<= 0.9"), ("p50_us", "CAF", None), ("p50_us", "raw TLS", None),
        ("p99_us", "Erlang", None), ("p99_us", "CAF", None), ("p99_us", "raw TLS", None))),
    ("bulk", "two nodes, TLS, 64 KiB", (
        ("megabytes_per_s", "raw TLS", ">= 0.5"), ("megabytes_per_s", "Erlang", None),
        ("megabytes_per_s", "CAF", None))),
)


def groups(programs, quick):
    times = {"milliseconds": 100, "warm_up_milliseconds": 50} if quick else {"milliseconds": 2000}
    ready = []  # the contenders, once they are

    def prepare(stack):
        ready.append(Contenders(programs, stack.enter_context(tempfile.TemporaryDirectory(prefix="skep_bench_"))))

    def race(work, work_name, lines):
        return Race(work_name, lambda contender: ready[0].figures(contender, work, **times),
                    [(baseline, key, Row(row_name(work_name, key, baseline), UNITS[key], bar))
                     for key, baseline, bar in lines])

    return [Group([race(*work) for work in WORKS], prepare)]


def row_name(work_name, key, baseline):
    return f"{work_name} {key.removesuffix('_us')} / {baseline}" if key.endswith("_us") else f"{work_name} / {baseline}"


class Contenders:
    """The commands, by name, each made anew for every run; None for one that is not there.

    What they read goes to `folder`, which the caller removes.
    """

    def __init__(self, programs, folder):
        self.programs, self.folder = programs, folder
        programs.make_certificates(folder, "sender", "receiver")
        self._commands = {
            "ours": lambda: [programs.path("two_nodes")],  # always built, as the next but one: a missing one is a failure
            "CAF": self._built("caf_tls"),
            "raw TLS": lambda: [programs.path("raw_tls")],
            "Erlang": self._erlang(),
        }

    def figures(self, name, work, **times):
        """What the contender prints, or None if it is not there."""
        command = self._commands[name]
        if command is None:
            return None
        return self.programs.figures_of(command(), work=work, certificates=self.folder, **times)

    def _built(self, program):
        path = self.programs.path(program)
        return (lambda: [path]) if os.path.exists(path) else None

    @staticmethod
    def _run(*command):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=STEP_SECONDS_MAX)

    def _erlang(self):
        if not has_erlang():
            return None
        self._run("erlc", "-o", self.folder, os.path.join(HERE, "baselines", "erlang_tls.erl"))
        options = os.path.join(self.folder, "erlang_tls.options")
        with open(options, "w", encoding="utf-8") as file:
            file.write(f"[{{server, [{self._erlang_options('receiver')}, {{fail_if_no_peer_cert, true}}]}},\n"
                       f" {{client, [{self._erlang_options('sender')}]}}].\n")

        def command():
            """Both nodes take the receiver's port from the command line, so that no epmd is needed."""
            both = ["-proto_dist", "inet_tls", "-ssl_dist_optfile", options, "-start_epmd", "false",
                    "-erl_epmd_port", str(free_port()), "-setcookie", "bench", "-pa", self.folder]
            receiver = both + ["-kernel", "inet_dist_use_interface", "{127,0,0,1}"]
            return ["erl", "-noshell", *both, "-dist_listen", "false", "-sname", "sender@localhost",
                    "-s", "erlang_tls", "main", "-extra", "--distribution", " ".join(receiver)]

        return command

    def _erlang_options(self, name):
        files = (("cacertfile", "ca.pem"), ("certfile", f"{name}.pem"), ("keyfile", f"{name}.key"))
        return ", ".join([f'{{{key}, "{os.path.join(self.folder, file)}"}}' for key, file in files] +
                         ["{verify, verify_peer}", "{versions, ['tlsv1.3']}"])


def has_erlang():
    """Whether there is OTP 25 or later, with its TLS (Debian: erlang-base and erlang-ssl)."""
    if not shutil.which("erl") or not shutil.which("erlc"):
        return False
    probe = "[halt(1) || M <- [peer, inet_tls_dist, public_key], code:which(M) =:= non_existing], halt(0)."
    return subprocess.run(["erl", "-noshell", "-eval", probe], check=False, stdout=subprocess.DEVNULL,
                          timeout=STEP_SECONDS_MAX).returncode == 0
