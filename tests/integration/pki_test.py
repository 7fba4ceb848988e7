"""The certificates of a cluster, as the program makes them."""

import json
import os
import stat
import unittest

from skep_process import SkepTest, skep


class PkiTest(SkepTest):
    def setUp(self):
        super().setUp()
        self.pki = str(self.folder / "pki")

    def run_pki(self, verb, *words, code=0):
        ran = skep("pki", verb, *words, "--dir", self.pki)
        self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
        return ran

    def issue(self, *words, code=0):
        return self.run_pki("issue", *words, "--out", str(self.folder), code=code)

    def path(self, name):
        return str(self.folder / name)

    def shown(self, path):
        shown = json.loads(self.run_pki("show", path, "-o", "json").stdout)
        for one in shown:
            self.assertRegex(one["not_after"], r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")
        return shown

    def test_a_certificate_from_its_making_to_its_end(self):
        self.run_pki("init", "--cluster", "demo")
        self.issue("node", "w1", "--dns", "w1.example.org", "--dns", "w1", "--ip", "10.0.0.7")
        self.assertEqual(stat.S_IMODE(os.stat(self.path("w1.key")).st_mode), 0o600)
        self.assertEqual((self.folder / "ca.pem").read_text(), (self.folder / "pki/ca.pem").read_text())
        first, = self.shown(self.path("w1.pem"))
        self.assertEqual((first["uri"], first["dns"], first["ip"], first["revoked"]),
                         ("skep://demo/node/w1", ["w1.example.org", "w1"], ["10.0.0.7"], False))
        self.assertIn(first["days_left"], (89, 90))
        key = (self.folder / "w1.key").read_text()
        self.run_pki("renew", self.path("w1.pem"))
        second, = self.shown(self.path("w1.pem"))
        self.assertNotEqual(second["serial"], first["serial"])
        self.assertEqual((second["uri"], second["dns"], second["ip"]), (first["uri"], first["dns"], first["ip"]))
        self.assertEqual((self.folder / "w1.key").read_text(), key)
        self.run_pki("renew", self.path("w1.pem"), "--new-key")
        self.assertNotEqual((self.folder / "w1.key").read_text(), key)
        self.assertEqual(self.run_pki("revoke", "w1").stdout.count("revoked skep://demo/node/w1"), 3)
        self.assertTrue(self.shown(self.path("w1.pem"))[0]["revoked"])
        self.assertIn("is revoked", self.run_pki("renew", self.path("w1.pem"), code=3).stderr)
        self.assertEqual(len(self.shown(self.pki)), 4)
        self.run_pki("revoke", "w1", code=1)

    def test_warns_of_an_end_that_is_near(self):
        self.run_pki("init", "--cluster", "demo", "--algorithm", "ed25519")
        for days, warned in ((10, True), (20, False)):
            self.issue("admin", "ann", "--days", str(days), "--force")
            shown = self.run_pki("show", self.path("ann.pem"))
            self.assertEqual("expires soon" in shown.stderr, warned)
            self.assertRegex(shown.stdout, f", ({days}|{days - 1}) days left")  # whole ones; a second may have passed

    def test_writes_over_nothing_unasked_and_leaves_no_half(self):
        self.run_pki("init", "--cluster", "demo")
        self.run_pki("init", "--cluster", "demo", code=3)
        self.issue("node", "w1")
        key = (self.folder / "w1.key").read_text()
        self.assertIn("is there already", self.issue("node", "w1", code=3).stderr)
        self.assertEqual((self.folder / "w1.key").read_text(), key)
        os.remove(self.path("w1.pem"))
        self.issue("node", "w1", code=3)  # the key alone
        self.assertFalse(os.path.exists(self.path("w1.pem")))
        (self.folder / "file").touch()
        self.run_pki("issue", "node", "w2", "--out", self.path("file/in"), code=1)
        self.assertEqual(len(os.listdir(self.folder / "pki/issued")), 1)
        self.run_pki("issue", "node", "w2", "--out", self.path("new/deep"))
        self.assertTrue(os.path.exists(self.path("new/deep/w2.key")))

    def test_renews_only_what_it_has_issued_with_its_key(self):
        self.run_pki("init", "--cluster", "demo")
        self.issue("node", "w1")
        self.issue("node", "w2")
        (self.folder / "w1.key").write_text((self.folder / "w2.key").read_text())
        self.assertIn("is not the key of", self.run_pki("renew", self.path("w1.pem"), code=3).stderr)
        os.chmod(self.path("w2.key"), 0o640)
        self.assertIn("chmod 600", self.run_pki("renew", self.path("w2.pem"), code=1).stderr)
        self.assertIn("authority", self.run_pki("renew", self.path("ca.pem"), code=3).stderr)
        self.pki = self.path("other")
        self.run_pki("init", "--cluster", "demo")
        self.assertIn("was not issued by", self.run_pki("renew", self.path("w1.pem"), code=3).stderr)

    def test_a_folder_that_others_can_write_to_is_refused(self):
        self.run_pki("init", "--cluster", "demo")
        self.issue("node", "w1")
        for folder in (self.pki, self.path("pki/issued")):
            os.chmod(folder, 0o777)
            self.assertIn(f"chmod 700 '{folder}'", self.issue("node", "w2", code=1).stderr)
            for words in (("renew", self.path("w1.pem")), ("revoke", "w1"), ("show", self.pki)):
                self.assertIn(f"chmod 700 '{folder}'", self.run_pki(*words, code=1).stderr)
            os.chmod(folder, 0o700)
        self.run_pki("revoke", "w1")

    def test_a_file_that_is_no_certificate_hides_no_other(self):
        self.run_pki("init", "--cluster", "demo")
        for name in ("w1", "w2"):
            self.issue("node", name)
        (self.folder / "pki/issued/junk.pem").write_text("junk")
        passed_over = f"skep pki: passed over: '{self.pki}/issued/junk.pem': it is no certificate in PEM: no start line\n"
        serial = self.shown(self.path("w1.pem"))[0]["serial"]
        self.assertEqual(self.run_pki("revoke", serial).stderr, passed_over)  # nothing else has that serial
        told = self.run_pki("revoke", "w2", code=3)
        self.assertIn("revoked skep://demo/node/w2", told.stdout)
        self.assertIn(passed_over, told.stderr)
        self.assertIn("may be of 'w2' too", told.stderr)
        shown = self.run_pki("show", self.pki, "-o", "json", code=3)
        self.assertEqual([one["revoked"] for one in json.loads(shown.stdout)], [False, True, True])
        self.assertEqual(shown.stderr, passed_over)
        self.run_pki("renew", self.path("w1.pem"), code=3)
        self.issue("node", "w3")
        self.run_pki("renew", self.path("w3.pem"))

    def test_drafts_of_a_killed_command_are_removed_and_told(self):
        self.run_pki("init", "--cluster", "demo")
        left = [self.path(name) for name in ("pki/.skep-draft-aB3dE6", ".skep-draft-000000")]
        kept = [self.path(name) for name in ("pki/ca.key.backup", "w1.key.backup", ".skep-draft-notes.txt")]
        for path in left + kept:
            with open(path, "w", encoding="utf-8") as file:
                file.write("a key")
        told = self.issue("node", "w1").stderr
        for path in left:
            self.assertIn(f"removed '{path}', which a command that was killed had left\n", told)
            self.assertFalse(os.path.exists(path))
        self.assertTrue(all(map(os.path.exists, kept)))
        self.assertEqual(told.count("\n"), 2)
        (self.folder / ".skep-draft-111111").touch()
        self.assertIn("removed", self.run_pki("renew", self.path("w1.pem")).stderr)

    def test_what_makes_no_sense_is_a_usage_error(self):
        self.run_pki("init", "--cluster", "demo")
        for words in (["isue"], ["issue", "node"], ["issue", "nod", "a"], ["issue", "node", "../a"],
                      ["issue", "node", "a\nb"], ["issue", "node", "\x1b[31m"], ["issue", "node", "ca"],
                      ["issue", "node", "a", "--dns", "*.a"], ["issue", "node", "a", "--ip", "10.0.0"],
                      ["issue", "node", "a", "--days", "0"], ["issue", "node", "a", "--algorithm", "rsa"],
                      ["init"], ["init", "--cluster", "a/b"], ["init", "--cluster", "a", "--days", "7301"],
                      ["show"], ["show", "a", "--days", "3"], ["revoke"], ["renew"]):
            out = ["--out", str(self.folder)] if words[0] == "issue" else []
            ran = self.run_pki(*words, *out, code=2)
            self.assertIn("usage: skep pki", ran.stderr)
            self.assertNotIn("\x1b", ran.stderr)
        self.assertIn("did you mean 'issue'?", self.run_pki("isue", code=2).stderr)
        self.assertEqual(os.listdir(self.folder / "pki/issued"), [])


if __name__ == "__main__":
    unittest.main()
