# SPDX-License-Identifier: Apache-2.0
"""Chat over three nodes, one of which dies, or is stopped."""

from chat_cluster import OwnCluster
from community import main


class OneIsLost(OwnCluster):
    """Its node dies."""

    def test_a_node_that_dies_takes_its_own_users_alone(self):
        one, two, lost = self.at(0, caps=("batch",)), self.at(1), self.at(2)
        lost_too = self.at(2)
        channels = [self.meet(one, two, lost, lost_too, channel=self.channel_of(n))
                    for n in range(3)]
        gone = self.channel_of(2)
        self.meet(one, two, channel=gone)
        one.ask(f"TOPIC {gone} :kept", f"MODE {gone} +mk secret", f"MODE {gone} +b *!*@bad.host",
                f"MODE {gone} +v {two.nick}")
        two.expect(rf" MODE {gone} \+v ")
        before = {x: len(x.seen) for x in (one, two)}
        self.nodes[2].kill()
        for x in (one, two):
            for nick in (lost.nick, lost_too.nick):
                self.hears(x, f":{nick}!.* QUIT ")
        self.settle(2)
        for channel in channels:
            one.ask(f"PRIVMSG {channel} :after")
            two.expect(f" PRIVMSG {channel} :after$")
            two.ask(f"PRIVMSG {channel} :and back")
            one.expect(f" PRIVMSG {channel} :and back$")
            names = [x for x in one.ask(f"NAMES {channel}") if " 353 " in x]
            self.assertNotSaid(f"{lost.nick}|{lost_too.nick}", names)
        for x in (one, two):
            quits = [y for y in x.seen[before[x]:] if " QUIT " in y or " PART " in y]
            self.assertEqual(len(quits), 2, quits)
        self.assertEqual(2, sum(" BATCH " in x for x in one.seen), one.seen)
        self.assertSaid(rf" 324 .*{gone} \+\S*k\S*m|{gone} \+\S*m\S*k", one.ask(f"MODE {gone}"))
        self.assertSaid(f" 332 .*{gone} :kept", two.ask(f"TOPIC {gone}"))
        self.assertSaid(r" 367 .*\*!\*@bad.host", two.ask(f"MODE {gone} b"))
        self.assertSaid(f" 353 .*@{one.nick}", two.ask(f"NAMES {gone}"))
        self.assertSaid(rf" 353 .*\+{two.nick}", two.ask(f"NAMES {gone}"))
        self.assertSaid(" 475 ", self.at(0).ask(f"JOIN {gone} wrong"))
        self.assertSaid(" 433 ", self.at(0).ask(f"NICK {two.nick}"))
        again = self.at(1, lost.nick)  # its nick is free
        self.assertSaid(" 366 ", again.ask(f"JOIN {channels[2]}"))
        self.nodes[2].start()
        self.settle(3, least=0)
        back = self.at(2)
        channel = self.meet(one, two, again, back)
        back.ask(f"PRIVMSG {channel} :here again")
        one.expect(":here again$")
        self.assertSaid(f" 319 .*{channels[2]}", back.ask(f"WHOIS {one.nick}"))
        self.assertSaid(f" 332 .*{gone} :kept", one.ask(f"TOPIC {gone}"))

    def test_a_member_goes_on_at_another_node(self):
        account, friend = self.member(), self.at(1)
        mine = self.logged_in(2, account, tls=True)
        channel = self.meet(mine, friend)
        mine.ask("AWAY :soon back")
        self.nodes[2].kill()
        again = self.logged_in(0, account, tls=True)
        self.hears(again, f":{mine.nick}!.* JOIN :?{channel}")
        friend.ask(f"PRIVMSG {channel} :welcome back")
        again.expect(":welcome back$")
        again.ask(f"PRIVMSG {channel} :thanks")
        friend.expect(":thanks$")
        self.settle(2)
        friend.ask(f"PRIVMSG {mine.nick} :only you")
        again.expect(":only you$")
        self.assertNotSaid(f"{mine.nick}!.* (QUIT|PART|JOIN)", friend.seen)
        self.assertSaid(f" 353 .*@{mine.nick}", friend.ask(f"NAMES {channel}"))
        again.ask(f"NICK else{mine.nick}")
        friend.expect(f" NICK :?else{mine.nick}")


class OneIsLostByRedis(OneIsLost):
    """News go by way of Redis."""

    has_redis = True


