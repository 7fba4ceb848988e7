"""What is measured, round by round, and the table of what came out."""

import statistics


class Row:
    """One line of the table. `ours` and `baseline` measure once and return a number, or None where they are not there.

    Without a bar it is for comparison.
    """

    def __init__(self, name, unit, bar, ours=None, baseline=None):
        self.name, self.unit, self.bar, self.ours, self.baseline = name, unit, bar, ours, baseline
        self.pairs = []

    def chosen(self, only):
        """What of this has `only` in its name, or None."""
        return self if only in self.name else None

    def rows(self):
        return [self]

    def measure(self, rounds):
        for _ in range(rounds):
            self.pairs.append((self.ours(), self.baseline()))

    def result(self):
        ours, baseline = (None if None in values else statistics.median(values) for values in zip(*self.pairs))
        ratio = None if None in (ours, baseline) else ours / baseline if baseline else 0.0
        return {"name": self.name, "ours": rounded(ours), "baseline": rounded(baseline), "unit": self.unit,
                "ratio": rounded(ratio), "bar": self.bar, "holds": self.holds(ratio)}

    def holds(self, value):
        """Whether the bar does: of the ratio."""
        if value is None or self.bar is None:
            return None
        at_least, limit = self.bar.split()
        return value >= float(limit) if at_least == ">=" else value <= float(limit)

    def spread(self):
        ratios = [ours / baseline for ours, baseline in self.pairs if baseline and ours is not None]
        return f"{min(ratios):.2f}..{max(ratios):.2f}" if ratios else "-"

    def cells(self):
        result = self.result()
        ratio = "-" if result["ratio"] is None else f"{result['ratio']:.2f}"
        return (result["name"], number(result["ours"]), self.baseline_cell(result["baseline"]), result["unit"], ratio,
                self.spread(), result["bar"] or "-", {True: "yes", False: "NO", None: "-"}[result["holds"]])

    @staticmethod
    def baseline_cell(value):
        return number(value, "not installed")


class Absolute(Row):
    """A line whose bar is for the figure itself, in its unit: there is nothing to hold it against."""

    def __init__(self, name, unit, bar, ours=None):
        super().__init__(name, unit, bar, ours, lambda: None)

    def result(self):
        result = super().result()
        return {**result, "holds": self.holds(result["ours"])}

    def spread(self):
        values = [ours for ours, _ in self.pairs if ours is not None]
        return f"{number(min(values))}..{number(max(values))}" if values else "-"

    @staticmethod
    def baseline_cell(value):
        return "-"


class Race:
    """Work that several contenders do in turn, once a round; each of its rows holds ours against one of the others."""

    def __init__(self, name, figures, entries=()):
        """`figures(contender)` measures once and returns figures by name, or None if that contender is not there.

        Entries: contender, the name of the figure, row. Where the contender is None the row is of ours alone.
        """
        self.name, self.figures, self.entries = name, figures, list(entries)

    def chosen(self, only):
        entries = [entry for entry in self.entries if only in entry[2].name]
        return Race(self.name, self.figures, entries) if entries else None

    def rows(self):
        return [row for _, _, row in self.entries]

    def measure(self, rounds):
        contenders = dict.fromkeys(["ours"] + [name for name, _, _ in self.entries if name is not None])
        for _ in range(rounds):
            seen = {name: self.figures(name) for name in contenders}
            for name, key, row in self.entries:
                row.pairs.append(tuple(figures and figures[key] for figures in (seen["ours"], seen.get(name))))


class Group:
    """Rows and races that need the same servers: `prepare(stack)` starts them, once, if any of the rows is chosen."""

    def __init__(self, work, prepare=lambda stack: None):
        self.work, self.prepare = work, prepare

    def chosen(self, only):
        """What of the work has a row with `only` in its name."""
        return [each for each in (work.chosen(only) for work in self.work) if each]


def rounded(value):
    return None if value is None else round(value, 3)


def number(value, absent="-"):
    if value is None:
        return absent
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def table(rows):
    lines = [("work", "ours", "baseline", "unit", "ratio", "spread", "bar", "holds"), *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines)]
    right = (False, True, True, False, True, True, False, False)
    for line in lines:
        cells = (cell.rjust(width) if flush else cell.ljust(width) for cell, width, flush in zip(line, widths, right))
        yield "  ".join(cells).rstrip()
