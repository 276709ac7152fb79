#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The dialogues of tests/conformance/irc at two nodes while the third is drained, comes back, and the
next one is drained: what nicks and channels belong to moves under them, and nobody can tell.
HAMLET_CHATS=pattern plays only the files that fit it; HAMLET_DRAINS=n drains so many nodes, not as
many as there is time for."""
import contextlib
import itertools
import os
import re

from chat_cluster import PATIENCE, ChatCluster
from cluster import NAMES
from cluster_irc_test import DOORS, World, by_settings
from community import main, merged
from irc_wire import Closed, Irc
from transcript_irc import base_settings, suffixes


class Ears:
    """Waits, without sleeping, until each node has all that the others had to tell: that somebody
    has another name is told by his node, behind all that it has told before. A node that goes is
    heard of until it has given everything away."""

    numbers = itertools.count(1)

    def __init__(self):
        self.ears = {}
        self.count = 0

    def come_in(self, node):
        """None: others have not heard yet that this node lives again, and nobody gets a nick here."""
        with contextlib.suppress(Closed):
            return Irc(node.port["irc"], f"ear{next(self.numbers)}", patience=PATIENCE,
                       caps=("setname",))

    def listen_at(self, node):
        ear = ChatCluster.until("a node lets somebody in", lambda: self.come_in(node))
        ear.ask("JOIN #ears", "MODE #ears +s", f"MODE {ear.nick} +i")
        self.ears[node] = ear
        for other in self.ears.values():
            if other is not ear:
                other.expect(rf":{ear.nick}!\S+ MODE|:{ear.nick}!\S+ JOIN")

    def __call__(self):
        self.count += 1
        for ear in self.ears.values():
            try:
                ear.send(f"SETNAME :news {self.count}")
            except OSError:
                pass  # what its node has said of it can still be heard by the others
        gone = set()
        for ear in self.ears.values():
            try:
                self.hear(ear, gone)
            except (Closed, OSError):
                gone.add(ear.nick)
        for node, ear in list(self.ears.items()):
            if ear.nick in gone:
                ear.drop()
                del self.ears[node]

    def hear(self, ear, gone):
        left = {x.nick for x in self.ears.values()} - {ear.nick}
        while left:
            line = ear.expect(rf" SETNAME :news {self.count}$", r"^:ear\d+!\S+ QUIT")
            who = line[1:].split("!")[0]
            left.discard(who)
            if " QUIT" in line:
                gone.add(who)
        gone.update(x[1:].split("!")[0] for x in ear.barrier() if re.match(r":ear\d+!\S+ QUIT", x))
        ear.seen.clear()


class Drained(ChatCluster):
    settings = merged(DOORS, base_settings())

    def test_all_that_need_no_settings_of_their_own(self):
        self.ears = Ears()
        for node in self.nodes:
            self.ears.listen_at(node)
        world = World(self.cluster, self.ears)
        files = by_settings()[(), (), None]
        self.drained, self.leaving = [], None
        drains = int(os.environ.get("HAMLET_DRAINS", len(files)))
        for count, (file, suffix) in enumerate(zip(files, suffixes())):
            self.go_on(world, len(self.drained) * len(files) <= count * drains)
            with self.subTest(dialogue=file.stem, drained=len(self.drained)):
                world.play(file, suffix)
        print(f"{len(files)} dialogues of chat while nodes were drained {len(self.drained)} times")
        if len(files) > 300:
            self.assertGreaterEqual(len(self.drained), 3)

    def go_on(self, world, is_next):
        """Between two dialogues. One node is going, or gone, and no client is there; the next one
        follows if it is time."""
        if self.leaving:
            if self.leaving.process.poll() is None:
                return
            self.assertEqual(self.leaving.ended(), 0)
            self.ears()  # one there may not have heard yet that it is gone
            self.leaving.start()
            self.ears.listen_at(self.leaving)
            self.leaving, world.turns = None, itertools.cycle(self.nodes)
        if not is_next:
            return
        number = len(self.drained) % 3
        self.drained.append(number)
        self.leaving = self.nodes[number]
        world.turns = itertools.cycle(x for x in self.nodes if x is not self.leaving)
        self.leaving.run("ctl", "nodes", "drain", NAMES[number], "--yes")


if __name__ == "__main__":
    main()
