# SPDX-License-Identifier: Apache-2.0
"""Who is let in to chat: how many, how soon, by which words, from where they say they come."""
import hashlib
import re
import select
import socket
import ssl
import struct
import subprocess
import time
import urllib.request

from chat_community import FREE, Chat, Closed, Irc, main
from community import HOST
from irc_wire import tls_context

GATE = "gate"
GATEWAY = "127.0.0.9"
PROXY = "127.0.0.8"
WEB = "127.0.0.10"
BEHIND = {
    "listen": [f'proxy_from = ["{PROXY}/32"]'],
    "chat": [f'trusted_proxies = ["{WEB}/32"]'],
    "[chat.webirc]": ['name = "kiwi"', f'from = ["{GATEWAY}/32"]',
                      'password = "$argon2id$v=19$m=8192,t=1,p=1$XTumUKuzYDu+j55vYRgENg$'
                      'v0XyZOQ4KDdg2GkHQpLCQHHG6Fa2Y3zOGUSDadDwZtg"'],  # of GATE
}


class Doors(Chat):
    settings = BEHIND

    def proxied(self, address, nick=None, **more):
        kind, to = ("TCP6", "::1") if ":" in address else ("TCP4", "127.0.0.1")
        return self.connect(nick, source=PROXY,
                            before=f"PROXY {kind} {address} {to} 1000 6667\r\n".encode(), **more)

    def by_gateway(self, address, nick=None, source=GATEWAY, password=GATE, options=""):
        client = self.connect(source=source)
        client.send(f"WEBIRC {password} kiwi {address} {address}{options}")
        return client.register(nick) if nick else client

    def by_web(self, address, nick=None, source=WEB):
        return self.connect(nick, "irc_websocket", source=source,
                            websocket=[f"X-Forwarded-For: {address}"])

    def assertRefused(self, make, why="Too many connections"):
        try:
            client = make()
            lines = client.closed()
        except Closed as end:
            lines = end.args
        self.assertSaid(f"^ERROR :.*{why}", lines)

    def metric(self, name):
        with urllib.request.urlopen(f"http://{HOST}:{self.port('admin')}/metrics",
                                    timeout=30) as page:
            text = page.read().decode()
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.M)
        return float(found[1]) if found else 0.0


class Counting(Doors):
    def test_the_seventeenth_client_of_an_address_is_refused(self):
        host = self.fresh_host()
        here = [self.user(source=host) for _ in range(16)]
        self.assertRefused(lambda: self.connect(source=host))
        self.user(source=self.fresh_host())
        here[0].send("QUIT")
        here[0].closed()

    def test_the_thirty_third_within_ten_minutes_is_refused(self):
        host = self.fresh_host()
        limit = 'hamlet_connections_refused_total{limit="per_minute"}'
        before = self.metric(limit)
        let_in = 0
        while self.metric(limit) == before:
            client = self.connect(source=host)
            client.send("QUIT")
            said = client.closed()
            let_in += any("Client quit" in x for x in said)
            self.assertLessEqual(let_in, 32)
        self.assertEqual(let_in, 32)

    def test_an_ipv6_customer_is_one_address(self):
        for n in range(16):
            self.proxied(f"2001:db8:5:1::{n + 1:x}", self.fresh_nick())
        self.assertRefused(lambda: self.proxied("2001:db8:5:1::ffff"))
        self.proxied("2001:db8:5:2::1", self.fresh_nick())

    def test_the_exempt_are_not_counted(self):
        for _ in range(40):
            self.user()

    def test_a_web_gateway_may_bring_many_and_each_counts_for_itself(self):
        for bring, net in ((self.by_gateway, "198.51.100"), (self.by_web, "203.0.113")):
            with self.subTest(net=net):
                for n in range(20):  # more than one address may
                    bring(f"{net}.{n + 1}", self.fresh_nick())
                for _ in range(15):
                    bring(f"{net}.1", self.fresh_nick())
                self.assertRefused(lambda: bring(f"{net}.1", self.fresh_nick()))

    def test_those_who_left_a_web_gateway_make_place(self):
        for bring, net in ((self.by_gateway, "198.51.100.200"), (self.by_web, "203.0.113.200")):
            guests = [bring(net, self.fresh_nick()) for _ in range(16)]
            for x in guests:
                x.send("QUIT")
                x.closed()
            bring(net, self.fresh_nick())


