"""skep token: what it makes opens a gateway, and nothing else does."""

import json
import os
import re
import signal
import unittest

from skep_process import ECHO, LineClient, SkepTest, skep

FROM_FILE = ECHO.replace('answers = "last"', 'answers = "last"\ntokens_file = "tokens.txt"')


class TokenTest(SkepTest):
    def test_a_token_opens_the_gateway_that_has_its_hash(self):
        made = json.loads(skep("token", "-o", "json").stdout)
        running = self.start(ECHO.replace('answers = "last"', f'answers = "last"\ntokens = ["{made["hash"]}"]'))
        client = self.connect(running)
        client.socket.sendall(f"Bearer {made['token']}\n".encode())
        client.send({"n": 1})
        self.assertEqual(client.line(), {"n": 1})
        for wrong in (made["hash"], made["token"][:-1], ""):
            stranger = LineClient(running.address())
            self.addCleanup(stranger.close)
            stranger.socket.sendall(f"Bearer {wrong}\n".encode())
            self.assertEqual(stranger.line()["error"]["code"], "unauthorized")
            self.assertIsNone(stranger.line())
        self.assertEqual(running.terminate(), 0)
        self.assertNotIn(made["token"], json.dumps(running.lines))
        self.assertNotIn(made["token"][:-1], json.dumps(running.lines))

    def test_it_prints_256_bits_and_their_hash(self):
        first, second = (skep("token").stdout for _ in range(2))
        self.assertRegex(first, r"^token  [A-Za-z0-9_-]{43}\nhash   sha256:[0-9a-f]{64}\n$")
        self.assertNotEqual(first, second)
        self.assertEqual(skep("token", "mine").returncode, 2)
        named = skep("token", "--name", "billing").stdout
        self.assertRegex(named, r"^token  \S{43}\nhash   (sha256:\S{64})\nline   billing \1\n$")
        made = json.loads(skep("token", "--name", "b", "-o", "json").stdout)
        self.assertEqual((made["name"], made["line"]), ("b", f"b {made['hash']}"))
        for wrong in ("", "a b", "hash", "x" * 65):
            self.assertEqual(skep("token", "--name", wrong).returncode, 2, wrong)
        self.assertTrue(re.search("tokens = ", skep("token", "--help").stdout))

    def tokens(self, *lines, mode=0o600):
        """Puts them into the file in one go, as docs/OPERATING.md says."""
        self.write("draft", "".join(line + "\n" for line in lines))
        os.chmod(self.folder / "draft", mode)
        os.replace(self.folder / "draft", self.folder / "tokens.txt")

    def known(self, running, token):
        client = self.connect(running)
        client.socket.sendall(f"Bearer {token}\n".encode())
        client.send({"n": 1})
        return client

    def test_sighup_takes_the_file_again_and_ends_whose_token_is_gone(self):
        one, two, three = (json.loads(skep("token", "-o", "json").stdout) for _ in range(3))
        self.tokens("# ours", "billing " + one["hash"], "acme " + two["hash"] + "  # until May")
        running = self.start(FROM_FILE)
        gone, stays = (self.known(running, made["token"]) for made in (one, two))
        self.assertEqual([client.line() for client in (gone, stays)], [{"n": 1}, {"n": 1}])

        self.tokens("acme " + two["hash"], three["hash"])
        running.process.send_signal(signal.SIGHUP)
        running.wait_for(lambda line: line["text"].endswith("are reloaded: 2 tokens; 1 session ended with a token that is gone"))
        error = gone.line()["error"]
        self.assertEqual((error["code"], error["message"]), ("unauthorized", "the token has been taken out"))
        self.assertIsNone(gone.line())
        self.assertEqual(self.known(running, three["token"]).line(), {"n": 1})
        self.assertEqual(self.known(running, one["token"]).line()["error"]["code"], "unauthorized")
        refused = running.wait_for(lambda line: line.get("reason") == "token")
        self.assertEqual(refused["gateway"], "front")
        self.assertRegex(refused["address"], r"^127\.0\.0\.1:\d+$")
        self.assertEqual(refused["source"], "echo.front")

        self.tokens("acme " + two["hash"], "my-own-secret")
        running.process.send_signal(signal.SIGHUP)
        line = running.wait_for(lambda line: "not reloaded, what was in use stays: tokens_file: '" in line["text"])
        self.assertIn("tokens.txt', line 2: a token stands there as its hash", line["text"])
        self.assertEqual(line["level"], "error")
        self.assertEqual(self.known(running, three["token"]).line(), {"n": 1})
        stays.send({"n": 2})
        self.assertEqual(stays.line(), {"n": 2})
        self.assertEqual(running.terminate(), 0)
        log = json.dumps(running.lines)
        for secret in ("my-own-secret", one["token"], two["token"], three["token"], one["hash"][7:]):
            self.assertNotIn(secret, log)

    def test_a_token_is_gone_on_all_threads_of_a_gateway(self):
        one, two = (json.loads(skep("token", "-o", "json").stdout) for _ in range(2))
        self.tokens(one["hash"], two["hash"])
        running = self.start(FROM_FILE.replace("tokens_file", "threads = 3\ntokens_file"), "--io_threads", "3")
        gone = [self.known(running, one["token"]) for _ in range(6)]  # two on each
        stays = [self.known(running, two["token"]) for _ in range(3)]
        self.assertEqual([client.line() for client in gone + stays], [{"n": 1}] * 9)
        self.tokens(two["hash"])
        running.process.send_signal(signal.SIGHUP)
        for client in gone:
            self.assertEqual(client.line()["error"]["message"], "the token has been taken out")
            self.assertIsNone(client.line())
        for client in stays:
            client.send({"n": 2})
            self.assertEqual(client.line(), {"n": 2})
        for _ in range(3):
            self.assertEqual(self.known(running, one["token"]).line()["error"]["code"], "unauthorized")
        self.tokens("my-own-secret")
        running.process.send_signal(signal.SIGHUP)
        for thread in range(3):
            running.wait_for(lambda line: f"not reloaded (thread {thread}), what was in use stays" in line["text"])
        self.assertEqual(running.terminate(), 0)

    def test_a_swarm_does_not_start_with_a_file_that_is_wrong(self):
        swarm = self.write("swarm.toml", FROM_FILE)
        node = self.write("node.toml", 'swarms = ["swarm.toml"]\n')
        for lines, mode, why in (((), 0o600, "tokens.txt' has no token: nobody could come in"),
                                 (("secret",), 0o600, "tokens.txt', line 1: a token stands there as its hash"),
                                 (("secret",), 0o644, "others than its owner can reach it: chmod 600")):
            self.tokens(*lines, mode=mode)
            ran = skep("run", swarm)
            self.assertEqual(ran.returncode, 1, why)
            self.assertIn(why, ran.stderr)
            linted = skep("lint", swarm)
            self.assertEqual(linted.returncode, 0)
            self.assertRegex(linted.stderr, r"swarm\.toml:\d+:15: warning: 'tokens_file': '.*" + re.escape(why))
            checked = skep("node", "--config", node, "--check")
            self.assertEqual(checked.returncode, 3)
            self.assertRegex(checked.stderr, r"swarm\.toml:\d+:15: error: 'tokens_file': '.*" + re.escape(why))

    def test_a_token_in_the_file_is_a_mistake_that_does_not_show_it(self):
        text = ECHO.replace('answers = "last"', 'answers = "last"\ntokens = ["my-own-secret"]')
        ran = skep("lint", self.write("swarm.toml", text))
        self.assertEqual(ran.returncode, 3)
        self.assertIn("a token stands there as its hash", ran.stdout + ran.stderr)
        self.assertNotIn("my-own-secret", ran.stdout + ran.stderr)


if __name__ == "__main__":
    unittest.main()
