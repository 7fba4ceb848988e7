"""Files and functions that fit in a head: public header 300 lines, source 500, function 70."""

from source_tree import CPP, LAYERS, functions

PUBLIC_HEADER_LINES_MAX = 300
SOURCE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
CODE = LAYERS + ("examples", "bench", "tests")


def files_are_short(tree):
    """A public header has at most 300 lines, any other file of C++ 500."""
    public = set(tree.public_headers())
    for path in tree.select(CODE, CPP):
        lines = tree.text(path).count("\n")
        limit = PUBLIC_HEADER_LINES_MAX if path in public else SOURCE_LINES_MAX
        if lines > limit:
            yield f"{path}: {lines} lines; at most {limit}"


def functions_fit_a_screen(tree):
    """No function has more than 70 lines."""
    for path in tree.select(CODE, CPP):
        for line, length in functions(tree.text(path)):
            if length > FUNCTION_LINES_MAX:
                yield f"{path}:{line}: a function of {length} lines; at most {FUNCTION_LINES_MAX}"


RULES = (files_are_short, functions_fit_a_screen)
