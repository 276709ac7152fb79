# SPDX-License-Identifier: Apache-2.0
"""The dialogues of tests/conformance/smtp and pop3 over three nodes: clients come in at nodes that do
not have their mailboxes, and the mailboxes move while they are there. HAMLET_CHATS=pattern plays only
the files that fit it."""
import contextlib
import fnmatch
import os
import time
import unittest

from cluster_chats import PEERS, PATIENCE, SIMPLE, Play, World, files_of, is_wanted, settings_of
from community import main
from cluster import NAMES, Cluster  # which community makes findable
from transcript import LeftOut

WANTED = os.environ.get("HAMLET_CHATS", "*")


class MailOverNodes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(settings=SIMPLE)
        cls.addClassCleanup(cls.cluster.__exit__)
        cls.nodes = cls.cluster.nodes
        cls.world = World(cls.cluster)
        cls.addClassCleanup(cls.world.store.close)
        cls.cluster.start()
        while set(cls.world.until_owned_by({0, 1, 2})) != {0, 1, 2}:
            pass

    def setUp(self):
        self.plays, self.left_out, self.more = [], {}, ""
        self.begun_at = time.monotonic()

    def tearDown(self):
        done = {x: sum(y.kind == x for y in self.plays) for x in PEERS}
        print(f"{done} dialogues were played in {time.monotonic() - self.begun_at:.0f} s; left out:",
              *(f"{why} ({', '.join(sorted(x))});" for why, x in self.left_out.items()))

    @contextlib.contextmanager
    def trying(self, file, play=None):
        """A failure is of this dialogue alone."""
        with self.subTest(dialogue=file.stem, more=self.more):
            try:
                yield
            except LeftOut as why:
                self.left_out.setdefault(str(why), set()).add(file.stem)
                self.give_up(play)
            except BaseException:
                self.give_up(play)
                raise

    def give_up(self, play):
        if play:
            play.is_over = True
            play.end()
            if play in self.plays:
                self.plays.remove(play)

    def begin(self, owner, is_stopped=False):
        """Connects one of each dialogue.
        @param owner Gives the node that has the mailboxes of the nth."""
        fresh, groups = [], {}
        for kind in PEERS:
            for file in files_of(kind):
                if ("@stop\n" in file.read_text("utf-8")) == is_stopped \
                        and fnmatch.fnmatch(file.stem, WANTED):
                    needed = settings_of(kind, file)
                    groups.setdefault(str(needed), (needed, []))[1].append((kind, file))
        for needed, members in groups.values():
            self.world.change_settings(needed)
            for kind, file in members:
                play = None
                with self.trying(file):
                    is_wanted(kind, file)
                    play = Play(kind, file, PEERS[kind](self.world, owner(len(fresh))))
                    fresh.append(play)
                    self.plays.append(play)
                if play:
                    self.go_on([play], Play.connect)
        self.world.change_settings({})
        return [x for x in fresh if not x.is_over]

    def go_on(self, plays, how):
        for play in plays:
            if not play.is_over:
                with self.trying(play.file, play):
                    how(play)

    def to_the_end(self, plays):
        self.go_on(plays, Play.go_on)
        self.go_on(plays, Play.end)

    def test_every_node_is_a_door(self):
        self.to_the_end(self.begin(lambda n: n % 3))
        if WANTED == "*":
            self.assertGreater(len(self.plays), 150)

    def test_who_is_at_a_node_that_stops_hears_so(self):
        """The last of all: that node does not come back."""
        self.world.spread_over(range(3))
        owner = min(self.world.until_owned_by({0, 1, 2}))
        plays = self.begin(lambda _: owner, is_stopped=True)[::-1]  # SMTP, which it waits for, first
        self.go_on(plays, lambda x: x.go_on(x.stop()))
        self.to_the_end(plays)
        if self.world.stopping:
            self.assertEqual(self.world.stopping.ended(PATIENCE), 0)

    def test_one_node_after_the_other_is_drained(self):
        for number in range(3):
            self.drain(number)
        if WANTED == "*":
            self.assertGreater(len(self.plays), 450)

    def drain(self, number):
        """The mailboxes of all dialogues are at this node; one third of these goes on while it gives
        them away, one when it is gone, one while it comes back."""
        others = {0, 1, 2} - {number}
        self.world.spread_over(others)
        plays = self.begin(lambda _: number)
        thirds = [[x for n, x in enumerate(plays) if (n + number) % 3 == third]
                  for third in range(3)]
        self.go_on(thirds[0] + thirds[2], lambda x: x.go_on(x.middle()))
        self.go_on(thirds[1], lambda x: x.go_on(x.last()))
        node = self.nodes[number]
        if number == 1:
            node.process.terminate()
        else:
            node.run("ctl", "nodes", "drain", NAMES[number], "--yes")
        self.more = f"while {number} is drained"
        self.to_the_end(thirds[0])
        self.assertEqual(node.ended(PATIENCE), 0)
        self.world.until_owned_by(others)
        self.more = f"when {number} is gone"
        self.to_the_end(thirds[1])
        self.more = f"when {number} comes back"
        node.start()
        self.world.spread_over({0, 1, 2})
        self.to_the_end(thirds[2])
        self.more = ""


if __name__ == "__main__":
    main()
