"""Reads the project's sources for the tidy rules: which files there are, and C++ text without comments and strings."""

import os
import re

LAYERS = ("serialization", "actors", "gateways", "runtime")
HEADER = (".hpp", ".h")
CPP = (".cpp",) + HEADER
SKIPPED_FOLDERS = {"build", ".git", ".cache", "corpus", "node_modules", "__pycache__"}

COMMENT = re.compile(r'(//[^\n]*|/\*.*?\*/)|R"(\w*)\(.*?\)\2"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n]){1,6}\'', re.S)


class Tree:
    """The files below `root`, each read at most once. Paths are relative, with forward slashes."""

    def __init__(self, root):
        self.root = root
        self._texts = {}
        self.paths = sorted(self._walk())

    def _walk(self):
        for folder, folders, names in os.walk(self.root):
            folders[:] = [f for f in folders if f not in SKIPPED_FOLDERS]
            for name in names:
                yield os.path.relpath(os.path.join(folder, name), self.root).replace(os.sep, "/")

    def text(self, path):
        if path not in self._texts:
            with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
                self._texts[path] = file.read()
        return self._texts[path]

    def select(self, folders, endings):
        """Paths in any of `folders` (all for None) that end in any of `endings`."""
        for path in self.paths:
            if path.endswith(endings) and (folders is None or path.split("/")[0] in folders):
                yield path

    def public_headers(self):
        return [p for p in self.select(LAYERS, HEADER) if p.split("/")[1] == "include"]


def without_comments(text):
    """Comments become spaces and line ends; strings stay."""
    return COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)) if m.group(1) else m.group(0), text)


def bare_code(text):
    """Comments, strings, characters and preprocessor lines blanked; line numbers stay."""
    text = re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "", text)  # digit separators
    text = COMMENT.sub(lambda m: ("" if m.group(1) else '""') + "\n" * m.group(0).count("\n"), text)
    return re.sub(r"^[ \t]*#[^\n]*(?:\\\n[^\n]*)*", lambda m: "\n" * m.group(0).count("\n"), text, flags=re.M)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def functions(text):
    """(first line, lines) of every function body in `text`, outermost braces only. Counts braces; no compiler."""
    text = bare_code(text)
    depth, start, line, statement = 0, 0, 1, ""
    for char in text:
        line += char == "\n"
        if depth:
            depth += {"{": 1, "}": -1}.get(char, 0)
            if depth == 0:
                yield start, line - start + 1
                statement = ""
        elif char == "{":
            if _opens_function(statement.strip()):
                depth, start = 1, line
            statement = ""
        elif char in "};":
            statement = ""
        else:
            statement += char


def _opens_function(statement):
    if re.search(r"\bnamespace\b[\s\w:]*$", statement):  # after a macro's call without a semicolon, too
        return False
    if re.match(r"(inline\s+)?(enum|extern)\b", statement) and ")" not in statement:
        return False
    if re.search(r"\b(class|struct|union)\s+[\w:<>, ]+(\s+final)?(\s*:[^)]*)?$", statement):
        return False
    assigned = "=" in re.sub(r"operator\s*\W+|\([^)]*\)|<=|>=|==|!=|<[^<>]*>", "", statement)
    return ")" in statement and not assigned
