"""One swarm on several nodes: real processes, joined by TLS with certificates of their own."""

import contextlib
import itertools
import json
import os
import random
import re
import signal
import socket
import threading
import time
import unittest

from cluster_process import ECHOES, ClusterTest
from skep_process import DEADLINE, skep

KILLS = int(os.environ.get("SKEP_CLUSTER_KILLS", "3"))
RECORDS = int(os.environ.get("SKEP_CLUSTER_RECORDS", "4000"))

KEPT = ECHOES.replace('name = "test"', 'name = "test"\ndelivery = "at_least_once"')

# a gateway on node `edge`; what comes out goes into a file, too, of each life of a node that has `out`
ORDERS = """
name = "test"
delivery = "at_least_once"
plugins = ["test_bees"]
[gateways.front]
type = "tcp"
listen = "127.0.0.1:0"
answers = "last"
deadline = "20s"
key = "$.client"
nodes = ["edge"]
[bees.first]
class = "test.echo"
from = [{{ bee = "front", route = "key", window = 64 }}]
replicas = 2
nodes = ["{bees}"]
[bees.last]
class = "test.echo"
from = [{{ bee = "first", route = "key", window = 64 }}]
replicas = 2
nodes = ["{bees}"]
[gateways.out]
type = "file"
path = "${{OUT}}"
from = "last"
nodes = ["{out}"]
"""


class ClusterServesTest(ClusterTest):
    def test_every_node_answers_its_clients(self):
        self.cluster(["a", "b"])
        self.start_all()
        for name in self.ports:
            self.assert_served(name)
            self.assertEqual(self.wait_line(name, "listens on")["source"], "test")
        for node in self.nodes.values():
            self.assertEqual(node.terminate(), 0)

    def test_a_lost_nodes_bees_go_elsewhere_and_it_comes_back(self):
        self.cluster(["a", "b", "c"], KEPT)
        self.start_all()
        for name in self.ports:
            self.assert_served(name)
        self.kill_node("b")
        began = time.monotonic()
        self.assert_served("a")
        self.assert_served("c")
        self.assertLess(time.monotonic() - began, 5)
        self.start_node("b")
        self.assert_served("b")
        self.kill_node("a")
        self.assert_served("b")
        self.assert_served("c")

    def test_a_node_without_a_majority_says_so(self):
        self.cluster(["a", "b", "c"])
        self.start_all()
        self.assert_served("a")
        self.kill_node("b")
        self.kill_node("c")
        self.wait_line("a", "sees 1 of 3 nodes, itself included: nothing is placed")
        self.start_node("c")
        self.wait_line("a", "sees 2 of 3 nodes, itself included: node ")

    def test_another_swarm_file_is_refused_with_the_reason_on_both_sides(self):
        self.cluster(["a", "b"])
        self.start_node("a")
        self.nodes["a"].wait_for(lambda line: "waits for the others" in line["text"])
        self.write("swarm.toml", ECHOES.replace("replicas = 2", "replicas = 3"))
        self.start_node("b")
        self.wait_line("a", "swarm 'test' is another one")
        self.wait_line("b", "swarm 'test' is another one")

    def test_a_node_that_stood_still_changes_nothing(self):
        self.cluster(["a", "b", "c"], KEPT)
        self.start_all()
        for name in self.ports:
            self.assert_served(name)
        self.nodes["c"].process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        self.wait_line("a", "no link to node c: nothing was heard for 3s")
        self.assertLess(time.monotonic() - began, 4)
        self.assert_served("a")
        self.nodes["c"].process.send_signal(signal.SIGCONT)
        for name in self.ports:
            self.assert_served(name)


