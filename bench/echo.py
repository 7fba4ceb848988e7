"""The rows of one bee that echoes behind a gateway, loaded over loopback."""

import os

from programs import ROOT, free_port
from table import Group, Row

SWARM = os.path.join(ROOT, "bench", "end_to_end", "echo.toml")


def groups(programs, quick):
    return [Echo(programs, quick).group()]


class Echo:
    """The swarm of echo.toml, three times, and the bare servers."""

    def __init__(self, programs, quick):
        self.programs = programs
        self.times = {"milliseconds": 100, "warm_up_milliseconds": 50} if quick else {"milliseconds": 1000}
        self.ports = {side: {protocol: free_port() for protocol in ("tcp", "websocket")}
                      for side in ("ours", "measured", "unmeasured", "bare")}

    def group(self):
        return Group([*self.bare_rows(), *self.metrics_rows()], self.start_servers)

    def load(self, protocol, side, connections, in_flight, **more):
        return lambda: self.programs.figure("requests_per_s", "load", protocol=protocol,
                                            port=self.ports[side][protocol], connections=connections,
                                            in_flight=in_flight, **self.times, **more)

    def bare_rows(self):
        return [Row(f"{protocol} echo, {connections} x {in_flight} / bare Asio", "requests/s", ">= 0.5",
                    self.load(protocol, "ours", connections, in_flight),
                    self.load(protocol, "bare", connections, in_flight))
                for protocol in ("tcp", "websocket") for connections in (1, 64, 1000) for in_flight in (1, 32)]

    def metrics_rows(self):
        return [Row(f"metrics on / off, tcp echo, {connections} x {in_flight}", "requests/s", ">= 0.97",
                    self.load("tcp", "measured", connections, in_flight),
                    self.load("tcp", "unmeasured", connections, in_flight))
                for connections, in_flight in ((1, 1), (64, 32))]

    def start_servers(self, stack):
        # "measured" is as fresh as "unmeasured" when they are compared; "ours" has had thousands of connections by then.
        for side, more in (("ours", {}), ("measured", {}), ("unmeasured", {"SKEP_METRICS": "off"})):
            stack.enter_context(self.programs.server("skep", ["run", SWARM], self.ports[side].values(),
                                                     {**environment(self.ports[side]), **more}))
        for protocol, port in self.ports["bare"].items():
            stack.enter_context(self.programs.server(f"bare_echo_{protocol}", ["--port", str(port)], [port]))


def environment(ports):
    """That of the swarm."""
    return {"ECHO_TCP_PORT": str(ports["tcp"]), "ECHO_WEBSOCKET_PORT": str(ports["websocket"]),
            "SKEP_LOG_LEVEL": "warning"}
