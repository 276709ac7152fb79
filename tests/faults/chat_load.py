# SPDX-License-Identifier: Apache-2.0
"""Clients of chat that speak all the time, and write down what was acknowledged and what they have
heard of each other. Who has lost its node goes on at another one: a guest under a new nick, a member
under its own.

A line has a token, which says who said it and the how-manieth it is. It is acknowledged by its
echo (echo-message) with the label that it was sent with (labeled-response)."""
import itertools
import random
import re
import select
import threading
import time
from dataclasses import dataclass, field

from cluster import until
from irc_wire import Irc

CAPS = ("echo-message", "labeled-response", "batch", "message-tags", "server-time")
YES, NO, OPEN = "yes", "no", "open"
PAUSE = 0.3  # seconds at most, between what one client says
MOST_AT_ONCE = 3  # lines
PATIENCE = 60  # seconds; then a line will have no answer
LOGIN = 25  # seconds: a command waits 15 s at most for an owner
TOKEN = re.compile(r"^T(\w+\.\d+)$")
TAKEN, BANNED = "433", "465"


@dataclass
class Said:
    """A line, and how its sender was answered."""

    token: str
    channel: str
    life: "Life"
    at: float
    answer: str = OPEN
    answered: float = 0
    msgid: str = ""
    why: str = ""


@dataclass(frozen=True)
class Heard:
    channel: str
    msgid: str
    token: str
    nick: str
    at: float


@dataclass(frozen=True)
class Seen:
    """What has happened to a user."""

    what: str
    nick: str
    channel: str
    at: float


@dataclass
class Life:
    """One connection of a client, from when it is in all channels."""

    nick: str
    node: int
    account: str
    entered: float = 0  # before it joined them
    began: float = 0
    ended: float = 0
    why: str = ""
    was_told: bool = False  # to go, by us
    heard: list = field(default_factory=list)
    seen: list = field(default_factory=list)
    heard_mark: int = 0
    seen_mark: int = 0


def parsed(line):
    """@returns tags, nick of the source, command, parameters."""
    tags, source = {}, ""
    if line.startswith("@"):
        text, _, line = line[1:].partition(" ")
        tags = dict((x + "=").split("=")[:2] for x in text.split(";"))
    if line.startswith(":"):
        source, _, line = line[1:].partition(" ")
    head, colon, last = line.partition(" :")
    words = head.split() + ([last] if colon else [])
    return tags, source.partition("!")[0], words[0] if words else "", words[1:]


class Talker(threading.Thread):
    """@param account None: a guest."""

    def __init__(self, crowd, number, home, account):
        super().__init__(daemon=True)
        self.crowd, self.home, self.account = crowd, home, account
        self.name = account or f"g{number}"
        self.dice = random.Random(f"{crowd.seed}.{self.name}")
        self.lives = []
        self.counts = itertools.count(1)
        self.serial = itertools.count(1)
        self.life = None  # while it is in all channels
        self.waiting = {}  # by label
        self.batches = {}  # references: labels
        self.goes = threading.Event()  # with QUIT
        self.deserts = threading.Event()  # without
        self.failures = []

    def run(self):
        while not self.crowd.over.is_set():
            try:
                self.live()
            except (OSError, AssertionError, IndexError) as why:
                self.failures.append(f"{time.monotonic():.1f} {type(why).__name__}: {why}"[:500])
            self.crowd.over.wait(0.1)

    def live(self):
        number, port = self.crowd.door_for(self)
        nick = self.account or f"{self.name}x{next(self.counts)}"
        client = Irc(port, patience=LOGIN)
        try:
            client.register(nick, CAPS, self.account, self.account and self.crowd.password)
            life = Life(nick, number, self.account or "", entered=time.monotonic())
            self.enter(client)
            for line in client.seen:  # what it has heard before it was in all of them
                self.note(life, line, is_early=True)
            life.began = time.monotonic()
            life.heard_mark = life.seen_mark = 0
            self.lives.append(life)
            self.deserts.clear()
            self.goes.clear()
            self.life = life
            try:
                self.talk(client, life)
            finally:
                self.life = None
                life.ended = time.monotonic()
                for said in self.waiting.values():
                    said.why = said.why or life.why or "hung up"
                self.waiting.clear()
                self.batches.clear()
        finally:
            client.drop()

    def enter(self, client):
        for channel in self.crowd.channels:
            client.send(f"JOIN {channel}")
        client.barrier()
        for channel in self.crowd.channels:
            names = [x for x in client.ask(f"NAMES {channel}") if " 353 " in x]
            if not any(re.search(rf"[ :@+%&~]{re.escape(client.nick)}( |$)", x) for x in names):
                raise AssertionError(f"{client.nick} is not in {channel}: {client.seen[-8:]}")

    def talk(self, client, life):
        sock, unread, due = client.socket, client.unread, 0
        sock.setblocking(False)
        while not self.crowd.over.is_set():
            now = time.monotonic()
            if self.deserts.is_set():
                life.was_told, life.why = True, "it has left without a word"
                return
            if self.goes.is_set() and not self.waiting and not life.was_told:
                life.was_told, life.why = True, "QUIT"
                self.send(sock, ["QUIT :moving"])
            elif not self.waiting and not self.crowd.quiet.is_set() and now >= due:
                self.say(sock, life)
                due = now + self.dice.uniform(0, PAUSE)
            if not select.select([sock], [], [], 0.03)[0]:
                self.look_after(now)
                continue
            octets = sock.recv(1 << 16)
            if not octets:
                life.why = life.why or "hung up"
                return
            unread += octets
            *lines, unread = unread.split(b"\r\n")
            for line in lines:
                self.hear(sock, life, line.decode(errors="surrogateescape"))

    def send(self, sock, lines):
        sock.setblocking(True)
        sock.settimeout(LOGIN)
        sock.sendall(b"".join(x.encode() + b"\r\n" for x in lines))
        sock.setblocking(False)

    def say(self, sock, life):
        lines = []
        for _ in range(self.dice.randrange(1, MOST_AT_ONCE + 1)):
            number = next(self.serial)
            said = Said(f"{self.name}.{number}", self.dice.choice(self.crowd.channels), life,
                        time.monotonic())
            self.waiting[f"l{number}"] = said
            self.crowd.said.append(said)
            lines.append(f"@label=l{number} PRIVMSG {said.channel} :T{said.token}")
        self.send(sock, lines)

    def look_after(self, now):
        for label in [x for x, said in self.waiting.items() if now - said.at > PATIENCE]:
            self.waiting.pop(label).why = "no answer at all"

    def hear(self, sock, life, line):
        tags, source, command, params = self.note(life, line)
        if command == "PING":
            self.send(sock, [f"PONG :{params[0]}"])
        if command == "BATCH" and params[0].startswith("+") and "label" in tags:
            self.batches[params[0][1:]] = tags["label"]
        label = tags.get("label") or self.batches.get(tags.get("batch"))
        if command == "BATCH" and params[0].startswith("-"):
            label = self.batches.pop(params[0][1:], None)
            if label in self.waiting:  # nothing in it was the echo
                self.answered(label, NO, "", "an empty batch")
        elif label in self.waiting and command != "BATCH":
            if command == "PRIVMSG" and source == life.nick:
                self.answered(label, YES, tags.get("msgid", ""), "")
            elif "label" in tags or command in ("FAIL", "404", "403", "442"):
                self.answered(label, NO, "", line)

    def answered(self, label, answer, msgid, why):
        said = self.waiting.pop(label)
        said.answered = time.monotonic()
        said.answer, said.msgid, said.why = answer, msgid, why

    @staticmethod
    def note(life, line, is_early=False):
        tags, source, command, params = parsed(line)
        now = time.monotonic()
        if command == "PRIVMSG" and len(params) > 1 and (token := TOKEN.match(params[1])):
            if not is_early:
                life.heard.append(Heard(params[0], tags.get("msgid", ""), token[1], source, now))
        elif command in ("QUIT", "JOIN", "PART", "KICK", "NICK") and not is_early:
            who = params[1] if command == "KICK" else source
            life.seen.append(Seen(command, who, params[0] if params else "", now))
        elif command == "ERROR":
            life.why = life.why or line
        return tags, source, command, params


