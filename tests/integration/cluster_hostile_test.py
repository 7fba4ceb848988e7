"""What knocks at the node port and is no node of the cluster: refused with the reason, and no link is touched."""

import socket
import ssl
import struct
import subprocess
import time
import unittest

from cluster_process import ClusterTest
from skep_process import DEADLINE


class ClusterHostileTest(ClusterTest):
    def setUp(self):
        super().setUp()
        self.cluster(["a", "b"])
        self.start_all()
        self.assert_served("a")
        self.steady = self.client("a")
        self.sent = 0

    def dial(self):
        peer = socket.create_connection(("127.0.0.1", self.ports["b"]), DEADLINE)
        self.addCleanup(peer.close)
        return peer

    def assert_untouched(self):
        """A client that has been there all the time is served, over the link that has been there all the time."""
        for _ in range(20):
            self.steady.send(self.sent)
            self.assertEqual(self.steady.line(), self.sent)
            self.sent += 1
        for node in self.nodes.values():
            ups = [line["text"] for line in node.take_log() if "the link to node" in line["text"]]
            self.assertEqual(len(ups), 1, self.logs())

    def assert_refused(self, reason, began=None):
        self.wait_line("b", reason, 8)
        self.assert_untouched()

    def openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def certificate(self, name, subject_names, days="1", usage="clientAuth,serverAuth", signed=True):
        """A certificate that `skep pki` would not make."""
        extended = f"extendedKeyUsage = {usage}\n" if usage else ""
        self.write(f"{name}.ext", f"subjectAltName = {subject_names}\n{extended}"
                   "basicConstraints = critical,CA:FALSE\nkeyUsage = critical,digitalSignature\n")
        self.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")
        self.openssl("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={name}", "-out", f"{name}.csr")
        signer = ("-CA", "pki/ca.pem", "-CAkey", "pki/ca.key") if signed else ("-signkey", f"{name}.key")
        self.openssl("x509", "-req", "-in", f"{name}.csr", *signer, "-days", days, "-extfile", f"{name}.ext",
                     "-set_serial", "77", "-out", f"{name}.pem")
        return name

    def shake(self, name=None, version=None):
        """Shakes hands as whoever has this certificate; what comes of it the node's log says."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if version:
            context.maximum_version = version
        if name:
            context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        peer = self.dial()
        try:
            tls = context.wrap_socket(peer)
            self.addCleanup(tls.close)
            tls.settimeout(DEADLINE)
            tls.recv(1)
        except (OSError, ssl.SSLError):
            pass

    def test_two_hundred_silent_ones_go_in_time_and_cost_nothing(self):
        before = self.nodes["b"].rss_bytes()
        silent = [self.dial() for _ in range(200)]
        self.assert_untouched()
        began = time.monotonic()
        for peer in silent:
            peer.settimeout(DEADLINE)
            self.assertEqual(peer.recv(1), b"")
        self.assertLess(time.monotonic() - began, 6)
        self.assert_refused("it has not shaken hands within 5s")
        self.assertLess(self.nodes["b"].rss_bytes() - before, 32 << 20)

    def test_what_is_no_tls_is_told_apart(self):
        for sent, reason in ((b"GET / HTTP/1.1\r\n\r\n", "it speaks HTTP, not TLS"),
                             (b"SSH-2.0-OpenSSH_9.2\r\n", "it does not speak TLS"),
                             (bytes(range(256)) * 8, "refused: it"),
                             (struct.pack(">BHH", 22, 0x0301, 0xFFFF), "it breaks the rules of TLS")):
            self.dial().sendall(sent)
            self.assert_refused(reason)

    def test_a_hello_that_stops_halfway_has_its_time(self):
        peer = self.dial()
        peer.sendall(bytes.fromhex("16030100c8010000c40303"))
        self.assert_refused("it has not shaken hands within 5s")

    def test_wrong_certificates_are_refused_with_the_reason(self):
        self.shake()
        self.assert_refused("it has no certificate")
        node = "URI:skep://demo/node/a"
        for name, names, more, reason in (
                ("selfsigned", node, {"signed": False}, "signed by none of the authorities"),
                ("othercluster", "URI:skep://other/node/a", {}, "of cluster other, not demo"),
                ("admin", "URI:skep://demo/admin/a", {}, "that of an admin, not of a node"),
                ("stranger", "URI:skep://demo/node/zz", {}, "node zz is not configured here"),
                ("server", node, {"usage": "serverAuth"}, "is not for this use"),
                ("client", node, {"usage": "clientAuth"}, "it lacks the extendedKeyUsage of a node"),
                ("unlimited", node, {"usage": ""}, "it lacks the extendedKeyUsage of a node"),
                ("crowd", node + ",DNS:a" * 3000, {}, "it has more than 64 names beside its URI"),
                ("nameless", "DNS:a", {}, "it has no URI")):
            self.shake(self.certificate(name, names, **more))
            self.assert_refused(reason)

    def test_older_versions_are_not_spoken(self):
        self.shake("a", ssl.TLSVersion.TLSv1_2)
        self.assert_refused("it does not offer TLS 1.3")

    def test_a_revoked_one_does_not_come_in(self):
        self.pki("revoke", "a")
        text = (self.folder / "b.toml").read_text()
        self.write("b.toml", text + f'deny_list = "{self.folder}/pki/denied.txt"\n')
        self.assertEqual(self.nodes["b"].terminate(), 0)
        self.start_node("b")
        self.wait_line("b", "its certificate is revoked (a, serial")


if __name__ == "__main__":
    unittest.main()
