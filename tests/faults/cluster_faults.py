#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cluster_faults.py [FAULT...] [--rounds N] [--full] [--seed S]: mail goes in and out of three nodes
over a PostgreSQL with a synchronous standby; in each round something is injured, the others take
over, it heals, and everything is read back through every door: what was acknowledged is there once,
what was refused or deleted is not.

kill      kill -9 of a node
freeze    SIGSTOP until it is taken for dead, then SIGCONT
late      what a node says to the store arrives after it has been taken for dead
stop      SIGTERM, and a new start
away      nothing passes between a node and the store until it is taken for dead
sessions  PostgreSQL ends all sessions of a node
store     PostgreSQL itself ends at once, and starts again
failover  kill -9 of the primary, the standby is promoted
full      the disk of PostgreSQL has no room
clients   all connections of a node to its clients break
cut, stall, deaf, drip, delay, mid   what happens to the link between two nodes (fault_proxy.py)

Without names: PLAN below; --full: what docs/status.md speaks of. --rounds: so many, drawn."""
import argparse
import os
import pathlib
import random
import statistics
import subprocess
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parent.parent / "support")]
import guardian
import postgres
from bad_disk import ServerDisk
from checker import Ledger
from cluster import Cluster, until
from cluster_check import Owners, open_maildrop, read_back, say_last, sessions
from cluster_load import KINDS, Doors, Twice, Waits
from fault_proxy import CUT, DEAF, INJURIES, MUTE, PASS, STALL
from kill_under_load import report
from live_node import DOMAIN
from mail_load import ACCOUNTS, SETTINGS, Load, send_again
from wire import Lost, Smtp

NODES = range(3)
PLAN = ("kill", "freeze", "late", "away", "clients", "cut", "failover", "full", "stop", "deaf", "kill",
        "sessions")
FULL = (*["kill"] * 10, "freeze", "freeze", "late", *["clients"] * 3, "away", "away", "sessions", CUT, DEAF,
        STALL, "failover", "full", "stop", "store", *INJURIES[4:])
FAULTS = ("kill", "kill", "kill", "freeze", "late", "stop", "away", "sessions", "store", "failover", "full",
          "clients", *INJURIES)
PATIENCE = 120  # seconds, for what does not come
# Seconds without a beat. A node obeys for 8, is replaced after 10 or more, and gives a transaction up
# that has waited for 15.
QUIT_AFTER = 5
MORE = 40  # messages, as a proof that mail flows
HOLDERS = {f"holder{n}": f"secret of holder{n}" for n in range(12)}


class World:
    def __init__(self, seed, most_stall):
        self.seed, self.most_stall = seed, most_stall
        self.dice, self.ledger = random.Random(seed), Ledger(unsure=[b"451"])
        self.waits, self.doors = Waits(), Doors()
        self.taken, self.left, self.stalls, self.worst, self.lives = [], [], [], [], {}
        self.disk = ServerDisk()
        self.store = postgres.Pair(self.disk.environment)
        self.cluster = Cluster(settings=SETTINGS, servers=self.store.folders, has_proxies=True, seed=seed)
        self.owners = Owners(self.cluster, self.ledger)

    def start(self):
        for name, password in {**ACCOUNTS, **HOLDERS}.items():
            self.cluster.nodes[0].add_account(name, password)
        for number in NODES:
            self.start_one(number)
        self.wait_for_all()
        client = Smtp(self.doors.all()[0].port["smtp"], "setup.test")
        for name in HOLDERS:
            client.expect(client.ask(b"MAIL FROM:<x@elsewhere.test>"), b"250")
            client.expect(client.ask(f"RCPT TO:<{name}@{DOMAIN}>".encode()), b"250")
            client.expect(client.ask(b"DATA"), b"354")
            client.expect(client.ask(b"Subject: kept\r\n\r\nkept\r\n."), b"250")
        client.close()

    def close(self):
        self.cluster.__exit__()
        self.store.stop()
        self.disk.close()

    def start_one(self, number):
        self.cluster.start_one(number)
        self.doors.open(number, self.cluster.nodes[number])

    def wait_for_all(self, without=()):
        until("three nodes own all shards", lambda: self.all_run() and self.owners.are(NODES, without),
              PATIENCE)
        self.lives = self.owners.look()[0]

    def wait_for_mail(self):
        goal = self.ledger.counts["acknowledged"] + MORE
        until("mail flows", lambda: self.ledger.counts["acknowledged"] >= goal or self.nap(), PATIENCE)

    def all_run(self):
        for node in self.cluster.nodes:
            if node.process and (status := node.process.poll()) is not None:
                raise AssertionError(f"node {node.folder.name} has ended by itself: {status}")
        return True

    @staticmethod
    def nap():
        """Between two looks: two cores are for those who work."""
        time.sleep(0.02)

    def wait_for_owners(self, lost):
        """@returns seconds until all shards had an owner that is alive and not this one."""
        began = time.monotonic()
        until("others own its shards", lambda: self.owners.are(without=[self.lives[lost]]), PATIENCE)
        return time.monotonic() - began

    def lose(self, victim, how):
        how(victim)
        self.taken.append(self.wait_for_owners(victim))

    # -- the faults: each returns whom it touches ----------------------------

    def kill(self):
        victim = self.dice.choice(NODES)

        def now(number):
            self.doors.close(number)
            self.cluster.kill(number)

        self.lose(victim, now)
        self.wait_for_mail()
        self.start_one(victim)
        return {victim}

    def stop(self):
        victim = self.dice.choice(NODES)
        self.doors.close(victim)
        if (status := self.cluster.stop(victim)) != 0:
            self.ledger.fault(f"SIGTERM: exit status {status}")
        # It is out when it ends; the others hear of it and claim.
        self.left.append(self.wait_for_owners(victim))
        self.wait_for_mail()
        self.start_one(victim)
        return {victim}

    def freeze(self):
        return self.overtake(self.cluster.freeze, self.cluster.thaw, 0)

    def late(self):
        """Its transactions wait on the way to the store, and are let go before it gives them up: then
        nothing stands between them and what others own by now but the fence. Other owners do not hear
        of the QUITs in time: they would be right to obey."""
        return self.overtake(lambda number: self.hold_back(number, STALL, DEAF),
                             lambda number: self.hold_back(number, PASS, PASS), QUIT_AFTER)

    def hold_back(self, number, link, way):
        for other in set(NODES) - {number}:
            self.cluster.injure_link(number, other, link)
        self.cluster.injure_way(number, way)

    def overtake(self, injure, heal, after):
        """Others get the maildrops that clients of this node hold, and the QUITs of those clients come
        after the injury: an owner that has been replaced must not carry them out. Mail of which it has
        the first try, and others the second, must not be there twice.
        @param after Seconds."""
        victim = self.dice.choice(NODES)
        door = next(x for x in self.doors.all() if x.number == victim)
        held = {x: open_maildrop(door, x, HOLDERS[x]) for x in HOLDERS}
        for client in held.values():
            client.ask(b"DELE 1")
        twice = Twice(door, self.dice, self.ledger)

        def now(number):
            injure(number)
            self.doors.close(number)
            twice.send()
            time.sleep(after)
            for client in held.values():
                client.send(b"QUIT\r\n")

        self.lose(victim, now)
        other = self.doors.all()[0]
        twice.send_again(other)
        if not after:
            self.wait_for_mail()
        others = {x: open_maildrop(other, x, HOLDERS[x]) for x in HOLDERS}
        self.waits.heal(door)
        heal(victim)
        for name, client in held.items():
            self.expect_no(name, client)
        for name, client in others.items():
            if client.message(1) is None:
                self.ledger.fault(f"{name}: deleted by one whose lock was another one's by then")
            client.ask(b"QUIT")
            client.close()
        twice.end()
        self.wait_for_all([self.lives[victim]])
        self.doors.open(victim, self.cluster.nodes[victim])
        return {victim}

    def expect_no(self, name, client):
        try:
            if (said := client.line()).startswith(b"+OK"):
                self.ledger.fault(f"{name}: QUIT after the lock had gone was answered {said}")
        except Lost:
            pass
        client.close()

    def sessions(self):
        victim = self.dice.choice(NODES)
        if not self.cluster.cut_off_from_store(victim):
            self.ledger.fault("no session of the node was found")
        return {victim}

    def away(self):
        """Its clients, too, are told that nothing can be said now; none waits for ever."""
        victim = self.dice.choice(NODES)
        door = next(x for x in self.doors.all() if x.number == victim)

        def now(number):
            self.cluster.injure_way(number, self.dice.choice((CUT, STALL, MUTE, DEAF)))
            self.doors.close(number)

        self.lose(victim, now)
        self.wait_for_mail()
        self.waits.heal(door)
        self.cluster.injure_way(victim, PASS)
        self.wait_for_all([self.lives[victim]])
        self.doors.open(victim, self.cluster.nodes[victim])
        return {victim}

    def store_ends(self):
        self.store.primary.crash()
        self.store.primary.begin()
        return set(NODES)

    def failover(self):
        gone = self.store.primary.folder
        self.store.fail_over()
        self.cluster.server_is(gone, False)
        self.wait_for_mail()
        self.store.mend()
        self.cluster.server_is(gone, True)
        return set(NODES)

    def full(self):
        """What PostgreSQL has room for in pages that it has is still taken."""
        self.disk.fill(self.store.primary.data)
        try:
            self.store.primary.ask("CREATE TABLE ballast AS SELECT generate_series(1, 100000)")
            self.ledger.fault("the disk was full, and PostgreSQL has found room")
        except subprocess.CalledProcessError:
            pass
        time.sleep(self.dice.uniform(1, 3))
        self.disk.make_room()
        return set(NODES)

    def clients(self):
        door = self.dice.choice(self.doors.all())
        for _ in range(3):
            self.waits.cut(door)
            time.sleep(self.dice.uniform(0.1, 0.5))
        return {door.number}

    def link(self, how):
        pair = self.dice.sample(NODES, 2)
        self.cluster.injure_link(*pair, how)
        time.sleep(self.dice.uniform(1, 10))  # shorter and longer than a link is silent
        self.wait_for_mail()
        self.cluster.injure_link(*pair, PASS)
        return set(pair)

    # -- a round -------------------------------------------------------------

    def injure(self, fault):
        if fault == "store":
            return self.store_ends()
        if fault in INJURIES:
            return self.link(fault)
        return getattr(self, fault)()

    def round(self, number, fault):
        self.waits.begin()
        doors = self.doors.all()
        load = Load(self.doors, self.ledger, f"{self.seed}.{number}", kinds=KINDS)
        time.sleep(self.dice.uniform(0.3, 1.5))
        touched = self.injure(fault)
        self.wait_for_all()
        self.wait_for_mail()
        again = load.end()
        stall, asked = self.waits.longest([x for x in doors if x.number not in touched])
        self.stalls.append(stall)
        if stall > self.most_stall:
            self.ledger.fault(f"a client of an untouched node waited {stall:.1f} s after {asked}")
        elsewhere, asked = self.waits.longest(doors + self.doors.all())
        self.worst.append(elsewhere)
        if elsewhere > self.most_stall:
            self.ledger.fault(f"a client of an injured node waited {elsewhere:.1f} s after {asked}")
        doors = self.doors.all()
        until("the clients' sessions end", lambda: not sessions(doors) or self.nap(), PATIENCE)
        say_last(doors, self.ledger, self.dice)
        read_back(self.cluster, doors, self.ledger)
        if not self.ledger.faults:
            send_again(self.dice.choice(doors), self.ledger, again)
        return stall

    def tell(self):
        """The last words of each node, for whoever has to find out."""
        for node in self.cluster.nodes:
            named = [x for x in node.log if any(id in x for id in self.suspects())]
            grave = [x for x in node.log if " info smtp " not in x and " info pop3 " not in x]
            print(f"-- {node.folder.name}\n" + "".join(named + ["...\n"] + grave[-30:]))

    def suspects(self):
        text = " ".join(self.ledger.faults)
        return {id for ids in list(self.ledger.came_by.values()) for id in ids if id in text}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("faults", nargs="*")
    options.add_argument("--rounds", type=int, default=0)
    options.add_argument("--full", action="store_true")
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    # A command waits 15 s at most for an owner; the rest is for a machine that has other things to do.
    options.add_argument("--stall", type=float, default=20, help="seconds that a client may wait")
    chosen = options.parse_args()
    print("seed", chosen.seed, flush=True)
    world = World(chosen.seed, chosen.stall)
    plan = chosen.faults or (FULL if chosen.full else PLAN)
    if chosen.rounds:
        plan = [world.dice.choice(chosen.faults or FAULTS) for _ in range(chosen.rounds)]
    try:
        world.start()
        for number, fault in enumerate(plan):
            began = time.monotonic()
            try:
                stall = world.round(number, fault)
            except AssertionError as why:
                world.ledger.fault(f"{fault}: {why}")
                stall = 0
            print(f"round {number + 1}, {fault}: {world.ledger.counts['acknowledged']} acknowledged, "
                  f"{time.monotonic() - began:.1f} s, longest wait elsewhere {stall:.1f} s, "
                  f"{len(world.ledger.faults)} faults", flush=True)
            if world.ledger.faults:
                world.tell()
                break
        else:
            read_back(world.cluster, world.doors.all(), world.ledger)
    finally:
        world.close()
    failed = report(world.ledger, chosen.seed, [])
    for what, times in (("lost", world.taken), ("stopped", world.left)):
        if times:
            print(f"shards of a {what} node had owners after {statistics.median(times):.1f} s in the "
                  f"median, {max(times):.1f} s at most ({len(times)} times)")
    print(f"longest wait of a client of an untouched node: {max(world.stalls, default=0):.1f} s, of any: "
          f"{max(world.worst, default=0):.1f} s (from when a frozen node goes on); load of the machine: "
          f"{os.getloadavg()[1]:.1f} on {os.cpu_count()} cores")
    return failed


if __name__ == "__main__":
    sys.exit(guardian.watch(main))
