#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A cluster is made, a node joins it and is sent away, as an administrator types it."""
import pathlib
import stat
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from live_node import Node


class Cluster(unittest.TestCase):
    def setUp(self):
        self.alpha, self.beta = Node(), Node()
        self.addCleanup(self.alpha.__exit__)
        self.addCleanup(self.beta.__exit__)

    def refused(self, node, *words, stdin=""):
        done = node.run(*words, stdin=stdin, check=False)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        return done.stderr

    def test_a_node_joins_and_is_sent_away(self):
        self.assertIn("first of the cluster tea", self.alpha.run("cluster", "init", "tea", "alpha"))
        self.assertIn("is in a cluster", self.refused(self.alpha, "cluster", "init", "tea", "alpha"))
        token = self.alpha.run("cluster", "token")
        request = self.beta.run("cluster", "join", "beta", stdin=token)
        answer = self.alpha.run("cluster", "ca", "sign", stdin=request)
        for text in (request, answer):  # they may travel in the open
            self.assertNotIn("PRIVATE KEY", text)
            self.assertNotIn(token.strip().rpartition("-")[2], text)
        self.assertIn("beta of the cluster tea", self.beta.run("cluster", "join", "--answer", stdin=answer))
        self.assertIn("used before", self.refused(self.alpha, "cluster", "ca", "sign", stdin=request))
        shown = self.alpha.run("cluster", "ca", "show")
        self.assertRegex(shown, r"beta +[0-9a-f]{32} ")
        self.assertIn("1 certificate", self.alpha.run("cluster", "ca", "revoke", "beta"))
        self.assertIn("revoked", self.alpha.run("cluster", "ca", "show"))
        self.assertIn("new certificates", self.alpha.run("cluster", "ca", "renew"))
        self.assertIn("not on this node", self.refused(self.beta, "cluster", "token"))

    def test_keys_are_for_their_owner_alone(self):
        self.alpha.run("cluster", "init", "tea", "alpha")
        folder = self.alpha.folder / "data" / "cluster"
        self.assertEqual(stat.S_IMODE(folder.stat().st_mode), 0o700)
        for file in folder.iterdir():
            self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600, file)
        (folder / "authority.key").chmod(0o640)
        self.assertIn("chmod 600", self.refused(self.alpha, "cluster", "token"))

    def test_wrong_words_are_explained(self):
        self.assertIn("in no cluster", self.refused(self.beta, "cluster", "ca", "show"))
        self.assertIn("no token", self.refused(self.beta, "cluster", "join", "beta", stdin="x\n"))
        self.assertIn("which name", self.refused(self.beta, "cluster", "join", stdin="x\n"))
        self.assertIn("has not asked", self.refused(self.beta, "cluster", "join", "--answer", stdin="x"))
        self.assertIn("cannot be the name", self.refused(self.beta, "cluster", "init", "Tea", "b"))
        self.alpha.run("cluster", "init", "tea", "alpha")
        self.assertIn("no request", self.refused(self.alpha, "cluster", "ca", "sign", stdin="x"))
        self.assertIn("1 to 720", self.refused(self.alpha, "cluster", "token", "--hours", "0"))
        self.assertIn("no good certificate", self.refused(self.alpha, "cluster", "ca", "revoke", "x"))


if __name__ == "__main__":
    unittest.main()