class Crowd:
    """@param members {account: home}, @param guests The home of each. @param staying Accounts whose
    sessions stay without a client."""

    def __init__(self, seed, channels, members, guests, staying, password):
        self.seed, self.channels, self.password = seed, channels, password
        self.staying = staying
        self.over, self.quiet = threading.Event(), threading.Event()
        self.said = []
        self._doors, self._mutex = {}, threading.Lock()
        self.talkers = [Talker(self, n, home, None) for n, home in enumerate(guests)]
        self.talkers += [Talker(self, 0, home, account) for account, home in members.items()]

    # -- the doors of living nodes --

    def open(self, number, node):
        with self._mutex:
            self._doors[number] = node.port["irc"]

    def close(self, number):
        with self._mutex:
            self._doors.pop(number, None)

    def door_for(self, talker):
        with self._mutex:
            choice = sorted(self._doors)
            at = talker.home if talker.home in choice else talker.dice.choice(choice or [0])
            return at, self._doors[at]

    def any_door(self, dice):
        """@returns number and port."""
        return dice.choice(sorted(self.doors().items()))

    def doors(self):
        with self._mutex:
            return dict(self._doors)

    # -- all of them --

    def start(self):
        for x in self.talkers:
            x.start()

    def lives(self):
        return [x for talker in self.talkers for x in list(talker.lives)]

    def of(self, node):
        """Talkers who are there now."""
        return [x for x in self.talkers if (life := x.life) and life.node == node]

    def wait_for_all(self, patience=PATIENCE):
        def missing():
            return [x for x in self.talkers if not x.life]

        try:
            until("all clients are there", lambda: not missing() or time.sleep(0.02), patience)
        except AssertionError as why:
            raise AssertionError(f"{why}: " + "; ".join(
                f"{x.name}: {x.failures[-1:]}" for x in missing())) from None

    def hush(self, patience=PATIENCE + 5):
        """Returns when all that was said has been answered, or will not be."""
        self.quiet.set()
        until("all lines are answered",
              lambda: not any(x.waiting for x in self.talkers) or time.sleep(0.02), patience)

    def gather(self):
        """Everybody at home, where this is open."""
        doors = self.doors()
        for x in self.talkers:
            life = x.life
            if life and life.node != x.home and x.home in doors:
                x.goes.set()
        until("all clients are at home", lambda: all(
            (life := x.life) and (life.node == x.home or x.home not in doors)
            and not x.goes.is_set() for x in self.talkers) or time.sleep(0.02))

    def wait_for_lines(self, count):
        """As a proof that they can be said."""
        begin = len(self.said)

        def flows():
            return sum(x.answer == YES for x in self.said[begin:]) >= count or time.sleep(0.02)

        until("chat flows", flows)

    def end(self):
        self.over.set()
        for x in self.talkers:
            x.join(LOGIN + 5)
