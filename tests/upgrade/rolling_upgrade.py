#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rolling_upgrade.py [--refusals] [--one-way] [--seed S]: three nodes of $HAMLET_BIN under load of mail
and chat; one after the other is stopped, and comes back as $HAMLET_NEXT; then they go back in the same
way. Nothing that was acknowledged is lost or doubled, whichever builds meet, and no client of a node
that stays waits longer than --stall.

--refusals  for the builds that ctest makes (README.md): also what must be refused is tried.
--one-way   the older build cannot go back: its schema was not made for that."""
import argparse
import os
import pathlib
import random
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "faults"), str(HERE.parent / "support"), str(HERE.parent / "clients")]
import guardian
from chat_community import FREE, QUICK_COMMANDS
from checker import Ledger
from cluster import Cluster, until
from cluster_check import Owners, open_maildrop, read_back, say_last, sessions
from cluster_load import Doors, RoamingReader, RoamingSender, Waits
from kill_under_load import report
from live_node import DOMAIN, merged
from mail_load import ACCOUNTS, SETTINGS, Load, send_again
from village import Village
from wire import Smtp

NODES = range(3)
SHARED = "1, 2, 4, 5"  # kinds of shards that nodes own: mailboxes, accounts, nicks, channels
KEEPERS = {f"keeper{n}": f"secret of keeper{n}" for n in range(6)}
CHAT = {"listen": ['irc = ["127.0.0.1:0"]']}
PATIENCE = 120  # seconds, for what does not come
FLOW = 15  # messages, as a proof that mail flows


class Sender(RoamingSender):
    """It waits for its answers: who goes without one may get his mail twice, upgrade or not."""

    def __init__(self, *words):
        super().__init__(*words)
        self.patience = 60

    def leave_unread(self, client, mail):
        return self.send(client, mail)


class World:
    def __init__(self, chosen):
        self.chosen, self.dice = chosen, random.Random(chosen.seed)
        self.old, self.new = os.environ["HAMLET_BIN"], os.environ["HAMLET_NEXT"]
        self.ledger = Ledger(unsure=[b"451"])
        self.waits, self.doors = Waits(), Doors()
        self.village = Village(chosen.stall)
        self.cluster = Cluster(settings=merged(SETTINGS, FREE, QUICK_COMMANDS, CHAT))
        self.nodes = self.cluster.nodes
        self.owners = Owners(self.cluster, self.ledger)
        self.kept = 0  # messages in the maildrop of each keeper
        self.load, self.longest = None, 0.0

    def close(self):
        self.cluster.__exit__()

    # -- steps ---------------------------------------------------------------

    def start(self):
        for name, password in {**ACCOUNTS, **KEEPERS}.items():
            self.nodes[0].add_account(name, password)
        for number in NODES:
            self.start_one(number, self.old)
        self.wait_for_all()
        for number in NODES:
            self.village.come(number, self.nodes[number])
        self.load = Load(self.doors, self.ledger, f"{self.chosen.seed}", senders=6, kinds=(Sender, RoamingReader))

    def start_one(self, number, program):
        self.nodes[number].program = str(program)
        self.cluster.start_one(number)
        self.doors.open(number, self.nodes[number])

    def wait_for_all(self, nodes=NODES):
        until("the nodes own all shards", lambda: self.owners.are(nodes) or nap(), PATIENCE)

    def stop_one(self, number):
        door = next(x for x in self.doors.all() if x.number == number)
        self.doors.close(number)
        if (status := self.cluster.stop(number)) != 0:
            self.ledger.fault(f"SIGTERM: exit status {status}")
        self.waits.heal(door)  # its own clients had to go

    def replace(self, number, program, meanwhile=None):
        """@param meanwhile Done while two nodes are there."""
        began = time.monotonic()
        self.waits.begin()
        with self.village.chatting(without=number):
            self.stop_one(number)
            self.wait_for_all([x for x in NODES if x != number])
            if meanwhile:
                meanwhile()
            self.start_one(number, program)
            self.wait_for_all()
            self.take_shards(number)
        self.village.come(number, self.nodes[number])
        self.hold()
        names = [pathlib.Path(x.program).name if self.chosen.refusals else
                 "new" if x.program == self.new else "old" for x in self.nodes]
        print(f"{', '.join(names)}: {self.ledger.counts['acknowledged']} acknowledged, "
              f"{time.monotonic() - began:.1f} s, longest wait so far {self.longest:.1f} s by mail, "
              f"{self.village.longest:.1f} s in chat", flush=True)

    def take_shards(self, number):
        """A third of each kind, at once: the planner would take its time."""
        me = self.owners.look()[0][number]
        self.cluster.sql(self.cluster.database,
                         f"UPDATE shard SET target_incarnation = {me} WHERE kind IN ({SHARED}) AND "
                         f"number % 3 = {number} AND owner_incarnation <> {me};"
                         "UPDATE cluster_view SET version = version + 1;")
        until("it has its shards", lambda: self.cluster.numbers(
            f"SELECT count(*) FROM shard WHERE kind IN ({SHARED}) AND (target_incarnation IS NOT NULL OR "
            f"number % 3 = {number} AND owner_incarnation <> {me})") == [0] or nap(), PATIENCE)

    def hold(self):
        """All that must be true of any mixture of builds."""
        self.village.talk()
        goal = self.ledger.counts["acknowledged"] + FLOW
        until("mail flows", lambda: self.ledger.counts["acknowledged"] >= goal or nap(), PATIENCE)
        for door in self.doors.all():
            give(door, f"kept {self.kept}")
            self.kept += 1
        for door in self.doors.all():
            for name, password in KEEPERS.items():
                self.wait_for_mail_of(name, password, door)
        stall, asked = self.waits.longest(self.doors.all())
        self.longest = max(self.longest, stall)
        if stall > self.chosen.stall:
            self.ledger.fault(f"a client of a node that stayed waited {stall:.1f} s after {asked}")

    def wait_for_mail_of(self, name, password, door):
        found = []

        def is_there():
            found.append(count(door, name, password))
            return found[-1] == self.kept or nap()

        try:
            until(f"all mail of {name} through door {door.number}", is_there, PATIENCE)
        except AssertionError as why:
            queued = self.cluster.sql(self.cluster.database, "SELECT queue_id, account_id FROM recipient")
            stored = self.cluster.sql(self.cluster.database, "SELECT uid FROM message JOIN account ON "
                                      f"account_id = mailbox_id WHERE local = '{name}'")
            raise AssertionError(f"{why}: {found[-1]} of {self.kept}; stored {stored.split()}, "
                                 f"queued {queued.split()}") from None

    def end(self):
        again = self.load.end()
        self.village.end()
        for x in self.village.faults:
            self.ledger.fault(x)
        doors = self.doors.all()
        until("the clients' sessions end", lambda: not sessions(doors) or nap(), PATIENCE)
        say_last(doors, self.ledger, self.dice)
        if not self.ledger.faults:
            send_again(self.dice.choice(doors), self.ledger, again)
            again = []
        read_back(self.cluster, doors, self.ledger)
        for node in self.nodes:
            for line in node.log:
                if " error " in line or " critical " in line:
                    self.ledger.fault(f"{node.folder.name} says: {line.strip()}")

    # -- what must be refused ------------------------------------------------

    def expect(self, what, said, *words):
        """@param said Of a command that has to fail."""
        text = said.stdout + said.stderr
        if said.returncode != 1 or not all(x in text for x in words):
            self.ledger.fault(f"{what}: exit status {said.returncode}, {text[-500:]!r}, expected {words}")

    def run(self, number, program, *words):
        node = self.nodes[number]
        node.program, before = str(program), node.program
        try:
            return node.run(*words, check=False)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{words} of {pathlib.Path(program).name}: it runs, and should not") from None
        finally:
            node.program = before

    def schema(self):
        return self.cluster.numbers("SELECT max(version) FROM schema_version")[0]

    def refuse_strangers(self, number):
        """It is stopped; one of the others is of the old release."""
        self.expect("two releases on", self.run(number, os.environ["HAMLET_LATER"], "serve"),
                    "versions 2 to 3", "speaks 1 to 1", "one release at a time")
        self.expect("contract beside an old node", self.run(0, self.new, "schema", "contract"),
                    "of an older release")

    def refuse_the_old(self):
        """The last thing: all is new, and nothing of the old one is needed any more."""
        said = self.run(0, self.new, "schema", "contract")
        if said.returncode != 0 or "Contracted" not in said.stdout:
            self.ledger.fault(f"schema contract: {said.stdout}{said.stderr}")
        needs = str(self.schema())
        self.stop_node(2)
        self.expect("an old node after the contract step", self.run(2, self.old, "serve"),
                    f"has schema {needs}", "use a newer hamlet")
        self.expect("an old command", self.run(2, self.old, "domain", "list"), "use a newer hamlet")
        self.start_one(2, os.environ["HAMLET_LATER"])  # all that live speak its language
        self.wait_for_all()

    def stop_node(self, number):
        self.doors.close(number)
        self.cluster.stop(number)


def nap():
    """Between two looks: two cores are for those who work."""
    time.sleep(0.02)


def give(door, text):
    client = Smtp(door.port["smtp"], "keeper.test")
    client.expect(client.ask(b"MAIL FROM:<x@elsewhere.test>"), b"250")
    for name in KEEPERS:
        client.expect(client.ask(f"RCPT TO:<{name}@{DOMAIN}>".encode()), b"250")
    client.expect(client.ask(b"DATA"), b"354")
    client.expect(client.ask(f"Subject: {text}\r\n\r\n{text}\r\n.".encode()), b"250")
    client.close()


def count(door, name, password):
    client = open_maildrop(door, name, password)
    found = len(client.ids())
    client.ask(b"QUIT")
    client.close()
    return found


def roll(world):
    refusals = world.chosen.refusals
    world.start()
    before = world.schema()
    for number in NODES:
        world.replace(number, world.new,
                      (lambda: world.refuse_strangers(1)) if refusals and number == 1 else None)
    if refusals and world.schema() != before + 1:
        world.ledger.fault(f"the schema was {before}, and is {world.schema()}")
    if not world.chosen.one_way:
        for number in NODES:
            world.replace(number, world.old)
    world.end()
    if refusals:
        for number in NODES:
            world.stop_node(number)
            world.start_one(number, world.new)
        world.wait_for_all()
        world.refuse_the_old()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--refusals", action="store_true")
    options.add_argument("--one-way", action="store_true")
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options.add_argument("--stall", type=float, default=15, help="seconds that a client may wait")
    world = World(options.parse_args())
    began = time.monotonic()
    try:
        roll(world)
    except AssertionError as why:
        world.ledger.fault(str(why))
    finally:
        if world.ledger.faults:
            for node in world.nodes:
                print(f"-- {node.folder.name}\n" + "".join(
                    [x for x in node.log if " info smtp " not in x and " info pop3 " not in x][-40:]))
        world.close()
    print(f"{time.monotonic() - began:.1f} s; longest wait of a client: {world.longest:.1f} s by mail, "
          f"{world.village.longest:.1f} s in chat ({world.village.rounds} rounds, {world.village.refused} refusals); load of the machine: {os.getloadavg()[0]:.1f} on "
          f"{os.cpu_count()} cores")
    return report(world.ledger, world.chosen.seed, [])


if __name__ == "__main__":
    sys.exit(guardian.watch(main))
