# SPDX-License-Identifier: Apache-2.0
"""The dialogues of tests/conformance/pop3 over TCP, each with a node of its own whose store was
filled by hand, so that messages are octet by octet those of the dialogue."""
import contextlib
import hashlib
import pathlib
import re
import shutil
import signal
import ssl
import tempfile
import time
import unittest

from community import QUICK, main, merged
from live_node import Node
from transcript import LeftOut, Peer, play_all
from wire import Pop3, Wire

SETTINGS = {"clear-passwords": ("pop3", "needs_tls_for_login = false"),
            "no-apop": ("pop3", "offers_apop = false"),
            "login-delay": ("pop3", 'login_delay = "{}s"'),
            "language": ("pop3", 'language = "{}"')}
NOT_LIVE = {"throttled", "too-soon", "unavailable", "readable", "update-fails", "time-out"}


class Pop3Peer(Peer):
    challenge_mark = b"+ "

    def __init__(self, template):
        super().__init__()
        self.template, self.settings, self.texts, self.accounts = template, {}, [], {}
        self.name = "alice"
        self.tls = self.stls = self.locked = self.in_use = False
        self.node, self.open = None, contextlib.ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.open.close()

    def connect(self):
        folder = pathlib.Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        shutil.copytree(self.template.folder / "data", folder / "data")
        named = {"node": ['hostname = "mail.example.org"']}
        self.node = Node(merged(QUICK, named, self.settings), folder=folder, copy_of=self.template)
        self.open.enter_context(self.node)
        self.prepare(self.node)
        self.node.start()
        return self.dial()

    def prepare(self, store):
        self.fill(store)
        for name, password in self.accounts.items():
            self.node.add_account(name, password)
        if self.locked:
            self.node.run("account", "disable", self.name)

    def door(self, service):
        return self.node.port[service]

    def dial(self):
        if self.in_use:
            self.in_use = Pop3(self.door("pop3s"), name=self.name, password="secret")
            self.open.enter_context(self.in_use)
        port = self.door("pop3s" if self.tls else "pop3")
        return self.open.enter_context(Wire(port, tls=self.tls, timeout=20))

    def box(self, store):
        return store.column(f"SELECT account_id FROM account WHERE local = '{self.name}'")[0]

    def fill(self, store):
        box = self.box(store)
        rows = [("UPDATE folder SET uid_validity = 7, next_uid = ? WHERE mailbox_id = ?",
                 len(self.texts) + 1, box),
                ("UPDATE mailbox SET used_bytes = ?, used_messages = ? WHERE mailbox_id = ?",
                 sum(len(x) for x, _ in self.texts), len(self.texts), box)]
        for uid, (text, utf8) in enumerate(self.texts, 1):
            if len(text) > 64 << 10:
                raise LeftOut("a message that lies in a file")
            body = box * 100 + uid
            rows.append(("INSERT INTO body VALUES (?, ?, ?, ?)", body, len(text), None, text))
            rows.append(("INSERT INTO message VALUES (?, 1, ?, NULL, ?, ?, 0, 0, 1, ?, ?)",
                         box, uid, body, len(text), int(utf8), b""))
        store.change(rows)

    def uids(self):
        return set(self.node.column("SELECT uid FROM message"))

    def directive(self, word, argument):
        text = argument.decode("utf-8", "surrogateescape")
        if word in NOT_LIVE:
            raise LeftOut("@" + word)
        if self.wire:
            return self.during(word, text)
        if word in SETTINGS:
            section, line = SETTINGS[word]
            self.settings.setdefault(section, []).append(line.format(text))
        elif word == "account":
            name, password = text.split(" ", 1)
            self.accounts[name] = password
        elif word in ("message", "utf8-message"):
            self.texts.append((argument, word == "utf8-message"))
        elif word == "message-of":
            size, pattern = argument.split(b" ", 1)
            self.texts.append(((pattern * int(size))[:int(size)], False))
        elif word in ("tls", "stls", "locked", "in-use"):
            setattr(self, word.replace("-", "_"), True)
        else:
            self.live()
            self.during(word, text)

    def during(self, word, text):
        if word == "login":
            if not self.wire.unread and not self.last:
                self.line()
            self.wire.send(b"USER " + self.name.encode() + b"\r\nPASS secret\r\n")
            answers = [self.line(), self.line()]
            assert all(x.startswith(b"+OK") for x in answers), answers
        elif word == "stop":
            self.stop()
        elif word == "recovers":
            self.node.run("account", "enable", self.name)
            if self.in_use:
                self.in_use.ask("QUIT")
        elif word == "deleted":
            gone = {int(x) for x in text.split()}
            stays = self.uids()
            assert set(range(1, len(self.texts) + 1)) - gone == stays, f"{stays} are there"
        elif word == "locked-drop":
            self.check_lock(text == "yes")
        else:
            raise AssertionError("unknown directive @" + word)

    def stop(self):
        self.node.process.send_signal(signal.SIGTERM)

    def is_stopping(self):
        return any(" stopping" in x for x in self.node.log)

    def check_lock(self, expected):
        """It is given back a moment after a client has gone; and with the server."""
        end = time.monotonic() + 20
        while not self.is_stopping():
            try:
                with Pop3(self.door("pop3s")) as other:
                    is_locked = "[IN-USE]" in other.log_in(self.name, "secret")
                    other.ask("QUIT")
            except (ConnectionError, EOFError, ssl.SSLError):
                self.node.process.wait(20)  # it stops, and the lock with it
                return
            if is_locked == expected:
                return
            assert not expected and time.monotonic() < end, "the lock is wrong"

    def value(self, what):
        word, _, argument = what.partition(b" ")
        if word != b"apop":
            return super().value(what)
        if argument == b"secret":  # a live node takes only the password of a device
            argument = self.node.run("account", "device-password", self.name, "x").strip().encode()
        stamp = self.stamp[self.stamp.index(b"<"):self.stamp.index(b">") + 1]
        return hashlib.md5(stamp + argument).hexdigest().encode()

    def heard(self, line):
        if not hasattr(self, "stamp"):
            self.stamp = line
        return line


class Pop3Dialogues(unittest.TestCase):
    def test_all_that_a_live_node_can_be_brought_to(self):
        with Node(QUICK) as template:
            template.add_account("alice", "secret")
            template.run("domain", "list")  # and the write-ahead log is in the store

            def peer_for(file):
                text = file.read_text("utf-8")
                sees_it = re.search("^C.*(CAPA|STLS)", text, re.M)
                if sees_it and "@tls" not in text and "@stls" not in text:
                    raise LeftOut("a node without STLS")
                return Pop3Peer(template)
            played = play_all(self, "pop3", peer_for)
        self.assertGreater(played, 50)


if __name__ == "__main__":
    main()
