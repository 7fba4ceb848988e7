"""Every verb's exit code and form of output."""

import json
import os
import pty
import re
import signal
import socket
import subprocess
import unittest

from skep_process import ECHO, PLUGINS, PROGRAM, Running, SkepTest, environment, skep

FIVE_MISTAKES = """name = "wrong"
plugins = ["test_bees"]
[gateways.front]
type = "tpc"
listen = "127.0.0.1:0"
answers = "lsat"
[bees.last]
class = "test.ekko"
from = "frnt"
replicaz = 2
"""


class VerbsTest(SkepTest):
    def test_help_is_there_for_every_verb_with_examples(self):
        usage = skep("--help")
        self.assertEqual(usage.returncode, 0)
        self.assertIn("'skep help <verb>'", usage.stdout)
        for verb in ("run", "node", "lint", "test", "bench", "graph", "export", "bees", "new", "manifest", "pki", "version"):
            self.assertRegex(usage.stdout, rf"(?m)^  {verb} ")
            for flag in ("--help", "-h"):
                text = skep(verb, flag)
                self.assertEqual(text.returncode, 0)
                self.assertIn(f"usage: skep {verb}", text.stdout)
                self.assertIn("Examples:", text.stdout)
            self.assertEqual(skep("help", verb).stdout, skep(verb, "--help").stdout)

    def test_help_lists_the_options_of_its_verb_only_in_one_style(self):
        settings = ["name", "plugins", "threads", "io_threads", "inline_time_max", "dedicated_bees_max", "log.level",
                    "log.format", "drain_time_max", "callback_time_max", "memory_max", "heap_free_max", "payload_bytes_max", "metrics"]
        options = {"run": settings, "node": ["config", "name", "swarms"] + settings[1:], "lint": ["plugins"],
                   "test": ["only", "time-max", "memory-max", "plugins", "output"],
                   "bench": ["gateway", "framing", "tls-authorities", "tls-name", "tls-certificate", "tls-key",
                             "token-file", "clients", "in-flight", "rate", "arrivals", "seed", "p99", "duration",
                             "warm-up", "timeout", "payload", "template", "threads", "plugins", "output"],
                   "graph": ["output", "plugins"], "bees": ["plugin", "plugins", "output"], "version": ["output"]}
        for verb, names in options.items():
            text = skep(verb, "--help").stdout
            listed = re.findall(r"(?m)^  (?:-\w, )?--([a-z0-9_.-]+) [A-Z]+ {3,}\S", text)
            self.assertEqual(listed, names, text)
            self.assertNotRegex(text, r"\[ --|\(=")
        self.assertIn("\n  -o, --output FORM   text for people", skep("graph", "--help").stdout)

    def test_export_prints_what_a_file_comes_to(self):
        text = ECHO.replace('"127.0.0.1:0"', '"127.0.0.1:${EXPORT_PORT}"').replace('class', '# a comment\nreplicas = 1\nclass')
        swarm = self.write("echo.toml", text)
        port = {"EXPORT_PORT": "4242"}
        plain = skep("export", swarm, **port)
        self.assertEqual(plain.returncode, 0, plain.stderr)
        self.assertIn('listen = "127.0.0.1:4242"\n', plain.stdout)
        self.assertNotRegex(plain.stdout, "replicas|comment")
        again = skep("export", self.write("again.toml", plain.stdout))
        self.assertEqual(again.stdout, plain.stdout)
        whole = skep("export", swarm, "--defaults", **port)
        self.assertRegex(whole.stdout, r'(?s)deadline = "30s"\n.*replicas = 1\n.*strategy = "one_for_one"\n')
        lint = skep("lint", self.write("whole.toml", whole.stdout))
        self.assertEqual(lint.returncode, 0, lint.stderr)
        self.assertEqual(skep("export", self.write("again.toml", whole.stdout)).stdout, plain.stdout)
        fields = json.loads(skep("export", swarm, "-o", "json", **port).stdout)
        self.assertEqual(fields["gateways"]["front"]["listen"], "127.0.0.1:4242")
        self.assertIn("printed as it is", skep("export", "--help").stdout)

    def test_export_of_a_file_with_mistakes_prints_them_alone(self):
        done = skep("export", self.write("wrong.toml", FIVE_MISTAKES))
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn("wrong.toml: 5 errors\n", done.stderr)
        for words in ((), ("a.toml", "b.toml"), ("a.toml", "-o", "yaml")):
            self.assertEqual(skep("export", *words).returncode, 2, words)

    def test_output_that_cannot_be_written_is_a_failure(self):
        for words in (["bees"], ["version"], ["--help"]):
            with open("/dev/full", "w") as full:
                done = subprocess.run([PROGRAM, *words], stdout=full, stderr=subprocess.PIPE, text=True, timeout=20,
                                      env=environment(), check=False)
            self.assertEqual(done.returncode, 1, words)
            self.assertIn("standard output cannot be written", done.stderr)

    def test_a_closed_standard_input_or_output_is_no_other_file(self):
        swarm = self.write("io.toml", 'name = "io"\nplugins = ["test_bees"]\n[gateways.source]\ntype = "file"\npath = "-"\n'
                           '[bees.last]\nclass = "test.echo"\nfrom = "source"\n'
                           '[gateways.sink]\ntype = "file"\npath = "-"\nfrom = "last"\n')
        for closed in ("<&-", ">&-"):
            done = subprocess.run(["bash", "-c", f"echo 1 | '{PROGRAM}' run '{swarm}' {closed}"], capture_output=True,
                                  text=True, timeout=20, env=environment(), check=False)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("Bad file descriptor", done.stderr)

    def test_a_node_tells_what_is_wrong_with_all_its_swarms_before_any_runs(self):
        out = self.folder / "out.txt"
        out.write_text("precious")
        writes = self.write("writes.toml", ECHO.replace('answers = "last"', "") +
                            f'[gateways.sink]\ntype = "file"\npath = "{out}"\nfrom = "last"\n')
        wrong = [self.write(f"{name}.toml", FIVE_MISTAKES.replace("wrong", name)) for name in ("one", "two")]
        same = self.write("same.toml", ECHO)
        node = self.write("node.toml", f"swarms = {json.dumps([writes, *wrong, same])}\n")
        done = skep("node", "--config", node)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(out.read_text(), "precious")
        for file in wrong:
            self.assertIn(f"{file}: 5 errors", done.stderr)
        self.assertIn(f"{same}:1:1: error: swarm '{writes}' of this node is named 'echo' too", done.stderr)
        checked = skep("node", "--check", "--config", node)
        self.assertEqual(checked.returncode, 3, checked.stderr)
        self.assertEqual(checked.stderr, done.stderr)

    def test_a_node_file_is_checked_without_starting_anything(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            node = self.write("node.toml", f"swarms = ['{self.write('echo.toml', ECHO.replace('127.0.0.1:0', address))}']\n")
            checked = skep("node", "--config", node, "--check")
        self.assertEqual((checked.returncode, checked.stdout), (0, f"{node}: ok (1 swarm)\n"), checked.stderr)

    def test_swarms_of_a_node_that_listen_at_one_address_are_told(self):
        files = [self.write(f"{name}.toml", ECHO.replace('"echo"', f'"{name}"').replace("127.0.0.1:0", "127.0.0.1:1"))
                 for name in ("one", "two")]
        done = skep("node", "--config", self.write("node.toml", f"swarms = {json.dumps(files)}\n"))
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("gateway 'front' of swarm 'one' listens on 127.0.0.1:1 already", done.stderr)

    def test_text_with_a_zero_in_it_is_refused(self):
        done = skep("lint", self.write("zero.toml", ECHO.replace("127.0.0.1:0", "127.0.0.1\\u0000:0")))
        self.assertEqual(done.returncode, 3)
        self.assertIn("a text with U+0000 in it", done.stderr)

    def test_names_of_files_are_printed_without_what_a_terminal_obeys(self):
        for text in (ECHO, "wrong"):
            done = skep("lint", self.write("a\x1b[31m.toml", text))
            self.assertNotIn("\x1b", done.stdout + done.stderr)

    def test_without_a_verb_usage_goes_to_stderr_with_2(self):
        result = skep()
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertIn("usage: skep", result.stderr)

    def test_a_mistyped_verb_names_the_nearest(self):
        result = skep("lnit")
        self.assertEqual(result.returncode, 2)
        self.assertIn("did you mean 'lint'?", result.stderr)

    def test_a_mistyped_option_names_the_nearest(self):
        path = self.write("echo.toml", ECHO)
        for words in (("graph", path, "--outptu", "dot"), ("run", path, "--thread", "2"), ("bees", "--plugni", "x")):
            result = skep(*words)
            self.assertEqual(result.returncode, 2, words)
            self.assertRegex(result.stderr, r"did you mean '--(output|threads|plugin)'\?")
        for words, meant in ((("node", "--confg", "node.toml"), "--config"), (("--verson",), "--version")):
            result = skep(*words)
            self.assertEqual(result.returncode, 2, words)
            self.assertIn(f"unknown option '{words[-2 if len(words) > 1 else -1]}' (did you mean '{meant}'?)\n",
                          result.stderr)

    def test_a_mistyped_option_with_its_value_is_one_mistake(self):
        result = skep("run", "echo.toml", "--log-level", "debug")
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stderr.splitlines(),
                         ["skep run: unknown option '--log-level' (did you mean '--log.level'?)",
                          "usage: skep run <swarm.toml> [options]",
                          "'skep run --help' shows options and examples."])

    def test_hints_are_no_options_that_the_verb_does_not_take(self):
        self.assertNotIn("--swarms", skep("run", "echo.toml", "--swarm", "x").stderr)

    def test_missing_arguments_are_usage_errors(self):
        for words in (("run",), ("node",), ("lint",), ("test",), ("bench",), ("graph",)):
            self.assertEqual(skep(*words).returncode, 2, words)

    def test_run_takes_one_swarm_and_says_so(self):
        for words in (("--swarms", "b.toml"), ("--swarms=b.toml",), ("--swarms",)):
            done = skep("run", "a.toml", *words)
            self.assertEqual(done.returncode, 2)
            self.assertIn("skep run: '--swarms' is not taken here\n", done.stderr)

    def test_run_takes_no_value_of_an_option_for_its_file(self):
        for words in (("--plugins", "x"), ("--threads", "2", "--plugins", "echo.toml"), ("--threads", "2", "echo.toml", "--name", "x")):
            done = skep("run", *words)
            self.assertEqual(done.returncode, 2)
            self.assertIn("skep run: which swarm file? It stands first or last\n", done.stderr)

    def test_values_out_of_range_are_usage_errors_that_say_what_is_allowed(self):
        path = self.write("echo.toml", ECHO)
        result = skep("run", path, "--threads", "100000")
        self.assertEqual(result.returncode, 2)
        self.assertIn("256", result.stderr)
        result = skep("graph", path, "-o", "dott")
        self.assertEqual(result.returncode, 2)
        self.assertIn("did you mean 'dot'?", result.stderr)
        self.assertEqual(skep("version", "-o", "xml").returncode, 2)

    def test_version_in_both_forms(self):
        self.assertRegex(skep("version").stdout, r"^skep \d+\.\d+\.\d+\n")
        self.assertRegex(json.loads(skep("version", "-o", "json").stdout)["version"], r"^\d+\.\d+\.\d+$")

    def test_bees_lists_classes_ports_and_options(self):
        text = skep("bees", "--plugin", "test_bees").stdout
        for word in ("skep.filter", "skep.route", "skep.log", "skep.model", "test.slow", "tcp", "websocket", "file"):
            self.assertIn(word, text)
        listed = json.loads(skep("bees", "--plugin", "test_bees", "-o", "json").stdout)
        bees = {bee["name"]: bee for bee in listed["bees"]}
        self.assertEqual(bees["test.slow"]["options"][0]["name"], "delay")
        self.assertEqual(bees["test.slow"]["options"][0]["default"], '"1ms"')
        self.assertEqual(bees["test.throwing"]["inputs"], ["json"])
        self.assertEqual(bees["test.echo"]["outputs"],
                         [{"name": "default", "doc": "", "side": False, "by_options": False}])
        self.assertEqual(bees["skep.filter"]["outputs"][1],
                         {"name": "rejected", "doc": 'the other records, with otherwise = "rejected"', "side": True,
                          "by_options": True})
        self.assertIn("in: json, capnp; out: default, rejected (side, by options)\n", text)
        self.assertIn("in: json, capnp; out: default, each of 'ports' (by options)\n", text)
        self.assertEqual(bees["skep.route"]["outputs"][1],
                         {"names_from": "ports", "doc": "records whose field is that", "side": False,
                          "by_options": True})
        self.assertEqual(bees["skep.log"]["outputs"], [])
        self.assertIn("out: nothing", text)
        self.assertFalse(bees["test.echo"]["holds_records"])
        self.assertTrue(bees["test.window"]["holds_records"])
        self.assertIn("in: json; out: default; holds records\n", text)
        self.assertIn("tcp", [gateway["type"] for gateway in listed["gateways"]])

    def test_bees_of_a_missing_plugin_fails_with_the_folders_searched(self):
        result = skep("bees", "--plugin", "absent")
        self.assertEqual(result.returncode, 1)
        self.assertIn(PLUGINS, result.stderr)

    def test_lint_of_a_right_file_counts_its_parts(self):
        path = self.write("echo.toml", ECHO)
        result = skep("lint", path)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(result.stdout, f"{path}: ok (1 gateway, 1 bee)\n")

    def test_lint_reports_five_mistakes_at_once_each_with_its_place(self):
        path = self.write("wrong.toml", FIVE_MISTAKES)
        for verb in ("lint", "run", "graph"):
            result = skep(verb, path)
            self.assertEqual(result.returncode, 3, result.stderr)
            problems = re.findall(rf"(?m)^{re.escape(path)}:(\d+):\d+: error: .*'(tpc|lsat|test.ekko|frnt|replicaz)'.*"
                                  r"\((?:did you mean|known).*\)$", result.stderr)
            self.assertEqual(problems, [("4", "tpc"), ("6", "lsat"), ("8", "test.ekko"), ("9", "frnt"),
                                        ("10", "replicaz")], result.stderr)
            self.assertEqual(result.stderr.splitlines()[-1], f"{path}: 5 errors")
        path = self.write("wrong.toml", ECHO + "replicas = 0\n")
        for verb in ("lint", "run", "graph"):
            self.assertEqual(skep(verb, path).stderr.splitlines()[1:], [f"{path}: 1 error"])

    def test_lint_checks_every_file_it_is_given(self):
        right, wrong = self.write("right.toml", ECHO), self.write("wrong.toml", FIVE_MISTAKES)
        result = skep("lint", wrong, right)
        self.assertEqual(result.returncode, 3)
        self.assertIn(f"{right}: ok", result.stdout)

    def test_a_file_that_is_missing_or_no_toml_is_a_bad_file(self):
        broken = self.write("broken.toml", "name = \n")
        for verb in ("run", "lint", "graph"):
            self.assertEqual(skep(verb, str(self.folder / "absent.toml")).returncode, 3)
            result = skep(verb, broken)
            self.assertEqual(result.returncode, 3)
            self.assertIn(f"{broken}:1:", result.stderr)

    def test_a_file_without_a_name_cannot_be_read_and_that_is_all(self):
        result = skep("lint", "")
        self.assertEqual(result.returncode, 3)
        self.assertEqual(result.stderr.splitlines(),
                         ["error: a file without a name cannot be read: No such file or directory", "1 error"])

    def test_mistakes_past_the_limit_are_more_than_those_shown(self):
        path = self.write("wrong.toml", ECHO + "".join(f"x{i} = 1\n" for i in range(250)))
        lines = skep("lint", path).stderr.splitlines()
        self.assertEqual(len(lines), 202)
        self.assertIn("error: and at least 50 more", lines[-2])
        self.assertEqual(lines[-1], f"{path}: more than 200 errors")

    def test_a_missing_plugin_is_a_problem_at_its_place(self):
        path = self.write("echo.toml", ECHO.replace("test_bees", "absent"))
        result = skep("lint", path)
        self.assertEqual(result.returncode, 3)
        self.assertRegex(result.stderr, r"echo\.toml:3:\d+: error: no plug-in 'absent\.so' in " + re.escape(PLUGINS))

    def test_graph_draws_in_three_forms(self):
        path = self.write("echo.toml", ECHO)
        self.assertIn("front", skep("graph", path).stdout)
        self.assertTrue(skep("graph", path, "-o", "dot").stdout.startswith("digraph"))
        self.assertIn("flowchart", skep("graph", path, "--output", "mermaid").stdout)

    def terminal(self):
        try:
            return pty.openpty()
        except OSError as problem:  # a chroot without /dev/pts
            self.skipTest(f"no terminal can be opened here: {problem}")

    def test_two_gateways_of_one_file_are_refused_and_a_missing_one_is_a_warning(self):
        swarm = ('name = "copy"\n[gateways.first]\ntype = "file"\npath = "in.jsonl"\n[gateways.second]\ntype = "file"\n'
                 'path = "{}"\nfrom = "last"\n[bees.last]\nclass = "skep.filter"\nfrom = "first"\n'
                 'options = {{ field = "$.a" }}\n')
        path = self.write("copy.toml", swarm.format("./in.jsonl"))
        result = skep("lint", path)
        self.assertEqual(result.returncode, 3)
        self.assertEqual(result.stderr.splitlines()[1],
                         f"{path}:7:8: error: gateway 'second' writes '{self.folder}/./in.jsonl', and gateway 'first' "
                         "reads it (a file for each)")
        path = self.write("copy.toml", swarm.format("out.jsonl"))
        result = skep("lint", path)
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stderr, f"{path}:4:8: warning: there is no file '{self.folder}/in.jsonl' (yet)\n")
        self.write("in.jsonl", '{"a":1}\n')
        self.assertEqual(skep("lint", path).stderr, "")
        opened = [line for line in map(json.loads, skep("run", path).stderr.splitlines()) if "is open" in line["text"]]
        self.assertEqual([line["gateway"] for line in opened], ["first", "second"])
        for line in opened:
            self.assertNotIn("address", line)

    def test_colours_are_for_terminals_only_and_can_be_refused(self):
        path = self.write("wrong.toml", FIVE_MISTAKES)

        def on_terminal(**more):
            controller, terminal = self.terminal()
            variables = {name: value for name, value in environment().items() if name != "NO_COLOR"}
            process = subprocess.Popen([PROGRAM, "lint", path], stderr=terminal, stdin=subprocess.DEVNULL,
                                       env={**variables, **more})
            os.close(terminal)
            text = b""
            try:
                while piece := os.read(controller, 4096):
                    text += piece
            except OSError:  # the other end is closed
                pass
            os.close(controller)
            process.wait()
            return text

        self.assertIn(b"\x1b[", on_terminal())
        self.assertNotIn(b"\x1b[", on_terminal(NO_COLOR="1"))
        self.assertNotIn("\x1b[", skep("lint", path, NO_COLOR="").stderr)

    def test_a_variable_that_sets_nothing_is_warned_of(self):
        path = self.write("echo.toml", ECHO)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            path = self.write("taken.toml", ECHO.replace(":0\"", f":{taken.getsockname()[1]}\""))
            result = skep("run", path, SKEP_THREDS="2")
        self.assertIn("SKEP_THREDS", result.stderr)
        self.assertIn("SKEP_THREADS", result.stderr)

    def test_warnings_of_a_swarm_that_runs_are_lines_of_the_log(self):
        running = self.start(ECHO + '[gateways.idle]\ntype = "tcp"\nlisten = "127.0.0.1:0"\n')
        warning = running.wait_for(lambda line: "nothing reads gateway 'idle'" in line["text"])
        self.assertEqual((warning["level"], warning["source"], warning["file"], warning["line"]),
                         ("warning", "skep", str(self.folder / "swarm.toml"), 11))
        running.address()
        self.assertEqual(running.terminate(), 0)
        self.assertEqual([line for line in running.lines if "time" not in line], [])

    def test_a_port_in_use_fails_with_gateway_and_address(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            result = skep("run", self.write("taken.toml", ECHO.replace("127.0.0.1:0", address)))
        self.assertEqual(result.returncode, 1)
        self.assertIn("gateway 'front' did not start", result.stderr)
        self.assertIn(address, result.stderr)
        self.assertEqual(result.stderr.count("in use"), 1, result.stderr)

    def test_a_bee_that_does_not_start_fails_with_its_words(self):
        result = skep("run", self.write("broken.toml", ECHO.replace("test.echo", "test.unstartable")))
        self.assertEqual(result.returncode, 1)
        self.assertIn("bee 'last' did not start", result.stderr)
        self.assertEqual(result.stderr.count("no fuel"), 1, result.stderr)


class NodeTest(SkepTest):
    def test_a_node_file_starts_its_swarms_relative_to_itself(self):
        self.write("one.toml", ECHO)
        self.write("two.toml", ECHO.replace("front", "other").replace('"echo"', '"second"', 1))
        running = Running("node", "--config", self.write("node.toml", 'swarms = ["one.toml", "two.toml"]\nthreads = 2\n'))
        self.addCleanup(running.kill)
        self.assertEqual(self.echoed(running, "front"), {"a": 1})
        self.assertEqual(self.echoed(running, "other"), {"a": 1})
        self.assertEqual(running.terminate(), 0)

    def test_a_gateway_listens_where_the_node_file_says(self):
        self.write("one.toml", ECHO)
        self.write("two.toml", ECHO.replace("front", "other").replace('"echo"', '"second"', 1))
        node = self.write("node.toml", 'swarms = ["one.toml", "two.toml"]\n[gateways."second.other"]\nlisten = "127.0.0.2:0"\n')
        running = Running("node", "--config", node)
        self.addCleanup(running.kill)
        self.assertEqual(self.echoed(running, "front"), {"a": 1})
        self.assertEqual(self.echoed(running, "other"), {"a": 1})
        self.assertEqual(running.address("other")[0], "127.0.0.2")
        self.assertEqual(running.terminate(), 0)

    def test_a_gateway_that_no_swarm_has_is_a_mistake_of_the_node_file(self):
        self.write("one.toml", ECHO)
        node = self.write("node.toml", 'swarms = ["one.toml"]\n[gateways."echo.fron"]\nlisten = "127.0.0.2:0"\n')
        result = skep("node", "--config", node)
        self.assertEqual(result.returncode, 3)
        self.assertEqual(result.stderr, f"{node}:2:11: error: swarm 'echo' has no gateway 'fron' (did you mean 'front'?)\n"
                                        f"{node}: 1 error\n")

    def echoed(self, running, gateway):
        client = self.connect(running, gateway)
        client.send({"a": 1})
        return client.line()

    def test_a_mistake_in_a_node_file_has_its_place_and_exits_with_3(self):
        path = self.write("node.toml", 'threds = 2\n')
        result = skep("node", "--config", path)
        self.assertEqual(result.returncode, 3)
        self.assertRegex(result.stderr, rf"^{re.escape(path)}:1:1: error: .*threds.*threads.*\n"
                                        rf"{re.escape(path)}: 1 error\n$")

    def test_a_mistake_in_a_variable_is_not_the_node_files(self):
        path = self.write("node.toml", "threads = 2\n")
        result = skep("node", "--config", path, SKEP_THREADS="x")
        self.assertEqual(result.returncode, 3)
        self.assertRegex(result.stderr, r"^environment: error: SKEP_THREADS: .*\n$")
        path = self.write("node.toml", "threads = -2\n")
        self.assertIn(f"\n{path}: 1 error\n", skep("node", "--config", path, SKEP_LOG_LEVEL="x").stderr)

    def test_a_missing_node_file_exits_with_3(self):
        self.assertEqual(skep("node", "--config", str(self.folder / "absent.toml")).returncode, 3)

    def test_hanging_up_is_logged_and_changes_nothing(self):
        running = self.start(ECHO)
        running.address()
        running.process.send_signal(signal.SIGHUP)
        running.wait_for(lambda line: "SIGHUP" in line["text"])
        self.assertEqual(self.echoed(running, "front"), {"a": 1})
        self.assertEqual(running.terminate(), 0)


if __name__ == "__main__":
    unittest.main()
