"""`skep bench` against gateways that do not let in everybody: TLS, certificates of clients, tokens."""

import json
import os
import unittest

from skep_process import ECHO, SkepTest, skep

WEBSOCKET = ECHO.replace('"tcp"', '"websocket"\npath = "/in"')
LENGTH = ECHO.replace('"tcp"', '"tcp"\nframing = "length"')
SHORT = ("--warm-up", "0s", "--duration", "300ms", "-o", "json")


class BenchAccessTest(SkepTest):
    def setUp(self):
        super().setUp()
        self.pki("init", "--cluster", "demo")
        self.pki("issue", "node", "web", "--dns", "localhost", "--out", str(self.folder))
        self.pki("issue", "admin", "acme", "--out", str(self.folder))
        made = json.loads(skep("token", "-o", "json").stdout)
        self.hash, self.token = made["hash"], self.secret("token", made["token"] + "\n")
        self.tls = ("--tls-authorities", str(self.folder / "ca.pem"), "--tls-name", "localhost")

    def pki(self, *words):
        ran = skep("pki", *words, "--dir", str(self.folder / "pki"))
        self.assertEqual(ran.returncode, 0, ran.stderr)

    def secret(self, name, text):
        path = self.write(name, text)
        os.chmod(path, 0o600)
        return path

    def swarm(self, text=ECHO, tls=True, tokens=True, clients=False):
        lines = ['tls_certificate = "web.pem"', 'tls_key = "web.key"'] if tls else []
        lines += ['tls_client_authorities = "ca.pem"'] if clients else []
        lines += [f'tokens = ["{self.hash}"]'] if tokens else []
        return text.replace('answers = "last"', "\n".join(['answers = "last"', *lines]))

    def address(self, running, scheme="tcp", path=""):
        return "%s://%s:%d%s" % (scheme, *running.address(), path)

    def bench(self, target, *words, code=0, **environment):
        done = skep("bench", target, *SHORT, *words, **environment)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done

    def expect_answers(self, target, *words):
        report = json.loads(self.bench(target, "--clients", "3", "--in-flight", "8", *words).stdout)
        self.assertGreater(report["answered"], 0)
        self.assertEqual(report["answered"], report["requests"], report)

    def test_tls_and_a_token_over_every_protocol(self):
        for text, scheme, path, more in ((ECHO, "tcp", "", ()), (WEBSOCKET, "ws", "/in", ()),
                                         (LENGTH, "tcp", "", ("--framing", "length"))):
            for tls in (True, False):
                running = self.start(self.swarm(text, tls=tls))
                access = (*(self.tls if tls else ()), "--token-file", self.token)
                self.expect_answers(self.address(running, scheme, path), *access, *more)
                self.assertEqual(running.terminate(), 0)

    def test_an_address_may_ask_for_tls(self):
        system = {"SSL_CERT_FILE": self.authority_of_others()}  # a bare Debian has none
        for text, scheme, path in ((ECHO, "tls", ""), (WEBSOCKET, "wss", "/in")):
            target = self.address(self.start(self.swarm(text, tokens=False)), scheme, path)
            self.expect_answers(target, *self.tls)
            done = self.bench(target, code=4, **system)  # is trusted, and has not signed it
            self.assertIn("its certificate is signed by none of the authorities that are trusted", done.stderr)
            done = self.bench(target, "--tls-name", "localhost", code=4, **system)
            self.assertIn("signed by none", done.stderr)

    def test_the_other_protocol_is_told_by_its_first_words(self):
        done = self.bench(self.address(self.start(self.swarm(WEBSOCKET, tokens=False))), *self.tls, code=4)
        self.assertIn("a websocket gateway is wss://HOST:PORT/PATH\n", done.stderr)
        done = self.bench(self.address(self.start(self.swarm(tokens=False)), "ws", "/in"), *self.tls, code=4)
        self.assertIn("a tcp gateway is tls://HOST:PORT\n", done.stderr)

    def test_large_records_in_both_directions(self):
        running = self.start(self.swarm(tokens=False))
        self.expect_answers(self.address(running), *self.tls, "--template", '"{random:300000}"')

    def test_a_swarm_file_is_driven_with_what_its_gateway_asks_for(self):
        path = self.write("swarm.toml", self.swarm())
        self.expect_answers(path, *self.tls, "--token-file", self.token)
        self.assertIn("has TLS, and there is no --tls-authorities", self.bench(path, "--gateway", "front", code=2).stderr)

    def test_a_token_that_is_refused_or_lacks_is_told(self):
        wrong = self.secret("wrong", "another")
        for text, scheme, path in ((ECHO, "tcp", ""), (WEBSOCKET, "ws", "/in")):
            running = self.start(self.swarm(text, tls=False))
            target = self.address(running, scheme, path)
            done = self.bench(target, "--token-file", wrong, "--clients", "3", code=4)
            self.assertIn("it refuses the token of --token-file", done.stderr)
            self.assertIn("it asks for a token (--token-file)", self.bench(target, code=4).stderr)

    def test_a_token_that_nobody_asks_for_is_told_and_goes_nowhere(self):
        running = self.start(self.swarm(tls=False, tokens=False))
        done = self.bench(self.address(running), "--token-file", self.token, code=4)
        self.assertIn("it asks for no token: --token-file is not for it", done.stderr)
        self.assertEqual(running.terminate(), 0)
        self.assertEqual(running.summary("front")["requests"], 0)

    def test_a_target_that_speaks_something_else_is_told(self):
        running = self.start(self.swarm(tokens=False))
        for target in (self.address(running), self.address(running, "ws", "/in")):
            self.assertIn("it speaks TLS (--tls-authorities)", self.bench(target, code=4).stderr)
        web = self.start(self.swarm(WEBSOCKET, tls=False, tokens=False))
        for framing in ("line", "length"):
            done = self.bench(self.address(web), "--framing", framing, code=4)
            self.assertIn("it answers with HTTP: a websocket gateway is ws://HOST:PORT", done.stderr)

    def test_a_handshake_that_fails_is_told(self):
        running = self.start(self.swarm(tokens=False))
        target = self.address(running)
        done = self.bench(target, *self.tls[:2], code=4)
        self.assertIn("its certificate is for localhost, not for '127.0.0.1'", done.stderr)
        done = self.bench(target, "--tls-authorities", self.authority_of_others(), "--tls-name", "localhost", code=4)
        self.assertIn("its certificate is signed by none of the authorities that are trusted", done.stderr)
        done = self.bench(self.address(self.start(ECHO)), *self.tls, code=4)
        self.assertIn("it does not speak TLS", done.stderr)

    def authority_of_others(self):
        ran = skep("pki", "init", "--cluster", "demo", "--dir", str(self.folder / "others"))
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return str(self.folder / "others" / "ca.pem")

    def test_a_certificate_is_shown_to_whom_asks_for_one(self):
        running = self.start(self.swarm(tokens=False, clients=True))
        target = self.address(running)
        own = ("--tls-certificate", str(self.folder / "acme.pem"), "--tls-key", str(self.folder / "acme.key"))
        self.expect_answers(target, *self.tls, *own)
        done = self.bench(target, *self.tls, code=4)
        self.assertIn("it has refused this client: it wants a certificate, and was shown none", done.stderr)

    def test_what_is_wrong_with_options_and_files_is_told_before_anything_is_sent(self):
        token = self.write("open", "secret")
        os.chmod(token, 0o644)
        for words, what in ((("--tls-name", "a"), "--tls-name needs --tls-authorities"),
                            ((*self.tls, "--tls-key", "k"), "--tls-certificate and --tls-key: both of them, or none"),
                            (("--tls-authorities", "gone.pem"), "--tls-authorities: 'gone.pem' cannot be read"),
                            ((*self.tls[:2], "--tls-name", "a b"), "no name that a certificate could be for"),
                            (("--token-file", token), "chmod 600"),
                            (("--token-file", self.secret("two", "two words")), "has to hold a token")):
            self.assertIn(what, self.bench("tcp://127.0.0.1:1", *words, code=2).stderr)


if __name__ == "__main__":
    unittest.main()
