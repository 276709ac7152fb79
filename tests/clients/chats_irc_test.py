# SPDX-License-Identifier: Apache-2.0
"""The dialogues of tests/conformance/irc against a node, with one node for all that need the same
settings. HAMLET_CHATS=pattern plays only the files that fit it."""
import contextlib
import functools
import os
import tempfile
import time
import unittest

from community import QUICK, main, merged
from irc_wire import Irc, client_certificate
from live_node import Node
from transcript import FOLDER
from transcript_irc import Dialogue, base_settings, steps_of, suffixes

PATIENCE = 10  # seconds, for what does not come


class ChatWire(Irc):
    """What comes is in `text`, as lines with CR LF whatever the transport."""

    def __init__(self, port, **more):
        self.text = self.unsent = b""
        super().__init__(port, patience=PATIENCE, **more)

    def send(self, octets):
        if self.frames is not None:  # a frame is a whole line
            octets, end, self.unsent = (self.unsent + octets).rpartition(b"\r\n")
            octets += end
        if octets:
            self.send_raw(octets)

    def more(self):
        """False: the other side has hung up."""
        is_open = self._read(time.monotonic() + self.patience)
        if self.frames is None:
            self.text, self.unread = self.text + self.unread, b""
        else:
            self._unframe()
            self.text += b"".join(x.encode("utf-8", "surrogateescape") + b"\r\n"
                                  for x in self.frames)
            self.frames = []
        return is_open


class World:
    """A node with one set of settings."""

    def __init__(self, stack, extra, motd):
        settings = merged(QUICK, base_settings(), *(self.section(line) for line in extra))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="hamlet-"))
        if motd:
            settings = merged(settings, {"chat": [f'motd_file = "{folder}/motd"']})
        self.node = stack.enter_context(Node(settings, folder=folder))
        if motd:
            (self.node.folder / "motd").write_text("".join(x + "\n" for x in motd))
        self.settings = settings
        self.node.start()

    @staticmethod
    def section(line):
        name, _, value = line.partition(" = ")
        section, _, key = name.partition(".")
        return {section: [f"{key} = {value}"]}

    def reload(self, line):
        self.settings = merged(self.settings, self.section(line))
        before = len(self.node.log)
        self.node.change_settings(self.settings)
        until = time.monotonic() + PATIENCE
        while not any("setting changed" in x for x in self.node.log[before:]):
            if time.monotonic() > until:
                raise AssertionError(f"nothing was changed by {line!r}")
            time.sleep(0.01)

    def open(self, words):
        port = self.node.port
        if "websocket" in words:
            return ChatWire(port["irc_websocket"], websocket=True)
        if "certificate" in words:
            return ChatWire(port["ircs"], tls=True, certificate=self.certificate()[0])
        is_tls = "tls" in words
        return ChatWire(port["ircs" if is_tls else "irc"], tls=is_tls)

    def member(self, name, words):
        roles = [x for x in words if x != "disabled"]
        self.node.add_account(name, "secret", *(["--role", roles[0]] if roles else []))
        if "disabled" in words:
            self.node.run("account", "disable", name)

    @functools.cache
    def certificate(self):
        """The file, and the fingerprint."""
        return client_certificate(self.node.folder, "client")

    def fingerprint(self):
        return self.certificate()[1]

    def spread(self):
        """It is one node."""

    def certify(self, name):
        self.node.run("account", "certificate", "add", name, self.fingerprint())


class Worlds(contextlib.ExitStack):
    def __init__(self):
        super().__init__()
        self.running = {}

    def for_file(self, file):
        steps = [x for x in steps_of(file) if x[1] == "@"]
        extra = tuple(x[3] for x in steps if x[2] == "setting")
        motd = tuple(x[3] for x in steps if x[2] == "motd")
        own = file.stem if any(x[2] == "reload" for x in steps) else None  # it leaves others
        if (extra, motd, own) not in self.running:
            self.running[extra, motd, own] = World(self, extra, motd)
        return self.running[extra, motd, own]


class IrcDialogues(unittest.TestCase):
    def test_all_that_are_written(self):
        files = sorted((FOLDER / "irc").glob(os.environ.get("HAMLET_CHATS", "*") + ".chat"))
        self.assertTrue(files)
        with Worlds() as worlds:
            for file, suffix in zip(files, suffixes()):
                with self.subTest(dialogue=file.stem):
                    with Dialogue(file, suffix, worlds.for_file(file)) as dialogue:
                        dialogue.play()
        print(f"{len(files)} dialogues of chat, by {len(worlds.running)} kinds of nodes")


if __name__ == "__main__":
    main()