class Impostors(Doors):
    def test_a_proxy_header_of_a_stranger_is_no_address(self):
        v2 = (b"\r\n\r\n\0\r\nQUIT\n\x21\x11" + struct.pack(">H",
                                                            12) + socket.inet_aton("192.0.2.66")
              + socket.inet_aton("127.0.0.1") + struct.pack(">HH", 1, 6667))
        for header in (b"PROXY TCP4 192.0.2.66 127.0.0.1 1 6667\r\n", v2):
            with self.subTest(header=header):
                host, nick = self.fresh_host(), self.fresh_nick()
                try:
                    client = self.connect(source=host, before=header)
                    client.register(nick)
                except (Closed, OSError):
                    continue
                lines = self.boss().ask(f"WHOIS {nick}")
                self.assertSaid(re.escape(host), lines)
                self.assertNotSaid(r"192\.0\.2\.66", lines)

    def test_webirc_of_a_stranger_is_refused(self):
        for source, password in ((self.fresh_host(), GATE), (GATEWAY, "wrong"),
                                 ("127.0.0.1", GATE)):
            with self.subTest(source=source, password=password):
                client = self.by_gateway("192.0.2.66", source=source, password=password)
                self.assertSaid("^ERROR :.*WEBIRC", client.closed())

    def test_webirc_comes_first_and_once(self):
        for words in ("NICK x", "CAP LS 302", f"WEBIRC {GATE} kiwi h 192.0.2.7"):
            client = self.connect(source=GATEWAY)
            client.send(words, f"WEBIRC {GATE} kiwi h 192.0.2.8")
            self.assertSaid("^ERROR :.*WEBIRC", client.closed())

    def test_forwarded_for_of_a_stranger_is_no_address(self):
        host, nick = self.fresh_host(), self.fresh_nick()
        self.by_web("192.0.2.66", nick, source=host)
        lines = self.boss().ask(f"WHOIS {nick}")
        self.assertSaid(re.escape(host), lines)
        self.assertNotSaid(r"192\.0\.2\.66", lines)

    def test_bans_and_guesses_go_by_the_real_address(self):
        boss = self.boss()
        for bring, address in ((self.by_gateway, "192.0.2.71"), (self.by_web, "192.0.2.72"),
                               (self.proxied, "192.0.2.73")):
            with self.subTest(address=address):
                nick = self.fresh_nick()
                here = bring(address, nick)
                self.assertSaid(re.escape(address), boss.ask(f"WHOIS {nick}"))
                boss.ask(f"DLINE 60 {address} :not you")
                self.assertSaid("not you", here.closed())
                self.assertRefused(lambda: bring(address, self.fresh_nick()), "not you")
                bring("192.0.2.99", self.fresh_nick())
                self.by_gateway("192.0.2.99", self.fresh_nick()).send("QUIT")

    def test_failed_logins_count_for_the_real_address(self):
        client = self.connect(service="ircs", source=GATEWAY)
        client.send(f"WEBIRC {GATE} kiwi host 192.0.2.81 :secure")
        client.request("sasl")
        self.assertFalse(client.plain(self.member(), "wrong"))
        told = self.logged("login refused")
        self.assertSaid(r"192\.0\.2\.81", told)
        self.assertNotSaid(re.escape(GATEWAY), told)


