# SPDX-License-Identifier: Apache-2.0
"""Chat over three nodes: it is one network whichever door a client has come through."""
import itertools
import re
import threading

from chat_cluster import PASSWORD, ChatCluster
from community import main
from fault_proxy import DELAY, PASS

ECHO = ("echo-message", "message-tags", "server-time")


class Together(ChatCluster):
    """While all nodes are well."""

    def test_all_hear_what_one_says(self):
        one, two, three = self.at(0), self.at(1), self.at(2)
        for owner in range(3):
            channel = self.meet(one, two, three, channel=self.channel_of(owner))
            for speaker in (one, two, three):
                speaker.ask(f"PRIVMSG {channel} :from {speaker.nick}")
                for other in (one, two, three):
                    if other is not speaker:
                        other.expect(f":{speaker.nick}!.* PRIVMSG {channel} "
                                     f":from {speaker.nick}$")
            for x in (one, two, three):
                x.ask(f"PART {channel} :bye")

    def test_all_hear_it_in_the_same_order(self):
        clients = [self.at(n % 3, caps=ECHO) for n in range(6)]
        channel = self.meet(*clients)
        count = 100
        heard = [[] for _ in clients]

        def listen(client, into):
            while len(into) < count * len(clients):
                line = client.expect(rf" PRIVMSG {channel} ")
                into.append(line.rsplit(":", 1)[1])

        threads = [threading.Thread(target=listen, args=x) for x in zip(clients, heard)]
        for x in threads:
            x.start()
        for n in range(count):
            for client in clients:
                client.send(f"PRIVMSG {channel} :{client.nick} {n}")
        for x in threads:
            x.join()
        self.assertEqual(len(heard[0]), len(set(heard[0])))
        for x in heard[1:]:
            self.assertEqual(x, heard[0])

    def test_a_reply_comes_behind_the_events_before_it(self):
        one, two = self.at(0), self.at(1)
        for owner in range(3):
            channel = self.channel_of(owner)
            for n in range(10):
                lines = one.ask(f"JOIN {channel}")
                self.assertSaid(f":{one.nick}!.* JOIN :?{channel}", lines[:1])
                two.ask(f"JOIN {channel}")  # who has its answer has told everybody before
                one.send(f"MODE {channel} +v {two.nick}", f"NAMES {channel}")
                lines = one.barrier()
                told = next(i for i, x in enumerate(lines) if f" MODE {channel} +v" in x)
                names = next(i for i, x in enumerate(lines) if " 353 " in x)
                self.assertLess(told, names, lines)
                self.assertSaid(rf" 353 .*\+{two.nick}\b", lines)
                for x in (two, one):
                    self.assertSaid(f":{x.nick}!.* PART {channel}", x.ask(f"PART {channel}"))

    def test_a_nick_is_one_persons(self):
        held = self.at(0)
        for node in (1, 2):
            guest = self.at(node)
            self.assertSaid(f" 433 .* {held.nick} ", guest.ask(f"NICK {held.nick}"))
            self.assertSaid(f" 433 .* {held.nick.upper()} ",
                            guest.ask(f"NICK {held.nick.upper()}"))
        held.ask("NICK other")
        self.assertNotSaid(" 43[0-9] ", guest.ask(f"NICK {held.nick}"))
        last = self.at(1)
        self.assertSaid(" 433 ", last.ask(f"NICK {held.nick}"))
        guest.send("QUIT")
        guest.closed()
        self.assertNotSaid(" 43[0-9] ", last.ask(f"NICK {held.nick}"))

    def test_of_many_who_want_a_nick_at_once_one_gets_it(self):
        for round_number in range(10):
            clients = [self.at(n % 3) for n in range(6)]
            for x in clients:
                x.send(f"NICK prize{round_number}")
            lines = [x.barrier() for x in clients]
            won = [x for x in lines if any(f" NICK :?prize{round_number}" in y
                                           or f" NICK prize{round_number}" in y for y in x)]
            self.assertEqual(len(won), 1, lines)
            for x in clients:
                x.drop()

    def test_whoever_asks_finds_everybody(self):
        one, two, three = self.at(0), self.at(1), self.at(2)
        channel = self.meet(one, two, three)
        one.ask(f"TOPIC {channel} :what we talk about")
        two.expect(f" TOPIC {channel} ")
        two.ask("AWAY :at lunch")
        for asker in (one, three):
            self.until("away is known",
                       lambda: any(" 301 " in x for x in asker.ask(f"WHOIS {two.nick}")))
            lines = asker.ask(f"WHOIS {two.nick}")
            self.assertSaid(f" 311 .* {two.nick} .*:Real {two.nick}$", lines)
            self.assertSaid(f" 319 .*{channel}", lines)
            self.assertSaid(" 301 .*:at lunch$", lines)
            names = [x for x in asker.ask(f"NAMES {channel}") if " 353 " in x]
            for x in (one, two, three):
                self.assertSaid(rf"[ :@]{x.nick}\b", names)
            who = asker.ask(f"WHO {channel}")
            self.assertEqual(sum(" 352 " in x for x in who), 3, who)
            self.assertSaid(f" 322 .* {channel} 3 :.*what we talk about", asker.ask("LIST"))
            self.assertSaid(f" 303 .*{two.nick}", asker.ask(f"ISON {two.nick} nobody"))
            self.assertSaid(f" 302 .*{two.nick}=-", asker.ask(f"USERHOST {two.nick}"))
            self.assertSaid(f" 332 .*{channel} :what we talk about", asker.ask(f"TOPIC {channel}"))
            self.assertSaid(f" 301 .*{two.nick} :at lunch",
                            asker.ask(f"PRIVMSG {two.nick} :there?"))

    def test_monitor_tells_of_users_of_other_nodes(self):
        watcher, nick = self.at(0), f"seen{next(self._numbers)}"
        self.assertSaid(f" 731 .*{nick}", watcher.ask(f"MONITOR + {nick}"))
        other = self.at(2, nick)
        watcher.expect(f" 730 .*{nick}")
        other.send("QUIT :gone")
        watcher.expect(f" 731 .*{nick}")
        self.until("WHOWAS knows", lambda: any(" 314 " in x for x in watcher.ask(f"WHOWAS {nick}")))

    def test_messages_to_one(self):
        one, two = self.at(0), self.at(1, caps=("message-tags",))
        one.ask(f"PRIVMSG {two.nick} :hello", f"NOTICE {two.nick} :note")
        two.expect(f":{one.nick}!.* PRIVMSG {two.nick} :hello$")
        two.expect(f":{one.nick}!.* NOTICE {two.nick} :note$")
        two.ask(f"PRIVMSG {one.nick} :and you")
        one.expect(f":{two.nick}!.* PRIVMSG {one.nick} :and you$")
        two.ask(f"SILENCE +{one.nick}!*@*")
        one.ask(f"PRIVMSG {two.nick} :unheard")
        self.assertNotSaid("unheard", two.barrier())
        self.assertSaid(" 401 ", one.ask("PRIVMSG nobody :x"))

    def test_channels_are_ruled_across_nodes(self):
        founder, member, other = self.at(0), self.at(1), self.at(2)
        for owner in range(3):
            channel = self.meet(founder, member, channel=self.channel_of(owner))
            founder.ask(f"MODE {channel} +o {member.nick}")
            member.expect(f" MODE {channel} \\+o {member.nick}")
            member.ask(f"MODE {channel} +b *!*@{'*'}.nowhere", f"MODE {channel} +i")
            founder.expect(f" MODE {channel} \\+i")
            self.assertSaid(" 473 ", other.ask(f"JOIN {channel}"))
            member.ask(f"INVITE {other.nick} {channel}")
            other.expect(f" INVITE {other.nick} :?{channel}")
            self.assertSaid(" 366 ", other.ask(f"JOIN {channel}"))
            founder.ask(f"KICK {channel} {other.nick} :out")
            other.expect(f" KICK {channel} {other.nick} :out")
            member.expect(f" KICK {channel} {other.nick} :out")
            self.assertSaid(" 442 | 403 | 404 ", other.ask(f"PRIVMSG {channel} :x",
                                                           f"TOPIC {channel} :x"))
            self.assertSaid(" 482 ", self.at(2).ask(f"INVITE {other.nick} {channel}")
                            + self.ask_as_member(channel, founder))
            for x in (founder, member):
                x.ask(f"PART {channel}")

    def ask_as_member(self, channel, founder):
        plain = self.at(1)
        founder.ask(f"MODE {channel} -i")
        lines = plain.ask(f"JOIN {channel}", f"MODE {channel} +m", f"PART {channel}")
        return lines

    def test_local_channels_are_of_one_node(self):
        one, near, far = self.at(0), self.at(0), self.at(1)
        for x in (one, near, far):
            self.assertSaid(" 366 ", x.ask("JOIN &here"))
        one.ask("PRIVMSG &here :for us")
        near.expect(" PRIVMSG &here :for us$")
        self.meet(one, far)  # so that all has come that would
        self.assertNotSaid("for us", far.seen + far.barrier())
        names = far.ask("NAMES &here")
        self.assertNotSaid(f" 353 .*{one.nick}", names)
        self.assertSaid(f" 353 .*{far.nick}", names)
        for x in (one, near, far):
            x.ask("PART &here")

    def test_history_is_everybodys(self):
        caps = ("batch", "draft/chathistory", "server-time", "message-tags")
        one, two = self.at(0, caps=caps), self.at(1, caps=caps)
        for owner in range(3):
            channel = self.meet(one, two, channel=self.channel_of(owner))
            for n in range(5):
                one.ask(f"PRIVMSG {channel} :line {n}")
            two.expect(":line 4$")
            lines = [x for x in two.ask(f"CHATHISTORY LATEST {channel} * 50") if "PRIVMSG" in x]
            self.assertEqual([x.rsplit(":", 1)[1] for x in lines], [f"line {n}" for n in range(5)])

    def test_operators_rule_all_nodes(self):
        boss, far = self.boss(0), self.at(2)
        near = self.at(0)
        far.ask("MODE " + far.nick + " +w")
        boss.ask("WALLOPS :to all of you")
        far.expect(" WALLOPS :.*to all of you")
        boss.ask(f"KILL {far.nick} :go")
        self.assertSaid("^ERROR :.*go", far.closed())
        other = self.boss(1)
        self.assertSaid(" 313 ", self.at(2).ask(f"WHOIS {other.nick}"))
        victim = self.at(2, source="127.9.9.9")
        boss.ask("KLINE *@127.9.9.9 :not here|because")
        self.assertSaid("^ERROR :.*not here", victim.closed())
        for node in range(3):
            def refused(node=node):
                try:
                    return any(" 465 " in x for x in
                               self.at(node, source="127.9.9.9").seen)
                except AssertionError as end:
                    return any("not here" in str(x) for x in end.args)
            self.until(f"node {node} knows the ban", refused)
        self.assertSaid(r"127\.9\.9\.9", other.ask("STATS k"))
        other.ask("UNKLINE *@127.9.9.9")
        def let_in():
            try:
                return self.at(2, source="127.9.9.9")
            except AssertionError:
                return None
        self.until("the ban is gone", let_in)
        near.barrier()

    def test_a_member_with_clients_at_two_nodes_is_one_user(self):
        account = self.member()
        one = self.logged_in(0, account, tls=True, caps=ECHO)
        friend = self.at(2)
        channel = self.meet(one, friend)
        two = self.logged_in(1, account, tls=True, caps=ECHO)
        self.hears(two, f"JOIN {channel}")
        for target, text in ((channel, "to both"), (one.nick, "you two")):
            friend.ask(f"PRIVMSG {target} :{text}")
            for x in (one, two):
                x.expect(f" PRIVMSG .*:{text}$")
        two.ask(f"PRIVMSG {channel} :from the second")
        friend.expect(f":{one.nick}!.* PRIVMSG {channel} :from the second$")
        one.expect(f":{one.nick}!.* PRIVMSG {channel} :from the second$")
        one.send("QUIT :first")
        one.closed()
        friend.ask(f"PRIVMSG {channel} :still there?")
        two.expect(":still there")
        two.send("QUIT :second")
        friend.expect(f":{one.nick}!.* QUIT ")
        self.assertEqual(sum(" QUIT " in x and one.nick in x for x in friend.seen), 1)

    def test_lusers_counts_all(self):
        clients = [self.at(n) for n in range(3)]

        def numbers():
            return {re.search(r" 251 .*There are (\d+) users and (\d+) invisible", "\n".join(x.ask("LUSERS"))).groups()
                    for x in clients}
        self.until("all nodes count those who are there, and nobody who has just gone",
                   lambda: numbers() == {("0", "3")})


