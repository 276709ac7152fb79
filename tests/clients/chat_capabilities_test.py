# SPDX-License-Identifier: Apache-2.0
"""The capabilities that known clients ask for: each is offered, granted, and does what it says."""
import re

from chat_community import Chat, main
from community import PASSWORD

COMMON = set("""account-notify away-notify batch cap-notify chghost echo-message extended-join
    invite-notify message-tags multi-prefix sasl server-time setname""".split())
HISTORY = {"draft/chathistory", "draft/event-playback", "draft/read-marker"}
CLIENTS = {
    "gamja": COMMON | HISTORY | {"draft/account-registration", "extended-monitor",
                                 "draft/extended-monitor", "labeled-response"},
    "The Lounge": COMMON | {"account-tag", "draft/multiline", "extended-monitor",
                            "standard-replies", "userhost-in-names"},
    "Kiwi IRC": COMMON | {"account-tag", "draft/chathistory"},
    "Halloy": COMMON | HISTORY | {"account-tag", "draft/message-redaction", "draft/metadata-2",
                                  "draft/multiline", "draft/no-implicit-names",
                                  "extended-monitor", "draft/extended-monitor",
                                  "labeled-response", "no-implicit-names", "userhost-in-names"},
}


def tags_of(line):
    if not line.startswith("@"):
        return {}
    return dict(x.partition("=")[::2] for x in line[1:].split(" ")[0].split(";"))


