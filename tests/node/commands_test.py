#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The commands of the program, typed as an administrator types them."""
import pathlib
import poplib
import smtplib
import ssl
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from live_node import Node

ANY_CERTIFICATE = ssl._create_unverified_context()


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node()
        cls.addClassCleanup(cls.node.__exit__)

    def refused(self, *words, stdin=""):
        done = self.node.run(*words, stdin=stdin, check=False)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertTrue(done.stderr.startswith("hamlet"), done.stderr)
        return done.stderr

    def test_a_group_without_a_command_lists_its_commands(self):
        self.assertIn("account set-password ADDRESS", self.refused("account"))

    def test_wrong_words_are_answered_with_the_right_ones(self):
        self.assertIn("unknown command", self.refused("acount"))
        self.assertIn("usage: hamlet account add", self.refused("account", "add"))
        self.assertIn("unknown option --rôle", self.refused("account", "add", "x", "--rôle", "y"))
        self.assertIn("--role needs a value", self.refused("account", "add", "x", "--role"))

    def test_an_account_is_made_once(self):
        self.node.add_account("ann", "secret", "--name", "Ann A")
        self.assertIn("ann@here.test is taken", self.refused("account", "add", "Ann", stdin="x\n"))
        self.assertIn("Ann A", self.node.run("account", "show", "ann@HERE.test"))

    def test_an_account_needs_a_password_a_name_and_a_domain(self):
        self.assertIn("no password", self.refused("account", "add", "bob"))
        self.assertIn("cannot be the address", self.refused("account", "add", "b o b", stdin="x\n"))
        self.assertIn("hamlet domain add other.test",
                      self.refused("account", "add", "bob@other.test", stdin="x\n"))
        self.assertIn("a role is", self.refused("account", "add", "bob", "--role", "king", stdin="x\n"))

    def test_an_account_is_deleted_only_when_that_is_meant(self):
        self.node.add_account("gone", "secret")
        self.assertIn("nothing was deleted", self.refused("account", "delete", "gone"))
        self.node.run("account", "delete", "gone", "--yes")
        self.assertIn("there is no account", self.refused("account", "show", "gone"))

    def test_certificates_are_of_one_account_each(self):
        self.node.add_account("cert", "secret")
        self.node.add_account("other", "secret")
        print_ = ":".join(["AB"] * 32)
        self.node.run("account", "certificate", "add", "cert", print_, "--name", "laptop")
        self.assertIn("ab" * 32 + "  laptop", self.node.run("account", "certificate", "list", "cert"))
        self.assertIn("another account",
                      self.refused("account", "certificate", "add", "other", "ab" * 32))
        self.assertIn("64 hexadecimal digits",
                      self.refused("account", "certificate", "add", "other", "ab"))
        self.node.run("account", "certificate", "remove", "cert", "ab" * 32)
        self.assertIn("no such certificate",
                      self.refused("account", "certificate", "remove", "cert", "ab" * 32))

    def test_an_account_has_more_than_one_nick(self):
        self.node.add_account("nicky", "secret")
        self.node.run("account", "nick", "add", "nicky", "Nick[away]")
        shown = self.node.run("account", "nick", "list", "nicky")
        self.assertIn("Nick[away]", shown)
        self.assertIn("nicky ", shown)
        self.node.add_account("thief", "secret")
        self.assertIn("belongs to another", self.refused("account", "nick", "add", "thief", "NICKY"))
        self.assertIn("cannot be a nick", self.refused("account", "nick", "add", "thief", "9"))
        self.node.run("account", "nick", "remove", "nicky", "nick[AWAY]")
        self.assertIn("no such nick", self.refused("account", "nick", "remove", "nicky", "x"))

    def test_a_password_of_the_settings_is_hashed(self):
        self.assertTrue(self.node.run("chat", "hash-password", stdin="secret\n")
                        .startswith("$argon2id$"))
        self.assertIn("no password", self.refused("chat", "hash-password"))

    def test_quota_role_and_status_change(self):
        self.node.add_account("carl", "secret")
        self.node.run("account", "set-quota", "carl", "5MiB")
        self.node.run("account", "set-role", "carl", "moderator")
        self.node.run("account", "disable", "carl")
        shown = self.node.run("account", "show", "carl")
        for text in ("quota 5.0 MiB", "moderator", "disabled"):
            self.assertIn(text, shown)
        self.assertIn("a quota is", self.refused("account", "set-quota", "carl", "5x"))

    def test_device_passwords_come_and_go(self):
        self.node.add_account("dora", "secret")
        secret = self.node.run("account", "device-password", "dora", "phone").strip()
        self.assertRegex(secret, r"^([a-z0-9]{4}-){4}[a-z0-9]{4}$")
        self.assertIn("phone", self.node.run("account", "devices", "dora"))
        self.assertIn("already", self.refused("account", "device-password", "dora", "phone"))
        self.node.run("account", "revoke-device", "dora", "phone")
        self.assertNotIn("phone", self.node.run("account", "devices", "dora"))

    def test_a_domain_with_accounts_stays(self):
        self.assertIn("still has accounts", self.refused("domain", "remove", "here.test"))
        self.assertIn("no domain name", self.refused("domain", "add", "a..b"))

    def test_settings_are_explained_and_checked(self):
        self.assertIn("RFC 1870", self.node.run("config", "describe", "smtp.max_message"))
        self.assertIn("did you mean smtp.max_message", self.refused("config", "describe", "smtp.max_mesage"))
        wrong = self.node.folder / "wrong.toml"
        wrong.write_text('[smtp]\nmax_mesage = 5\nmax_message = "2KiB"\n')
        done = subprocess.run([self.node.program, "config", "check", "--config", wrong],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("wrong.toml:2:1: unknown setting", done.stderr)
        self.assertIn('must be a size from "64KiB"', done.stderr)

    def test_the_password_is_in_no_argument_and_no_file(self):
        self.node.add_account("eve", "a-very-visible-password")
        for file in (self.node.folder / "data").rglob("*"):
            if file.is_file():
                self.assertNotIn(b"a-very-visible-password", file.read_bytes(), file)


class BackupAndRestore(unittest.TestCase):
    def test_a_running_node_is_copied_and_comes_back(self):
        with Node() as node:
            node.add_account("alice", "secret")
            node.start()
            large = "Subject: large\r\n\r\n" + "0123456789abcde\r\n" * 20_000
            with smtplib.SMTP("127.0.0.1", node.port["smtp"]) as smtp:
                smtp.sendmail("x@far.test", ["alice@here.test"], "Subject: small\r\n\r\ntext\r\n")
                smtp.sendmail("x@far.test", ["alice@here.test"], large)
            copy = node.folder / "copy"
            node.run("backup", str(copy))
            self.assertIn("is not empty", node.run("backup", str(copy), check=False).stderr)
            self.assertEqual(node.stop(), 0)
            (node.folder / "data").rename(node.folder / "lost")
            node.run("restore", str(copy))
            self.assertIn("0 findings", node.run("fsck", "--deep"))
            node.start()
            pop3 = poplib.POP3_SSL("127.0.0.1", node.port["pop3s"], context=ANY_CERTIFICATE)
            pop3.user("alice")
            pop3.pass_("secret")
            self.assertEqual(pop3.stat()[0], 2)
            texts = [b"\r\n".join(pop3.retr(n)[1]) + b"\r\n" for n in (1, 2)]
            self.assertTrue(texts[0].endswith(b"Subject: small\r\n\r\ntext\r\n"))
            self.assertTrue(texts[1].endswith(large.encode()))
            pop3.quit()

    def test_fsck_finds_and_sets_aside_a_damaged_text(self):
        with Node() as node:
            node.add_account("alice", "secret")
            node.start()
            with smtplib.SMTP("127.0.0.1", node.port["smtp"]) as smtp:
                smtp.sendmail("x@far.test", ["alice@here.test"],
                              "Subject: x\r\n\r\n" + "0123456789abcde\r\n" * 20_000)
            node.stop()
            [blob] = [x for x in (node.folder / "data" / "blobs").rglob("*") if len(x.name) >= 60]
            blob.write_bytes(b"damaged" + blob.read_bytes()[7:])
            done = node.run("fsck", "--deep", check=False)
            self.assertEqual(done.returncode, 3, done.stdout)
            node.run("fsck", "--deep", "--repair")
            self.assertIn("0 findings", node.run("fsck", "--deep"))


if __name__ == "__main__":
    unittest.main()
