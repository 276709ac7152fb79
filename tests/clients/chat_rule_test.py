# SPDX-License-Identifier: Apache-2.0
"""What operators may do and nobody else: bans of the network and of channels, filters."""
import re

from chat_community import PASSWORD, QUICK_COMMANDS, RULE, Chat, Closed, main


class Rule(Chat):
    settings = QUICK_COMMANDS

    def refused(self, **more):
        """All that a client hears that is not let in."""
        try:
            client = self.connect(**more)
            client.send(f"NICK {self.fresh_nick()}", "USER u 0 * :x")
            return client.closed()
        except Closed as end:
            return end.args


class NetworkBans(Rule):
    def test_a_kline_holds_who_is_here_and_who_comes(self):
        host = self.fresh_host()
        boss, here, other = self.boss(), self.user(source=host), self.user(source=self.fresh_host())
        self.assertSaid("K-line", boss.ask(f"KLINE *@{host} :r|for us"))
        lines = here.closed()
        self.assertSaid("^ERROR :.*K-lined: r", lines)
        self.assertNotSaid("for us", lines)
        lines = self.refused(source=host)
        self.assertSaid(" 465 ", lines)
        self.assertSaid("^ERROR :.*: r", lines)
        self.assertNotSaid("for us", lines)
        other.barrier()
        self.assertSaid(f" 216 .*{re.escape(host)}.*r.for us", boss.ask("STATS k"))
        lines = other.ask("STATS k", "STATS d")
        self.assertNotSaid(" 216 | 250 |for us", lines)
        self.assertSaid(" 481 ", lines)
        boss.ask(f"UNKLINE *@{host}")
        self.user(source=host)

    def test_a_kline_of_a_host_that_nobody_has_hits_nobody(self):
        boss, here = self.boss(), self.user(source=self.fresh_host())
        self.assertSaid("hits 0", boss.ask("KLINE *@bad.example :r"))
        here.barrier()

    def test_a_dline_of_a_net_for_a_time(self):
        boss, here = self.boss(), self.user(source="127.200.0.5")
        boss.ask("DLINE 60 127.200.0.0/16 :r")
        self.assertSaid("^ERROR :.*D-lined: r", here.closed())
        for service in ("irc", "ircs", "irc_websocket", "irc_websockets"):
            self.assertSaid("^ERROR :.*Banned: r", self.refused(service=service, source="127.200.7.7"))
        self.user(source="127.201.0.5")
        self.assertSaid(r" 250 .*127\.200\.0\.0/16", boss.ask("STATS d"))
        boss.ask("UNDLINE 127.200.0.0/16")
        self.user(source="127.200.0.5")

    def test_a_ban_of_all_is_asked_again(self):
        boss = self.boss()
        others = [self.user(source=self.fresh_host()) for _ in range(8)]
        self.assertSaid("everybody", boss.ask("KLINE *@* :oops"))
        self.assertSaid("again", boss.ask("DLINE 127.0.0.0/8 :oops"))
        for x in others:
            x.barrier()

    def test_bans_and_filters_stay_over_a_restart_and_end_in_time(self):
        boss, host, short = self.boss(), self.fresh_host(), self.fresh_host()
        boss.ask(f"KLINE *@{host} :for good", f"DLINE 60 {short} :an hour", "RESV taken :ours",
                 "FILTER ADD p block viagra :spam")
        for how in (self.node.stop, self.node.kill):
            how()
            self.node.start()
            self.assertSaid("for good", self.refused(source=host))
            self.assertSaid("an hour", self.refused(source=short))
            one, two = self.user(), self.user()
            self.assertSaid(" 432 ", one.ask("NICK taken"))
            one.ask(f"PRIVMSG {two.nick} :cheap viagra")
            self.assertNotSaid("viagra", two.barrier())
        boss = self.boss()
        boss.ask(f"UNKLINE *@{host}", f"UNDLINE {short}", "UNRESV taken")
        self.node.stop()
        self.node.start()
        self.user(source=host)
        self.user(source=short)

    def test_all_of_it_is_in_the_audit(self):
        boss, host = self.boss(), self.fresh_host()
        victim, wrong = self.user("victim"), self.user("wrong", source=self.fresh_host())
        channel = self.meet(victim)
        wrong.ask("OPER boss :no")
        for line in (f"KLINE *@{host} :r", f"UNKLINE *@{host}", f"DLINE {host} :r",
                     f"UNDLINE {host}",
                     "RESV x1 :r", "UNRESV x1", "WALLOPS :hear", f"SAMODE {channel} +m",
                     f"SAJOIN {boss.nick} {channel}", f"CHGHOST {victim.nick} new.host",
                     f"SANICK {victim.nick} {victim.nick}b", "SQUIT x :r", "CONNECT x",
                     f"KILL {victim.nick}b :bye", "REHASH"):
            boss.ask(line)
        boss.barrier()
        audit = [x.split(" :", 1)[1] for x in boss.ask("AUDIT 60")]
        for verb in ("OPER .*granted", "OPER .*refused", "KLINE", "UNKLINE", "DLINE", "UNDLINE",
                     "RESV",
                     "UNRESV", "WALLOPS", "SAMODE", "SAJOIN", "CHGHOST", "SANICK", "SQUIT",
                     "CONNECT",
                     "KILL", "REHASH"):
            with self.subTest(verb=verb):
                self.assertSaid(rf"\] {verb}\b", audit)


