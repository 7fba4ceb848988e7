#!/usr/bin/env python3
"""Every tidy rule can fail: each is given a small tree that breaks it, and the same tree put right."""

import os
import tempfile
import unittest

import tidy
from source_tree import Tree, functions

LIMITS = "actors/include/skep/actors/limits.hpp"
WINDOW = "inline constexpr std::uint32_t edge_window = 1u << 10;  ///< unacked\n"
WAIT = "inline constexpr std::chrono::seconds edge_window{30};\n"
TABLE = "| Limit | Default | Setting |\n|---|---|---|\n| `edge_window` | {} | `window` |\n"
LONG_BODY = "  count += 1;\n" * 69

# rule -> list of (files that break it, files that do not)
CASES = {
    "includes_point_down": [
        ({"actors/src/a.cpp": '#include "skep/gateways/g.hpp"\n', "gateways/include/skep/gateways/g.hpp": ""},
         {"gateways/src/a.cpp": '#include "skep/actors/g.hpp"\n', "actors/include/skep/actors/g.hpp": ""}),
        ({"actors/src/a.cpp": '#include "vector"\n'}, {"actors/src/a.cpp": "#include <vector>\n"}),
        ({"tests/actors/a_test.cpp": '#include "schema/a.capnp.h"\n'},
         {"tests/actors/a_test.cpp": '#include "schema/a.capnp.h"\n', "tests/support/schema/a.capnp": ""}),
        ({"tests/actors/a_test.cpp": '#include "skep/runtime/r.hpp"\n', "runtime/include/skep/runtime/r.hpp": ""},
         {"tests/runtime/a_test.cpp": '#include "skep/runtime/r.hpp"\n', "runtime/include/skep/runtime/r.hpp": ""}),
        ({"serialization/src/a.cpp": '#include "net/tls.hpp"\n', "gateways/src/net/tls.hpp": ""},
         {"runtime/src/a.cpp": '#include "net/tls.hpp"\n', "gateways/src/net/tls.hpp": ""}),
    ],
    "third_parties_stay_in_place": [
        ({"runtime/src/a.cpp": "#include <torch/script.h>\n"},
         {"actors/src/model/engines/torch/a.cpp": "#include <torch/script.h>\n"}),
        ({"serialization/src/a.cpp": "#include <caf/actor.hpp>\n"}, {"actors/src/a.cpp": "#include <caf/actor.hpp>\n"}),
        ({"actors/src/a.cpp": "#include <boost/asio.hpp>\n"}, {"actors/src/a.cpp": "// #include <boost/asio.hpp>\n"}),
    ],
    "public_headers_are_light": [
        ({"actors/include/skep/actors/a.hpp": "#include <caf/actor.hpp>\n"},
         {"actors/include/skep/actors/a.hpp": "#include <caf/fwd.hpp>\n",
          "actors/include/skep/actors/bee_actor.hpp": "#include <caf/actor.hpp>\n"}),
        ({"gateways/include/skep/gateways/a.hpp": "#include <boost/asio/io_context.hpp>\n"},
         {"gateways/src/a.cpp": "#include <boost/asio/io_context.hpp>\n"}),
    ],
    "links_point_down": [
        ({"actors/CMakeLists.txt": "skep_add_layer(actors DEPENDS skep::gateways)\n"},
         {"gateways/CMakeLists.txt": "skep_add_layer(gateways DEPENDS skep::actors)\n"}),
        ({"serialization/CMakeLists.txt": "target_link_libraries(skep_serialization PRIVATE caf::core)\n"},
         {"serialization/CMakeLists.txt": "# no caf::core here\n"}),
    ],
    "only_the_engine_links_torch": [
        ({"runtime/CMakeLists.txt": "target_link_libraries(skep PRIVATE torch_cpu c10)\n"},
         {"actors/src/model/engines/torch/CMakeLists.txt": "target_link_libraries(t PRIVATE torch_cpu c10)\n"}),
    ],
    "files_are_short": [
        ({"actors/include/skep/actors/a.hpp": "int a;\n" * 301},
         {"actors/include/skep/actors/a.hpp": "int a;\n" * 300}),
        ({"actors/src/a.cpp": "int a;\n" * 501}, {"actors/src/a.cpp": "int a;\n" * 500}),
    ],
    "functions_fit_a_screen": [
        ({"actors/src/a.cpp": f"void f() {{\n{LONG_BODY}}}\n"},
         {"actors/src/a.cpp": f"void f() {{\n{LONG_BODY[14:]}}}\n"}),
        ({"actors/src/a.cpp": f"namespace n {{\nauto A::f(int x) const -> int {{\n{LONG_BODY}}}\n}}\n"},
         {"actors/src/a.cpp": f"namespace n {{\nstruct S {{\n{'  int x;' * 99}}};\n}}\n"}),
    ],
    "tests_have_namespaces_of_their_own": [
        ({"tests/actors/a_test.cpp": "namespace skep {\nnamespace {\n"},
         {"tests/actors/a_test.cpp": "namespace skep {\nnamespace a_test {\n"}),
        ({"tests/gateways/a_test.cpp": "namespace skep::b_test {\n"},
         {"tests/gateways/a_test.cpp": "namespace skep::a_test {\n", "tests/simulation/a_test.cpp": "namespace {\n"}),
    ],
    "no_sleeps_in_tests": [
        ({"tests/actors/a_test.cpp": "std::this_thread::sleep_for(1ms);\n"},
         {"tests/actors/a_test.cpp": "// sleep_for(x)\n"}),
        ({"tests/integration/a.py": "time.sleep(1)\n"}, {"tests/integration/a.py": "process.wait(timeout=5)\n"}),
        ({"tests/integration/a.sh": "while true; do sleep 1; done\n"}, {"tests/integration/a.sh": "echo sleep 1\n"}),
    ],
    "properties_are_heard": [
        ({"tests/actors/a_test.cpp": "TEST(A, B) {\n  rc::check(\"holds\", [] {});\n}\n"},
         {"tests/actors/a_test.cpp": "TEST(A, B) {\n  EXPECT_TRUE(rc::check(\"holds\", [] {}));\n}\n"}),
    ],
    "nothing_is_left_to_do": [
        ({"actors/src/a.cpp": "// TODO: later\n"}, {"actors/src/a.cpp": "// to do it later\n"}),
        ({"dev": "# FIXME\n"}, {"dev": "# fixed\n"}),
    ],
    "types_say_what_they_are": [
        ({"actors/src/a.cpp": "class SessionManager final {};\n"}, {"actors/src/a.cpp": "class Session final {};\n"}),
        ({"actors/src/a.cpp": "struct StringUtils;\n"}, {"actors/src/a.cpp": '// "struct StringUtils"\n'}),
    ],
    "shared_pointers_are_rare": [
        ({"actors/src/a.cpp": "std::shared_ptr<int> a;\n" * 2}, {"actors/src/a.cpp": "std::shared_ptr<int> a;\n"}),
    ],
    "no_macro_language": [
        ({"actors/src/a.cpp": "#define TWICE(x) ((x) * 2)\n"},
         {"actors/src/a.cpp": "#define SKEP_BEES(bees) void f(bees)\n#define PLAIN 1\n"}),
    ],
    "environment_is_read_in_main": [
        ({"runtime/src/a.cpp": 'auto home = std::getenv("HOME");\n'},
         {"runtime/cli/main.cpp": 'std::getenv("HOME");\n'}),
    ],
    "caf_reads_no_file": [
        ({"runtime/src/a.cpp": "caf::actor_system_config config;\nconfig.parse(argc, argv);\n"},
         {"runtime/src/a.cpp": "caf::actor_system_config config;\nJsonDocument::parse(text);\n",
          "runtime/src/b.cpp": "parser.parse(text);\n"}),
    ],
    "limits_are_documented": [
        ({LIMITS: WINDOW, "docs/OPERATING.md": TABLE.format("512")},
         {LIMITS: WINDOW, "docs/OPERATING.md": TABLE.format("1,024")}),
        ({LIMITS: WINDOW, "docs/OPERATING.md": "nothing\n"},
         {LIMITS: WINDOW, "docs/OPERATING.md": TABLE.format("1 KiB")}),
        ({LIMITS: WAIT, "docs/OPERATING.md": TABLE.format("30 ms")},
         {LIMITS: WAIT, "docs/OPERATING.md": TABLE.format("30 s")}),
        ({LIMITS: WINDOW, "docs/OPERATING.md": TABLE.format("1,024").replace("Limit", "File")},
         {LIMITS: WINDOW, "docs/OPERATING.md": "| File |\n| `edge_window` | 7 |\n\n" + TABLE.format("1,024")}),
        ({LIMITS: WINDOW}, {"docs/OPERATING.md": ""}),
    ],
    "limits_are_tested": [
        ({LIMITS: WINDOW}, {LIMITS: WINDOW, "tests/actors/a_test.cpp": "EXPECT_EQ(limits::edge_window, 1024u);\n"}),
        ({LIMITS: WINDOW, "tests/actors/a_test.cpp": "// limits::edge_window\n", "tests/a_test.py": "# edge_window\n"},
         {LIMITS: WINDOW, "tests/a_test.py": "assert edge_window == 1024\n"}),
    ],
    "documents_name_what_exists": [
        ({"docs/A.md": "see `tests/a_test.py`.\n", "tests/b_test.py": ""},
         {"docs/A.md": "see `tests/a_test.py`, build/tests/x, a/tests/x.\n", "tests/a_test.py": ""}),
        ({"docs/A.md": "`tests/fuzz/<name>_fuzz.cpp`\n"},
         {"docs/A.md": "`tests/<layer>/<noun>_test.cpp`, [b](../tests/b.md)\n", "tests/b.md": ""}),
    ],
}


def run_rule(rule, files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)
        return list(tidy.RULES[rule](Tree(root)))


class RulesCanFail(unittest.TestCase):
    def test_every_rule_has_a_case(self):
        self.assertEqual(set(CASES), set(tidy.RULES))

    def test_bad_trees_are_found_and_good_ones_are_not(self):
        for rule, cases in CASES.items():
            for bad, good in cases:
                with self.subTest(rule=rule, tree=bad):
                    self.assertTrue(run_rule(rule, bad))
                with self.subTest(rule=rule, tree=good):
                    self.assertEqual(run_rule(rule, good), [])

    def test_functions_are_counted_through_strings_lambdas_and_digit_separators(self):
        text = 'int a = 1\'000;\nvoid f(int x) {\n  g([] { return "}{"; });\n  h(\'{\');\n}\nint g() { return 1; }\n'
        self.assertEqual(list(functions(text)), [(2, 4), (6, 1)])


if __name__ == "__main__":
    unittest.main()
