"""skep token: what it makes opens a gateway, and nothing else does."""

import json
import re
import unittest

from skep_process import ECHO, LineClient, SkepTest, skep


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
        self.assertTrue(re.search("tokens = ", skep("token", "--help").stdout))

    def test_a_token_in_the_file_is_a_mistake_that_does_not_show_it(self):
        text = ECHO.replace('answers = "last"', 'answers = "last"\ntokens = ["my-own-secret"]')
        ran = skep("lint", self.write("swarm.toml", text))
        self.assertEqual(ran.returncode, 3)
        self.assertIn("a token stands there as its hash", ran.stdout + ran.stderr)
        self.assertNotIn("my-own-secret", ran.stdout + ran.stderr)


if __name__ == "__main__":
    unittest.main()
