"""What became of every request of a soak: what clients saw beside what the nodes counted. Pure.

Under `at_least_once` a record that was on its way, or in the bee, when the link ended goes again, and a client is
answered once. So every request has one answer, nothing expires and nothing is lost; records may be worked on twice, so
the bee may count more throws than clients saw, and the gateway has answers left over (`orphan_replies`).
"""

import collections
import re

REFUSED = "overloaded"  # by the gateway, before it admits: by design, where an outage fills its `requests_max`
THROWN = "bee_failed"
ENDS = ("answered", "failed", "expired", "abandoned", "lost")
LOG_LEVELS_HEEDED = ("warning", "error", "critical")
# Of links that went, of connections that were reset before they were known, and of what the bee threw.
LOG_EXPECTED = re.compile(r"no link to node \w+: |sees 1 of 2 nodes, itself included: nothing is placed"
                          r"|(node \w+ at )?\S+( is refused)?: (Connection reset by peer|the connection has ended)"
                          r"|\d+ (more )?records? failed( or lost since, the last of them)?: bee_failed: refuses ")


class Client:
    """What one kind of client sent, what it saw come of that (`fates`), and what else may (`expected`, fates)."""

    def __init__(self, name, sent, fates, expected, left=0):
        self.name, self.sent, self.left, self.expected = name, sent, left, expected
        self.fates = collections.Counter(fates)


class Counts:
    """The counters of a node since `before`; where it has none, 0. `gauge`: as it is now."""

    def __init__(self, before, after):
        self._before, self._after = before, after

    def __call__(self, name, **labels):
        return self.gauge(f"{name}_total", **labels) - self._read(self._before, f"{name}_total", labels)

    def gauge(self, name, **labels):
        return self._read(self._after, name, labels)

    @staticmethod
    def _read(metrics, name, labels):
        text = ",".join(f'{label}="{value}"' for label, value in labels.items())
        return int(max(0, metrics[f"{name}{{{text}}}" if text else name]))


class Account:
    """Collects what does not add up: how many, and what."""

    def __init__(self):
        self.problems = []

    def same(self, what, got, expected):
        self.between(what, got, expected, expected)

    def none(self, what, got):
        self.same(what, got, 0)

    def between(self, what, got, least, most):
        if not least <= got <= most:
            wanted = f"{least:,}" if least == most else f"{least:,} to {most:,}"
            self.problems.append((max(least - got, got - most), f"{what}: {got:,}, not {wanted}"))

    @property
    def count(self):
        return sum(count for count, _ in self.problems)


def check_clients(account, clients):
    """Each request has one fate, and none that is not expected."""
    for client in clients:
        account.same(f"{client.name}: fates of requests", sum(client.fates.values()) + client.left, client.sent)
        for fate, count in client.fates.items():
            if fate not in client.expected:
                account.none(f"{client.name}: {fate}", count)


def check_gateway(account, clients, counts, labels):
    """The gateway has counted what clients saw. Those that left without reading had one of these fates, too."""
    seen = sum((client.fates for client in clients), collections.Counter())
    left = sum(client.left for client in clients)
    gateway = {name: counts(f"skep_gateway_{name}", **labels) for name in (*ENDS, "requests", "refused", "restarts")}
    account.same("gateway: requests admitted and refused", gateway["requests"] + gateway["refused"],
                 sum(client.sent for client in clients))
    account.same("gateway: ends of what was admitted", sum(gateway[end] for end in ENDS), gateway["requests"])
    account.between("gateway: answered", gateway["answered"], seen["answered"], seen["answered"] + left)
    account.between("gateway: refused", gateway["refused"], seen[REFUSED], seen[REFUSED] + left)
    account.same("gateway: failed", gateway["failed"], seen[THROWN])
    account.between("gateway: abandoned", gateway["abandoned"], 0, left)
    for name in ("expired", "lost", "restarts"):
        account.none(f"gateway: {name}", gateway[name])
    account.none("gateway: requests still open", counts.gauge("skep_gateway_requests_open", **labels))


def check_bee(account, clients, counts, swarm, bee):
    """The bee did what clients were told, or more: what the link lost on its way back came again."""
    seen = sum((client.fates for client in clients), collections.Counter())
    labels = {"swarm": swarm, "bee": bee}
    dead = counts("skep_bee_dead_letters", **labels)
    received = counts("skep_bee_records_received", **labels)
    account.between("bee: dead letters", dead, seen[THROWN], received)
    account.same("bee: rebuilds", counts("skep_bee_rebuilds", **labels), dead)
    account.between("bee: replies", counts("skep_bee_replies", **labels), seen["answered"] + seen[THROWN], received)
    account.between("bee: cancelled", counts("skep_bee_cancelled", **labels), 0, sum(client.left for client in clients))
    for name in ("bad_records", "rejected", "dropped", "lost", "held_lost", "expired", "restarts"):
        account.none(f"bee: {name}", counts(f"skep_bee_{name}", **labels))


def check_links(account, node, counts, swarm, peer, resets):
    """A link was lost as often as it was reset while it was up, and connections were refused where it was not yet."""
    account.between(f"{node}: links lost", counts("skep_link_losses", peer=peer), 1, resets)
    refused = (counts("skep_link_connections_refused", peer=peer)
               + counts("skep_cluster_connections_refused", reason="stranger"))
    account.between(f"{node}: connections refused", refused, 0, resets)
    account.none(f"{node}: of nodes that are not configured",
                 counts("skep_cluster_connections_refused", reason="not_configured"))
    account.none(f"{node}: messages that cross no link", counts("skep_link_refused_messages", peer=peer))
    account.none(f"{node}: swarm failed", counts.gauge("skep_swarm_failed", swarm=swarm))
    account.none(f"{node}: restarts", counts("skep_swarm_restarts", swarm=swarm))


def check_log(account, node, lines):
    """Warnings are what the resets and throws explain, and there are no errors."""
    said = collections.Counter(line["text"] for line in lines if line.get("level") in LOG_LEVELS_HEEDED)
    for text, count in said.items():
        if not LOG_EXPECTED.match(text):
            account.none(f"{node}: '{text}'", count)
