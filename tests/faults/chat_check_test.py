#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Do the checks of chat_faults.py find what they are there for? With records made up, and one thing
wrong in each."""
import pathlib
import sys
import time
import unittest
from unittest import mock

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support"), str(HERE.parent / "clients")]
import chat_check
from chat_check import Findings, Round
from chat_load import NO, OPEN, YES, Heard, Life, Said, Seen, parsed

LINES = 6


class Talker:
    def __init__(self, life):
        self.life, self.lives, self.account = life, [life], life.account


class Crowd:
    """Two clients at each of three nodes, who have heard all that was said; node 2 is lost, its guest
    has quit, its member has gone on at node 0."""

    channels, staying = ["#c"], set()

    @staticmethod
    def doors():
        return {0: 0}

    def __init__(self):
        self.now = time.monotonic()
        self.all = []
        for node in range(3):
            for nick, account in ((f"g{node}", ""), (f"m{node}", f"m{node}")):
                self.all.append(Life(nick, node, account, self.now - 60, self.now - 60))
        self.said = []
        for n in range(LINES):
            life = self.all[n % 4]
            self.said.append(Said(f"{life.nick}.{n}", "#c", life, self.now - 20 + n, YES,
                                  self.now - 19.9 + n, f"id{n}"))
        for life in self.all:
            for x in self.said:
                life.heard.append(Heard("#c", x.msgid, x.token, x.life.nick, x.answered + 0.1))
        self.gone = self.all[4:]
        for x in self.gone:
            x.ended = self.now - 15
        self.again = Life("m2", 0, "m2", self.now - 10, self.now - 10)
        for x in self.all[:4]:
            x.seen.append(Seen("QUIT", "g2", "", self.now - 12))
        self.talkers = [Talker(x) for x in [*self.all[:4], self.again]]
        self.talkers[-1].lives = [self.gone[1], self.again]
        self.round = Round("kill", self.now - 30, 0, 2, self.now - 15, self.gone, {2}, {2}, {"#c"},
                           True)

    def lives(self):
        return [*self.all, self.again]


class Records(unittest.TestCase):
    def setUp(self):
        self.crowd, self.findings = Crowd(), Findings(15)
        patch = mock.patch.object(chat_check, "PATIENCE", 0)
        patch.start()
        self.addCleanup(patch.stop)

    def check(self):
        for check in (chat_check.check_lines, chat_check.check_users, chat_check.check_stalls):
            check(self.crowd, self.crowd.round, self.findings)
        return self.findings.faults

    def assertFound(self, *words):
        faults = self.check()
        self.assertTrue(any(all(x in y for x in words) for y in faults), faults)

    def test_nothing_is_wrong(self):
        self.assertEqual(self.check(), [])
        self.assertEqual(len(self.findings.resumed), 1)

    def test_a_line_that_somebody_has_not_heard(self):
        del self.crowd.all[1].heard[3]
        self.assertFound("m0 at 0 has not heard m1.3")

    def test_who_was_lost_need_not_hear(self):
        self.crowd.all[4].heard.clear()
        self.assertEqual(self.check(), [])

    def test_a_line_that_was_heard_twice(self):
        self.crowd.all[2].heard.append(self.crowd.all[2].heard[0])
        self.assertFound("g1 at 1 has heard id0 2 times")

    def test_a_line_that_was_said_twice(self):
        self.crowd.all[2].heard.append(Heard("#c", "other", "g0.0", "g0", self.crowd.now))
        self.assertFound("g0.0 was said as")

    def test_two_lines_in_another_order(self):
        heard = self.crowd.all[3].heard
        heard[1], heard[2] = heard[2], heard[1]
        self.assertFound("#c: g0 at 0 has", "before", "m1 at 1 has it behind")

    def test_a_line_of_the_past(self):
        self.crowd.all[2].entered = self.crowd.now - 10
        self.assertFound("g1 at 1 has heard", "before it came")

    def test_a_quit_that_is_not_seen_or_twice(self):
        self.crowd.all[0].seen.clear()
        self.crowd.all[1].seen *= 2
        self.assertFound("g0 at 0 has seen 0 QUITs of g2")
        self.assertFound("m0 at 0 has seen 2 QUITs of g2")

    def test_a_member_that_is_seen_to_quit_or_to_join(self):
        for what in ("QUIT", "JOIN"):
            self.crowd.all[0].seen.append(Seen(what, "m2", "#c", self.crowd.now))
        self.assertFound("g0 at 0 has seen of m2 [('QUIT', '#c', ", "('JOIN', ", "went on elsewhere")

    def test_somebody_of_another_node_who_is_seen_to_quit(self):
        self.crowd.all[0].seen.append(Seen("QUIT", "g1", "", self.crowd.now))
        self.assertFound("has seen of g1", "who was there")

    def test_a_client_of_a_living_node_that_is_hung_up_on(self):
        self.crowd.all[2].ended = self.crowd.now
        self.assertFound("g1 at 1 was hung up on")

    def test_a_line_without_an_answer(self):
        x = self.crowd.said[0]
        x.answer, x.answered, x.why = OPEN, 0, "no answer at all"
        self.assertFound("g0.0 of g0 at 0 had no answer")
        self.assertFound("g0 at 0 has waited")

    def test_a_line_that_waits_long(self):
        self.crowd.said[0].at -= 16
        self.assertFound("g0 at 0 has waited 16")

    def test_news_that_come_late(self):
        heard = self.crowd.all[0].heard
        heard[-1] = Heard("#c", "id5", "m0.5", "m0", heard[-1].at + 16)
        self.assertFound("heard 16")

    def test_a_refusal_while_all_is_well(self):
        self.crowd.said[0].answer = NO
        self.crowd.round.touched.clear()
        self.assertFound("g0.0 of g0 was refused")

    # -- the history --

    def history(self, found):
        chat_check.check_one_history(self.crowd, self.crowd.round, "#c", found, self.findings, 0)
        return self.findings.faults

    def test_a_history_that_is_whole(self):
        self.assertEqual(self.history([(x.msgid, x.token) for x in self.crowd.said]), [])

    def test_a_history_without_a_line(self):
        found = [(x.msgid, x.token) for x in self.crowd.said]
        self.assertIn("has not g0.0", self.history(found[1:])[0])

    def test_a_history_without_the_last_line_of_a_killed_owner(self):
        self.crowd.said[0].answered = self.crowd.round.injured
        found = [(x.msgid, x.token) for x in self.crowd.said[1:]]
        self.assertEqual(self.history(found), [])
        self.assertEqual(self.findings.counts["kept by nobody"], 1)
        self.crowd.round.is_hard = False  # it was stopped
        self.assertIn("has not g0.0", self.history(found)[0])

    def test_a_history_with_a_line_twice(self):
        found = [(x.msgid, x.token) for x in self.crowd.said]
        self.assertIn("has id0 2 times", self.history([*found, found[0]])[0])
        self.assertIn("has g0.0 2 times", self.history([*found, ("other", "g0.0")])[-1])


class Probe:
    """A node that shows these."""

    def __init__(self, names, who=None):
        self.names, self.who = names, names if who is None else who

    def ask(self, line):
        if line.startswith("NAMES"):
            return [f":s 353 p = #c :{' '.join(self.names)}", ":s 366 p #c :End"]
        return [f":s 352 p #c ~u host s {x.lstrip('@')} H :0 x" for x in self.who]


class Shown(unittest.TestCase):
    def faults(self, *probes):
        findings = Findings(15)
        with mock.patch.object(chat_check, "PATIENCE", 0):
            chat_check.check_channel("#c", dict(enumerate(probes)), {"ann", "bob"}, findings)
        return findings.faults

    def test_nodes_that_agree(self):
        self.assertEqual(self.faults(Probe(["@ann", "bob"]), Probe(["bob", "@ann"])), [])

    def test_nodes_that_do_not(self):
        self.assertIn("node 1 has not {'bob'}",
                      self.faults(Probe(["ann", "bob"]), Probe(["ann"]))[0])
        self.assertIn("do not agree", self.faults(Probe(["@ann", "bob"]), Probe(["ann", "bob"]))[0])
        self.assertIn("node 0 has not", self.faults(
            Probe(["ann", "bob"], ["ann"]), Probe(["ann", "bob"]))[0])

    def test_ghosts_and_twins(self):
        self.assertIn("'eve'", self.faults(Probe(["ann", "bob", "eve"]))[0])
        self.assertIn("of 3", self.faults(Probe(["ann", "bob", "bob"]))[0])
        self.assertIn("WHO", self.faults(Probe(["ann", "bob"], ["ann"]))[0])


class Lines(unittest.TestCase):
    def test_are_read(self):
        self.assertEqual(parsed("@label=l1;msgid=x :ann!u@h PRIVMSG #c :T a b"),
                         ({"label": "l1", "msgid": "x"}, "ann", "PRIVMSG", ["#c", "T a b"]))
        self.assertEqual(parsed("PING :x"), ({}, "", "PING", ["x"]))


if __name__ == "__main__":
    unittest.main()
