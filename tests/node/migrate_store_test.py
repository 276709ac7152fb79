#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A node that moves from SQLite to PostgreSQL: its members find their mail and go on."""
import os
import pathlib
import poplib
import smtplib
import ssl
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
os.environ.pop("HAMLET_STORE", None)
from live_node import Node, server_folder

ANY_CERTIFICATE = ssl._create_unverified_context()
LARGE = "Subject: large\r\n\r\n" + ("0123456789" * 7 + "\r\n") * 2000


class MigrateStore(unittest.TestCase):
    def mail(self, node):
        box = poplib.POP3_SSL("127.0.0.1", node.port["pop3s"], context=ANY_CERTIFICATE)
        box.user("ann")
        box.pass_("secret")
        uids = box.uidl()[1]
        texts = [b"\r\n".join(box.retr(n + 1)[1]) for n in range(len(uids))]
        box.quit()
        return uids, texts

    def send(self, node, text):
        with smtplib.SMTP("127.0.0.1", node.port["smtp"]) as client:
            client.sendmail("far@example.net", ["ann@here.test"], text)

    def test_what_was_there_is_there(self):
        host, name = server_folder(), "migrate_" + next(tempfile._get_candidate_names())
        psql = ["psql", "-q", "-h", host, "-U", "hamlet", "postgres", "-c"]
        subprocess.run([*psql, f'CREATE DATABASE "{name}" ENCODING \'UTF8\''], check=True)
        self.addCleanup(subprocess.run, [*psql, f'DROP DATABASE "{name}" WITH (FORCE)'], check=True)
        there = {"store": ['engine = "postgresql"',
                           f'postgres = "host={host} user=hamlet dbname={name}"']}
        with Node() as node:
            node.add_account("ann", "secret")
            node.start()
            self.send(node, "Subject: one\r\n\r\nfirst\r\n")
            self.send(node, LARGE)
            before = self.mail(node)
            refused = node.run("migrate-store", check=False)
            self.assertIn("store.engine", refused.stderr)
            node._write_settings(there)
            refused = node.run("migrate-store", check=False)
            self.assertIn("serves", refused.stderr)  # it must be stopped
            node.stop()
            self.assertIn("Copied and compared", node.run("migrate-store"))
            self.assertIn("in use already", node.run("migrate-store", check=False).stderr)
            node.start()
            self.assertEqual(self.mail(node), before)
            self.send(node, "Subject: two\r\n\r\nafter\r\n")
            self.assertEqual(len(self.mail(node)[0]), 3)
            self.assertTrue(any("acknowledged mail could be lost" in x for x in node.log))
            self.assertIn("pg_dump", node.run("backup", "/nowhere", check=False).stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
