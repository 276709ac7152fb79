# SPDX-License-Identifier: Apache-2.0
"""irssi, WeeChat and ii of Debian talk to each other, as their users would."""
import re

from chat_community import Chat, client_certificate, main
from chat_programs import PASSWORD, Ii, Irssi, WeeChat


class ChatPrograms(Chat):
    settings = {"chat": ['resume_grace = "600s"'], "chat_history": ["on_join = 20"]}

    def member(self, *options):
        return super().member(*options, password=PASSWORD)

    def irssi(self, name=None, **more):
        return self.opened(Irssi, name, **more)

    def weechat(self, name=None, mechanism="plain", **more):
        name = name or self.member()
        return self.opened(WeeChat, name, *WeeChat.password(name, mechanism), **more)

    def ii(self, name=None, **more):
        return self.opened(Ii, name, **more)

    def opened(self, kind, name, *login, **more):
        program = kind(self.node, name or self.member(), *login, **more)
        self.addCleanup(program.close)
        return program

    def meet(self, *terminals):
        """All of them on a channel of their own, whose operator is the first."""
        channel = self.fresh_channel()
        for x in terminals:
            x.say(f"/join {channel}")
            x.wait_for(f"{channel} created|Channel created|Join to {channel} was synced")
        return channel

    # -- logging in --

    def test_irssi_logs_in_by_sasl_plain_and_trusts_the_fingerprint(self):
        name = self.member()
        irssi = self.irssi(name)
        irssi.wait_for(f"You are now logged in as {name}")
        irssi.wait_for("SASL authentication succeeded")
        irssi.wait_for(rf"Welcome to the Hamlet network, {name}!")
        irssi.wait_for(rf"Mode change \[\+\w*r\w*\] for user {name}")

    def test_irssi_is_a_guest_without_an_account(self):
        irssi = self.irssi("guest", account=False)
        irssi.wait_for("Welcome to the Hamlet network, guest!")
        self.assertNotIn("logged in", irssi.screen())

    def test_irssi_is_not_let_into_the_nick_of_a_member(self):
        name = self.member()
        irssi = self.irssi(name, account=False)
        irssi.wait_for(rf"Welcome to the Hamlet network, {name}_!")  # what irssi tries next

    def test_weechat_logs_in_by_each_mechanism(self):
        for mechanism in ("plain", "scram-sha-256"):
            with self.subTest(mechanism):
                name = self.member()
                weechat = self.weechat(name, mechanism)
                weechat.wait_for(f"You are now logged in as {name}")
                weechat.wait_for("SASL authentication successful")

    def test_weechat_shows_a_certificate(self):
        name = self.member()
        pem, fingerprint = client_certificate(self.node.folder, name)
        self.node.run("account", "certificate", "add", name, fingerprint)
        weechat = self.opened(WeeChat, name, "sasl_mechanism external", f"ssl_cert {pem}",
                              "ssl_verify off")
        weechat.wait_for(f"You are now logged in as {name}")

    def test_a_wrong_password_is_told(self):
        name = self.member()
        weechat = WeeChat(self.node, "stranger", "sasl_mechanism plain", f"sasl_username {name}",
                          "sasl_password wrong", "ssl_verify off", waits_for="SASL")
        self.addCleanup(weechat.close)
        weechat.wait_for("(?i)SASL authentication failed|invalid credentials|incorrect")

    def test_ii_logs_in_by_pass(self):
        name = self.member()
        self.ii(name).wait_for(f"You are now logged in as {name}")

    # -- talking --

    def test_they_talk_to_each_other(self):
        irssi, weechat, name = self.irssi(), self.weechat(mechanism="scram-sha-256"), self.member()
        ii = self.ii(name)
        channel = self.meet(irssi, weechat)
        ii.say(f"/j {channel}")
        for x in (irssi, weechat):
            x.wait_for(rf"{name} .*has joined {channel}")
        irssi.say("from irssi, Dân ca")
        ii.wait_for("from irssi, Dân ca", channel)
        weechat.wait_for("from irssi, Dân ca")
        weechat.say("from WeeChat: 静夜思 🎵")
        irssi.wait_for("from WeeChat: 静夜思 🎵")
        ii.wait_for("from WeeChat: 静夜思 🎵", channel)
        ii.say("from ii : with %s and \\", channel)
        for x in (irssi, weechat):
            x.wait_for(re.escape("from ii : with %s and \\"))
        weechat.say("/me pours tea")
        irssi.wait_for(r"\* member\d+ pours tea")
        irssi.say("/me drinks it")
        weechat.wait_for(r"\* \| member\d+ drinks it")
        irssi.say(f"/topic {channel} Tea at five")
        weechat.wait_for('has changed topic for .* to "Tea at five"')
        ii.wait_for('changed topic to "Tea at five"', channel)

    def test_private_messages(self):
        one, other, third = self.member(), self.member(), self.member()
        irssi, weechat, ii = self.irssi(one), self.weechat(other), self.ii(third)
        irssi.say(f"/msg {other} only for you")
        weechat.wait_for(rf"3\. +{one}")
        weechat.say(f"/query {one}")
        weechat.wait_for("only for you")
        weechat.say("indeed")
        irssi.say(f"/query {other}")
        irssi.wait_for("indeed")
        ii.say(f"/j {one} hello")
        irssi.say(f"/query {third}")
        irssi.wait_for("hello")
        irssi.say("hello back")
        ii.wait_for("hello back", one)
        self.assertNotIn("only for you", ii.text())

    def test_who_comes_later_reads_what_was_said(self):
        first, later = self.irssi(), self.member()
        channel = self.meet(first)
        first.say(f"/msg ChanServ register {channel}")
        first.wait_for(r"(?i)\+\w*r.* by|is registered|is yours")
        first.say("before you came")
        first.say("/me waited")
        ii = self.ii()
        ii.say(f"/j {channel}")
        ii.wait_for("before you came", channel)
        ii.wait_for("ACTION waited", channel)
        weechat = self.weechat(later)
        self.meet_again(weechat, channel)
        weechat.wait_for("before you came")
        self.assertEqual(weechat.screen().count("before you came"), 1)

    @staticmethod
    def meet_again(terminal, channel):
        terminal.say(f"/join {channel}")
        terminal.wait_for("Channel created|was synced")

    # -- order on a channel --

    def test_kicked_banned_and_back(self):
        name = self.member()
        irssi, weechat = self.irssi(), self.weechat(name)
        channel = self.meet(irssi, weechat)
        irssi.say(f"/kick {name} mind the step")
        weechat.wait_for("has kicked .*mind the step")
        weechat.say(f"/join {channel}")
        irssi.wait_for(rf"{name} .*has joined {channel}(?s:.*)kicked(?s:.*)has joined {channel}")
        irssi.say(f"/mode +b {name}!*@*")
        weechat.wait_for(rf"\[\+b {name}!\*@\*\]")
        weechat.say("nobody hears this")
        weechat.wait_for("(?i)cannot send|banned")
        irssi.say(f"/kick {name} out")
        weechat.wait_for(r"has kicked .*\(out\)")
        weechat.say(f"/join {channel}")
        weechat.wait_for(r"Cannot join channel \(\+b\)")
        irssi.say(f"/mode -b {name}!*@*")
        irssi.wait_for(rf"\[-b {name}!\*@\*\]")
        weechat.say(f"/join {channel}")
        irssi.wait_for(rf"-b(?s:.*){name} .*has joined {channel}")
        irssi.say("welcome back")
        weechat.say(f"/buffer {channel}")
        weechat.wait_for("welcome back")
        self.assertNotIn("nobody hears this", irssi.screen())

    def test_invited_into_a_closed_channel(self):
        name = self.member()
        irssi, weechat = self.irssi(), self.weechat(name)
        channel = self.meet(irssi)
        irssi.say("/mode +i")
        irssi.wait_for(r"\[\+i\]")
        weechat.say(f"/join {channel}")
        weechat.wait_for(r"Cannot join channel \(\+i\)")
        irssi.say(f"/invite {name}")
        weechat.wait_for(f"invited to {channel}")
        weechat.say(f"/join {channel}")
        irssi.wait_for(f"{name} .*has joined {channel}")

    # -- who is who --

    def test_nick_change_and_away(self):
        name, other = self.member(), self.member()
        irssi, weechat = self.irssi(name), self.weechat(other)
        self.meet(irssi, weechat)
        irssi.say(f"/nick {name}.".replace(".", "-tea"))
        weechat.wait_for(f"{name} is now known as {name}-tea")
        irssi.say("/away out for tea")
        irssi.wait_for("zZzZ")
        weechat.say(f"/whois {name}-tea")
        weechat.say("/buffer here")
        weechat.wait_for("is away: out for tea")
        weechat.wait_for(f"is logged in as {name}")
        weechat.wait_for("is using a secure connection")
        weechat.wait_for(r"idle: 00 hours")
        weechat.wait_for(r"End of /WHOIS")
        irssi.say("/away")
        irssi.say(f"/whois {other}")
        irssi.say("/window 1")
        irssi.wait_for(rf"ircname +: WeeChat of {other}")
        irssi.wait_for(rf"account +: {other}|logged in as.*{other}")
        irssi.wait_for("End of WHOIS")
        self.assertNotIn("127.0.0.1", irssi.wait_for(r"hostname.*|userhost.*|~.*@.*Hamlet")[0])

    def test_ctcp_goes_through(self):
        name = self.member()
        irssi = self.irssi()
        self.weechat(name)
        irssi.say(f"/ctcp {name} VERSION")
        irssi.say("/window 1")
        irssi.wait_for(f"CTCP VERSION reply from {name}: WeeChat")

    # -- coming and going --

    def test_a_broken_connection_is_not_seen_by_others(self):
        name = self.member()
        irssi, weechat = self.irssi(), self.weechat(name)
        channel = self.meet(irssi, weechat)
        weechat.close()
        again = self.weechat(name, waits_for=f"{channel}: 2 nicks")  # without a JOIN of its own
        irssi.say("still here?")
        again.wait_for("still here[?]")
        again.say("as ever")
        irssi.wait_for("as ever")
        seen = irssi.screen()
        self.assertNotIn("has quit", seen)
        self.assertEqual(len(re.findall(f"{name} .*has joined", seen)), 1)

    def test_quit_is_seen(self):
        name = self.member()
        irssi, weechat = self.irssi(), self.weechat(name)
        self.meet(irssi, weechat)
        weechat.say("/quit good night")
        irssi.wait_for(f"{name} .*has quit .*good night")

    def test_who_wants_to_stay_stays_without_a_client(self):
        name = self.member()
        irssi, weechat = self.irssi(), self.weechat(name)
        channel = self.meet(irssi, weechat)
        weechat.say("/msg NickServ set persistence on")
        weechat.say("/quote persistence set on")
        weechat.say("/quit good night")
        irssi.say(f"/whois {name}")
        irssi.say("/window 1")
        irssi.wait_for("End of WHOIS")
        irssi.say(f"/msg {channel} while you slept")
        again = self.weechat(name, waits_for=f"{channel}: 2 nicks")
        again.wait_for("while you slept")
        irssi.say("/window 2")
        self.assertNotIn("has quit", irssi.screen())

    def test_two_clients_of_one_member_are_one_user(self):
        name = self.member()
        irssi, weechat, other = self.irssi(name), self.weechat(name), self.ii()
        channel = self.meet(irssi)
        weechat.say(f"/buffer {channel}")
        other.say(f"/j {channel}")
        other.wait_for("has joined", channel)
        irssi.say("said in irssi")
        weechat.wait_for("said in irssi")
        other.wait_for(f"<{name}> said in irssi", channel)
        weechat.say("said in WeeChat")
        irssi.wait_for("said in WeeChat")


if __name__ == "__main__":
    main()
