# SPDX-License-Identifier: Apache-2.0
"""Plays the dialogues of tests/conformance/irc over TCP; LANGUAGE.md there has the format."""
import base64
import itertools
import re

from irc_expectation import Expectation, parts_of
from transcript import FOLDER, Scram, expanded

PEOPLE = ("alice bob carol dave erin frank grace heidi ivan judy mallory oscar peggy trent victor "
          "wendy").split()
LINE = re.compile(r"([a-z]+)(>-|[<>~&*!])(?: (.*))?$", re.S)
PERSON = re.compile(r"(?<!\w)(?<!\w-)(" + "|".join(PEOPLE) + r")(?![\w-])", re.I)
CHANNEL = re.compile(r"(?<![\w#&])([#&])([a-z][a-z0-9]*)(?![\w-])", re.I)

def base_settings():
    """settings.toml as lines by section."""
    found, section = {}, None
    for line in (FOLDER / "irc" / "settings.toml").read_text().split("\n"):
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), [])
        elif " = " in line and not line.startswith("#"):
            section.append(line)
    return found


class Fault(AssertionError):
    """The dialogue went another way than it is written."""


def steps_of(file):
    """(number, client, marker, text); of a directive ("@", word, argument)."""
    for number, line in enumerate(file.read_text("utf-8").split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        if line.startswith("@"):
            word, _, argument = line[1:].partition(" ")
            yield number, "@", word, argument
        elif found := LINE.match(line):
            yield number, found[1], found[2], found[3] or ""
        else:
            raise Fault(f"{file.name}:{number}: cannot read {line!r}")


def renamed(text, suffix):
    """People and channels under the names that they have in this run."""
    def person(found):
        return found[0] + (suffix.upper() if found[0].isupper() else suffix)

    def channel(found):
        return found[0] + (suffix.upper() if found[2].isupper() else suffix)
    return PERSON.sub(person, CHANNEL.sub(channel, text))


def suffixes():
    """Letters that look like no others."""
    for letters in itertools.product("bdfghkpqst", repeat=3):
        yield "_" + "".join(letters)


class Client:
    """One connection; `wire` has send(), more(), drop() and `text`."""

    tokens = itertools.count(1)

    def __init__(self, wire):
        self.wire = wire
        self.lines = []
        self.last = b""
        self.is_closed = False
        self.is_settled = True
        self.is_amid_line = False
        self.scram = None

    def send(self, octets):
        self.is_settled = False
        self.is_amid_line = not octets.endswith(b"\n")
        try:
            self.wire.send(octets)
        except OSError:
            pass  # it has hung up; what it said before can still be read

    def read(self):
        """More lines into the list; False at the end."""
        while b"\r\n" not in self.wire.text:
            if self.is_closed or not self.more():
                self.is_closed = True
                if self.wire.text:
                    self.lines.append(self.wire.text + b"(no CRLF)")
                    self.wire.text = b""
                return False
        *lines, self.wire.text = self.wire.text.split(b"\r\n")
        self.lines += lines
        return True

    def more(self):
        try:
            return self.wire.more()
        except AssertionError:
            raise Fault("the server says nothing") from None

    def settle(self):
        """All that was sent is answered, and all that it caused is on its way to the others."""
        if self.is_settled or self.is_closed or self.is_amid_line:
            return
        token = b"settled-%d" % next(self.tokens)
        self.send(b"PING :" + token + b"\r\n")
        self.is_settled = True
        at = 0
        while True:
            for at in range(at, len(self.lines)):
                if parts_of(self.lines[at])[1].endswith(b" :" + token):
                    del self.lines[at]
                    return
            at = len(self.lines)
            if not self.read():
                return

    def line(self):
        while not self.lines:
            if not self.read():
                break
        if not self.lines:
            return None
        self.last = self.lines.pop(0)
        return self.last


class Dialogue:
    """Plays one file. @param world Has the node: open(options), member(name, kind), certify(name),
    reload(setting); spread() returns when all of its nodes know what one does."""

    def __init__(self, file, suffix, world):
        self.file, self.suffix, self.world = file, suffix, world
        self.clients, self.known = {}, {}
        self.current = None
        self.number = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for client in self.clients.values():
            client.wire.drop()

    def fail(self, why):
        raise Fault(f"{self.file.name}:{self.number}: {why}")

    def client(self, name):
        if name not in self.clients:
            self.clients[name] = Client(self.world.open([]))
        return self.clients[name]

    def value(self, what):
        word, _, argument = what.partition(b" ")
        if word.decode("utf-8", "replace") in self.known:
            return self.known[word.decode()]
        if word.decode("utf-8", "replace").removesuffix(self.suffix) in PEOPLE:
            return word + b"!~u@127.0.0.1"
        if word == b"plain":
            name, password = argument.split(b" ")
            return base64.b64encode(b"\0" + name + b"\0" + password)
        if word == b"base64":
            return base64.b64encode(argument)
        if word == b"piece":  # sasl-3.1: 400 octets each
            number, _, whole = argument.partition(b" ")
            return whole[int(number) * 400 - 400:int(number) * 400]
        if word == b"certificate":
            return self.world.fingerprint().encode()
        if word == b"scram-first":
            self.current.scram = Scram(argument)
            return base64.b64encode(self.current.scram.first())
        if word == b"scram-final":
            challenge = base64.b64decode(self.current.last.split(b" ")[-1])
            return base64.b64encode(self.current.scram.final(argument, challenge))
        self.fail(f"unknown value {what!r}")

    def play(self):
        sending, packet, group, skips = None, b"", [], False
        for self.number, who, marker, text in itertools.chain(steps_of(self.file),
                                                              [(None, "@", "end", "")]):
            text = renamed(text, self.suffix)
            if packet and not (marker.startswith(">") and self.client(who) is sending):
                sending.send(packet)
                sending, packet = None, b""
            if group and not (marker == "&" and self.clients.get(who) is self.current):
                self.in_any_order(self.current, group)
                group = []
            if who == "@":
                if marker != "end":
                    self.directive(marker, text)
                continue
            client = self.current = self.client(who)
            if marker.startswith(">"):
                if client is not sending:
                    self.settle(but=client)
                sending = client
                packet += expanded(text, self.value) + (b"\r\n" if marker == ">" else b"")
            elif marker == "*":
                skips = True
            elif marker == "!":
                self.event(client, text, skips)
                skips = False
            elif marker == "&":
                group.append(Expectation(marker, text, self.value, self.known))
            else:
                self.settle()
                self.hear(client, Expectation(marker, text, self.value, self.known), skips)
                skips = False
        self.end()

    def settle(self, but=None):
        is_news = any(not x.is_settled for x in self.clients.values())
        for client in list(self.clients.values()):
            if client is not but:
                try:
                    client.settle()
                except Fault as why:
                    self.fail(f"{why}; before that {client.lines!r}")
        if is_news:
            self.world.spread()

    def hear(self, client, wanted, skips):
        while True:
            try:
                line = client.line()
            except Fault as why:
                self.fail(f"expected {wanted.octets!r}: {why}")
            if line is None:
                self.fail(f"expected {wanted.octets!r}, the server hung up")
            if wanted.fits(line):
                return
            if not skips:
                self.fail(f"expected {wanted.octets!r}, heard {line!r}")

    def in_any_order(self, client, group):
        self.settle()
        while group:
            line = client.line()
            fitting = line is not None and next((x for x in group if x.fits(line)), None)
            if not fitting:
                self.fail(f"expected one of {[x.octets for x in group]!r}, heard {line!r}")
            group.remove(fitting)

    def event(self, client, what, skips):
        self.settle()
        if what == "closed":
            line = client.line()
            while skips and line is not None:
                line = client.line()
            if line is not None:
                self.fail(f"expected no more, heard {line!r}")
        elif what == "closes":
            client.settle()
            client.wire.drop()
            client.is_closed = True
        else:
            self.fail(f"unknown event {what!r}")

    def silent(self, client):
        self.settle()
        client.is_settled = False
        client.settle()
        if client.lines:
            self.fail(f"expected no more, heard {client.lines[0]!r}")
        if client.is_closed:
            self.fail("the server hung up")

    def forget(self):
        """Whatever has been said to anybody is passed over."""
        self.settle()
        for client in self.clients.values():
            client.is_settled = False
        self.settle()
        for client in self.clients.values():
            client.lines = []

    def end(self):
        self.number = "end"
        self.settle()
        for name, client in self.clients.items():
            client.is_settled = False
            client.settle()
            if client.lines:
                self.fail(f"{name} also heard {client.lines[0]!r}")

    def directive(self, word, argument):
        words = argument.split()
        self.settle()
        if word == "silent":
            self.silent(self.clients[words[0].removesuffix(self.suffix)])
        elif word == "open":
            self.clients[words[0].removesuffix(self.suffix)] = Client(self.world.open(words[1:]))
        elif word == "connect":
            self.connect(words[0], words[1:])
        elif word == "join":
            for name in words[1:]:
                client = self.clients[name.removesuffix(self.suffix)]
                client.send(f"JOIN {words[0]}\r\n".encode())
                self.settle()
            self.forget()
        elif word == "forget":
            self.forget()
        elif word == "member":
            self.world.member(words[0], words[1:])
        elif word == "certificate":
            self.world.certify(words[0])
        elif word == "reload":
            self.world.reload(argument)
        elif word not in ("setting", "motd", "whole"):
            self.fail(f"unknown directive @{word}")

    def connect(self, name, words):
        options = dict(x.split("=", 1) for x in words if "=" in x)
        client = Client(self.world.open([x for x in words if "=" not in x]))
        self.clients[name.removesuffix(self.suffix)] = client
        caps = [x for x in options.get("caps", "").split(",") if x]
        account = options.get("account")
        lines = []
        if caps or account:
            asked = caps + (["sasl"] if account and "sasl" not in caps else [])
            lines += ["CAP LS 302", "CAP REQ :" + " ".join(asked)]
        if account:
            secret = base64.b64encode(f"\0{account}\0secret".encode()).decode()
            lines += ["AUTHENTICATE PLAIN", "AUTHENTICATE " + secret]
        lines += [f"NICK {options.get('nick', name)}", "USER u 0 * :Somebody"]
        if caps or account:
            lines.append("CAP END")
        client.send("".join(x + "\r\n" for x in lines).encode())
        client.settle()
        heard = [parts_of(x)[1].split(b" ") for x in client.lines]
        if not any(x[1:2] in ([b"376"], [b"422"]) for x in heard):
            self.fail(f"{name} was not let in: {client.lines!r}")
        if any(x[1:2] == [b"CAP"] and x[3:4] == [b"NAK"] for x in heard) \
                or account and not any(x[1:2] == [b"903"] for x in heard):
            self.fail(f"{name} did not get what was asked for: {client.lines!r}")
        client.lines = []
        self.world.spread()
