"""The Debian packages: what is in which, what they need, and that the program runs out of them."""

import shutil
import subprocess
import unittest

from installed import BUILD, CPACK, PackageTest, run


@unittest.skipUnless(shutil.which("dpkg-shlibdeps"), "dpkg-dev is not installed")
class DebianTest(PackageTest):
    def test_each_file_has_its_package_and_the_program_runs(self):
        packages, root = self.folder / "packages", self.folder / "root"
        run(CPACK, "-B", packages, cwd=BUILD)
        files, needs = {}, {}
        for package in packages.glob("*.deb"):
            name = package.name.split("_")[0]
            needs[name] = run("dpkg-deb", "-f", package, "Depends")
            run("dpkg-deb", "-x", package, self.folder / name)
            files[name] = [str(path.relative_to(self.folder / name)) for path in (self.folder / name).rglob("*")
                           if not path.is_dir() and path.name != "copyright"]
            run("dpkg-deb", "-x", package, root)
        libraries = next(name for name in files if name.startswith("libskep0"))
        self.assertEqual(files["skep"], ["usr/bin/skep"])
        self.assertTrue(all(name.startswith("usr/lib/libskep_") for name in files[libraries]), files[libraries])
        self.assertIn("usr/include/skep/actors/bee_class.hpp", files["libskep-dev"])
        self.assertIn("usr/lib/cmake/skep/skepConfig.cmake", files["libskep-dev"])
        for name in files:
            if name != libraries:
                self.assertIn(f"{libraries} (= ", needs[name])
        self.assertIn("libcaf-core0.17", needs[libraries])
        self.assertNotIn("torch", needs["skep"] + needs[libraries] + needs["libskep-dev"])
        if "skep-engine-torch" in files:
            self.assertEqual(files["skep-engine-torch"], ["usr/lib/skep/torch_engine.so"])
            self.assertIn("libtorch", needs["skep-engine-torch"])
        version = subprocess.run([root / "usr/bin/skep", "version"], capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(version.returncode, 0, version.stderr)
        self.assertIn("skep 0.", version.stdout)


if __name__ == "__main__":
    unittest.main()
