"""What a soak measures: lines of its table, each with its bar."""

MEBIBYTE = 1 << 20


class Figure:
    """One line of the table. `must`: a bar that does not hold fails the run, strict or not."""

    def __init__(self, name, value, unit, bar, must=False):
        self.name, self.value, self.unit, self.bar, self.must = name, value, unit, bar, must
        comparison, limit = bar.split()
        self.holds = value >= float(limit) if comparison == ">=" else value <= float(limit)

    def result(self):
        return {"name": self.name, "value": round(self.value, 3), "unit": self.unit, "bar": self.bar,
                "holds": self.holds}


def slope(samples):
    """Least squares."""
    x, y = (sum(values) / len(samples) for values in zip(*samples))
    return sum((t - x) * (m - y) for t, m in samples) / sum((t - x) ** 2 for t, _ in samples)
