"""07_sensors: readings smoothed by sensor, means of windows, peaks of waves."""

import json
import socket
import struct
import unittest

from example import DEADLINE, ExampleTest, LineClient


class SensorsTest(ExampleTest):
    def setUp(self):
        super().setUp()
        self.running = self.run_example("07_sensors/sensors.toml", SENSORS_READINGS="127.0.0.1:0",
                                        SENSORS_HOUSE="127.0.0.1:0", SENSORS_WAVES="127.0.0.1:0")

    def client(self, gateway):
        client = LineClient(self.running.address(gateway))
        self.addCleanup(client.close)
        return client

    def test_readings_are_smoothed_and_jumps_refused(self):
        client = self.client("readings")
        client.send(*({"sensor": "attic", "value": value} for value in (20, 24, 99)))
        self.assertEqual([client.line() for _ in range(2)], [{"smooth": 20}, {"smooth": 21}])
        error = client.line()["error"]
        self.assertEqual((error["code"], error["message"]), ("rejected", "it jumps"))
        self.running.wait_for(lambda line: "jump: " in json.dumps(line))

    def test_a_window_is_answered_together(self):
        client = self.client("house")
        client.send({"value": 1}, {"value": 2})
        self.assertEqual([client.line() for _ in range(2)], [{"mean": 1.5}] * 2)

    def test_what_is_no_tensor_is_refused_at_the_gateway(self):
        with socket.create_connection(self.running.address("waves"), timeout=DEADLINE) as waves:
            waves.sendall(struct.pack(">I", 3) + b"777")
            length, = struct.unpack(">I", waves.recv(4, socket.MSG_WAITALL))
            self.assertEqual(json.loads(waves.recv(length, socket.MSG_WAITALL))["error"]["code"], "bad_record")


if __name__ == "__main__":
    unittest.main()
