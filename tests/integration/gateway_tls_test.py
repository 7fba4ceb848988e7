"""Gateways with TLS in the real program: files that are wrong, and SIGHUP under open connections."""

import os
import signal
import socket
import ssl
import unittest

from skep_process import DEADLINE, ECHO, LineClient, SkepTest, skep

TLS = ECHO.replace('answers = "last"', 'answers = "last"\ntls_certificate = "web.pem"\ntls_key = "web.key"')
EXPIRY = 'skep_gateway_certificate_expiry_timestamp_seconds{swarm="echo",gateway="front"}'
REFUSED = 'skep_gateway_connections_refused_total{swarm="echo",gateway="front",reason="tls"}'


class TlsLineClient(LineClient):
    def __init__(self, address, authority):
        super().__init__(address)
        context = ssl.create_default_context(cafile=authority)
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self._file = self.socket.makefile("rb")

    def serial(self):
        return self.socket.getpeercert()["serialNumber"].lower()


class GatewayTlsTest(SkepTest):
    def pki(self, *words):
        ran = skep("pki", *words, "--dir", str(self.folder / "pki"))
        self.assertEqual(ran.returncode, 0, ran.stderr)

    def issue(self, *words):
        """A certificate that has what web servers need, too."""
        self.pki("issue", "node", "web", "--dns", "localhost", "--out", str(self.folder), *words)

    def setUp(self):
        super().setUp()
        self.pki("init", "--cluster", "demo")
        self.issue()

    def tls_client(self, running):
        client = TlsLineClient(running.address(), str(self.folder / "ca.pem"))
        self.addCleanup(client.close)
        return client

    def test_sighup_takes_another_certificate_and_open_connections_stay(self):
        running = self.start(TLS, "--metrics", "127.0.0.1:0")
        before = self.tls_client(running)
        first = before.serial()
        expiry = running.metrics_when(lambda metrics: metrics[EXPIRY] > 0)[EXPIRY]
        self.issue("--force", "--days", "100")
        running.process.send_signal(signal.SIGHUP)
        running.wait_for(lambda line: "is reloaded: 99 days left" in line["text"] or "is reloaded: 100 days" in line["text"])
        after = self.tls_client(running)
        self.assertNotEqual(after.serial(), first)
        running.metrics_when(lambda metrics: metrics[EXPIRY] > expiry)
        os.chmod(self.folder / "web.key", 0o644)
        running.process.send_signal(signal.SIGHUP)
        line = running.wait_for(lambda line: "not reloaded, what was in use stays" in line["text"])
        self.assertIn("chmod 600", line["text"])
        self.assertEqual(line["level"], "error")
        for client in (before, after, self.tls_client(running)):
            client.send({"n": 1})
            self.assertEqual(client.line(), {"n": 1})
        self.assertEqual(running.terminate(), 0)

    def test_all_threads_of_a_gateway_take_another_certificate(self):
        text = TLS.replace('answers = "last"', 'answers = "last"\nthreads = 3')
        running = self.start(text, "--io_threads", "3", "--metrics", "127.0.0.1:0")
        old = {self.tls_client(running).serial() for _ in range(6)}
        self.assertEqual(len(old), 1)
        expiry = running.metrics_when(lambda metrics: metrics[EXPIRY] > 0)[EXPIRY]
        self.issue("--force", "--days", "100")
        running.process.send_signal(signal.SIGHUP)
        running.metrics_when(lambda metrics: metrics[EXPIRY] > expiry)  # the earliest of the three
        new = {self.tls_client(running).serial() for _ in range(6)}
        self.assertEqual(len(new), 1)
        self.assertNotEqual(old, new)
        self.assertEqual(running.terminate(), 0)
        said = [line for line in running.lines if "is in use" in line["text"] or "is reloaded" in line["text"]]
        self.assertEqual(len(said), 2, said)

    def test_who_does_not_shake_hands_is_counted_and_told(self):
        running = self.start(TLS, "--metrics", "127.0.0.1:0")
        with socket.create_connection(running.address(), DEADLINE) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
            while plain.recv(4096):
                pass
        running.wait_for(lambda line: line["text"].endswith(" is refused: it speaks HTTP, not TLS"))
        running.metrics_when(lambda metrics: metrics[REFUSED] == 1)

    def test_a_swarm_does_not_start_with_files_that_are_wrong(self):
        os.remove(self.folder / "web.key")
        swarm = self.write("swarm.toml", TLS)
        linted = skep("lint", swarm)
        self.assertEqual(linted.returncode, 0)
        self.assertRegex(linted.stderr, r"swarm\.toml:\d+:11: warning: 'tls_key': '.*web\.key' cannot be read: ")
        ran = skep("run", swarm)
        self.assertEqual(ran.returncode, 1)
        self.assertIn("web.key' cannot be read: No such file or directory", ran.stderr)
        node = self.write("node.toml", 'swarms = ["swarm.toml"]\n')
        checked = skep("node", "--config", node, "--check")
        self.assertEqual(checked.returncode, 3)
        self.assertRegex(checked.stderr, r"swarm\.toml:\d+:11: error: 'tls_key': '.*web\.key' cannot be read: ")
        self.assertIn("swarm.toml: 1 error", checked.stderr)
        self.issue("--force")
        self.assertEqual(skep("node", "--config", node, "--check").returncode, 0)


if __name__ == "__main__":
    unittest.main()
