"""What the kernel says of a process: its CPU time and its memory."""

import contextlib
import glob
import re


def cpu_microseconds(process):
    """CPU time so far, by the name of the thread."""
    times = {}
    for task in glob.glob(f"/proc/{process.pid}/task/*"):
        with contextlib.suppress(OSError):
            with open(task + "/comm", encoding="utf-8") as name, open(task + "/schedstat", encoding="utf-8") as spent:
                thread = name.read().strip()
                times[thread] = times.get(thread, 0.0) + int(spent.read().split()[0]) / 1000
    return times


def resident_kib(process):
    """Its memory that is not swapped out, code of libraries included."""
    with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
        return int(re.search(r"^VmRSS:\s+(\d+) kB$", file.read(), re.M)[1])
