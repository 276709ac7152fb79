#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`hamlet ctl`, as an administrator types it."""
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from live_node import Node

SETTINGS = {"accounts": ['argon2_memory = "8MiB"', "argon2_ops = 1"],
            "admin": ['listen = ["127.0.0.1:0"]']}
USAGE, NOT_REACHED, NOT_ALLOWED, NOT_FOUND, IN_THE_WAY = 2, 3, 4, 5, 6


class Ctl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node(SETTINGS)
        cls.addClassCleanup(cls.node.__exit__)
        cls.node.run("cluster", "init", "tea", "alpha")
        cls.node.start()

    def ctl(self, *words, stdin=""):
        return self.node.run("ctl", *words, stdin=stdin)

    def refused(self, status, *words, stdin=""):
        done = self.node.run("ctl", *words, stdin=stdin, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stdout, "")
        return done.stderr

    def test_accounts_need_no_set_up(self):
        made = self.ctl("accounts", "create", "bob", "--display-name", "Bob", stdin="tea with milk\n")
        self.assertRegex(made, r"address +bob@here\.test")
        self.assertIn("is taken", self.refused(IN_THE_WAY, "accounts", "create", "bob", stdin="x\n"))
        self.assertRegex(self.ctl("accounts", "list"), r"ADDRESS .*\n(.*\n)*bob@here\.test +Bob")
        self.ctl("accounts", "set-password", "bob", stdin="milk with tea\n")
        self.assertRegex(self.ctl("accounts", "set-role", "bob", "moderator"), r"role +moderator")
        self.assertRegex(self.ctl("accounts", "set-quota", "bob", "1048576"), r"quota +1\.0 MiB")
        self.assertRegex(self.ctl("accounts", "set-status", "bob", "disabled"), "disabled")
        self.assertIn("--yes", self.refused(USAGE, "accounts", "delete", "bob"))
        self.ctl("accounts", "delete", "bob", "--yes")
        self.assertIn("NOT_FOUND", self.refused(NOT_FOUND, "accounts", "show", "bob"))

    def test_lists_are_whole_whatever_a_page_holds(self):
        for i in range(3):
            self.ctl("accounts", "create", f"many{i}", stdin="tea with milk\n")
        page = json.loads(self.ctl("call", "Accounts/List", '{"page_size": 2}', "-o", "json"))
        self.assertEqual(len(page["accounts"]), 2)
        self.assertTrue(page["next_page_token"])
        whole = json.loads(self.ctl("accounts", "list", "-o", "json"))
        self.assertGreaterEqual(len(whole["accounts"]), 4)

    def test_output_is_for_people_and_programs(self):
        self.ctl("aliases", "add", "team@here.test", "postmaster@here.test")
        self.assertRegex(self.ctl("aliases", "list"), r"ADDRESS +TARGET\nteam@here\.test +postmaster@")
        listed = json.loads(self.ctl("aliases", "list", "--output=json"))
        self.assertEqual(listed["aliases"], [{"address": "team@here.test",
                                              "target": "postmaster@here.test"}])
        self.assertEqual(self.ctl("aliases", "list", "-o", "yaml"),
                         'aliases:\n  - address: "team@here.test"\n'
                         '    target: "postmaster@here.test"\nnext_page_token: ""\n')
        self.ctl("aliases", "remove", "team@here.test", "postmaster@here.test")
        self.assertIn("yaml", self.refused(USAGE, "aliases", "list", "-o", "xml"))

    def test_any_method_can_be_called(self):
        self.assertIn("hamlet.admin.v1.Accounts\n", self.ctl("list"))
        self.assertRegex(self.ctl("list", "Accounts"), r"Accounts/Create +admin +writes")
        self.assertIn("rpc Create", self.ctl("describe", "Accounts"))
        self.assertIn("string password", self.ctl("describe", "Accounts/Create"))
        self.assertIn("is_default", self.ctl("call", "Domains.List", "-o", "json"))
        made = self.ctl("call", "Accounts/Create", "-o", "json",
                        stdin='{"address": "piped", "password": "tea with milk"}')
        self.assertEqual(json.loads(made)["address"], "piped@here.test")
        self.assertIn("standard input", self.refused(
            USAGE, "call", "Accounts/Create", '{"address": "x", "password": "y"}'))
        self.assertIn("no method", self.refused(USAGE, "call", "Accounts/Explode"))
        self.assertIn("request", self.refused(USAGE, "call", "Accounts/List", '{"no_field": 1}'))

    def test_help_is_at_each_level(self):
        for words in (["--help"], ["accounts", "--help"], ["accounts", "create", "--help"]):
            shown = self.ctl(*words)
            self.assertIn("accounts create ADDRESS", shown)
            self.assertIn("--address HOST:PORT", shown)
        self.assertNotIn("domains", self.ctl("accounts", "--help"))
        self.assertIn("accounts list", self.refused(USAGE, "accounts", "lsit"))
        self.assertIn("usage: hamlet ctl accounts show ADDRESS",
                      self.refused(USAGE, "accounts", "show"))
        self.assertIn("unknown option", self.refused(USAGE, "accounts", "list", "--colour", "red"))

    def test_a_refusal_names_the_field(self):
        said = self.refused(1, "accounts", "create", "x", "--role", "king", stdin="tea\n")
        self.assertIn("INVALID_ARGUMENT", said)
        self.assertIn("  role: is member", said)

    def test_validation_and_repetition(self):
        self.ctl("domains", "add", "one.test", "--validate-only")
        self.assertNotIn("one.test", self.ctl("domains", "list"))
        for _ in range(2):
            self.ctl("devices", "create", "postmaster", "phone", "--request-id", "r1")
        self.assertEqual(self.ctl("devices", "list", "postmaster").count("phone"), 1)
        self.assertRegex(self.ctl("audit", "list"), r"local +DevicePasswords/Create +postmaster phone +OK")

    def test_health_and_numbers(self):
        self.assertRegex(self.ctl("health"), "SERVING")
        self.assertIn("hamlet_connections", self.ctl("metrics", "--prefix", "hamlet_conn"))

    def test_from_elsewhere_by_certificate_and_token(self):
        bundle = self.node.folder / "ann.pem"
        bundle.write_text(self.node.run("admin", "certificate", "ann", "--role", "viewer"))
        there = ["--address", f"127.0.0.1:{self.node.port['admin_rpc']}",
                 "--server-name", "alpha.node.hamlet"]
        ann = [*there, "--certificate", str(bundle)]
        self.assertIn("postmaster", self.ctl("accounts", "list", *ann))
        self.assertIn("PERMISSION_DENIED", self.refused(NOT_ALLOWED, "domains", "add", "x.test", *ann))
        token = self.node.folder / "token"
        token.write_text(self.node.run("admin", "token", "add", "robot", "--role", "admin"))
        robot = [*there, "--authority", str(bundle), "--token-file", str(token)]
        self.ctl("domains", "add", "robots.test", *robot)
        self.ctl("domains", "remove", "robots.test", *robot)
        self.assertIn("UNAUTHENTICATED",
                      self.refused(NOT_ALLOWED, "accounts", "list", *there, "--authority", str(bundle)))

    def test_what_is_in_the_place_of_the_socket_is_named_and_left(self):
        with Node(SETTINGS) as other:
            there = other.folder / "data/admin.sock"
            there.write_text("mine")
            refused = other.run("serve", check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn(f"admin.socket: {there} is a file and no socket: move it away", refused.stderr)
            self.assertEqual(there.read_text(), "mine")
            there.unlink()
            other.start()
            self.assertIn("ADDRESS", other.run("ctl", "accounts", "list"))

    def test_a_node_that_is_down(self):
        with Node(SETTINGS) as other:
            said = other.run("ctl", "accounts", "list", check=False)
            self.assertEqual(said.returncode, NOT_REACHED)
            self.assertIn("is the server running?", said.stderr)


if __name__ == "__main__":
    unittest.main()
