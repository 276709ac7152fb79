# SPDX-License-Identifier: Apache-2.0
"""What nobody may learn of others: addresses, what was said elsewhere or while they were out."""
import re

from chat_community import PASSWORD, QUICK_COMMANDS, Chat, Closed, main, merged

ALL = ("extended-join", "account-notify", "away-notify", "chghost", "setname", "message-tags",
       "server-time", "multi-prefix", "userhost-in-names", "account-tag", "invite-notify", "batch")
LONG_AGO = "timestamp=2001-01-01T00:00:00.000Z"
FAR_OFF = "timestamp=2099-01-01T00:00:00.000Z"


class Addresses(Chat):
    settings = {**QUICK_COMMANDS, "listen": ['proxy_from = ["127.0.0.8/32"]']}

    def cloak_of(self, client):
        line = next(x for x in client.ask(f"WHOIS {client.nick}") if " 311 " in x)
        return line.split(" ")[5]

    def test_cloaks_are_one_for_an_address_and_none_for_two(self):
        host = self.fresh_host()
        one, two = self.user(source=host), self.user(source=host)
        near = self.user(source=host.rsplit(".", 1)[0] + ".251")
        far = self.user(source="127.99.0.1")
        self.assertEqual(self.cloak_of(one), self.cloak_of(two))
        self.assertEqual(len({self.cloak_of(x) for x in (one, near, far)}), 3)
        for x in (one, near, far):
            self.assertNotRegex(self.cloak_of(x), r"127|\d+\.\d+")

    def proxied(self, address):
        return self.user(source="127.0.0.8", before=f"PROXY TCP6 {address} ::1 1 6667\r\n".encode())

    def test_an_ipv6_customer_has_one_cloak(self):
        one, two = self.proxied("2001:db8:0:1::1"), self.proxied("2001:db8:0:1:ffff::2")
        other = self.proxied("2001:db8:0:2::1")
        self.assertEqual(self.cloak_of(one), self.cloak_of(two))
        self.assertNotEqual(self.cloak_of(one), self.cloak_of(other))

    def test_cloaks_stay_over_a_restart(self):
        host = self.fresh_host()
        before = self.cloak_of(self.user(source=host))
        self.node.stop()
        self.node.start()
        self.assertEqual(self.cloak_of(self.user(source=host)), before)

    def test_a_ban_of_a_cloak_outlives_its_key(self):
        host, boss = self.fresh_host(), self.boss()
        before = self.cloak_of(self.user(source=host))
        boss.ask(f"KLINE *@{before} :spam")
        key, former = (self.node.folder / "data" / x for x in ("cloak.key", "cloak-1.key"))
        self.node.stop()
        key.rename(former)
        self.node.start()  # with a key that it makes
        self.assertNotEqual(self.cloak_of(self.user(source=host)), before)
        self.node.stop()
        self.node._write_settings(merged(self.node.given,
                                         {"chat": [f'cloak_old_keys = ["{former}"]']}))
        self.node.start()
        with self.assertRaises(Closed) as end:
            self.user(source=host)
        self.assertSaid("Banned: spam", end.exception.args)
        self.assertNotEqual(self.cloak_of(self.user(source=self.fresh_host())), before)
        self.boss().ask(f"UNKLINE *@{before}")
        self.user(source=host)

    def test_no_reply_to_another_shows_an_address(self):
        host = "127.77.0.77"
        spy = self.user("spy", caps=ALL, source="127.78.0.1")
        victim = self.user("victim", source=host, caps=ALL)
        nick, channel = victim.nick, self.meet(victim, spy)
        victim.ask("AWAY :gone", f"TOPIC {channel} :t", f"PRIVMSG {channel} :hello", "SETNAME :new",
                   f"INVITE {spy.nick} {channel}", "AWAY", f"MODE {nick} +B",
                   f"PRIVMSG {spy.nick} :\x01DCC SEND x 1 2 3\x01", f"NOTICE {spy.nick} :hi")
        spy.ask(f"WHOIS {nick}", f"WHOIS {nick} {nick}", f"WHOWAS {nick}", f"USERHOST {nick}",
                f"USERIP {nick}",
                f"TRACE {nick}", f"WHO {nick}", f"WHO {channel}", f"WHO {nick} %tcuihsnfdlaor,7",
                f"NAMES {channel}", "LIST",
                f"ISON {nick}",
                "STATS l", "STATS L", f"STATS l {nick}", "STATS k", "STATS p", "STATS o", "LINKS",
                "ADMIN",
                "INFO", "LUSERS", f"MONITOR + {nick}", "MONITOR S", f"MODE {channel} b",
                f"MODE {nick}",
                f"METADATA {nick} LIST", f"ACCEPT {nick}", "ACCEPT *", "SILENCE",
                f"SILENCE +{nick}",
                f"ETRACE {nick}", f"CHECK {nick}",
                f"TESTLINE {nick}",
                f"CHATHISTORY LATEST {channel} * 50", "MAP", f"TIME {nick}",
                f"VERSION {nick}",
                f"NS INFO {nick}", f"CS INFO {channel}")
        said = [x for x in spy.seen if not re.search(r"\*!\*@|:?No such|TRACE|CHECK|TESTLINE", x)]
        # With a mask as a guess at the address nobody is found, either.
        for guess in (f"WHO *@{host}", f"WHO *{host}*", "WHO 127.77.*", f"WHO {host} i", f"WHO {host}",
                      f"WHO {host} %ih", f"WHOIS {host}", f"USERHOST {host}"):
            self.assertNotSaid(f" 352 | 354 | 311 |{nick}", spy.ask(guess))
        victim.ask(f"NICK {nick}x", f"PART {channel} :bye", f"JOIN {channel}")
        victim.send("QUIT :over")
        victim.closed()
        said += spy.ask(f"WHOWAS {nick}", f"WHOWAS {nick}x", "WHOWAS *")
        for x in said:
            self.assertNotIn("127.77", x)

    def test_how_somebody_was_thrown_out_shows_no_address(self):
        spy, boss = self.user(source=self.fresh_host()), self.boss()
        for order in ("KILL {nick} :bad", "DLINE 60 {host} :bad", "KLINE 60 *@{host} :bad"):
            host = self.fresh_host()
            victim = self.user(source=host)
            self.meet(victim, spy)
            boss.ask(order.format(nick=victim.nick, host=host))
            spy.expect(f"^:{victim.nick}!.* QUIT ")
            self.assertNotSaid(re.escape(host), spy.seen)
        lost = self.user(source=(host := self.fresh_host()))
        self.meet(lost, spy)
        lost.drop()
        spy.expect(f"^:{lost.nick}!.* QUIT ")
        self.assertNotSaid(re.escape(host), spy.seen)

    def test_nobody_stays_who_went_while_they_came(self):
        host = self.fresh_host()
        nick = self.fresh_nick("ghost")
        for _ in range(30):
            client = self.connect()
            client.send(f"NICK {nick}", "USER u 0 * :x")
            client.drop()
        # The nick is free again: whoever wants it gets it, sooner or later.
        for _ in range(200):
            late = self.connect(source="127.0.0.1")
            late.send(f"NICK {nick}", "USER u 0 * :x")
            if " 433 " not in late.expect(" 001 ", " 433 "):
                return
        self.fail(f"{nick} {host} is still there")


