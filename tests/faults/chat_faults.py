#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""chat_faults.py [FAULT...] [--rounds N] [--full] [--seed S] [--no-redis]: twelve clients speak at
three nodes over one PostgreSQL and one Redis, others come and go under few nicks; in each round
something is injured and heals, and what each has heard is compared with what was acknowledged: see
chat_check.py.

kill     kill -9 of a node
freeze   SIGSTOP until it is taken for dead, then SIGCONT
stop     SIGTERM, and a new start
clients  all connections of a node to its clients break
cut, stall, deaf, drip, delay, mid   what happens to the link between two nodes (fault_proxy.py)
redis-kill, redis-restart, redis-flush, redis-freeze   of Redis
redis-node   nothing passes between a node and Redis
redis-and-kill, redis-and-freeze, redis-and-cut   Redis is away, and then a node, or a link

Without names: PLAN below. --rounds: so many, drawn."""
import argparse
import os
import pathlib
import random
import statistics
import sys
import time

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
sys.path.append(str(HERE.parent / "clients"))
import chat_check
import chat_churn
import guardian
from chat_check import Findings
from chat_cluster import shard_of
from chat_load import Crowd
from cluster import Cluster, until
from cluster_check import Owners
from fault_proxy import CUT, DEAF, INJURIES, MUTE, PASS, STALL
from irc_wire import Irc
from redis_server import RedisServer

NODES = range(3)
KINDS = "45"  # nicks and channels
NICKS, CHANNELS = 4, 5
PATIENCE = 60  # seconds, for what does not come
MORE = 30  # lines, as a proof that chat flows
PASSWORD = "secret of them all"
MEMBERS = {f"member{n}{x}": n for n in NODES for x in "ab"}
STAYING = {f"member{n}b" for n in NODES}  # also without a client
GUESTS = [0, 0, 1, 1, 2, 2]
CHURNERS = 4
SETTINGS = {
    "limits": ["connections_per_minute = 0"],
    "listen": ['irc = ["127.0.0.1:0"]'],
    "chat": ['resume_grace = "60s"'],
    "chat_limits": ['exempt = ["127.0.0.1/32"]', "burst = 0", 'commands = "off"'],
    "chat_history": [f"per_request = {chat_check.PAGE}"]}
PLAN = ("redis-kill", "kill", "redis-freeze", "cut", "stop", "redis-flush", "freeze", "redis-kill",
        "deaf", "redis-and-kill", "clients", "redis-restart", "stall")
WITHOUT = tuple(x for x in PLAN if not x.startswith("redis"))
REDIS = ("kill", "restart", "flush", "freeze", "node")
FULL = (*["kill"] * 20, *["freeze"] * 6, *["stop"] * 6, *["clients"] * 6, *INJURIES * 5,
        *[f"redis-{x}" for x in REDIS] * 6,
        *["redis-and-kill", "redis-and-freeze", "redis-and-cut"] * 4)
FAULTS = ("kill", "kill", "freeze", "stop", "clients", *INJURIES,
          *[f"redis-{x}" for x in REDIS], "redis-and-kill", "redis-and-freeze", "redis-and-cut")


class World:
    def __init__(self, seed, most_stall, has_redis):
        self.seed, self.dice = seed, random.Random(seed)
        self.findings = Findings(most_stall)
        self.redis = RedisServer() if has_redis else None
        self.cluster = Cluster(settings=SETTINGS, has_proxies=True, seed=seed,
                               redis=self.redis and self.redis.port)
        self.owners = Owners(self.cluster, self.findings, KINDS)
        self.lives, self.taken, self.left = {}, [], []
        self.crowd, self.churners, self.registered, self.round = None, [], [], None

    def start(self):
        for name in MEMBERS:
            self.cluster.nodes[0].add_account(name, PASSWORD)
        self.cluster.start()
        self.wait_for_all()
        channels = [self.channel_of(n, "#c") for n in NODES]
        self.registered = channels[:2]
        self.crowd = Crowd(self.seed, channels, MEMBERS, GUESTS, STAYING, PASSWORD)
        for number in NODES:
            self.crowd.open(number, self.cluster.nodes[number])
        self.register()
        self.crowd.start()
        self.churners = [chat_churn.Churner(self.crowd, n) for n in range(CHURNERS)]
        for x in self.churners:
            x.start()
        self.crowd.wait_for_all()
        self.crowd.wait_for_lines(MORE)

    def register(self):
        founder = self.log_in("member0a")
        for channel in self.registered:
            founder.ask(f"JOIN {channel}", f"PRIVMSG ChanServ :REGISTER {channel}")
            if not any(f" MODE {channel} +r" in x for x in founder.seen):
                raise AssertionError(f"{channel} is not registered: {founder.seen[-5:]}")
        founder.send("QUIT")
        founder.closed()
        for name in STAYING:
            stayer = self.log_in(name)
            stayer.ask("PRIVMSG NickServ :SET PERSISTENCE ON")
            stayer.send("QUIT")
            stayer.closed()

    def log_in(self, name):
        return Irc(self.cluster.nodes[0].port["irc"], name, account=name, password=PASSWORD)

    def close(self):
        if self.crowd:
            self.crowd.over.set()
        self.cluster.__exit__()
        if self.redis:
            self.redis.kill()

    # -- who owns what -------------------------------------------------------

    def owner(self, channel):
        found = self.cluster.numbers(
            "SELECT node_id FROM node JOIN shard ON owner_incarnation = incarnation WHERE "
            f"state = 'up' AND kind = {CHANNELS} AND number = {shard_of(channel)}")
        return found[0] - 1 if found else None

    def channel_of(self, node, word):
        return next(x for n in range(10_000) if self.owner(x := f"{word}{n}") == node)

    def wait_for_all(self, without=()):
        until("three nodes own all shards", lambda: self.all_run()
              and self.owners.are(NODES, without), PATIENCE)
        if not self.lives:
            until("every node owns some", lambda: all(
                len(x := self.cluster.owners(k)) == 3 and min(x) > 0 for k in (NICKS, CHANNELS)))
        self.lives = self.owners.look()[0]

    def wait_for_owners(self, lost):
        began = time.monotonic()
        until("others own its shards", lambda: self.owners.are(without=[self.lives[lost]])
              or time.sleep(0.05), PATIENCE)
        return time.monotonic() - began

    def all_run(self):
        for node in self.cluster.nodes:
            if node.process and (status := node.process.poll()) is not None:
                raise AssertionError(f"node {node.folder.name} has ended by itself: {status}")
        return True

    # -- the faults ----------------------------------------------------------

    def lose(self, victim, is_hard=True):
        """From here on it is on its own."""
        of, self.round.victim = self.round, victim
        of.owned = {x for x in self.crowd.channels if self.owner(x) == victim}
        of.victims = [x.life for x in self.crowd.of(victim)]
        of.touched.add(victim)
        of.lost.add(victim)
        of.is_hard = is_hard
        self.crowd.close(victim)
        of.injured = time.monotonic()

    def back(self, victim):
        self.cluster.start_one(victim)
        self.crowd.open(victim, self.cluster.nodes[victim])
        self.wait_for_all([self.lives[victim]])

    def kill(self):
        victim = self.dice.choice(NODES)
        self.lose(victim)
        self.cluster.kill(victim)
        self.taken.append(self.wait_for_owners(victim))
        self.crowd.wait_for_all()
        self.crowd.wait_for_lines(MORE)
        self.back(victim)

    def stop(self):
        victim = self.dice.choice(NODES)
        self.lose(victim, is_hard=False)
        if (status := self.cluster.stop(victim)) != 0:
            self.findings.fault(f"SIGTERM: exit status {status}")
        self.left.append(self.wait_for_owners(victim))
        self.crowd.wait_for_all()
        self.crowd.wait_for_lines(MORE)
        self.back(victim)

    def freeze(self):
        """Half of its clients wait until it goes on; it then tells them to go."""
        victim = self.dice.choice(NODES)
        here = self.crowd.of(victim)
        self.lose(victim)
        self.cluster.freeze(victim)
        for x in here[::2]:
            x.deserts.set()
        self.taken.append(self.wait_for_owners(victim))
        self.crowd.wait_for_lines(MORE)
        self.cluster.thaw(victim)
        stay = [x.life for x in here[1::2]]
        until("clients of a node that was dead are hung up on",
              lambda: all(not x or x.ended for x in stay) or time.sleep(0.05), PATIENCE)
        self.wait_for_all([self.lives[victim]])
        self.crowd.open(victim, self.cluster.nodes[victim])

    def clients(self):
        """Guests quit, members go on."""
        victim = self.dice.choice(NODES)
        of = self.round
        of.victims = [x.life for x in self.crowd.of(victim)]
        of.touched.add(victim)
        of.lost.add(victim)
        of.injured = time.monotonic()
        self.crowd.close(victim)
        for x in self.crowd.of(victim):
            x.deserts.set()
        until("they have left", lambda: all(x.ended for x in of.victims) or time.sleep(0.02))
        self.crowd.wait_for_all()
        self.crowd.wait_for_lines(MORE)
        self.crowd.open(victim, self.cluster.nodes[victim])

    def link(self, how):
        pair = self.dice.sample(NODES, 2)
        self.round.touched |= set(pair)
        self.round.injured = time.monotonic()
        self.cluster.injure_link(*pair, how)
        time.sleep(self.dice.uniform(1, 8))  # shorter and longer than a link is silent
        self.crowd.wait_for_lines(5)
        self.cluster.injure_link(*pair, PASS)

    def without_redis(self, how, meanwhile):
        """Nobody is touched."""
        if self.round.injured == 0:
            self.round.injured = time.monotonic()
        victim = self.dice.choice(NODES)
        {"kill": self.redis.kill, "freeze": self.redis.freeze, "flush": self.redis.flush,
         "restart": self.redis.kill,
         "node": lambda: self.cluster.injure_bus(victim, self.dice.choice((CUT, STALL, DEAF, MUTE)))
         }[how]()
        if how == "restart":
            self.redis.begin()
        meanwhile()
        if how == "kill":
            self.redis.begin()
        elif how == "freeze":
            self.redis.thaw()
        elif how == "node":
            self.cluster.injure_bus(victim, PASS)

    def a_while(self):
        """Shorter and longer than Redis is silent before it counts as gone."""
        time.sleep(self.dice.uniform(1, 6))
        self.crowd.wait_for_lines(MORE)

    def wait_for_redis(self):
        """News go by it again."""
        before = self.redis.published()
        until("news go by Redis", lambda: self.redis.published() > before + 3 or time.sleep(0.05))

    def injure(self, fault):
        if fault in INJURIES:
            return self.link(fault)
        if not fault.startswith("redis-"):
            return getattr(self, fault)()
        how = fault.removeprefix("redis-")
        if how.startswith("and-"):
            meanwhile = how.removeprefix("and-")
            self.without_redis(self.dice.choice(("kill", "freeze")), lambda: self.injure(meanwhile))
        else:
            self.without_redis(how, self.a_while)
        return self.wait_for_redis()

    # -- a round -------------------------------------------------------------

    def run_round(self, number, fault):
        self.crowd.wait_for_all()
        self.crowd.gather()
        for x in self.churners:
            x.held.clear()
        of = self.round = chat_check.begin(self.crowd, fault)
        self.crowd.quiet.clear()
        self.crowd.wait_for_lines(MORE)
        time.sleep(self.dice.uniform(0, 0.5))
        self.injure(fault)
        self.crowd.wait_for_lines(MORE)
        self.crowd.wait_for_all()
        self.hush()
        chat_check.check_lines(self.crowd, of, self.findings)
        chat_check.check_users(self.crowd, of, self.findings)
        stall, lag = chat_check.check_stalls(self.crowd, of, self.findings)
        chat_churn.check_nicks(self.churners, of, self.findings)
        chat_check.check_standing(self.crowd, chat_churn.NICKS, self.findings, number)
        chat_check.check_history(self.crowd, of, self.registered, self.findings, number)
        return stall, lag

    def hush(self):
        for x in self.churners:
            x.is_away.clear()
        self.crowd.hush()
        until("who comes and goes has gone", lambda: all(x.is_away.is_set() for x in self.churners)
              or time.sleep(0.02), PATIENCE)

    def tell(self):
        for node in self.cluster.nodes:
            print(f"-- {node.folder.name}\n" + "".join(node.log[-40:]))
        for x in [*self.crowd.talkers, *self.churners] if self.crowd else ():
            if x.failures:
                print(x.name, *x.failures[-4:], sep="\n  ")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("faults", nargs="*")
    options.add_argument("--rounds", type=int, default=0)
    options.add_argument("--full", action="store_true")
    options.add_argument("--no-redis", action="store_true")
    options.add_argument("--go-on", action="store_true", help="after a fault, too")
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options.add_argument("--stall", type=float, default=15, help="seconds that a client may wait")
    chosen = options.parse_args()
    print("seed", chosen.seed, flush=True)
    world = World(chosen.seed, chosen.stall, not chosen.no_redis)
    known = [x for x in FAULTS if world.redis or not x.startswith("redis")]
    plan = chosen.faults or [x for x in (FULL if chosen.full else PLAN) if x in known]
    if chosen.rounds:
        plan = [world.dice.choice(chosen.faults or known) for _ in range(chosen.rounds)]
    findings = world.findings
    try:
        world.start()
        for number, fault in enumerate(plan):
            began, before = time.monotonic(), len(findings.faults)
            try:
                stall, lag = world.run_round(number, fault)
            except AssertionError as why:
                findings.fault(f"{fault}: {why}")
                stall = lag = 0
            print(f"round {number + 1}, {fault}: {findings.counts['yes']} acknowledged, "
                  f"{time.monotonic() - began:.1f} s, longest wait {stall:.2f} s, latest news {lag:.2f} s, "
                  f"{len(findings.faults) - before} faults", flush=True)
            for x in findings.faults[before:][:20]:
                print("FAULT", x, flush=True)
            if len(findings.faults) > before:
                world.tell()
                if not chosen.go_on:
                    break
    finally:
        world.close()
    tell_figures(world, chosen.seed)
    return 1 if findings.faults else 0


def tell_figures(world, seed):
    findings = world.findings
    counts = findings.counts
    print(f"seed {seed}: {counts['yes']} lines acknowledged, {counts['no']} refused, {counts['open']} "
          f"unanswered; {counts['unheard']} unheard; {counts['kept by nobody']} of a killed owner not in "
          f"the history; {counts['nicks held']} nicks taken; {len(findings.faults)} faults")
    for what, times in (("shards of a lost node had owners after", world.taken),
                        ("shards of a stopped node had owners after", world.left),
                        ("members were back elsewhere after", findings.resumed)):
        if times:
            print(f"{what} {statistics.median(times):.1f} s in the median, {max(times):.1f} s at most "
                  f"({len(times)} times)")
    print(f"longest wait of a client of an untouched node: {max(findings.stalls, default=0):.1f} s; "
          f"until the last had heard what was acknowledged: {max(findings.lags, default=0):.1f} s; load of "
          f"the machine: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    sys.exit(guardian.watch(main))
