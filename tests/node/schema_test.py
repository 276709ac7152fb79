#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A store that a newer program has used: `hamlet schema`, and what a start makes of it."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from live_node import Node


class Schema(unittest.TestCase):
    def setUp(self):
        self.node = Node()
        self.addCleanup(self.node.__exit__)

    def test_what_a_newer_program_has_added_is_in_nobodys_way(self):
        self.node.change([["INSERT INTO schema_version (version) VALUES (77)"],
                          ["ALTER TABLE account ADD COLUMN later TEXT"]])
        self.assertIn("The store has schema 77", self.node.run("schema", "show"))
        self.node.add_account("ann", "secret")
        self.node.start()
        self.assertTrue(any("schema of a newer program schema=77" in x for x in self.node.log))
        self.assertEqual(self.node.stop(), 0)
        refused = self.node.run("schema", "contract", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("the store has schema 77", refused.stderr)

    def test_what_it_has_taken_away_ends_a_start_with_a_reason(self):
        self.node.change([["CREATE TABLE schema_contract (version INTEGER NOT NULL)"],
                          ["INSERT INTO schema_version (version) VALUES (77)"],
                          ["INSERT INTO schema_contract (version) VALUES (76)"]])
        self.assertIn("before 76 cannot use it", self.node.run("schema", "show"))
        for words in (["serve"], ["account", "list"], ["schema", "contract"]):
            done = self.node.run(*words, check=False)
            self.assertEqual(done.returncode, 1, words)
            self.assertIn("has schema 77 and was contracted for programs that know 76", done.stderr)
            self.assertIn("use a newer hamlet", done.stderr)

    def test_a_server_is_stopped_before_its_tables_go(self):
        self.node.start()
        refused = self.node.run("schema", "contract", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("stop it first", refused.stderr)
        self.assertEqual(self.node.stop(), 0)
        self.assertIn("nothing to take away", self.node.run("schema", "contract"))


if __name__ == "__main__":
    unittest.main()