class ClusterMetricsTest(ClusterTest):
    MEASURED = ("--metrics", "127.0.0.1:0")

    def test_metrics_tell_of_links_and_of_what_runs_where(self):
        self.cluster(["a", "b", "c"])
        self.start_all(*self.MEASURED)
        up_b, up_c = 'skep_link_up{peer="b"}', 'skep_link_up{peer="c"}'
        metrics = self.nodes["a"].metrics_when(lambda m: self.placed(m) == 4 + 3)  # bees and gateways
        self.assertEqual(metrics[up_b], 1, "all are there, or it had waited longer")
        self.assertEqual(metrics[up_c], 1)
        self.assertEqual(metrics["skep_cluster_nodes"], 3)
        self.assertEqual(metrics["skep_cluster_nodes_seen"], 3)
        for name, least in {"sent_bytes": 500, "received_bytes": 500, "messages_sent": 6, "messages_received": 6}.items():
            self.nodes["a"].metrics_when(lambda m, key=f'skep_link_{name}_total{{peer="b"}}', least=least: m[key] > least)
        for name in ("losses", "connections_refused", "refused_messages"):
            self.assertEqual(metrics[f'skep_link_{name}_total{{peer="b"}}'], 0, name)
        self.assertLess(metrics['skep_link_silence_seconds{peer="b"}'], 3)
        self.assertLess(abs(metrics['skep_link_changed_timestamp_seconds{peer="b"}'] - time.time()), DEADLINE)
        epoch = metrics['skep_placement_epoch{swarm="test"}']
        self.kill_node("b")
        metrics = self.nodes["a"].metrics_when(lambda m: m['skep_placement_epoch{swarm="test"}'] > epoch)
        self.assertEqual(metrics[up_b], 0)
        self.assertEqual(metrics[up_c], 1)
        self.assertEqual(metrics["skep_cluster_nodes_seen"], 2)
        self.assertEqual(metrics['skep_link_losses_total{peer="b"}'], 1)
        self.start_node("b")
        self.nodes["a"].metrics_when(lambda m: m[up_b] == 1)

    def test_a_stranger_at_the_node_port_is_counted(self):
        self.cluster(["a", "b"])
        self.start_node("b", *self.MEASURED)
        self.wait_line("b", "waits for the others")
        with socket.create_connection(("127.0.0.1", self.ports["b"]), DEADLINE) as stranger:
            stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
            refused = 'skep_cluster_connections_refused_total{reason="stranger"}'
            self.nodes["b"].metrics_when(lambda m: m[refused] == 1)

    def test_the_end_of_a_certificate_is_measured_and_follows_a_reload(self):
        self.cluster(["a", "b"])
        self.start_node("a", *self.MEASURED)
        before = self.expiries("a")
        self.assertEqual(sorted(before), ["authority", "node"])
        self.assertLess(abs(before["node"][1] - time.time() - 90 * 86400), 600)
        self.assertGreater(before["authority"][1], before["node"][1])
        self.wait_line("a", "waits for the others")
        self.pki("renew", str(self.folder / "a.pem"))
        self.nodes["a"].process.send_signal(signal.SIGHUP)
        self.wait_line("a", "certificates are reloaded")
        self.nodes["a"].metrics_when(lambda m: self.expiries("a")["node"][0] != before["node"][0])
        self.assertEqual(self.expiries("a")["authority"], before["authority"])

    def placed(self, metrics):
        return sum(metrics[f'skep_placement_replicas{{swarm="test",where="{where}"}}'] for where in ("here", "elsewhere", "away"))

    def expiries(self, name):
        """Of each certificate that a node uses its serial and its end."""
        metrics = self.nodes[name].metrics_when(lambda m: True)
        parts = (re.match('skep_certificate_expiry_timestamp_seconds{certificate="(.*)",serial="(.*)"}', key) for key in metrics)
        return {part[1]: (part[2], metrics[part[0]]) for part in parts if part}