class History(Chat):
    settings = QUICK_COMMANDS
    caps = ("draft/chathistory", "batch", "server-time", "message-tags", "draft/message-redaction",
            "draft/event-playback", "echo-message")

    def talker(self, word="t"):
        account = self.member()
        return self.user(word, service="ircs", account=account, password=PASSWORD, caps=self.caps)

    def asked(self, client, target):
        lines = []
        for verb in (f"LATEST {target} * 50",
                     f"BEFORE {target} {FAR_OFF} 50",
                     f"AFTER {target} {LONG_AGO} 50",
                     f"AROUND {target} timestamp=2030-01-01T00:00:00.000Z 50",
                     f"BETWEEN {target} {LONG_AGO} {FAR_OFF} 50"):
            lines += client.ask(f"CHATHISTORY {verb}")
        return lines

    def test_of_a_channel_one_is_not_in(self):
        keeper, spy = self.talker("keeper"), self.talker("spy")
        channel = self.meet(keeper)
        keeper.ask(f"PRIVMSG {channel} :secret")
        lines = self.asked(spy, channel)
        self.assertNotSaid("secret", lines)
        self.assertEqual(sum("FAIL CHATHISTORY INVALID_TARGET" in x for x in lines), 5)

    def test_of_a_channel_after_a_kick_and_a_ban(self):
        for how in ("KICK {c} {n} :out", "MODE {c} +b {n}!*@*"):
            with self.subTest(how=how):
                keeper, spy = self.talker("keeper"), self.talker("spy")
                channel = self.meet(keeper, spy)
                keeper.ask(f"PRIVMSG {channel} :before", "PING x")
                keeper.ask(how.format(c=channel, n=spy.nick), f"KICK {channel} {spy.nick} :out")
                keeper.ask(f"PRIVMSG {channel} :secret")
                spy.barrier()
                lines = self.asked(spy, channel)
                self.assertNotSaid("secret|before", lines)
                self.assertEqual(sum("FAIL CHATHISTORY INVALID_TARGET" in x for x in lines), 5)
                self.assertNotSaid(channel,
                                   spy.ask(f"CHATHISTORY TARGETS {LONG_AGO} {FAR_OFF} 50"))

    def test_of_a_talk_between_two_others(self):
        one, two, spy = self.talker(), self.talker(), self.talker("spy")
        one.ask(f"PRIVMSG {two.nick} :secret")
        two.ask(f"PRIVMSG {one.nick} :secret, too")
        for target in (one.nick, two.nick):
            self.assertNotSaid("secret", self.asked(spy, target))
        self.assertNotSaid(f"{one.nick}|{two.nick}",
                           spy.ask(f"CHATHISTORY TARGETS {LONG_AGO} {FAR_OFF} 50"))
        self.assertSaid("secret", self.asked(two, one.nick))

    def test_a_nick_that_is_another_s_now_brings_no_talk_of_before(self):
        one, two = self.talker(), self.talker()
        nick = two.nick
        one.ask(f"PRIVMSG {nick} :secret")
        two.send("QUIT")
        two.closed()
        spy = self.user("spy", caps=self.caps)
        spy.ask(f"NICK {nick}")
        self.assertNotSaid("secret", self.asked(spy, one.nick))

    def test_what_was_taken_back(self):
        keeper, other = self.talker("keeper"), self.talker()
        channel = self.meet(keeper, other)
        keeper.ask(f"PRIVMSG {channel} :regret")
        line = next(x for x in other.barrier() if ":regret" in x)
        name = re.search("msgid=([^; ]+)", line)[1]
        keeper.ask(f"REDACT {channel} {name} :sorry")
        other.barrier()
        self.assertNotSaid("regret", self.asked(other, channel))

    def test_what_was_said_to_some_only(self):
        keeper, voiced, plain = self.talker("keeper"), self.talker(), self.talker()
        channel = self.meet(keeper, voiced, plain)
        keeper.ask(f"MODE {channel} +v {voiced.nick}", f"PRIVMSG @{channel} :secret",
                   f"PRIVMSG +{channel} :secret")
        self.assertNotSaid("secret", self.asked(plain, channel) + plain.seen)


class BeforeJoining(History):
    settings = {**QUICK_COMMANDS, "chat_history": ["before_join = false"]}

    def test_who_comes_later_reads_nothing_of_before(self):
        keeper, late = self.talker("keeper"), self.talker()
        channel = self.meet(keeper)
        keeper.ask(f"PRIVMSG {channel} :secret")
        self.meet(late, channel=channel)
        keeper.ask(f"PRIVMSG {channel} :open")
        late.barrier()
        lines = self.asked(late, channel)
        self.assertNotSaid("secret", lines)
        self.assertSaid("open", lines)


if __name__ == "__main__":
    main()
