#!/usr/bin/env python3
"""Each library has counters of branches for the fuzzer, and together not those of all sources (covered.txt)."""
import re
import subprocess
import sys

COUNTERS_MAX = 100_000  # there are 50,000; with those of all actors and sockets 150,000 more


def counters(library):
    """Bytes of the section of counters: one for each edge of the control flow."""
    sections = subprocess.run(["readelf", "-SW", library], check=True, capture_output=True, text=True).stdout
    found = re.search(r"__sancov_cntrs\s+PROGBITS\s+\w+\s+\w+\s+(\w+)", sections)
    return int(found[1], 16) if found else 0


def main(libraries):
    counts = [counters(library) for library in libraries]
    for library, count in zip(libraries, counts):
        print(f"{library}: {count} counters")
    return 0 if counts and min(counts) > 0 and sum(counts) <= COUNTERS_MAX else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
