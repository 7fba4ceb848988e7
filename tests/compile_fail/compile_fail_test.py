#!/usr/bin/env python3
"""Wrong swarms do not compile, and the compiler says why.

Usage: compile_fail_test.py COMPILER [FLAGS...]

Each .cpp file beside this one begins with what the compiler has to say against it, a line each: `// refused: text`, or
with `// compiles: why`. One that is refused for another reason, or compiles, is a failure.
"""

import concurrent.futures
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
JOBS = 2
OUTPUT_CHARACTERS_MAX = 4000


def wanted(text):
    """What has to be said, and whether the file is to compile."""
    head = re.match(r"(?://[^\n]*\n)*", text).group(0)
    refused = re.findall(r"(?m)^// refused: (.*)$", head)
    return refused, head.startswith("// compiles: ")


def plain(output):
    """Compilers differ in their quotation marks."""
    return re.sub("[‘’`]", "'", output)


def check(compiler, flags, path):
    """What is wrong with a case, or nothing."""
    refused, compiles = wanted(path.read_text(encoding="utf-8"))
    if bool(refused) == compiles:
        return "begins with neither '// refused: ' nor '// compiles: '"
    done = subprocess.run([compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", *flags, str(path)], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    output = plain(done.stdout)
    if compiles:
        return output if done.returncode != 0 or "warning:" in output else ""
    if done.returncode == 0:
        return "compiles"
    missing = [text for text in refused if text not in output]
    return f"is refused without {missing}:\n{output}" if missing else ""


def main(compiler, *flags):
    cases = sorted(HERE.glob("*.cpp"))
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        results = list(zip(cases, pool.map(lambda path: check(compiler, flags, path), cases)))
    failures = [f"{path.name} {text}"[:OUTPUT_CHARACTERS_MAX] for path, text in results if text]
    print("\n".join(failures))
    print(f"{len(cases)} cases, {len(failures)} wrong")
    refused = sum(1 for path in cases if not path.name.startswith("right"))
    return 1 if failures or refused < 10 or refused == len(cases) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