class Strangers(Doors):
    settings = {**BEHIND, "chat_limits": FREE["chat_limits"]
                + ['registration_timeout = "5s"', "before_registration = 4096"]}

    def test_who_says_nothing_is_hung_up_on(self):
        clients = [self.connect(service=x) for x in ("irc", "ircs", "irc_websocket",
                                                     "irc_websockets")]
        for x in clients:
            self.assertSaid("^ERROR :.*Registration timed out", x.closed())

    def test_who_never_finishes_the_handshake_is_hung_up_on(self):
        client = self.connect(service="irc_websocket", websocket=None, tls=False)
        client.send_raw(b"GET / HTTP/1.1\r\nHost: h\r\n")
        client.octets()  # ends

    def test_an_octet_now_and_then_buys_no_time(self):
        client = self.connect(source=self.fresh_host())
        for octet in b"NICK slow\r\nUSER very slow 0 :loris\r\n" * 30:
            try:
                client.socket.sendall(bytes([octet]))
            except OSError:
                break
            if select.select([client.socket], [], [], 0.5)[0]:
                break
        else:
            self.fail("it is still here")
        self.assertSaid("^ERROR :.*Registration timed out", client.closed())

    def test_four_kilobytes_before_registration_are_enough(self):
        for words in ("CAP LS 302", "PING x", "NICK \0", "AUTHENTICATE " + "x" * 400):
            with self.subTest(words=words):
                client = self.connect(source=self.fresh_host())
                try:
                    client.send(*[words] * (5000 // (len(words) + 2)))
                except OSError:
                    pass
                try:
                    self.assertSaid("^ERROR :.*Too much before registration", client.closed())
                except ConnectionResetError:
                    pass

    def test_other_protocols_end_at_once(self):
        hello = ssl.MemoryBIO()
        tls = tls_context().wrap_bio(ssl.MemoryBIO(), hello, server_hostname="here.test")
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        for octets in (b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", b"POST / HTTP/1.1\r\n\r\nNICK x\r\n",
                       hello.read().replace(b"\n", b"\0"), b"\x16\x03\x01\x02\x00", b"\0" * 20,
                       b"EHLO there\r\n", b"SSH-2.0-OpenSSH_9\r\n"):
            with self.subTest(octets=octets[:20]):
                client = self.connect(source=self.fresh_host())
                client.send_raw(octets)
                self.assertSaid("^ERROR :.*This is a chat server", client.closed())

    def test_words_at_the_door_of_tls_end_at_once(self):
        client = self.connect(service="ircs", tls=False)
        client.send("NICK x", "USER x 0 * :x")
        self.assertNotIn(b"001", client.octets())

    def test_a_page_of_another_site_opens_no_websocket(self):
        port = self.port("irc_websocket")
        host = f"Host: here.test:{port}"
        for origin, let_in in ((None, True), ("http://here.test", True),
                               ("https://evil.example", False),
                               ("null", False), ("http://here.test.evil.example", False)):
            with self.subTest(origin=origin):
                headers = [] if origin is None else [f"Origin: {origin}"]
                try:
                    self.connect(self.fresh_nick(), "irc_websocket", websocket=headers or True)
                    self.assertTrue(let_in)
                except Closed as end:
                    self.assertFalse(let_in, (host, end))
                    self.assertIn("403", end.args[0])


MANY = ["connections_per_address = 0", 'new_connections = "off"']


class Flooders(Doors):
    """What is common to the next three."""

    def flood(self, make):
        client = make()
        try:
            client.send(*["PING x"] * 700)  # 5,600 octets
            lines = client.closed()
        except OSError:  # it was quicker
            lines = ["ERROR :Too much before registration"]
        self.assertSaid("^ERROR :.*Too much before registration", lines)

    def is_let_in(self, address):
        try:
            self.proxied(address, self.fresh_nick()).drop()
            return True
        except Closed as end:
            self.assertSaid("^ERROR :.*Banned: Too much before registration", end.args)
            return False

    def wait_for(self, state, address):
        until = time.monotonic() + 30
        while self.is_let_in(address) != state:
            self.assertLess(time.monotonic(), until, "nothing changes")


class ShutOut(Flooders):
    settings = {**BEHIND, "chat_limits": FREE["chat_limits"] + MANY}

    def test_who_floods_before_registration_stays_out(self):
        boss, here = self.boss(), self.proxied("198.51.100.9", self.fresh_nick())
        boss.ask(f"MODE {boss.nick} +s")
        self.flood(lambda: self.proxied("198.51.100.9"))
        self.wait_for(False, "198.51.100.9")
        self.assertTrue(self.is_let_in("198.51.100.10"))
        here.barrier()  # nobody who is here is hurt
        self.assertSaid(" 250 .* d 198.51.100.9 :Too much before registration .*until.*by mail",
                        boss.ask("STATS d"))
        self.assertSaid("added D-line for 198.51.100.9 ", boss.seen)
        boss.ask("UNDLINE 198.51.100.9")
        self.assertTrue(self.is_let_in("198.51.100.9"))

    def test_all_of_a_slash_64_stay_out(self):
        self.flood(lambda: self.proxied("2001:db8:7::1"))
        self.wait_for(False, "2001:db8:7::2")
        self.assertTrue(self.is_let_in("2001:db8:8::1"))

    def test_the_client_of_a_gateway_stays_out_and_the_gateway_does_not(self):
        self.flood(lambda: self.by_gateway("198.51.100.30"))
        self.wait_for(False, "198.51.100.30")
        self.flood(lambda: self.connect(source=GATEWAY))
        self.flood(lambda: self.connect(source=WEB))
        for address in ("198.51.100.31", "198.51.100.32"):
            self.by_gateway(address, self.fresh_nick()).barrier()
        self.connect(self.fresh_nick(), source=WEB).barrier()


class ShutOutForASecond(Flooders):
    settings = {**BEHIND, "chat_limits": FREE["chat_limits"] + MANY + ['flood_ban = "1s"']}

    def test_a_flooder_is_let_in_again_by_itself(self):
        boss = self.boss()
        boss.ask(f"MODE {boss.nick} +s")
        self.flood(lambda: self.proxied("198.51.100.9"))
        boss.expect("added D-line for 198.51.100.9 ")
        boss.expect("D-line for 198.51.100.9 has expired")
        self.wait_for(True, "198.51.100.9")


class ShutOutNever(Flooders):
    settings = {**BEHIND, "chat_limits": FREE["chat_limits"] + MANY + ['flood_ban = "0s"']}

    def test_a_flooder_may_come_back_at_once(self):
        for _ in range(3):
            self.flood(lambda: self.proxied("198.51.100.9"))
            self.assertTrue(self.is_let_in("198.51.100.9"))


if __name__ == "__main__":
    main()
