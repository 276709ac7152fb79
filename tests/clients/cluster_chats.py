# SPDX-License-Identifier: Apache-2.0
"""Dialogues of mail whose clients are at several nodes of one cluster: many at once, each with people
of its own, who have names as long as those that are written."""
import collections
import itertools
import signal
import subprocess
import time

from chats_pop3_test import SETTINGS as POP3, Pop3Peer
from chats_smtp_test import SETTINGS as SMTP, SMALLEST, SmtpPeer
from cluster import PATIENCE, change_settings
from live_node import literal
from transcript import FOLDER, LeftOut, played, steps_of

MAILBOXES = 1  # kind of shards
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
SIMPLE = {"smtp": ['resend_window = "0s"', 'error_rest = "0s"']}


def shard_of(account):
    """As actors/router.cpp: which of the 256 a mailbox belongs to."""
    found = account * 0x9e3779b97f4a7c15 & (1 << 64) - 1
    return (found ^ found >> 32) % 256


class Store:
    """One connection to the database that the nodes share."""

    def __init__(self, cluster):
        self.process = subprocess.Popen(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-h",
                                         cluster.servers[0], "-U", "hamlet", "-d", cluster.database],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def column(self, statement):
        self.process.stdin.write(statement + ";\n\\echo done\n")
        self.process.stdin.flush()
        found = []
        while (line := self.process.stdout.readline()) != "done\n":
            assert line, "psql has ended"
            found.append(int(line))
        return found

    def change(self, statements):
        """As Node.change."""
        lines = ["BEGIN"]
        for text, *values in statements:
            parts = text.split("?")
            lines.append("".join(x + y for x, y in zip(parts, [*map(literal, values), ""])))
        self.column(";\n".join([*lines, "COMMIT"]))


class People:
    """Pairs like alice and bob, whose mailboxes are in one shard: made when they are asked for, as
    nobody knows how many shards a node will have."""
    BATCH = 60
    COPIED = ("domain, display_name, rank, status, quota_bytes, scram_salt, scram_iterations, "
              "argon2id, stored_key, server_key, created_at")

    def __init__(self, store):
        self.store, self.pairs, self.names = store, [], itertools.count()
        self.alice = store.column("SELECT account_id FROM account WHERE local = 'alice'")[0]

    def name_two(self):
        n = next(self.names)
        assert n < 24 * 36, "no names as short as bob are left"  # before his own
        return f"a{n:04d}", f"b{DIGITS[n // 36]}{DIGITS[n % 36]}"

    def make(self, is_right):
        first = self.store.column("SELECT max(account_id) + 1 FROM account")[0]
        rows, waiting, numbers = [], {}, itertools.count(first)
        while len(rows) < 2 * self.BATCH:
            account = next(numbers)
            shard = shard_of(account)
            if is_right(shard) and shard in waiting:
                one, two = self.name_two()
                other = waiting.pop(shard)
                self.pairs.append((shard, one, two, other))
                rows += [f"({other}, '{one}')", f"({account}, '{two}')"]
            elif is_right(shard):
                waiting[shard] = account
        self.store.change([
            (f"INSERT INTO account (account_id, local, {self.COPIED}) SELECT x.id, x.name, "
             f"{self.COPIED} FROM account, (VALUES {', '.join(rows)}) AS x (id, name) "
             f"WHERE account_id = {self.alice}",),
            ("INSERT INTO mailbox (mailbox_id) SELECT account_id FROM account "
             "WHERE account_id >= ?", first),
            ("INSERT INTO folder (mailbox_id, folder_id, name, uid_validity) SELECT account_id, 1, "
             "'INBOX', 7 FROM account WHERE account_id >= ?", first),
            ("UPDATE counter SET value = ? WHERE name = 'account'", account)])

    def take(self, shards):
        """(name like alice, name like bob, account of the former) of one of these shards."""
        assert shards, "a node that has no shard of mailboxes"
        if not any(x[0] in shards for x in self.pairs):
            self.make(shards.__contains__)
        at = next(n for n, x in enumerate(self.pairs) if x[0] in shards)
        return self.pairs.pop(at)[1:]