class TogetherByRedis(Together):
    """News go by way of Redis."""

    has_redis = True

    def test_news_go_by_redis(self):
        one, two = self.at(0), self.at(1)
        channel = self.meet(one, two)
        before = self.redis.published()
        for n in range(10):
            one.ask(f"PRIVMSG {channel} :line {n}")
        two.expect(":line 9$")
        self.assertGreaterEqual(self.redis.published() - before, 10)

    def test_without_redis_links_carry_them(self):
        """Whoever has lost it, and whatever it has forgotten."""
        clients = [self.at(n % 3, caps=ECHO) for n in range(6)]
        channel = self.meet(*clients)
        for how in (self.redis.flush, self.redis.freeze, self.redis.thaw, self.redis.kill,
                    self.redis.begin):
            how()
            for client in clients:
                client.send(f"PRIVMSG {channel} :{client.nick} after {how.__name__}")
            for client in clients:
                left = {x.nick for x in clients}
                while left:
                    line = client.expect(rf" PRIVMSG {channel} :\S+ after {how.__name__}$")
                    left.remove(line.rsplit(":", 1)[1].split()[0])  # a second one is an error


class OneLinkIsSlow(ChatCluster):
    """Two nodes hear of each other later than of the third."""

    has_proxies = True

    def slow_down(self, one, other):
        self.cluster.injure_link(one, other, DELAY)
        self.addCleanup(self.cluster.injure_link, one, other, PASS)

    def test_what_one_does_is_seen_in_its_order(self):
        for actor, viewer in itertools.permutations(range(3), 2):
            (owner,) = {0, 1, 2} - {actor, viewer}
            for second in (actor, viewer):
                with self.subTest(actor=actor, viewer=viewer, second=second):
                    one, two = self.at(actor), self.at(viewer)
                    channels = [self.meet(two, one, channel=self.channel_of(n))
                                for n in (owner, second)]
                    self.slow_down(owner, viewer)
                    for n in range(5):
                        for channel in channels:
                            one.ask(f"PRIVMSG {channel} :{n}")
                        for channel in channels:
                            self.assertSaid(f" PRIVMSG {channel} :{n}$", [two.expect(f" PRIVMSG .*:{n}$")])
                    one.send(f"PART {','.join(channels)}")
                    for channel in channels:
                        self.assertSaid(f" PART {channel}", [two.expect(" PART ")])
                    self.doCleanups()

    def test_a_new_nick_is_seen_before_what_it_says(self):
        for actor, viewer in itertools.permutations(range(3), 2):
            (owner,) = {0, 1, 2} - {actor, viewer}
            with self.subTest(actor=actor, viewer=viewer):
                one, two = self.at(actor), self.at(viewer)
                channel = self.meet(two, one, channel=self.channel_of(owner))
                self.slow_down(actor, viewer)
                for n in range(3):
                    one.ask(f"NICK {one.nick}{n}", f"PRIVMSG {channel} :{n}")
                    self.assertSaid(f" NICK :?{one.nick}{n}", [two.expect(" (NICK|PRIVMSG) ")])
                    self.assertSaid(f":{one.nick}{n}!.* :{n}$", [two.expect(" (NICK|PRIVMSG) ")])
                self.doCleanups()


if __name__ == "__main__":
    main()
