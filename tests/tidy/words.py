"""Words that do not belong in this code, each with the reason."""

import re

from source_tree import CPP, LAYERS, bare_code, line_of, without_comments

SHARED_PTR_PER_KLOC_MAX = 1.0
MACROS_ALLOWED = {"SKEP_BEES", "SKEP_GATEWAYS"}  # a plug-in's entry points
SLEEP = re.compile(r"\b(?:sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(|\b(?:time|asyncio)\.sleep\b")
SHELL_SLEEP = re.compile(r"(?:^|[;&|]|\bdo\b|\bthen\b)[ \t]*sleep[ \t]+[0-9.$]", re.M)
UNIT_TEST = re.compile(rf"tests/(?:{'|'.join(LAYERS)})/(\w+_test)\.cpp")
NAMELESS = re.compile(r"^namespace \{", re.M)
UNHEARD_PROPERTY = re.compile(r"^[ \t]*(?:\(void\)[ \t]*)?rc::check\s*\(", re.M)
VAGUE = r"\w*(?:Manager|Helper|Util|Info|Data|Processor)s?"
VAGUE_TYPE = re.compile(rf"\b(?:class|struct|union|enum(?:\s+class)?)\s+{VAGUE}\b|\busing\s+{VAGUE}\s*=")
ENVIRONMENT = re.compile(r"\b(?:secure_)?getenv\s*\(|\benviron\b")
MACRO = re.compile(r"^[ \t]*#[ \t]*define[ \t]+([A-Za-z_]\w*)\(", re.M)
SHARED_PTR = re.compile(r"\bshared_ptr\s*<|\bmake_shared\b|\bshared_from_this\b")
CAF_CONFIG = re.compile(r"\bactor_system_config\b")
PARSE = re.compile(r"(?<![\w:])(?:\w+(?:\.|->))?parse\s*\(|\bactor_system_config::parse\s*\(|\bCAF_MAIN\b")


def _find(tree, paths, pattern, message, clean=bare_code):
    for path in paths:
        text = clean(tree.text(path))
        for match in pattern.finditer(text):
            yield f"{path}:{line_of(text, match.start())}: {message.format(match.group(0).strip())}"


def _tests(tree, endings):
    return [p for p in tree.select(("tests",), endings) if not p.startswith("tests/tidy/")]


def no_sleeps_in_tests(tree):
    """A test waits on an observed state with a deadline, or owns its time: a sleep is slow when it is safe."""
    message = "{0}: wait on an observed state with a deadline, or use virtual time"
    yield from _find(tree, _tests(tree, CPP), SLEEP, message)
    yield from _find(tree, _tests(tree, (".py",)), SLEEP, message, clean=lambda t: re.sub(r"#[^\n]*", "", t))
    yield from _find(tree, _tests(tree, (".sh", ".bash")), SHELL_SLEEP, message, clean=lambda t: t)


def properties_are_heard(tree):
    """rc::check returns whether the property held, and fails no test by itself."""
    yield from _find(tree, _tests(tree, CPP), UNHEARD_PROPERTY, "{0}...: EXPECT_TRUE of it, or nobody hears of a failure")


def tests_have_namespaces_of_their_own(tree):
    """Several files of tests are compiled as one: their helpers are not to meet."""
    paths = [p for p in tree.paths if UNIT_TEST.fullmatch(p)]
    yield from _find(tree, paths, NAMELESS, "{0}: one that bears the file's name, as it is compiled beside others")
    for path in paths:
        name = UNIT_TEST.fullmatch(path).group(1)
        if not re.search(rf"^namespace (?:\w+::)*{name} \{{", tree.text(path), re.M):
            yield f"{path}: has no namespace {name}"


def nothing_is_left_to_do(tree):
    """What is not built yet is absent; what is open is an issue."""
    endings = CPP + (".py", ".sh", ".txt", ".cmake", ".toml", ".md", ".capnp", ".ci/run")
    paths = [p for p in tree.paths if (p == "dev" or p.endswith(endings)) and not p.startswith("tests/tidy/")]
    yield from _find(tree, paths, re.compile(r"\b(?:TODO|FIXME|XXX)\b"), "{0}", clean=lambda t: t)


def types_say_what_they_are(tree):
    """No type is a Manager, Helper, Util, Info, Data or Processor: these words hold anything."""
    yield from _find(tree, tree.select(None, CPP), VAGUE_TYPE, "{0}: a vague type name")


def shared_pointers_are_rare(tree):
    """One owner, references across: at most one shared_ptr in a thousand lines of the layers."""
    uses, lines = [], 0
    for path in tree.select(LAYERS, CPP):
        text = bare_code(tree.text(path))
        lines += text.count("\n")
        uses += [f"{path}:{line_of(text, m.start())}" for m in SHARED_PTR.finditer(text)]
    if len(uses) > SHARED_PTR_PER_KLOC_MAX * max(lines, 1000) / 1000:
        yield f"{len(uses)} uses of shared_ptr in {lines} lines: " + ", ".join(uses)


def no_macro_language(tree):
    """Functions and templates; the one function-like macro is a plug-in's entry point."""
    for path in tree.select(None, CPP):
        text = without_comments(tree.text(path))
        for match in MACRO.finditer(text):
            if match.group(1) not in MACROS_ALLOWED:
                yield f"{path}:{line_of(text, match.start())}: function-like macro {match.group(1)}"


def environment_is_read_in_main(tree):
    """Only the command line's code reads the environment; all else is given what it needs."""
    paths = [p for p in tree.select(LAYERS, CPP) if not p.startswith("runtime/cli/")]
    yield from _find(tree, paths, ENVIRONMENT, "{0}: only runtime/cli reads the environment")


def caf_reads_no_file(tree):
    """CAF's configuration is filled in code: its parse() silently reads ./caf-application.ini."""
    for path in tree.select(None, CPP):
        text = bare_code(tree.text(path))
        if not CAF_CONFIG.search(text):
            continue
        for match in PARSE.finditer(text):
            yield f"{path}:{line_of(text, match.start())}: {match.group(0).strip()} in a file that configures CAF"


RULES = (no_sleeps_in_tests, properties_are_heard, tests_have_namespaces_of_their_own, nothing_is_left_to_do,
         types_say_what_they_are, shared_pointers_are_rare, no_macro_language, environment_is_read_in_main, caf_reads_no_file)
