# SPDX-License-Identifier: Apache-2.0
"""The dialogues of tests/conformance/smtp over TCP, with one node for all that need the same
settings."""
import contextlib
import re
import signal
import time
import unittest

from community import QUICK, Maildrop, main, merged, without_trace
from live_node import Node
from transcript import LeftOut, Peer, play_all
from wire import Wire

SETTINGS = {"normalise": 'bare_newline_from = ["127.0.0.0/8"]',
            "max-message": "max_message = {}",
            "max-recipients": "max_recipients = {}",
            "max-transactions": "max_transactions = {}"}
SMALLEST = {"max-message": 64 << 10, "max-recipients": 100, "max-transactions": 1}
NOT_LIVE = {"no-starttls", "verdict", "time-out", "is-there"}


class SmtpPeer(Peer):
    challenge_mark = b"334 "

    def __init__(self, nodes):
        super().__init__()
        self.nodes, self.settings, self.node = nodes, [], None
        self.tls = self.members = False
        self.name = "alice"
        self.mail = {"alice@here.test": [], "bob@here.test": []}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.wire:
            self.wire.drop()

    def connect(self):
        self.node = self.nodes.with_settings(tuple(self.settings))
        for name in ("alice", "bob"):
            self.fetch(name)  # what others have left
        self.begin = len(self.node.log)
        return self.dial()

    def door(self, service):
        return self.node.port[service]

    def dial(self, **more):
        if not self.members:
            wire = Wire(self.door("smtp"), timeout=20, **more)
            return self.inside_tls(wire) if self.tls else wire
        return Wire(self.door("submissions" if self.tls else "submission"), tls=self.tls,
                    timeout=20, **more)

    @staticmethod
    def inside_tls(wire):
        """Port 25 has no door with TLS from the start: the greeting is kept for the dialogue, and
        after STARTTLS the node knows as little as before (RFC 3207 §4.2)."""
        greeting = wire.line()
        wire.send(b"EHLO x\r\n")
        while wire.line()[3] == "-":
            pass
        wire.send(b"STARTTLS\r\n")
        assert wire.line().startswith("220"), "no TLS"
        wire.secure()
        wire.unread = greeting.encode() + b"\r\n"
        return wire

    def heard(self, line):
        # The store of the dialogues has words of its own.
        line = line.replace(b"No such user here", b"No such mailbox")
        return re.sub(rb"(: queued) as \w+$", rb"\1", line)

    def fetch(self, name):
        drop = Maildrop(self.door("pop3s"), name, "secret")
        found = [drop.message(n + 1) for n in range(drop.stat()[0])]
        for n in range(len(found)):
            drop.dele(n + 1)
        drop.quit()
        return found

    def directive(self, word, argument):
        text = argument.decode("utf-8", "surrogateescape")
        if word in NOT_LIVE:
            raise LeftOut("@" + word)
        if not self.wire and word in SETTINGS:
            if word in SMALLEST and int(text) < SMALLEST[word]:
                raise LeftOut(f"@{word} below what the settings allow")
            self.settings.append(SETTINGS[word].format(text))
        elif not self.wire and word == "chat":
            pass  # as it is, where nobody says otherwise
        elif not self.wire and word in ("tls", "members"):
            setattr(self, word, True)
        elif word != "packets":
            self.live()
            self.during(word, argument, text)

    def during(self, word, argument, text):
        if word == "login":
            if not self.last:
                self.line()
            self.wire.send(b"EHLO client.test\r\n")
            while self.line()[3:4] == b"-":
                pass
            self.wire.send(b"AUTH PLAIN " + self.value(b"base64 \0" + (argument or self.name.encode())
                                                       + b"\0secret") + b"\r\n")
            assert self.line().startswith(b"235"), self.last
        elif word == "accepted":
            self.accepted(int(text))
        elif word in ("got", "recipients", "sender"):
            self.of_the_last(word, argument, text)
        elif word == "stop":
            self.stop()
        else:
            raise AssertionError("unknown directive @" + word)

    def stop(self):
        self.nodes.forget(self.node)
        self.node.process.send_signal(signal.SIGTERM)

    def lines_of_log(self):
        """Those of this dialogue."""
        return self.node.log[self.begin:]

    def accepted(self, expected):
        """The log is read by a thread of its own, and may come later than the reply."""
        end = time.monotonic() + 20
        while True:
            count = sum(" accepted " in x for x in self.lines_of_log())
            if count == expected:
                return
            assert count < expected and time.monotonic() < end, f"{count} messages were accepted"
            time.sleep(0.02)

    def of_the_last(self, word, argument, text):
        if word == "recipients" and set(text.split()) - set(self.mail):
            raise LeftOut("@recipients who have no account")
        fresh = {x: self.fetch(x.split("@")[0]) for x in self.mail}
        if any(fresh.values()):
            self.mail = fresh
        reached = sorted(x for x, got in self.mail.items() if got)
        assert reached, "no message came"
        last = self.mail[reached[0]][-1]
        if word == "got":
            assert without_trace(last) == argument, f"another text came: {last!r}"
        elif word == "recipients":
            assert reached == sorted(text.split()), f"it reached {reached}"
        else:
            path = re.match(rb"Return-Path: <(.*)>", last)[1]
            assert path == argument, f"it is from {path!r}"


class Nodes(contextlib.ExitStack):
    """A node for each set of settings."""

    def __init__(self):
        super().__init__()
        self.running = {}

    def with_settings(self, lines):
        if lines not in self.running:
            smtp = ['resend_window = "0s"', 'error_rest = "0s"', *lines]
            node = self.enter_context(Node(merged(QUICK, {"smtp": smtp})))
            node.add_account("alice", "secret", "--name", "Alice")
            node.add_account("bob", "secret")
            self.running[lines] = node.start()
        return self.running[lines]

    def forget(self, node):
        self.running = {x: y for x, y in self.running.items() if y is not node}


class SmtpDialogues(unittest.TestCase):
    def test_all_that_a_live_node_can_be_brought_to(self):
        with Nodes() as nodes:
            def peer_for(file):
                text = file.read_text("utf-8")
                if " verified" in text:
                    raise LeftOut("names that only the dialogues' store knows")
                if "BODY=BINARYMIME" in text and "@got" in text:
                    raise LeftOut("a binary text, which POP3 shows encoded")
                return SmtpPeer(nodes)
            played = play_all(self, "smtp", peer_for)
        self.assertGreater(played, 80)


if __name__ == "__main__":
    main()
