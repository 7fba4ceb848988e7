"""02_branch: what matters goes out to another system, the rest to the log."""

import json
import socket
import unittest

from example import DEADLINE, ExampleTest, LineClient

EVENTS = [
    {"kind": "temperature", "room": "cellar", "value": 21.5},
    {"kind": "temperature", "room": "attic", "value": 34},
    {"kind": "door", "room": "hall"},
    {"kind": "door", "room": "hall"},
    {"kind": "door", "room": "hall"},
    {"kind": "door", "room": "attic", "test": True},
    {"kind": "window", "room": "hall"},
]


class BranchTest(ExampleTest):
    def setUp(self):
        super().setUp()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.listener.close)
        self.listener.settimeout(DEADLINE)
        alarms = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.running = self.run_example("02_branch/branch.toml", BRANCH_LISTEN="127.0.0.1:0", BRANCH_ALARMS=alarms)
        self.events = LineClient(self.running.address("events"))
        self.addCleanup(self.events.close)

    def other_system(self):
        connection, _ = self.listener.accept()
        connection.settimeout(DEADLINE)
        self.addCleanup(connection.close)
        lines = connection.makefile("rb")
        self.addCleanup(lines.close)
        return lines

    def logged(self, text):
        return self.running.wait_for(lambda line: text in json.dumps(line))

    def test_alarms_and_every_third_opening_go_out(self):
        lines = self.other_system()
        self.events.send(*EVENTS)
        out = [json.loads(lines.readline()) for _ in range(2)]
        self.assertCountEqual(out, [{"alarm": "too hot", "room": "attic", "value": 34},
                                    {"room": "hall", "openings": 3}])

    def test_the_rest_is_logged(self):
        self.events.send(*EVENTS)
        self.logged("cellar")
        self.logged("journal: ")
        unknown = self.logged("unknown kind: ")
        self.assertIn("window", json.dumps(unknown))

    def test_test_events_go_nowhere(self):
        lines = self.other_system()
        self.events.send({"kind": "temperature", "room": "lab", "value": 99, "test": True},
                         {"kind": "temperature", "room": "attic", "value": 40})
        self.assertEqual(json.loads(lines.readline())["room"], "attic")

    def test_openings_are_counted_per_room_whichever_replica_counts(self):
        lines = self.other_system()
        rooms = [f"room{i}" for i in range(20)]
        for _ in range(3):
            self.events.send(*({"kind": "door", "room": room} for room in rooms))
        out = [json.loads(lines.readline()) for _ in rooms]
        self.assertCountEqual(out, [{"room": room, "openings": 3} for room in rooms])


if __name__ == "__main__":
    unittest.main()