class Operators(Rule):
    def test_who_is_no_operator_gets_nowhere(self):
        bad, other = self.user(source=self.fresh_host()), self.user(source=self.fresh_host())
        channel = self.meet(other)
        host = self.fresh_host()
        for line in (f"KILL {other.nick} :x", f"KLINE *@{host} :x", f"UNKLINE *@{host}",
                     f"DLINE {host} :x",
                     f"UNDLINE {host}", "RESV foo :x", "UNRESV foo", "REHASH", "DIE", "RESTART",
                     "SQUIT mail.here.test :x", "CONNECT mail.here.test 6667", "WALLOPS :x",
                     "FILTER LIST",
                     "FILTER ADD p block x :x", "FILTER DEL 1", "AUDIT",
                     f"SAJOIN {bad.nick} {channel}",
                     f"SAPART {other.nick} {channel}", f"SAMODE {channel} +o {bad.nick}",
                     f"SAMODE {bad.nick} +o", f"SANICK {other.nick} foo",
                     f"CHGHOST {bad.nick} foo"):
            with self.subTest(line=line):
                lines = bad.ask(line)
                self.assertSaid(" (481|723) ", lines)
                self.assertEqual(len(lines), 1)
        for letter in "oaZWSr":
            bad.ask(f"MODE {bad.nick} +{letter}")
        self.assertNotSaid(" 313 ", bad.ask(f"WHOIS {bad.nick}"))
        self.assertSaid(" 221 [^ ]+ :?\\+[ix]+$", bad.ask(f"MODE {bad.nick}"))
        bad.ask("SERVER evil.example 1 :x", "NJOIN #x :@bad", "SVSNICK x y", ":other NICK z")
        self.assertEqual([x for x in other.barrier() if not x.startswith("PING")], [])
        self.assertNotSaid(" 216 | 250 ", self.boss().ask("STATS k", "STATS d"))

    def test_guesses_are_told_and_slowed_down(self):
        boss, bad = self.boss(), self.user(source=self.fresh_host())
        boss.ask(f"MODE {boss.nick} +s")
        for _ in range(3):
            self.assertSaid(" 464 | 491 ", bad.ask("OPER boss :wrong"))
        boss.expect(f"Failed OPER .*{bad.nick}")
        lines = bad.ask(f"OPER boss :{RULE}")  # now even the right one
        self.assertNotSaid(" 381 ", lines)
        self.user()
        self.assertNotSaid(re.escape("argon2"), self.node.log)

    def test_the_password_is_in_no_line_of_the_log(self):
        self.boss()
        self.assertFalse([x for x in self.node.log if RULE in x or "correct horse" in x])


