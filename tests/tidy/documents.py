"""What the documents name is there."""

import os
import re

FOLDERS = ("serialization", "actors", "gateways", "runtime", "examples", "tests", "bench", "docs", "cmake")
PATH = re.compile(rf"(?<![\w./<-])(?:\.\./)*((?:{'|'.join(FOLDERS)})/[\w./<>*-]*)")


def documents_name_what_exists(tree):
    """Paths from the root that a Markdown file names exist; of `tests/fuzz/<name>_fuzz.cpp` the folder."""
    for path in tree.select(None, (".md",)):
        for line, text in enumerate(tree.text(path).splitlines(), 1):
            for named in PATH.findall(text):
                fixed = re.match(r"[^<*]*", named).group(0)
                wanted = fixed.rstrip(".") if fixed == named else os.path.dirname(fixed)
                if not os.path.exists(os.path.join(tree.root, wanted)):
                    yield f"{path}:{line}: there is no {wanted}"


RULES = (documents_name_what_exists,)
