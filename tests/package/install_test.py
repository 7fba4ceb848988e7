"""`cmake --install`, then two projects outside the tree: the one that `skep new` makes, and a program with a node in it."""

import pathlib
import re
import shutil
import subprocess
import unittest

from installed import BUILD, CMAKE, DEADLINE, HERE, PackageTest, ask, environment, run

EXAMPLES = HERE.parent.parent / "examples"


class InstallTest(PackageTest):
    def setUp(self):
        super().setUp()
        self.prefix = self.folder / "prefix"
        run(CMAKE, "--install", BUILD, "--prefix", self.prefix)

    def start(self, *words, cwd):
        process = subprocess.Popen(list(map(str, words)), cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, env=environment())
        self.addCleanup(process.wait, DEADLINE)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stdin.close)
        return process

    def test_a_new_project_builds_passes_its_tests_and_answers(self):
        skep = self.prefix / "bin" / "skep"
        made = run(skep, "new", "work/parcel", cwd=self.folder)
        project = self.folder / "work" / "parcel"
        listed = re.findall(r"(?m)^  (\S+)$", made.split("next:")[0])
        self.assertEqual(sorted(listed), sorted(path.name for path in project.iterdir()))
        build = self.build(project, self.prefix)
        self.assertIn("100% tests passed", run("ctest", "--test-dir", build))
        self.assertIn("ok (1 gateway, 1 bee, 1 test)",
                      run(skep, "lint", "parcel.toml", "--plugins", "build/plugins", cwd=project))
        self.assertIn("1 test: 1 ok\n", run(skep, "test", "parcel.toml", "--plugins", "build/plugins", cwd=project))
        swarm = (project / "parcel.toml").read_text().replace("127.0.0.1:9001", "127.0.0.1:0")
        (project / "free_port.toml").write_text(swarm)
        running = self.start(skep, "run", "free_port.toml", "--plugins", "build/plugins", "--log.format", "text",
                             cwd=project)
        address = next(m[1] for line in running.stdout if (m := re.search(r"listens on (\S+)", line)))
        self.assertEqual(ask(address, "Ada"), "Hello, Ada!")
        running.terminate()
        self.assertEqual(running.wait(DEADLINE), 0)

    def test_a_plug_in_has_schemas_of_its_own(self):
        project = self.folder / "typed"
        shutil.copytree(EXAMPLES / "06_typed", project)
        listed = (project / "CMakeLists.txt").read_text()
        (project / "CMakeLists.txt").write_text(
            f"cmake_minimum_required(VERSION 3.22)\nproject(typed LANGUAGES CXX)\nfind_package(skep REQUIRED)\n{listed}")
        self.build(project, self.prefix)
        skep = self.prefix / "bin" / "skep"
        self.assertIn("ok (1 gateway, 3 bees)", run(skep, "lint", "typed.toml", "--plugins", "build/plugins", cwd=project))
        self.assertIn("in: Reading; out: default Verdict",
                      run(skep, "bees", "--plugin", "typed", "--plugins", "build/plugins", cwd=project))
        schema = project / "schema" / "readings.capnp"
        text = schema.read_text()
        for added, said in [('using Other = import "other.capnp";', r'imports "other.capnp", and there is no \S*/other.capnp'),
                            ("interface Service {}", "declares an interface: payloads are of structs and enums"),
                            ('using Self = import "/typed.toml";', 'imports "/typed.toml": list that in SCHEMAS too')]:
            schema.write_text(f"{text}\n{added}\n")
            done = subprocess.run([CMAKE, "-S", project, "-B", project / "build"], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=DEADLINE, check=False)
            self.assertNotEqual(done.returncode, 0, added)
            self.assertRegex(re.sub(r"\s+", " ", done.stdout), said)

    def test_a_program_embeds_a_node(self):
        project = self.folder / "embed"
        shutil.copytree(HERE / "embed", project)
        build = self.build(project, self.prefix)
        running = self.start(build / "embed", project / "embed.toml", cwd=self.folder)
        self.assertEqual(ask(running.stdout.readline().strip(), "drawer"), "reward")
        running.stdin.close()  # its way to be told to stop
        self.assertEqual(running.wait(DEADLINE), 0)

    def test_another_minor_version_is_refused(self):
        project = pathlib.Path(self.folder / "later")
        project.mkdir()
        (project / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.22)\nproject(later LANGUAGES CXX)\nfind_package(skep 0.2 REQUIRED)\n")
        done = subprocess.run([CMAKE, "-S", project, "-B", project / "build", f"-DCMAKE_PREFIX_PATH={self.prefix}"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=DEADLINE, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r'compatible\s+with requested version "0.2"')


if __name__ == "__main__":
    unittest.main()
