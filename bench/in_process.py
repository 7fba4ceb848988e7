"""The rows of bees in one process, without sockets."""

from table import Group, Row


def groups(programs, quick):
    return [Group(pipeline_rows(programs, quick)), Group(scheduler_rows(programs, quick)),
            Group(spread_rows(programs, quick)), Group(ready_made_rows(programs, quick))]


def pipeline_rows(programs, quick):
    records = 200_000 if quick else 4_000_000
    singles = 50_000 if quick else 500_000
    turns = 10 if quick else 100
    both = {}  # of the program that plays hop and ping in turn, its last run

    def ours(**how):
        return programs.figure("records_per_s", "in_process", records=records, **how)

    def raw(items, per_message, **how):
        return lambda: programs.figure("items_per_s", "raw_caf_pipeline", items=items, per_message=per_message, **how)

    def hop():
        both.update(programs.figures("hop", turns=turns))
        return both["hop_us"]

    return [
        Row("in-process, 3 bees / raw CAF, 256, new batches", "records/s", ">= 0.4", ours,
            raw(records, 256, rebuild=1, window=records)),
        Row("in-process, 3 bees / raw CAF, 256, new, window", "records/s", ">= 0.4", ours, raw(records, 256, rebuild=1)),
        Row("in-process, 3 bees / raw CAF, 256, passed on, window", "records/s", ">= 0.4", ours, raw(records, 256)),
        Row("in-process, 3 bees / raw CAF, 1, passed on, window", "records/s", ">= 4", ours, raw(singles, 1)),
        Row("one more local hop, p50 / raw CAF ping", "us", "<= 1.5", hop,
            lambda: both["ping_us"]),
        Row("metrics on / off, in-process, 3 bees", "records/s", ">= 0.9", ours, lambda: ours(metrics=0)),
    ]


def scheduler_rows(programs, quick):
    """A node has one queue for all threads ("sharing"), and no option for CAF's other way ("stealing")."""
    records = 200_000 if quick else 4_000_000

    def ours(**how):
        return lambda: programs.figure("records_per_s", "in_process", records=records, **how)

    return [
        Row("threads of the scheduler, 2 / 1, in-process, 3 bees", "records/s", None, ours(threads=2), ours(threads=1)),
        Row("scheduler, sharing / stealing, in-process, 3 bees", "records/s", None, ours(), ours(stealing=1)),
    ]


def spread_rows(programs, quick):
    """Records that arrive, of all receivers: one that goes to four bees arrives four times."""
    records, many = (100_000, 10_000) if quick else (2_000_000, 1_000_000)

    def ours(**how):
        return lambda: programs.figure("records_per_s", "spread", records=records, **how)

    return [
        Row("fan-out, in-process, a bee to 4 bees / to 1", "records/s", None, ours(edges=4), ours(edges=1)),
        Row(f"keys, in-process, 4 replicas, {many:,} keys / 100", "records/s", None, ours(replicas=4, keys=many),
            ours(replicas=4, keys=100)),
    ]


def ready_made_rows(programs, quick):
    """What a ready-made bee costs, against one that passes everything on in its place. Bars are there to see decay."""
    records = 100_000 if quick else 1_000_000

    def of(bee):
        return lambda: programs.figure("records_per_s", "ready_made", records=records, bee=bee)

    bars = {"skep.aggregate": 0.1, "skep.window": 0.1, "skep.dedup": 0.12, "skep.throttle": 0.35, "skep.join": 0.08}
    return [Row(f"{bee} / a bee that passes on", "records/s", f">= {bar}", of(bee), of("pass"))
            for bee, bar in bars.items()]