class Capabilities(Chat):
    settings = {"accounts": ['registration = "open"']}

    def enter(self, caps):
        """A member's client with these, on a channel that it founded; with another member."""
        name = self.member()
        client = self.connect(service="ircs")
        client.send("CAP LS 302")
        offered = {}
        while True:
            line = client.expect(r" CAP \* LS ")
            offered |= dict(x.partition("=")[::2] for x in line.split(" :", 1)[1].split())
            if " LS * :" not in line:
                break
        self.assertLessEqual(caps, offered.keys())
        client.send("CAP REQ :" + " ".join(sorted(caps)))
        self.assertRegex(client.expect(r" CAP \S+ (ACK|NAK) "), " ACK ")
        self.assertIn("PLAIN", offered["sasl"].split(","))
        self.assertTrue(client.plain(name, PASSWORD))
        client.send(f"NICK {name}", f"USER {name} 0 * :Real {name}", "CAP END")
        client.expect(" 376 ", " 422 ")
        client.nick = name
        listed = [x.split(" :", 1)[1] for x in client.ask("CAP LIST") if " LIST " in x]
        final = {x.removeprefix("draft/") for x in caps}  # a cap of two names is listed once
        self.assertEqual({x.removeprefix("draft/") for line in listed for x in line.split()}, final)
        channel = self.fresh_channel()
        joined = client.ask(f"JOIN {channel}")
        self.assertSaid(rf"JOIN {channel} {name} :Real {name}$", joined)
        has_names = any(" 353 " in x for x in joined)
        self.assertEqual(has_names, "no-implicit-names" not in caps)
        client.ask(f"PRIVMSG ChanServ :REGISTER {channel}", f"MODE {channel} +v {name}")
        peer_name = self.member()
        peer = self.connect(peer_name, account=peer_name, password=PASSWORD,
                            caps=("message-tags", "invite-notify"), service="ircs")
        self.meet(peer, channel=channel)
        self.assertSaid(rf"^@\S*time=\S+ :{peer_name}!\S+ JOIN {channel} {peer_name} :Real",
                        client.barrier())
        return client, peer, channel

    def test_known_clients_get_what_they_ask_for(self):
        for name, caps in CLIENTS.items():
            with self.subTest(name):
                client, peer, channel = self.enter(caps)
                for cap in sorted(caps):
                    use = getattr(self, "use_" + re.sub(r"\W", "_", cap.removeprefix("draft/")),
                                  None)
                    self.assertIsNotNone(use, f"nobody has tried {cap}")
                    with self.subTest(cap):
                        use(client, peer, channel)

    def test_who_asks_for_nothing_gets_nothing(self):
        """RFC 2812 §2.3.1 as it stands: no tag, no command that it does not know."""
        plain = self.user()
        _, peer, channel = self.enter(CLIENTS["Halloy"])
        self.meet(plain, channel=channel)
        peer.ask(f"@+typing=active TAGMSG {channel}", f"@+reply=x PRIVMSG {channel} :tagged",
                 "AWAY :gone", "SETNAME :other", "MARKREAD *", f"NICK {self.fresh_nick()}")
        plain.expect(" NICK ")
        for line in plain.seen:
            self.assertRegex(line, r"^(:\S+ (\d{3}|JOIN|PRIVMSG|MODE|NICK|NOTICE|PONG)|PING) ")

    # -- one for each capability: (client, another member on the channel, the channel) --

    def use_sasl(self, client, *_):
        self.assertSaid(f" is logged in as$| {client.nick} :is logged in",
                        client.ask(f"WHOIS {client.nick}"))

    def use_cap_notify(self, client, *_):
        self.assertSaid("cap-notify", client.ask("CAP LIST"))

    def use_message_tags(self, client, peer, channel):
        peer.ask(f"@+typing=active;+other=1 TAGMSG {channel}")
        line = client.expect(f" TAGMSG {channel}")
        self.assertEqual(tags_of(line)["+typing"], "active")
        self.assertIn("msgid", tags_of(line))

    def use_server_time(self, client, peer, channel):
        peer.ask(f"PRIVMSG {channel} :when?")
        self.assertRegex(tags_of(client.expect("when[?]$"))["time"],
                         r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    def use_account_tag(self, client, peer, channel):
        peer.ask(f"PRIVMSG {channel} :who?")
        self.assertEqual(tags_of(client.expect("who[?]$"))["account"], peer.nick)

    def use_echo_message(self, client, peer, channel):
        client.send(f"PRIVMSG {channel} :echo")
        self.assertIn("msgid", tags_of(client.expect(f":{client.nick}!.*PRIVMSG {channel} :echo$")))

    def use_multi_prefix(self, client, peer, channel):
        self.assertSaid(rf" 353 .*[: ]~@?\+{client.nick}", client.ask(f"NAMES {channel}"))

    def use_userhost_in_names(self, client, peer, channel):
        self.assertSaid(rf" 353 .*[: ]@?{peer.nick}!\S+@\S+", client.ask(f"NAMES {channel}"))

    def use_away_notify(self, client, peer, _):
        peer.ask("AWAY :for tea")
        client.expect(f":{peer.nick}!.* AWAY :for tea$")
        peer.ask("AWAY")
        client.expect(f":{peer.nick}!.* AWAY$")

    def use_account_notify(self, client, _, channel):
        name = self.member()
        late = self.user(caps=("sasl",))
        self.meet(late, channel=channel)
        self.assertTrue(late.plain(name, PASSWORD))
        client.expect(f":{late.nick}!.* ACCOUNT {name}$")

    def use_extended_join(self, client, _, channel):
        guest = self.user()
        self.meet(guest, channel=channel)
        client.expect(f"JOIN {channel} \\* :Real {guest.nick}$")

    def use_invite_notify(self, client, peer, channel):
        guest = self.user()
        client.ask(f"MODE {channel} +o {peer.nick}")
        peer.ask(f"INVITE {guest.nick} {channel}")
        client.expect(f":{peer.nick}!.* INVITE {guest.nick} :?{channel}$")

    def use_chghost(self, client, peer, channel):
        self.boss().ask(f"CHGHOST {peer.nick} teapot.here.test")
        client.expect(rf":{peer.nick}!\S+ CHGHOST \S+ teapot.here.test$")

    def use_setname(self, client, peer, _):
        client.send("SETNAME :A new name")
        client.expect(f":{client.nick}!.* SETNAME :A new name$")

    def use_standard_replies(self, client, *_):
        client.send(b"PRIVMSG x :\xff")
        client.expect(" FAIL PRIVMSG INVALID_UTF8 ")

    def use_labeled_response(self, client, peer, channel):
        client.send("@label=one PING :x")
        self.assertEqual(tags_of(client.expect(" PONG "))["label"], "one")
        client.send(f"@label=many WHOIS {peer.nick}")
        opened = client.expect(r" BATCH \+\S+ labeled-response")
        self.assertEqual(tags_of(opened)["label"], "many")
        reference = re.search(r"BATCH \+(\S+)", opened)[1]
        self.assertEqual(tags_of(client.expect(" 311 "))["batch"], reference)
        client.expect(f" BATCH -{reference}$")

    def use_batch(self, client, *_):
        self.assertIn("batch", client.ask("CAP LIST")[0])  # others use it: history, labels

    def use_extended_monitor(self, client, *_):
        apart = self.user()
        client.send(f"MONITOR + {apart.nick}")
        client.expect(f" 730 .*{apart.nick}")
        apart.ask("AWAY :elsewhere")
        client.expect(f":{apart.nick}!.* AWAY :elsewhere$")

    def use_chathistory(self, client, peer, channel):
        peer.ask(f"PRIVMSG {channel} :for the record")
        client.barrier()
        lines = client.ask(f"CHATHISTORY LATEST {channel} * 50")
        self.assertSaid(rf" BATCH \+\S+ chathistory {channel}$", lines)
        found = [x for x in lines if x.endswith("PRIVMSG " + channel + " :for the record")]
        self.assertEqual(len(found), 1)
        self.assertLessEqual({"batch", "msgid", "time"}, tags_of(found[0]).keys())
        targets = client.ask("CHATHISTORY TARGETS timestamp=2020-01-01T00:00:00.000Z "
                             "timestamp=2100-01-01T00:00:00.000Z 50")
        self.assertSaid(f"CHATHISTORY TARGETS {channel} ", targets)

    def use_event_playback(self, client, peer, channel):
        client.ask(f"TOPIC {channel} :an event")
        self.assertSaid(rf"^@\S*batch=\S+ .* TOPIC {channel} :an event$",
                        client.ask(f"CHATHISTORY LATEST {channel} * 50"))

    def use_read_marker(self, client, _, channel):
        client.send(f"MARKREAD {channel} timestamp=2026-01-02T03:04:05.678Z")
        client.expect(f" MARKREAD {channel} timestamp=2026-01-02T03:04:05.678Z$")

    def use_multiline(self, client, peer, channel):
        client.send(f"BATCH +m draft/multiline {channel}", f"@batch=m PRIVMSG {channel} :one ",
                    f"@batch=m;draft/multiline-concat PRIVMSG {channel} :line",
                    f"@batch=m PRIVMSG {channel} :and two", "BATCH -m")
        peer.expect(f"PRIVMSG {channel} :one ")
        peer.expect(f"PRIVMSG {channel} :and two$")
        client.expect(rf" BATCH \+\S+ draft/multiline {channel}$")  # its echo

    def use_message_redaction(self, client, peer, channel):
        client.send(f"PRIVMSG {channel} :a slip")
        number = tags_of(client.expect("a slip$"))["msgid"]
        client.send(f"REDACT {channel} {number} :typo")
        client.expect(f":{client.nick}!.* REDACT {channel} {number} :typo$")
        self.assertNotSaid("a slip", client.ask(f"CHATHISTORY LATEST {channel} * 50"))

    def use_metadata_2(self, client, peer, _):
        client.send("METADATA * SET url :https://here.test/me")
        client.expect(r" 761 \S+ \S+ url \S+ :https://here.test/me$")
        self.assertSaid(" 761 .* url ", client.ask(f"METADATA {client.nick} GET url"))

    def use_no_implicit_names(self, client, *_):
        channel = self.fresh_channel()
        self.assertNotSaid(" 353 | 366 ", client.ask(f"JOIN {channel}"))
        self.assertSaid(" 353 ", client.ask(f"NAMES {channel}"))

    def use_account_registration(self, *_):
        fresh = self.user(caps=("draft/account-registration",))
        fresh.send(f"REGISTER * * {PASSWORD.replace(' ', '-')}")
        fresh.expect(f" REGISTER SUCCESS {fresh.nick} ")


if __name__ == "__main__":
    main()