class ClusterCertificatesTest(ClusterTest):
    def test_certificates_are_renewed_under_load(self):
        self.cluster(["a", "b"])
        self.start_all()
        client = self.client("a")
        for number in range(6):
            client.send(*range(100))
            self.pki("renew", str(self.folder / "b.pem"))
            self.nodes["b"].process.send_signal(signal.SIGHUP)
            self.assertEqual([client.line() for _ in range(100)], list(range(100)))
        self.wait_line("b", "certificates are reloaded")
        ups = sum("the link to node" in line["text"] for line in self.nodes["a"].take_log())
        self.assertEqual(ups, 1, self.logs())

    def test_files_that_are_missing_leave_what_was_in_use(self):
        self.cluster(["a", "b"])
        self.start_all()
        self.assert_served("a")
        (self.folder / "b.key").unlink()
        self.nodes["b"].process.send_signal(signal.SIGHUP)
        self.wait_line("b", "not reloaded, what was in use stays")
        self.assert_served("b")

    def test_a_node_without_its_certificate_and_key_does_not_start_and_names_both(self):
        self.cluster(["a", "b"])
        (self.folder / "a.key").unlink()
        (self.folder / "a.pem").unlink()
        for words in ([], ["--check"]):
            done = skep("node", "--config", str(self.folder / "a.toml"), *words)
            self.assertEqual(done.returncode, 3)
            self.assertIn("a.key", done.stderr)
            self.assertIn("a.pem", done.stderr)
        self.assertEqual(skep("node", "--config", str(self.folder / "b.toml"), "--check").returncode, 0)


    def test_a_key_or_certificate_that_does_not_belong_here_is_named(self):
        self.cluster(["a", "b"])
        node = str(self.folder / "a.toml")
        own = (self.folder / "a.key").read_text()
        (self.folder / "a.key").write_text((self.folder / "b.key").read_text())
        done = skep("node", "--config", node, "--check")
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stderr, r"the key is not that of the certificate \(certificate '.*a\.pem', key '.*a\.key', ")
        (self.folder / "a.key").write_text(own)
        text = (self.folder / "a.toml").read_text()
        (self.folder / "a.toml").write_text(text.replace('name = "a"', 'name = "c"'))
        done = skep("node", "--config", node, "--check")
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stderr, r"its certificate '.*a\.pem' is of node 'a', which is not in 'nodes'")


