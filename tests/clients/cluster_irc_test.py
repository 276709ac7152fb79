# SPDX-License-Identifier: Apache-2.0
"""The dialogues of tests/conformance/irc with their clients spread over three nodes: nobody can tell
the community from one server. HAMLET_CHATS=pattern plays only the files that fit it."""
import collections
import functools
import itertools
import os

from chat_cluster import ChatCluster
from chats_irc_test import ChatWire, World as OneNode
from cluster import change_settings
from community import main, merged
from irc_wire import client_certificate
from transcript import FOLDER
from transcript_irc import Dialogue, base_settings, steps_of, suffixes

DOORS = {"listen": [f'{x} = ["127.0.0.1:0"]'
                    for x in ("irc", "ircs", "irc_websocket", "irc_websockets")]}
# What is of one node by its nature: its doors and its counters, channels with '&', and who it has
# let in; and what counts users, of whom three are this program's own.
OF_ONE_NODE = {"rfc2812_1_3_local_channels", "rfc2812_3_4_2_lusers"}
# What counts from one dialogue to the next: how many accounts came from one address within an hour.
COUNTED = {"account_registration_codes"}
# Settings that are read at the start alone: three nodes would have to start anew for each.
AT_THE_START = ("chat.utf8_nicks", "chat_sizes.")
FREE_AT_ANY_TIME = "chat_sizes.who_users"


class World:
    """Three nodes, whose doors the clients of a dialogue take in turns."""

    def __init__(self, cluster, spread):
        self.nodes, self.spread = cluster.nodes, spread
        self.turns = itertools.cycle(self.nodes)
        self.extra = {}

    def play(self, file, suffix):
        with Dialogue(file, suffix, self) as dialogue:
            dialogue.play()

    def change(self, extra):
        """@param extra Settings beside those that all have."""
        if extra != self.extra:
            self.extra = extra
            World.certificate.cache_clear()  # the former one is somebody's by now
            change_settings(self.nodes, extra)

    def reload(self, line):
        self.change(merged(self.extra, OneNode.section(line)))

    def motd(self, lines):
        file = self.nodes[0].folder / "motd"
        file.write_text("".join(x + "\n" for x in lines))
        return {"chat": [f'motd_file = "{file}"']}

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


def by_settings():
    """The files for each set of settings, and those of them that change settings themselves."""
    groups = collections.defaultdict(list)
    for file in sorted((FOLDER / "irc").glob(os.environ.get("HAMLET_CHATS", "*") + ".chat")):
        told = [x[2:] for x in steps_of(file) if x[1] == "@"]
        if file.stem not in OF_ONE_NODE | COUNTED:
            groups[tuple(y for x, y in told if x == "setting"),
                   tuple(y for x, y in told if x == "motd"),
                   file.stem if any(x == "reload" for x, _ in told) else None].append(file)
    return groups


class SpreadDialogues(ChatCluster):
    settings = merged(DOORS, base_settings())

    def test_all_whose_settings_can_be_changed(self):
        world = World(self.cluster, self.spreading())
        fresh, count, left_out = suffixes(), 0, []
        for (lines, motd, _), files in by_settings().items():
            if any(x.startswith(AT_THE_START) and not x.startswith(FREE_AT_ANY_TIME) for x in lines):
                left_out += [x.stem for x in files]
                continue
            extra = merged(*map(OneNode.section, lines)) if lines else {}
            world.change(merged(extra, world.motd(motd)) if motd else extra)
            for file in files:
                count += 1
                with self.subTest(dialogue=file.stem):
                    world.play(file, next(fresh))
            world.change({})
        self.assertTrue(count)
        print(f"{count} dialogues of chat over {len(self.nodes)} nodes; left out: of one node by "
              f"their nature {sorted(OF_ONE_NODE)}, counted {sorted(COUNTED)}, with settings of the start {left_out}")


if __name__ == "__main__":
    main()