class World:
    """@param doors Numbers of the nodes that clients connect to, in turns."""

    def __init__(self, cluster):
        self.cluster, self.nodes = cluster, cluster.nodes
        self.nodes[0].add_account("alice", "secret", "--name", "Alice")
        self.nodes[0].add_account("bob", "secret")  # whom no other name replaces in b\\ob
        self.store = Store(cluster)
        self.people = People(self.store)
        self.numbers = itertools.count(1)
        self.changed = {}
        self.stopping = None  # a node that a dialogue has stopped
        self.spread_over(range(len(self.nodes)))

    def spread_over(self, doors):
        self.doors = list(doors)

    def owners(self):
        """Which node (0, 1, 2) has each shard of mailboxes."""
        found = self.store.column("SELECT number * 10 + node_id FROM node JOIN shard ON "
                                  "owner_incarnation = incarnation WHERE state = 'up' "
                                  f"AND kind = {MAILBOXES}")
        return {x // 10: x % 10 - 1 for x in found}

    def until_owned_by(self, nodes):
        """All shards have owners, and these are all of them, or else some of these."""
        end = time.monotonic() + PATIENCE
        while len(found := self.owners()) != 256 or not set(found.values()) <= set(nodes):
            assert time.monotonic() < end, \
                f"not all shards went to {nodes}: {collections.Counter(found.values())}"
        return found.values()

    def change_settings(self, more):
        """Of all nodes, for new connections."""
        if more != self.changed:
            self.changed = more
            change_settings(self.nodes, more)


class Spread:
    """What makes a peer of one node one of several.
    @param owner The node that has its mailboxes; its clients are at others, where there are any."""

    def settle_in(self, world, owner):
        self.world, self.node = world, world.nodes[world.doors[0]]
        shards = {x for x, node in world.owners().items() if node == owner}
        self.name, self.other, self.account = world.people.take(shards)
        self.number = next(world.numbers)
        # So that it is first at a node that does not own its mailbox, then at the next.
        self.doors = itertools.cycle(sorted(world.doors, key=lambda x: (x - owner - 1) % 3))
        self.first_door = None

    def named(self, text):
        for old, new in self.names.items():
            text = text.replace(old, new).replace(old.upper(), new.upper())
        return text

    def door(self, service):
        number = next(self.doors)
        while number not in self.world.doors:
            number = next(self.doors)
        if self.first_door is None:
            self.first_door = self.world.nodes[number]
        return self.world.nodes[number].port[service]

    def stop(self):
        """All that want the same node to stop do so together."""
        if self.world.stopping is self.first_door:
            return
        self.world.stopping = self.first_door
        self.world.spread_over(x for x in self.world.doors
                               if self.world.nodes[x] is not self.first_door)
        self.first_door.process.send_signal(signal.SIGTERM)


class SpreadPop3(Spread, Pop3Peer):
    def __init__(self, world, owner):
        super().__init__(None)
        self.settle_in(world, owner)
        self.names = {"alice": self.name, "bob": "c" + self.other[1:], "ng\u1ecdc": f"\u1ecd{self.number:03d}",
                      "mail.example.org": "mail.here.test"}

    def connect(self):
        self.prepare(self.world.store)
        return self.dial()

    def directive(self, word, argument):
        if word in ("tls", "stls") or word in POP3 and not self.wire:
            return setattr(self, word, True)
        return super().directive(word, argument)

    def box(self, store):
        return self.account

    def uids(self):
        return set(self.world.store.column(
            f"SELECT uid FROM message WHERE mailbox_id = {self.account}"))

    def is_stopping(self):
        return False  # the others have its mailbox


class SpreadSmtp(Spread, SmtpPeer):
    def __init__(self, world, owner):
        super().__init__(None)
        self.settle_in(world, owner)
        self.names = {"alice": self.name, "bob": self.other}
        self.mail = {f"{x}@here.test": [] for x in (self.name, self.other)}
        self.address = f"127.0.{1 + self.number // 200}.{1 + self.number % 200}"

    def connect(self):
        return self.dial(source=self.address)

    def lines_of_log(self):
        return [x for node in self.world.nodes for x in node.log if f"client={self.address}" in x]


def settings_of(kind, file):
    """Those that a dialogue needs, by section."""
    found = {}
    for _, marker, text in steps_of(file):
        word, _, argument = text.partition(" ")
        if marker != "@":
            continue
        if kind == "pop3" and word in POP3:
            section, line = POP3[word]
            found.setdefault(section, []).append(line.format(argument))
        elif kind == "smtp" and word in SMTP and int(argument or 0) >= SMALLEST.get(word, 0):
            found.setdefault("smtp", []).append(SMTP[word].format(argument))
    return found


class Play:
    """One dialogue, as far as it is told to go."""

    def __init__(self, kind, file, peer):
        self.kind, self.file, self.peer = kind, file, peer
        self.steps = played(file, peer)
        self.at = next(self.steps)
        self.is_over = False

    def turns(self):
        """The lines at which the client has the word."""
        found, before = [], ""
        for number, marker, _ in steps_of(self.file):
            if marker[0] == "C" and marker != "C! tls" and before[:1] != "C":
                found.append(number)
            before = marker
        return found or [1]

    def middle(self):
        return self.turns()[len(self.turns()) // 2]

    def last(self):
        return self.turns()[-1]

    def stop(self):
        return next(number for number, *step in steps_of(self.file) if step == ["@", "stop"])

    def go_on(self, to=None):
        """@param to A line, before which it holds; None: all that there is but its silence at the
        end."""
        while not self.is_over and self.at[1] != "end" and (to is None or self.at[0] < to):
            self.at = next(self.steps, (0, "end"))

    def connect(self):
        while not self.peer.wire and self.at[1] != "end":
            self.at = next(self.steps, (0, "end"))

    def end(self):
        if not self.is_over:
            self.is_over = True
            for _ in self.steps:
                pass
        self.peer.__exit__(None, None, None)


def is_wanted(kind, file):
    text = file.read_text("utf-8")
    if kind == "smtp" and " verified" in text:
        raise LeftOut("names that only the dialogues' store knows")
    if kind == "smtp" and "BODY=BINARYMIME" in text and "@got" in text:
        raise LeftOut("a binary text, which POP3 shows encoded")
    if kind == "pop3":
        sees_it = any(x[1].startswith("C") and ("CAPA" in x[2] or "STLS" in x[2])
                      for x in steps_of(file))
        if sees_it and "@tls" not in text and "@stls" not in text:
            raise LeftOut("a node without STLS")


def files_of(kind):
    return sorted((FOLDER / kind).glob("*.chat"))


PEERS = {"pop3": SpreadPop3, "smtp": SpreadSmtp}