class ClusterDeliveryTest(ClusterTest):
    """Under `at_least_once` every record is answered, and goes out, whatever becomes of the workers."""

    def setUp(self):
        super().setUp()
        self.files, self.codes = [], []

    def start_node(self, name, *words):
        self.files.append(self.folder / f"out-{len(self.files)}.txt")
        os.environ["OUT"] = str(self.files[-1])
        return super().start_node(name, *words)

    def stop_node(self, name):
        self.codes.append(self.nodes[name].terminate())

    def test_nothing_is_lost_when_workers_are_killed(self):
        self.end_workers(self.kill_node, bees="worker", out="edge")

    def test_nothing_fails_when_workers_are_stopped(self):
        self.end_workers(self.stop_node, bees="worker", out="edge")
        self.assertEqual(self.codes, [0] * KILLS, self.logs())

    def test_nothing_is_lost_when_nodes_that_records_go_out_of_are_killed(self):
        self.end_workers(self.kill_node, bees="edge", out="worker")

    def test_nothing_is_lost_when_nodes_that_records_go_out_of_are_stopped(self):
        self.end_workers(self.stop_node, bees="edge", out="worker")
        self.assertEqual(self.codes, [0] * KILLS, self.logs())

    def test_nothing_is_lost_when_nodes_that_do_both_are_killed(self):
        self.end_workers(self.kill_node, bees="worker", out="worker")

    def test_nothing_is_lost_when_nodes_that_do_both_are_stopped(self):
        self.end_workers(self.stop_node, bees="worker", out="worker")
        self.assertEqual(self.codes, [0] * KILLS, self.logs())

    def test_what_nobody_is_left_to_keep_is_told(self):
        """All nodes are stopped at once: what was answered has gone out, or its node says that it is lost."""
        workers = ["w1", "w2"]
        self.cluster(["edge", *workers], ORDERS.format(bees="edge", out="worker"), {name: ["worker"] for name in workers})
        self.start_all()
        client = self.client("edge")
        answered = 0
        with contextlib.suppress(OSError):  # of what comes when the gateway has closed
            for first in itertools.count(step=100):
                client.send(*({"client": n % 8, "n": n} for n in range(first, first + 100)))
                answers = [client.line() for _ in range(100)]
                answered += sum("n" in (answer or {}) for answer in answers)
                if first == 5000:
                    for node in self.nodes.values():
                        node.process.send_signal(signal.SIGTERM)
                if None in answers:
                    break
        codes = [node.end(60) for node in self.nodes.values()]
        told = [re.search(r"lost (\d+) records? in it", line["text"]) for node in self.nodes.values() for line in node.lines]
        lost = sum(int(found[1]) for found in told if found)
        self.assertGreater(answered, 5000)
        self.assertGreaterEqual(len(set(self.gone_out())) + lost, answered)
        self.assertTrue(any(codes) or lost == 0, self.logs())

    def gone_out(self):
        """The numbers of all records that went out, life by life of their nodes."""
        lines = [line for file in self.files if file.exists() for line in file.read_text().splitlines()]
        return [json.loads(line)["n"] for line in lines]

    def test_all_nodes_can_be_stopped_at_once_under_load(self):
        workers = ["w1", "w2"]
        swarm = ORDERS.format(bees="worker", out="edge")
        self.cluster(["edge", *workers], swarm, {name: ["worker"] for name in workers})
        self.start_all()
        client = self.client("edge")
        records = [{"client": n % 8, "n": n} for n in range(2000)]
        client.send(*records)
        client.line()
        for node in self.nodes.values():
            node.process.send_signal(signal.SIGTERM)
        for name, node in self.nodes.items():
            node.end(60)
            self.assertFalse([line["text"] for line in node.lines if "not drained in full" in line["text"]], name)

    def end_workers(self, end, bees, out):
        seed = random.randrange(1 << 30)
        chance = random.Random(seed)
        workers = ["w1", "w2", "w3"]
        swarm = ORDERS.format(bees=bees, out=out)
        self.cluster(["edge", *workers], swarm, {name: ["worker"] for name in workers})
        self.start_all()
        client = self.client("edge", timeout=120)
        self.answered, self.progress = 0, threading.Condition()
        killer = threading.Thread(target=self.end_and_start, args=(end, chance, workers))
        killer.start()
        sent = 0
        while sent < RECORDS or killer.is_alive():
            batch = [{"client": n % 8, "n": n} for n in range(sent, sent + 100)]
            client.send(*batch)
            answers = [client.line() for _ in batch]
            if answers != batch:
                wrong = [pair for pair in zip(batch, answers) if pair[0] != pair[1]]
                self.fail(f"seed {seed}: of {sent}..{sent + 99} {len(wrong)} wrong: {wrong[0]} .. {wrong[-1]}; logs: {self.logs()}")
            sent += 100
            with self.progress:
                self.answered = sent
                self.progress.notify_all()
        killer.join()
        self.assertEqual(self.killed, KILLS)
        self.nodes["edge"].terminate()
        for worker in workers:
            self.nodes[worker].terminate()
        got = self.gone_out()
        first = list(dict.fromkeys(got))
        self.assertEqual(sorted(first), list(range(sent)), seed)
        for client in range(8 if out == "edge" else 0):  # in one file
            numbers = [n for n in first if n % 8 == client]
            self.assertEqual(numbers, sorted(numbers), f"the first copies of a key are in order; seed {seed}")
        print(f"seed {seed}: {len(got) - sent} duplicates of {sent} records, {self.killed} workers ended")
        self.assertLessEqual(len(got) - sent, KILLS * 4 * 2 * 64, seed)

    def wait_answered(self, more):
        with self.progress:
            until = self.answered + more
            self.progress.wait_for(lambda: self.answered >= until, 60)

    def end_and_start(self, end, chance, workers):
        self.killed = 0
        while self.killed < KILLS:
            victim = chance.choice(workers)
            end(victim)
            self.killed += 1
            self.wait_answered(chance.randrange(1000))  # at any moment of what follows from it
            self.start_node(victim)
            self.nodes[victim].wait_for(lambda line: "the link to node edge is up" in line["text"])
            self.wait_answered(chance.randrange(1000))


if __name__ == "__main__":
    unittest.main()
