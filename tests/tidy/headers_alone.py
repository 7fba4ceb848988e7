#!/usr/bin/env python3
"""Every public header compiles alone: whoever includes it needs to know of no other.

Usage: headers_alone.py ROOT COMPILER [FLAGS...]     one compiler process a header, two at a time
       headers_alone.py --self-test COMPILER         a header that leans on another must be refused
"""

import concurrent.futures
import os
import subprocess
import sys
import tempfile

from source_tree import Tree

JOBS = 2
OUTPUT_CHARACTERS_MAX = 8000


def compile_alone(compiler, flags, header):
    """What the compiler says against a file that includes only `header`, or nothing."""
    command = [compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", *flags, "-x", "c++", "-"]
    # Twice: a header without `#pragma once` is found, too.
    source = f'#include "{header}"\n#include "{header}"\n'
    done = subprocess.run(command, input=source, text=True, stderr=subprocess.PIPE, check=False)
    return done.stderr if done.returncode else ""


def check(root, compiler, flags):
    headers = [os.path.join(root, path) for path in Tree(root).public_headers()]
    if not headers:
        sys.exit("no public headers found")
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        failures = [text for text in pool.map(lambda h: compile_alone(compiler, flags, h), headers) if text]
    print("\n".join(failures)[:OUTPUT_CHARACTERS_MAX])
    print(f"{len(headers)} public headers, {len(failures)} do not compile alone")
    return 1 if failures else 0


def self_test(compiler):
    with tempfile.TemporaryDirectory() as folder:
        header = os.path.join(folder, "bad.hpp")
        cases = {"#pragma once\nstd::string name();\n": True, "struct Twice {};\n": True,
                 "#pragma once\n#include <string>\nstd::string name();\n": False}
        for text, refused in cases.items():
            with open(header, "w", encoding="utf-8") as file:
                file.write(text)
            if bool(compile_alone(compiler, [], header)) != refused:
                sys.exit(f"{'accepted' if refused else 'refused'}:\n{text}")
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "--self-test":
        sys.exit(self_test(sys.argv[2]))
    sys.exit(check(sys.argv[1], sys.argv[2], sys.argv[3:]))
