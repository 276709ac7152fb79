# SPDX-License-Identifier: Apache-2.0
"""The dialogues of tests/conformance/irc with their clients spread over three nodes: nobody can tell
the community from one server. HAMLET_CHATS=pattern plays only the files that fit it."""
import functools
import itertools
import os

from chat_cluster import ChatCluster
from chats_irc_test import ChatWire
from community import main, merged
from irc_wire import client_certificate
from transcript import FOLDER
from transcript_irc import Dialogue, base_settings, steps_of, suffixes

DOORS = {"listen": [f'{x} = ["127.0.0.1:0"]'
                    for x in ("irc", "ircs", "irc_websocket", "irc_websockets")]}
# What is of one node by its nature: its doors and its counters, channels with '&', and who it has
# let in; and what counts users, of whom three are this program's own.
OF_ONE_NODE = {"rfc2812_1_3_local_channels", "rfc2812_3_4_2_lusers"}


class World:
    """Three nodes, whose doors the clients of a dialogue take in turns."""

    def __init__(self, cluster, spread):
        self.nodes, self.spread = cluster.nodes, spread
        self.turns = itertools.cycle(self.nodes)

    def open(self, words):
        port = next(self.turns).port
        if "websocket" in words:
            return ChatWire(port["irc_websocket"], websocket=True)
        if "certificate" in words:
            return ChatWire(port["ircs"], tls=True, certificate=self.certificate()[0])
        is_tls = "tls" in words
        return ChatWire(port["ircs" if is_tls else "irc"], tls=is_tls)

    def member(self, name, words):
        roles = [x for x in words if x != "disabled"]
        self.nodes[0].add_account(name, "secret", *(["--role", roles[0]] if roles else []))
        if "disabled" in words:
            self.nodes[0].run("account", "disable", name)

    @functools.cache
    def certificate(self):
        return client_certificate(self.nodes[0].folder, "client")

    def fingerprint(self):
        return self.certificate()[1]

    def certify(self, name):
        self.nodes[0].run("account", "certificate", "add", name, self.fingerprint())


class SpreadDialogues(ChatCluster):
    settings = merged(DOORS, base_settings())

    def test_all_that_need_no_settings_of_their_own(self):
        files = [x for x in sorted((FOLDER / "irc").glob(os.environ.get("HAMLET_CHATS", "*")
                                                         + ".chat"))
                 if x.stem not in OF_ONE_NODE
                 and not any(y[1] == "@" and y[2] in ("setting", "motd", "reload") for y in steps_of(x))]
        self.assertTrue(files)
        world = World(self.cluster, self.spreading())
        for file, suffix in zip(files, suffixes()):
            with self.subTest(dialogue=file.stem):
                with Dialogue(file, suffix, world) as dialogue:
                    dialogue.play()
        print(f"{len(files)} dialogues of chat over {len(self.nodes)} nodes")


if __name__ == "__main__":
    main()
