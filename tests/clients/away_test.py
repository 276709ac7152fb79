#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A node whose PostgreSQL goes away says so to who watches it, and when it is back."""
import json
import os
import signal
import time
import unittest
import urllib.error
import urllib.request

from community import HOST, main
from cluster import until  # which community makes findable
from live_node import QUICK, Node, merged
from postgres import server

SOON = 2  # seconds, in which somebody who watches has an answer, whatever the store does


class Away(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.store = server()
        cls.addClassCleanup(cls.store.stop)
        cls.store.ask("CREATE DATABASE hamlet ENCODING 'UTF8'")
        cls.node = Node(merged(QUICK, {"store": [
            'engine = "postgresql"', f'postgres = "host={cls.store.folder} user=hamlet dbname=hamlet"']}))
        cls.addClassCleanup(cls.node.__exit__)
        cls.node.start()

    def health(self):
        """Status and reasons of /healthz, which answers soon."""
        started = time.monotonic()
        try:
            page = urllib.request.urlopen(f"http://{HOST}:{self.node.port['admin']}/healthz", timeout=30)
        except urllib.error.HTTPError as refused:
            page = refused
        found = page.status, json.loads(page.read()).get("reasons", [])
        self.took = time.monotonic() - started
        return found

    def is_seen_to_be_away(self):
        until("the node says that it is not well", lambda: self.health()[0] == 503)
        status, reasons = self.health()
        self.assertEqual(status, 503)
        self.assertLess(self.took, SOON)
        self.assertEqual(len(reasons), 1, reasons)
        self.assertRegex(reasons[0], r"^the store has not answered for \d+ seconds")
        said = self.node.run("ctl", "health", check=False)
        self.assertEqual(said.returncode, 1)
        self.assertIn("NOT_SERVING", said.stdout)
        self.assertRegex(said.stderr, "hamlet ctl: the store has not answered for")
        return reasons[0]

    def is_seen_to_be_back(self):
        until("the node is well again", lambda: self.health() == (200, []))
        self.assertRegex(self.node.run("ctl", "health"), "SERVING")
        self.node.run("ctl", "accounts", "list")

    def test_the_store_ends_and_comes_back(self):
        self.assertEqual(self.health(), (200, []))
        self.store.crash()
        self.assertIn("connection to server", self.is_seen_to_be_away())
        until("it is in the log", lambda: any("store away" in x for x in list(self.node.log)))
        self.store.begin()
        self.is_seen_to_be_back()
        until("it is in the log", lambda: any("answers again" in x for x in list(self.node.log)))

    def test_the_store_hangs_and_goes_on(self):
        self.is_seen_to_be_back()
        pids = [int(x) for x in self.store.ask("SELECT pid FROM pg_stat_activity").split()]
        self.addCleanup(self.signal, pids, signal.SIGCONT)
        self.signal([self.store.process.pid, *pids], signal.SIGSTOP)
        self.is_seen_to_be_away()
        self.signal([self.store.process.pid, *pids], signal.SIGCONT)
        self.is_seen_to_be_back()

    def signal(self, pids, what):
        for pid in pids:
            try:
                os.kill(pid, what)
            except ProcessLookupError:
                pass


if __name__ == "__main__":
    main()
