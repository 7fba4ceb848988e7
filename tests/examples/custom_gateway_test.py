"""04_custom_gateway: datagrams through the real program, those of nobody good too."""

import json
import socket
import unittest

from example import DEADLINE, ExampleTest


class CustomGatewayTest(ExampleTest):
    def setUp(self):
        super().setUp()
        self.display = self.socket()
        display = f"127.0.0.1:{self.display.getsockname()[1]}"
        self.running = self.run_example("04_custom_gateway/custom.toml", CUSTOM_READINGS="127.0.0.1:0",
                                        CUSTOM_DISPLAY=display, CUSTOM_INTERVAL="50ms")
        self.address = self.running.address("readings")

    def socket(self):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(made.close)
        made.settimeout(DEADLINE)
        made.bind(("127.0.0.1", 0))
        return made

    def ask(self, text, sender=None):
        sender = sender or self.socket()
        sender.sendto(text.encode(), self.address)
        return sender.recv(65536).decode()

    def test_an_answer_goes_to_its_sender(self):
        one, two = self.socket(), self.socket()
        self.assertEqual(self.ask("20\n", one), "= 68")
        self.assertEqual(self.ask("100", two), "= 212")
        self.assertEqual(self.ask("nan", one), "! bad_record")
        self.assertEqual(self.ask("0", one), "= 32")

    def test_what_the_thread_submits_goes_out(self):
        seen = [float(self.display.recv(100)) for _ in range(3)]
        self.assertEqual(seen, [number * 9 / 5 + 32 for number in (1, 2, 3)])

    def test_hostile_datagrams_end_nothing(self):
        hostile = self.socket()
        for datagram in (b"", b"\n", b"x" * 65507, b"\0" * 9000, b"= 68", b"! rejected", b"nan", b"-inf", b"\xff\xfe",
                         b"1e400", b"{" * 8000):
            for _ in range(20):
                hostile.sendto(datagram, self.address)
        for _ in range(700):  # more senders than the table of 500 has room for
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as forged:
                forged.bind(("127.0.0.2", 0))  # so no later socket at 127.0.0.1 gets its port, and its answer
                forged.sendto(b"1", self.address)
        client = self.socket()
        client.settimeout(1)
        for _ in range(int(DEADLINE)):  # a datagram may be lost where the system has no room for it
            try:
                answer = self.ask("20", client)
                break
            except TimeoutError:
                continue
        else:
            self.fail("nothing is answered any more")
        self.assertEqual(answer, "= 68")
        self.assertEqual(self.running.terminate(), 0)
        about = [line for line in self.running.lines if "datagrams of the last" in json.dumps(line)]
        self.assertLess(len(about), 5)


if __name__ == "__main__":
    unittest.main()
