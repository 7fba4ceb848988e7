"""`skep test`: exit codes, what is printed, and swarms that do not come to an end."""

import json
import os
import pathlib
import signal
import subprocess
import time
import unittest

from skep_process import DEADLINE, PLUGINS, PROGRAM, SkepTest, environment, skep

SWARM = """name = "s"
plugins = ["test_bees"]
[gateways.front]
type = "tcp"
listen = "127.0.0.1:1"
answers = "last"
[bees.last]
class = "CLASS"
from = "front"
"""

PASSES = """
[[test]]
name = "it passes"
[[test.step]]
send = { records = [1] }
expect = { records = [1] }
"""

FAILS = """
[[test]]
name = "it fails"
[[test.step]]
send = { records = [{ a = 1 }] }
expect = { records = [{ a = 2 }] }
"""

LOOPS = """
[[test]]
name = "it loops"
[[test.step]]
send = { records = ["\\"loop\\""] }
expect = { records = [1] }
"""


class TestVerbTest(SkepTest):
    def swarm(self, tests, bee_class="test.echo"):
        return self.write("s.toml", SWARM.replace("CLASS", bee_class) + tests)

    def test_all_that_pass_are_zero(self):
        done = skep("test", self.swarm(PASSES))
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "ok      it passes (0s)\n1 test: 1 ok\n", ""))

    def test_one_that_fails_is_one_and_shows_why(self):
        path = self.swarm(FAILS + PASSES)
        done = skep("test", path)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.stdout.splitlines(), [
            "FAILED  it fails (0s)",
            f"  {path}:15:10: what came from gateway 'front' is not what was expected (-), but (+)",
            '    - {"a":2}',
            '    + {"a":1}',
            "        $.a is 1, expected 2",
            "  log:",
            "    info  s  gateway 'front' (tcp) is open",
            "ok      it passes (0s)",
            "2 tests: 1 ok, 1 failed"])

    def test_only_runs_those_of_the_name(self):
        path = self.swarm(FAILS + PASSES)
        done = skep("test", path, "--only", "it passes")
        self.assertEqual((done.returncode, done.stdout), (0, "ok      it passes (0s)\n1 test: 1 ok\n"))
        self.assertEqual(skep("test", path, "--only", "it passes", "--only", "it fails").returncode, 1)
        done = skep("test", path, "--only", "it pases")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("no test 'it pases' (did you mean 'it passes'?)", done.stderr)
        self.assertIn("no test 'nope' (known: 'it fails', 'it passes')", skep("test", path, "--only", "nope").stderr)

    def test_json_is_for_programs(self):
        done = skep("test", self.swarm(PASSES + FAILS), "-o", "json")
        self.assertEqual(done.returncode, 1)
        result = json.loads(done.stdout)
        self.assertEqual((result["ok"], result["failed"], result["not_run"]), (1, 1, 0))
        passed, failed = result["tests"]
        self.assertEqual((passed["result"], passed["problems"]), ("ok", []))
        self.assertNotIn("log", passed)
        self.assertEqual(failed["problems"][0]["lines"][0], '  - {"a":2}')
        self.assertEqual(failed["log"][0]["source"], "s")

    def test_the_log_of_one_that_passes_is_shown_if_asked_for(self):
        self.assertIn("  log:\n    info  s  gateway 'front'", skep("test", self.swarm(PASSES), "--log").stdout)

    def test_a_file_with_mistakes_is_three_and_runs_nothing(self):
        path = self.swarm(PASSES + '[[test]]\nname = "x"\nstep = [{ send = { gateway = "frnt", records = [1] } }]\n')
        for verb in ("test", "lint", "run"):
            done = skep(verb, path)
            self.assertEqual((done.returncode, done.stdout), (3, ""), verb)
            self.assertIn(f"{path}:18:30: error: unknown gateway 'frnt' (did you mean 'front'?)", done.stderr)
            self.assertIn(f"{path}: 1 error", done.stderr)

    def test_a_plugin_with_a_manifest_that_is_refused_is_refused_alike(self):
        plugin = pathlib.Path(PLUGINS, "test_bees.so").read_bytes()
        spoilt = {"spoilt": plugin.replace(b'"takes_batches":', b'"takes_butches":'),
                  "other_abi": plugin.replace(b'{"abi":"skep-abi', b'{"abi":"SKEP-abi'),
                  "bare": plugin.replace(b".skep.manifest", b".skep.nanifest")}
        for name, content in spoilt.items():
            self.assertNotEqual(content, plugin, name)
            (self.folder / f"{name}.so").write_bytes(content)
            (self.folder / f"{name}.so").chmod(0o755)
            path = self.write("s.toml", SWARM.replace("CLASS", "test.echo").replace('"test_bees"', f'"{name}"') + PASSES)
            told = []
            for verb in ("lint", "test", "run"):
                done = skep(verb, path, "--plugins", str(self.folder))
                self.assertEqual((done.returncode, done.stdout), (3, ""), (name, verb, done.stderr))
                told.append(done.stderr)
            self.assertIn(f"{path}:2:12: error: plug-in '", told[0])
            self.assertEqual(told, [told[0]] * 3)

    def test_lint_counts_them(self):
        self.assertIn("ok (1 gateway, 1 bee, 2 tests)", skep("lint", self.swarm(PASSES + FAILS)).stdout)

    def test_a_file_without_tests_is_no_success(self):
        done = skep("test", self.swarm(""))
        self.assertEqual(done.returncode, 1)
        self.assertIn("has no tests: there is no [[test]] in it", done.stderr)

    def test_usage(self):
        path = self.swarm(PASSES)
        for words in ((), (path, path), (path, "--time-max", "2h"), (path, "--time-max", "0s"), (path, "--time-max", "x"),
                      (path, "--memory-max", "63MiB"), (path, "--memory-max", "x"), (path, "-o", "xml"),
                      (path, "--onyl", "x")):
            self.assertEqual(skep("test", *words).returncode, 2, words)
        self.assertIn("--memory-max is no size from 64MiB on, or 0 for no budget: '63MiB'",
                      skep("test", path, "--memory-max", "63MiB").stderr)
        for size in ("64MiB", "0"):
            self.assertNotIn("--memory-max", skep("test", path, "--memory-max", size).stderr)
        self.assertIn("--time-max is no duration from 1ns to 1h", skep("test", path, "--time-max", "2h").stderr)
        spoilt = skep("test", path, SKEP_MEMORY_MAX="2Gb")
        self.assertEqual(spoilt.returncode, 2)
        self.assertIn("SKEP_MEMORY_MAX: '2Gb' is no size", spoilt.stderr)

    def test_the_longest_time_is_that_of_the_limits(self):
        test_wall_time_max, test_wall_time_most = "60s", "1h"  # limits.hpp
        self.assertIn(f"(default: {test_wall_time_max})", skep("test", "--help").stdout)
        self.assertEqual(skep("test", self.swarm(PASSES), "--time-max", test_wall_time_most).returncode, 0)

    def test_a_variable_stands_in_tests_too(self):
        path = self.swarm(PASSES.replace("[1] }\nexpect", '["${NUMBER:-1}"] }\nexpect'))
        self.assertEqual(skep("test", path).returncode, 0)
        self.assertEqual(skep("test", path, NUMBER="2").returncode, 1)

    def test_a_bee_that_does_not_return_is_named_and_ends_the_run(self):
        path = self.swarm(PASSES + LOOPS + FAILS, "test.looping")
        begin = time.monotonic()
        done = skep("test", path, "--time-max", "500ms")
        self.assertLess(time.monotonic() - begin, 15)
        self.assertEqual(done.returncode, 1)
        lines = done.stdout.splitlines()
        self.assertEqual(lines[:2], ["ok      it passes (0s)", "FAILED  it loops (0s)"])
        self.assertRegex(lines[2], r"s\.toml:17:1: has not ended within 500ms \(--time-max\): bee 'last' replica 0 of swarm "
                                   r"'s' has not returned from a call for \d+ms")
        self.assertIn("    info  s.last  loops from here on", lines)
        self.assertEqual(lines[-1], "3 tests: 1 ok, 1 failed, 1 not run")
        result = json.loads(skep("test", path, "--time-max", "500ms", "-o", "json").stdout)
        self.assertEqual([test["result"] for test in result["tests"]], ["ok", "failed", "not_run"])

    def stopped(self, number, *words):
        """Runs tests of which the second loops, and sends a signal once the first is over, or as soon as it is heeded."""
        path = self.swarm(PASSES + LOOPS + FAILS, "test.looping")
        with subprocess.Popen([PROGRAM, "test", path, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=environment()) as running:
            self.addCleanup(running.kill)
            first = running.stdout.readline() if not words else ""
            until = time.monotonic() + DEADLINE
            while not first and not self.blocks(running, number):
                self.assertLess(time.monotonic(), until)
            running.send_signal(number)
            out, err = running.communicate(timeout=20)
        return running.returncode, first + out, err

    @staticmethod
    def blocks(running, number):
        status = pathlib.Path(f"/proc/{running.pid}/status").read_text()
        blocked = next(line.split()[1] for line in status.splitlines() if line.startswith("SigBlk"))
        return int(blocked, 16) & 1 << number - 1

    def test_a_signal_stops_and_tells_what_has_come_of_the_tests_so_far(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            code, out, err = self.stopped(number)
            self.assertEqual(code, 1)
            lines = out.splitlines()
            self.assertEqual(lines[:2], ["ok      it passes (0s)", "stopped it loops (0s)"])
            self.assertRegex(lines[2], rf"s\.toml:17:1: stopped by {number.name}")
            self.assertEqual(lines[-1], "3 tests: 1 ok, 1 stopped, 1 not run")
            self.assertEqual(err, f"skep test: {number.name}: stops; a second one stops at once\n")

    def test_a_signal_leaves_whole_json(self):
        code, out, _ = self.stopped(signal.SIGTERM, "-o", "json")
        self.assertEqual(code, 1)
        result = json.loads(out)
        self.assertEqual((result["ok"] + result["not_run"], result["stopped"], len(result["tests"])), (2, 1, 3))
        self.assertIn("stopped by SIGTERM", next(test for test in result["tests"] if test["problems"])["problems"][0]["message"])

    def test_a_bee_that_hoards_ends_the_run_and_the_test_is_named(self):
        path = self.swarm(PASSES + LOOPS.replace("loop\\", "flood\\").replace("loops", "hoards") + FAILS, "test.hoarding")
        for words, variables in ((("--memory-max", "320MiB"), {}), ((), {"SKEP_MEMORY_MAX": "320MiB"})):
            done = skep("test", path, *words, **variables)
            self.assertEqual(done.returncode, 1)
            lines = done.stdout.splitlines()
            self.assertEqual(lines[:2], ["ok      it passes (0s)", "FAILED  it hoards (0s)"])
            self.assertRegex(lines[2], r"s\.toml:17:1: memory: \d+MiB of 320MiB in use \(\d+ %\): ends before it is killed "
                                       r"\(--memory-max\)")
            self.assertEqual(lines[-1], "3 tests: 1 ok, 1 failed, 1 not run")

    def test_a_swarm_that_does_not_start_is_told(self):
        done = skep("test", self.swarm(PASSES, "test.unstartable"))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"s\.toml:11:1: the swarm does not start: bee 'last'")
        self.assertIn("  log:\n", done.stdout)

    def test_dedicated_bees_and_what_blocks_run_as_well(self):
        swarm = SWARM.replace("CLASS", "test.slow").replace('from = "front"\n', 'from = "front"\nexecution = "dedicated"\n')
        self.assertEqual(skep("test", self.write("d.toml", swarm + PASSES)).returncode, 0)

    def test_a_pipe_or_a_folder_is_no_swarm_file(self):
        pipe = str(self.folder / "pipe")
        os.mkfifo(pipe)
        for path, kind in ((pipe, "a pipe"), (str(self.folder), "a folder")):
            for verb in ("run", "lint", "test", "graph"):
                done = skep(verb, path)
                self.assertEqual(done.returncode, 3, verb)
                self.assertIn(f"cannot be read: it is {kind}, not a file", done.stderr)
        done = skep("node", "--config", pipe)
        self.assertEqual(done.returncode, 3)

    def test_results_that_cannot_be_written_are_a_failure(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([PROGRAM, "test", self.swarm(PASSES)], stdout=full, stderr=subprocess.PIPE, text=True,
                                  timeout=20, env=environment(), check=False)
        self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    unittest.main()
