# SPDX-License-Identifier: Apache-2.0
"""Plays the dialogues of tests/conformance against a server over TCP; its README has the format."""
import base64
import hashlib
import hmac
import pathlib
import re
import time

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "conformance"
QUIET = 0.05  # seconds in which a server that still had something to say would have said it
ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "\\": b"\\", "$": b"$", "*": rb"\*", "?": rb"\?"}


class LeftOut(Exception):
    """This dialogue wants what a live server cannot be brought to; the text says what."""


def steps_of(file):
    """(number of the line, marker, text): a marker is C:, C<, S:, S~, S*, @, "S! closed" ..."""
    for number, line in enumerate(file.read_text("utf-8").split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        if line.startswith("@"):
            yield number, "@", line[1:]
        elif line == "S*" or line[:2] in ("S!", "C!"):
            yield number, line, ""
        else:
            yield number, line[:2], line[3:]


def until_brace(text, at):
    """The end of what an open brace began; braces inside are in pairs."""
    depth = 1
    for end in range(at, len(text)):
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        if depth == 0:
            return end
    return len(text)


def expanded(text, value_of):
    out, at = b"", 0
    while at < len(text):
        if text.startswith("${", at):
            end = until_brace(text, at + 2)
            out += value_of(expanded(text[at + 2:end], value_of))
            at = end + 1
        elif text.startswith("\\{", at):
            end = until_brace(text, at + 2)
            times, what = text[at + 2:end].split(" ", 1)
            out += int(times) * expanded(what, value_of)
            at = end + 1
        elif text.startswith("\\x", at):
            out += bytes([int(text[at + 2:at + 4], 16)])
            at += 4
        elif text[at] == "\\":
            out += ESCAPES[text[at + 1]]
            at += 2
        else:
            out += text[at].encode()
            at += 1
    return out


def covers(pattern, line):
    """Glob of octets: * any, ? one, and a backslash before either for itself."""
    parts = re.split(rb"(\\[*?]|[*?])", pattern)
    wild = {b"*": b".*", b"?": b"."}
    return re.fullmatch(b"".join(wild.get(x) or re.escape(x[1:] if x[:1] == b"\\" and len(x) == 2
                                                           else x) for x in parts),
                        line, re.S) is not None


class Scram:
    """The client's side of RFC 5802 with SHA-256."""

    def __init__(self, name):
        self.bare = b"n=" + name + b",r=rOprNGfwEbeRWgbNEkqO"

    def first(self):
        return b"n,," + self.bare

    def final(self, password, challenge):
        fields = dict(x.split(b"=", 1) for x in challenge.split(b",") if b"=" in x)
        bare = b"c=biws,r=" + fields.get(b"r", b"")
        salted = hashlib.pbkdf2_hmac("sha256", password, base64.b64decode(fields.get(b"s", b"")),
                                     int(fields.get(b"i", b"1")))
        key = hmac.digest(salted, b"Client Key", "sha256")
        everything = self.bare + b"," + challenge + b"," + bare
        signature = hmac.digest(hashlib.sha256(key).digest(), everything, "sha256")
        proof = bytes(a ^ b for a, b in zip(key, signature))
        return bare + b",p=" + base64.b64encode(proof)


class Peer:
    """One dialogue's server: subclasses connect `self.wire`, and know directives and values."""

    challenge_mark = b""

    def __init__(self):
        self.wire = None
        self.last = b""
        self.scram = None

    def live(self):
        """Connects at the first line."""
        if not self.wire:
            self.wire = self.connect()
        return self.wire

    def line(self):
        """Without CRLF; None when there will be no more."""
        wire = self.live()
        while b"\r\n" not in wire.unread:
            if self.is_dropped() or not wire.more():
                return wire.unread + b"(no CRLF)" if wire.unread else None
        self.last, wire.unread = wire.unread.split(b"\r\n", 1)
        self.last = self.heard(self.last)
        return self.last

    def heard(self, line):
        return line

    def named(self, text):
        """As this run has it: its people may have other names."""
        return text

    def is_dropped(self):
        return self.live().socket.fileno() < 0

    def hears(self):
        """Octets or the end (False) within the quiet time since the latest ones; None: neither."""
        wire = self.live()
        patience = wire.socket.gettimeout()
        wire.socket.settimeout(max(0.001, wire.moved_at + QUIET - time.monotonic()))
        try:
            return wire.more()
        except TimeoutError:
            return None
        finally:
            wire.socket.settimeout(patience)

    def has_more(self):
        return not self.is_dropped() and bool(self.wire.unread or self.hears())

    def is_closed(self):
        return self.is_dropped() or self.hears() is False

    def value(self, what):
        word, _, argument = what.partition(b" ")
        if word == b"base64":
            return base64.b64encode(argument)
        if word == b"scram-first":
            self.scram = Scram(argument)
            return base64.b64encode(self.scram.first())
        if word == b"scram-final" and self.scram:
            challenge = base64.b64decode(self.last.removeprefix(self.challenge_mark))
            return base64.b64encode(self.scram.final(argument, challenge))
        raise LeftOut(what.split()[0].decode())


def play(file, peer):
    """Raises AssertionError with the place of what was not as written."""
    for _ in played(file, peer):
        pass


def played(file, peer):
    """As play(), a step at a time: before each it yields the number of the line, and its marker."""
    packet, skips = b"", False

    def check(right, why):
        if not right:
            raise AssertionError(f"{file.name}:{number}: {why}")

    for number, marker, text in steps_of(file):
        yield number, marker
        text = peer.named(text)
        if marker in ("C:", "C<"):
            packet += expanded(text, peer.value) + (b"\r\n" if marker == "C:" else b"")
            continue
        if packet:
            try:
                peer.live().send(packet)
            except OSError:
                pass  # the server has hung up already; what it said can still be read
            packet = b""
        if marker == "@":
            word, _, argument = text.partition(" ")
            peer.directive(word, expanded(argument, peer.value))
        elif marker == "S*":
            skips = True
        elif marker in ("S:", "S~"):
            wanted = expanded(text, peer.value)
            while True:
                line = peer.line()
                check(line is not None, f"expected {wanted!r}, the server hung up")
                right = covers(wanted, line) if marker == "S~" else line == wanted
                if right:
                    break
                check(skips, f"expected {wanted!r}, heard {line!r}")
            skips = False
        elif marker == "S! closed":
            line = peer.line()
            check(line is None, f"expected no more, heard {line!r}")
        elif marker == "S! silent":
            check(not peer.has_more(), f"expected no more, heard {peer.live().unread!r}")
            check(not peer.is_closed(), "the server hung up")
        elif marker == "C! tls":
            peer.live().secure()
        elif marker == "C! closes":
            peer.live().drop()
    if packet:
        peer.live().send(packet)
    yield number, "end"
    if peer.wire:
        check(not peer.has_more(), f"the server also said {peer.live().unread!r}")


def play_all(test, kind, peer_for):
    """Each dialogue of a folder, with a peer of its own; prints how many were played."""
    files, left_out = sorted((FOLDER / kind).glob("*.chat")), {}
    test.assertTrue(files)
    for file in files:
        with test.subTest(dialogue=file.stem):
            try:
                with peer_for(file) as peer:
                    play(file, peer)
            except LeftOut as why:
                left_out.setdefault(str(why), []).append(file.stem)
    count = sum(map(len, left_out.values()))
    print(f"{len(files) - count} of {len(files)} dialogues of {kind} were played; left out: "
          + "; ".join(f"{why} ({', '.join(x)})" for why, x in left_out.items()))
    return len(files) - count