class Faults(OwnCluster):
    """A node dies, or is stopped."""

    def test_a_member_that_does_not_come_back_quits_once(self):
        account, friend = self.member(), self.at(1)
        mine = self.logged_in(2, account, tls=True)
        self.meet(mine, friend)
        self.nodes[2].kill()
        friend.expect(f":{mine.nick}!.* QUIT ")
        self.settle(2)
        friend.barrier()
        self.assertEqual(sum(" QUIT " in x for x in friend.seen), 1)
        self.until("the nick is free", lambda: not any(
            " 433 " in x for x in friend.ask(f"WHOIS {mine.nick}") if " 311 " in x))

    def test_a_node_that_is_stopped_gives_its_channels_away(self):
        one, two, lost = self.at(0), self.at(1), self.at(2)
        channels = [self.meet(one, two, lost, channel=self.channel_of(n)) for n in range(3)]
        one.ask(f"MODE {channels[2]} +t", f"TOPIC {channels[2]} :kept")
        two.expect(" TOPIC ")
        self.assertEqual(self.nodes[2].stop(60), 0)
        self.hears(one, f":{lost.nick}!.* QUIT ")
        self.hears(two, f":{lost.nick}!.* QUIT ")
        for channel in channels:
            one.ask(f"PRIVMSG {channel} :after")
            two.expect(f" PRIVMSG {channel} :after$")
        self.assertSaid(f" 332 .*{channels[2]} :kept", two.ask(f"TOPIC {channels[2]}"))
        self.assertSaid(f" 353 .*@{one.nick}", two.ask(f"NAMES {channels[2]}"))
        self.assertEqual(sum(" QUIT " in x for x in one.seen), 1)

    def test_members_who_stay_are_there_once_after_a_restart_of_all(self):
        account, friend = self.member(), self.at(0)
        mine = self.logged_in(2, account, tls=True)
        channel = self.meet(mine, friend)
        mine.ask("PRIVMSG NickServ :SET PERSISTENCE ON")
        mine.send("QUIT")
        mine.closed()
        friend.ask(f"PRIVMSG {channel} :are you there")
        self.assertSaid(f" 353 .*{mine.nick}", friend.ask(f"NAMES {channel}"))
        for node in self.nodes:
            self.assertEqual(node.stop(60), 0)
        self.cluster.start()
        self.settle(3, least=0)
        for node in range(3):
            other = self.at(node)
            self.until("it is there again", lambda c=other: any(
                " 311 " in x for x in c.ask(f"WHOIS {account}")))
        again = self.logged_in(1, account, tls=True)
        self.hears(again, f" JOIN :?{channel}")

    def test_members_who_stay_are_there_once_after_a_restart_of_one(self):
        account, friend = self.member(), self.at(0)
        mine = self.logged_in(0, account, tls=True)
        channel = self.meet(mine, friend)
        mine.ask("PRIVMSG NickServ :SET PERSISTENCE ON")
        mine.send("QUIT")
        mine.closed()
        before = len(friend.seen)
        self.nodes[2].kill()
        self.settle(2)
        self.nodes[2].start()
        self.settle(3, least=0)
        other = self.at(2)
        self.assertSaid(" 366 ", other.ask(f"JOIN {channel}"))
        friend.expect(f":{other.nick}!.* JOIN ")
        self.assertEqual(self.nicks_in(channel, other), {account, friend.nick, other.nick})
        self.assertNotSaid(" (QUIT|PART|NICK) ", friend.seen[before:])
        self.assertEqual([x for x in friend.seen[before:] if " JOIN " in x and other.nick not in x], [])

    @staticmethod
    def nicks_in(channel, asker):
        return {x.lstrip("~&@%+") for line in asker.ask(f"NAMES {channel}") if " 353 " in line
                for x in line.rsplit(":", 1)[1].split()}

    def test_members_who_stay_outlive_their_node(self):
        account, friend = self.member(), self.at(0)
        mine = self.logged_in(2, account, tls=True)
        channel = self.meet(mine, friend)
        mine.ask("PRIVMSG NickServ :SET PERSISTENCE ON")
        mine.send("QUIT")
        mine.closed()
        self.assertSaid(f" 353 .*{mine.nick}", friend.ask(f"NAMES {channel}"))
        self.nodes[2].kill()
        self.settle(2)
        friend.ask(f"PRIVMSG {account} :for later")
        self.assertNotSaid(f"{mine.nick}!.* QUIT", friend.seen)
        again = self.logged_in(1, account, tls=True)
        self.hears(again, f" JOIN :?{channel}")
        friend.ask(f"PRIVMSG {channel} :hello again")
        again.expect(":hello again$")


if __name__ == "__main__":
    main()
