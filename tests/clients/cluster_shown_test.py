# SPDX-License-Identifier: Apache-2.0
"""Chat over three nodes whose administrator lets them be seen (chat.show_nodes)."""
import re

from chat_cluster import ChatCluster, RULER
from cluster import NAMES as NODES
from community import main, merged

SERVER = "chat.here.test"
NAMES = [f"{x}.{SERVER}" for x in NODES]


class Shown(ChatCluster):
    settings = merged(RULER, {"chat": ["show_nodes = true", f'server_name = "{SERVER}"']})

    def test_links_shows_each_once_and_whom_one_asked_as_the_middle(self):
        for n, name in enumerate(NAMES):
            lines = [x.split(" ") for x in self.at(n).ask("LINKS") if " 364 " in x]
            self.assertEqual({(x, name, ":0" if x == name else ":1") for x in NAMES},
                             {(x[3], x[4], x[5]) for x in lines})
            self.assertEqual(3, len(lines))

    def test_links_may_be_asked_for_some(self):
        lines = [x for x in self.at(0).ask(f"LINKS {NODES[1]}.*") if " 364 " in x]
        self.assertEqual([NAMES[1]], [x.split(" ")[3] for x in lines])

    def test_map_counts_the_users_of_each(self):
        client = self.at(0)
        alone = dict(zip(NAMES, (1, 0, 0)))
        self.until("the clients of other tests are gone", lambda: self.users(client) == alone)
        self.meet(client, self.at(1))
        self.assertEqual(alone | {NAMES[1]: 1}, self.users(client))

    @staticmethod
    def users(client):
        lines = [x for x in client.ask("MAP") if " 015 " in x]
        return {x[1]: int(x[2]) for x in (re.search(r"([^ :]+) \((\d+) users\)", y) for y in lines)}

    def test_whois_and_who_say_which_node(self):
        client, other = self.at(0), self.at(2)
        self.meet(client, other)
        whois = next(x for x in client.ask(f"WHOIS {other.nick}") if " 312 " in x)
        self.assertEqual(NAMES[2], whois.split(" ")[4])
        who = next(x for x in client.ask(f"WHO {other.nick}") if " 352 " in x)
        self.assertEqual(NAMES[2], who.split(" ")[6])
        whox = next(x for x in client.ask(f"WHO {other.nick} %sn") if " 354 " in x)
        self.assertEqual(NAMES[2], whox.split(" ")[3])

    def test_who_may_be_asked_for_those_of_a_node(self):
        client, other = self.at(0), self.at(2)
        self.meet(client, other)
        nicks = {x.split(" ")[7] for x in client.ask(f"WHO {NAMES[2]} s") if " 352 " in x}
        self.assertIn(other.nick, nicks)
        self.assertNotIn(client.nick, nicks)

    def test_trace_names_the_others(self):
        client = self.boss(1)
        found = {x.rsplit(" ", 1)[1].lstrip(":") for x in client.ask("TRACE") if " 206 " in x}
        self.assertEqual({NAMES[0], NAMES[2]}, found)

    def test_version_answers_under_the_name_that_was_asked(self):
        client = self.at(0)
        self.assertRegex(client.ask(f"VERSION {NAMES[1]}")[0], rf" 351 {client.nick} \S+ {NAMES[1]} ")
        self.assertRegex(client.ask(f"VERSION {SERVER}")[0], rf" 351 {client.nick} \S+ {SERVER} ")
        self.assertRegex(client.ask("VERSION node9.elsewhere")[0], " 402 ")


if __name__ == "__main__":
    main()