class ChannelBans(Rule):
    def setUp(self):
        self.keeper = self.user("keeper")
        self.channel = self.meet(self.keeper)

    def may_join(self, client):
        lines = client.ask(f"JOIN {self.channel}")
        return any(" 366 " in x for x in lines)

    def may_speak(self, client):
        client.ask(f"PRIVMSG {self.channel} :hear {client.nick}")
        return any(f":hear {client.nick}" in x for x in self.keeper.barrier())

    def ban(self, *changes):
        self.keeper.ask(*[f"MODE {self.channel} {x}" for x in changes])

    def test_masks_of_all_kinds_are_enforced(self):
        host = self.fresh_host()
        for mask in ("*!*@127.0.0.0/8", f"*!*@{host}", "~a:{account}", "a:{account}",
                     "{nick}!*@*", "*!*@{cloak}", "r:*Real*", "~r:*Real*"):
            with self.subTest(mask=mask):
                account = self.member()
                client = self.user(service="ircs", account=account, password=PASSWORD,
                                   source=host)
                seen = client.ask(f"WHOIS {client.nick}")
                cloak = next(x for x in seen if " 311 " in x).split(" ")[5]
                text = mask.format(account=account, nick=client.nick, cloak=cloak)
                self.ban(f"+b {text}")
                listed = self.keeper.ask(f"MODE {self.channel} b")
                self.assertFalse(self.may_join(client), listed)
                self.ban(f"+e {text}")
                self.assertTrue(self.may_join(client), listed)
                self.assertTrue(self.may_speak(client))
                self.ban(f"-e {text}")
                self.assertFalse(self.may_speak(client), listed)
                self.assertSaid(" 435 ", client.ask(f"NICK {self.fresh_nick()}"))
                self.ban(f"-b {text}")
                self.assertTrue(self.may_speak(client))
                client.send("QUIT")
                client.closed()

    def test_a_muted_one_may_come_but_not_speak(self):
        client = self.user(source=self.fresh_host())
        self.ban(f"+b m:{client.nick}!*@*")
        self.assertTrue(self.may_join(client))
        self.assertFalse(self.may_speak(client))

    def test_a_ban_of_an_account_stays_with_it(self):
        account = self.member()
        client = self.user(service="ircs", account=account, password=PASSWORD)
        self.ban(f"+b a:{account}")
        client.ask(f"NICK {self.fresh_nick('other')}")
        self.assertFalse(self.may_join(client))

    def test_an_exception_of_invite_only(self):
        client, other = self.user("friend"), self.user()
        self.ban("+i", f"+I {client.nick}!*@*")
        self.assertTrue(self.may_join(client))
        self.assertFalse(self.may_join(other))

    def test_the_list_has_an_end(self):
        masks = [f"x{n}!*@*" for n in range(130)]
        lines = []
        for at in range(0, 130, 10):
            ten = " ".join(masks[at:at + 10])
            lines += self.keeper.ask(f"MODE {self.channel} +{'b' * 10} {ten}")
        self.assertSaid(" 478 ", lines)
        self.assertEqual(sum(" 367 " in x for x in self.keeper.ask(f"MODE {self.channel} b")), 100)


class Filters(Rule):
    def setUp(self):
        self.chief = self.boss()
        self.addCleanup(self.clear)

    def clear(self):
        for line in self.chief.ask("FILTER LIST"):
            if found := re.search(r"Filter (\d+) \[", line):
                self.chief.ask(f"FILTER DEL {found[1]}")

    def test_each_place_is_looked_at(self):
        self.chief.ask("FILTER ADD * block buy.?now :no spam")
        bad, other = self.user(source=self.fresh_host()), self.user()
        channel = self.meet(bad, other)
        bad.ask(f"MODE {channel} -t", f"PRIVMSG {channel} :BUY NOW",
                f"PRIVMSG {other.nick} :b\x02u\x02y now",
                f"NOTICE {channel} :buy now", f"TOPIC {channel} :buy now", "AWAY :buy now",
                "JOIN #buynow", f"PART {channel} :buy now", f"JOIN {channel}")
        bad.send("QUIT :buy now")
        bad.closed()
        other.expect(f"^:{bad.nick}!.* QUIT")
        self.assertNotSaid("(?i)b\x02?u\x02?y.?now", other.seen)
        self.assertNotSaid("buynow", other.ask("LIST"))

    def test_a_pattern_that_explodes_elsewhere_takes_its_time_here(self):
        self.assertSaid("is set", self.chief.ask("FILTER ADD p block (a+)+$ :x"))
        one, two = self.user(), self.user()
        one.send(*[f"PRIVMSG {two.nick} :{'a' * 400}!"] * 50)
        one.barrier()
        self.assertEqual(sum(" PRIVMSG " in x for x in two.barrier()), 50)
        one.ask(f"PRIVMSG {two.nick} :aaaa")
        self.assertNotSaid(" :aaaa$", two.barrier())

    def test_patterns_that_cannot_be_are_refused(self):
        for pattern in ("(", "(?=x)", "\\1", "x{100000}", ".*", "a" * 3000):
            with self.subTest(pattern=pattern):
                self.assertNotSaid("is set", self.chief.ask(f"FILTER ADD p block {pattern} :x"))

    def test_what_is_done_about_it(self):
        for action, text in (("report", "word1"), ("warn", "word2"), ("shun", "word4"),
                             ("kill", "word5")):
            self.chief.ask(f"FILTER ADD p {action} {text} :because")
        self.chief.ask(f"MODE {self.chief.nick} +s")
        other = self.user()
        said = lambda who, text: (who.ask(f"PRIVMSG {other.nick} :{text}"),  # noqa: E731
                                  any(text in x for x in other.barrier()))
        bad = self.user(source=self.fresh_host())
        self.assertTrue(said(bad, "word1")[1])
        self.chief.expect(bad.nick)
        lines, heard = said(bad, "word2")
        self.assertTrue(heard)
        self.assertSaid("because", lines)
        self.assertFalse(said(bad, "word4")[1])
        self.assertFalse(said(bad, "harmless")[1])
        worse = self.user(source=self.fresh_host())
        worse.send(f"PRIVMSG {other.nick} :word5")
        self.assertSaid("^ERROR", worse.closed())
        self.assertNotSaid("word5", other.barrier())


if __name__ == "__main__":
    main()
