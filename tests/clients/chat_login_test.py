# SPDX-License-Identifier: Apache-2.0
"""Who somebody is in chat: SASL, certificates, new accounts, TLS and what is said of it."""
import base64
import pathlib
import shutil
import socket
import ssl
import subprocess

from chat_community import PASSWORD, QUICK_COMMANDS, Chat, Closed, client_certificate, main
from community import HOST, merged
from irc_wire import tls_context


class Login(Chat):
    settings = QUICK_COMMANDS

    def asking(self, service="ircs", **more):
        """A client that has asked for SASL and is not registered."""
        client = self.connect(service=service, **more)
        client.request("sasl")
        return client

    def reply(self, client, *lines):
        client.send(*lines)
        return client.expect(r" 90\d ", r"^AUTHENTICATE ")


class Sasl(Login):
    settings = {**QUICK_COMMANDS, "listen": ['proxy_from = ["127.0.0.8/32"]']}

    def test_plain_only_inside_tls_or_on_this_host(self):
        name = self.member()
        header = b"PROXY TCP4 192.0.2.5 127.0.0.1 1 6667\r\n"
        far = self.asking("irc", source="127.0.0.8", before=header)
        self.assertFalse(far.plain(name, PASSWORD))
        self.assertSaid(" 908 .*SCRAM-SHA-256", far.seen)
        self.assertNotSaid(" 908 .*PLAIN", far.seen)
        self.assertTrue(self.asking("ircs", source="127.0.0.8", before=header).plain(name,
                                                                                     PASSWORD))
        self.assertTrue(self.asking("irc").plain(name, PASSWORD))

    def test_what_is_wrong_has_its_numeric(self):
        chunk = "A" * 400
        for lines, numeric in ((["AUTHENTICATE *"], " 906 "), (["AUTHENTICATE X-NONE"], " 908 "),
                               (["AUTHENTICATE PLAIN", "AUTHENTICATE *"], " 906 "),
                               (["AUTHENTICATE PLAIN", "AUTHENTICATE " + "A" * 401], " 905 "),
                               (["AUTHENTICATE PLAIN", "AUTHENTICATE !!!"], " 904 "),
                               (["AUTHENTICATE PLAIN", "AUTHENTICATE +"], " 904 "),
                               (["AUTHENTICATE PLAIN", f"AUTHENTICATE {chunk}", "AUTHENTICATE +"],
                                " 904 "),
                               (["AUTHENTICATE EXTERNAL", "AUTHENTICATE +"], " 90[48] ")):
            with self.subTest(lines=lines):
                client = self.asking()
                client.send(*lines)
                client.expect(numeric)
                client.send("CAP END", f"NICK {self.fresh_nick()}", "USER u 0 * :x")
                client.expect(" 001 ")

    def test_four_hundred_kilobytes_of_chunks_are_too_many(self):
        client = self.asking(source=self.fresh_host())
        before = self.memory()
        client.send("AUTHENTICATE PLAIN")
        try:
            client.send(*["AUTHENTICATE " + "A" * 400] * 1000)
            lines = client.closed()
        except OSError:
            lines = []
        self.assertNotSaid(" 903 ", lines)
        member = self.user(service="ircs", caps=("sasl",))
        lines = member.ask("AUTHENTICATE PLAIN", *["AUTHENTICATE " + "A" * 400] * 1000)
        self.assertSaid(" 905 ", lines)
        self.assertLess(self.memory() - before, 4 << 20)

    def test_nobody_logs_in_as_another(self):
        one, two = self.member(), self.member()
        self.assertFalse(self.asking().plain(one, PASSWORD, authzid=two))
        self.assertTrue(self.asking().plain(one, PASSWORD, authzid=one))

    def test_twice_is_once_too_often(self):
        client = self.asking()
        self.assertTrue(client.plain(name := self.member(), PASSWORD))
        self.assertIn(" 907 ", self.reply(client, "AUTHENTICATE PLAIN"))
        client.send("CAP END")
        client.register(self.fresh_nick())
        self.assertSaid(f" 330 .* {name} ", client.ask(f"WHOIS {client.nick}"))

    def test_after_registration_is_as_before(self):
        name = self.member()
        client = self.user(service="ircs", caps=("sasl",))
        self.assertFalse(client.plain(name, "wrong"))
        self.assertTrue(client.plain(name, PASSWORD))
        self.assertSaid(f" 330 .* {name} ", client.ask(f"WHOIS {client.nick}"))

    def test_three_failures_end_the_connection(self):
        name = self.member()
        client = self.asking()
        for _ in range(3):
            client.plain(name, "wrong")
        self.assertSaid("^ERROR :.*Too many failed logins", client.closed())

    def test_scram_with_another_nonce_or_of_before(self):
        name = self.member()
        client = self.asking("irc")
        bare, first = client.scram_first(name)
        right = client.scram_final(bare, first, PASSWORD)
        client.response(right.encode())
        client.challenge()
        client.send("AUTHENTICATE +")
        client.expect(" 903 ")
        for make in (lambda c, b, f: right, lambda c, b,
                     f: c.scram_final(b, f, PASSWORD, nonce="x" * 24),
                     lambda c, b, f: c.scram_final(b, f, "wrong"),
                     lambda c, b, f: c.scram_final(b, f, PASSWORD)[:-6]):
            other = self.asking("irc")
            bare, first = other.scram_first(name)
            other.response(make(other, bare, first).encode())
            self.assertIn(" 904 ", other.expect(r" 90\d "))

    def test_external_is_the_certificate_of_the_account(self):
        mine, stranger = self.member(), self.member()
        good, fingerprint = client_certificate(self.node.folder, "mine")
        bad, _ = client_certificate(self.node.folder, "nobody")
        self.node.run("account", "certificate", "add", self.address(mine), fingerprint)
        for certificate, authzid, let_in in ((good, "", True), (good, mine, True),
                                             (good, stranger, False),
                                             (bad, "", False), (bad, mine, False),
                                             (None, mine, False)):
            with self.subTest(certificate=certificate, authzid=authzid):
                self.assertEqual(self.asking(certificate=certificate).external(authzid), let_in)
        client = self.user(service="ircs", certificate=good)
        self.assertSaid(f" 276 .*{fingerprint}", client.ask(f"WHOIS {client.nick}"))
        self.assertNotSaid(" 276 ", self.user().ask(f"WHOIS {client.nick}"))
        self.assertSaid(" 276 ", self.boss().ask(f"WHOIS {client.nick}"))
        self.node.run("account", "certificate", "remove", self.address(mine), fingerprint)
        self.assertFalse(self.asking(certificate=good).external())


class Guessing(Login):
    settings = merged(QUICK_COMMANDS,
                      {"accounts": ["failures_per_ip = 10", "failures_per_account = 4"],
                                       "chat_limits": ["login_failures = 100"]})

    def test_one_address_and_many_accounts(self):
        names = [self.member() for _ in range(2)]
        client = self.asking(source=self.fresh_host())
        for n in range(10):
            self.assertFalse(client.plain(f"nobody{n}", "guess"))
        self.assertFalse(client.plain(names[0], PASSWORD))  # now even the right one
        other = self.asking(source=self.fresh_host())
        self.assertTrue(other.plain(names[0], PASSWORD))

    def test_one_account_and_one_address(self):
        name, other_name = self.member(), self.member()
        client = self.asking(source=self.fresh_host())
        for n in range(4):
            self.assertFalse(client.plain(name, f"guess{n}"))
        self.assertFalse(client.plain(name, PASSWORD))
        self.assertTrue(client.plain(other_name, PASSWORD))

    def test_the_node_answers_others_while_it_looks_at_passwords(self):
        other, guessers = self.user(), [self.asking(source=self.fresh_host()) for _ in range(20)]
        for x in guessers:
            x.send("AUTHENTICATE PLAIN", "AUTHENTICATE " + base64.b64encode(b"\0a\0b").decode())
        other.barrier()
        for x in guessers:
            x.expect(" 904 ")


class Registering(Login):
    settings = merged(QUICK_COMMANDS,
                      {"accounts": ['registration = "open"', 'registrations = "30/10m"',
                                                    'registrations_per_address = "off"']})

    def register(self, client, name, password="long enough"):
        lines = client.ask(f"REGISTER {name} * :{password}")
        return any(" REGISTER SUCCESS " in x for x in lines), lines

    def test_names_of_others_and_those_that_look_alike_are_taken(self):
        self.node.add_account("paypal", PASSWORD)
        client = self.user(service="ircs")
        for name in ("paypal", "PayPal", "p\u0430ypal", "admin", "postmaster", "NickServ", "../x",
                     "a b"):
            with self.subTest(name=name):
                done, lines = self.register(client, name)
                self.assertFalse(done, lines)
        self.assertSaid("FAIL REGISTER WEAK_PASSWORD",
                        client.ask(f"REGISTER {self.fresh_nick()} * :x"))

    def test_the_thirty_first_waits(self):
        results = []
        for n in range(31):
            client = self.connect(service="ircs")
            client.request("draft/account-registration")
            client.send(f"NICK {self.fresh_nick()}")
            results.append(self.register(client, f"fresh{n}")[0])
            client.drop()
        self.assertEqual(results, [True] * 30 + [False])


class Transport(Login):
    settings = merged(QUICK_COMMANDS, {"chat": ["sts = true", 'sts_hosts = ["here.test"]',
                                                'sts_duration = "1h"'],
                                       "tls": ['min_version = "1.2"']})

    def sts(self, service):
        client = self.connect(service=service)
        client.send("CAP LS 302")
        line = client.expect(r" CAP \* LS :")
        return next((x[4:] for x in line.split(" :", 1)[1].split() if x.startswith("sts=")), None)

    def test_sts_says_the_port_outside_and_the_duration_inside(self):
        self.assertEqual(self.sts("irc"), f"port={self.port('ircs')}")
        self.assertEqual(self.sts("ircs"), "duration=3600")

    def test_sts_cannot_be_asked_for(self):
        client = self.connect()
        client.send("CAP LS 302", "CAP REQ sts")
        client.expect(" CAP \\* NAK :?sts")

    def test_old_tls_is_refused(self):
        for version in ("-tls1", "-tls1_1"):
            for service in ("ircs", "irc_websockets"):
                done = subprocess.run(["openssl", "s_client", "-connect",
                                       f"{HOST}:{self.port(service)}", version,
                                       "-cipher", "ALL:@SECLEVEL=0"], input=b"",
                                      capture_output=True,
                                      timeout=30, check=False)
                self.assertNotIn(b"Cipher is ECDHE", done.stdout)
                self.assertRegex(done.stdout + done.stderr,
                                 b"alert|unsupported protocol|no protocols")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = tls_context()
            context.minimum_version = context.maximum_version = version
            with socket.create_connection((HOST, self.port("ircs")), timeout=30) as bare:
                context.wrap_socket(bare, server_hostname="any.name").close()

    def certificate(self, service="ircs"):
        with socket.create_connection((HOST, self.port(service)), timeout=30) as bare:
            with tls_context().wrap_socket(bare, server_hostname="here.test") as client:
                return client.getpeercert(True)

    def test_a_new_certificate_drops_nobody(self):
        boss = self.boss()
        here = self.user(service="ircs")
        before = self.certificate()
        fresh, _ = client_certificate(self.node.folder, "renewed")
        folder = self.node.folder / "data" / "tls"
        text = pathlib.Path(fresh).read_text(encoding="ascii")
        (folder / "self-signed.key").write_text(text[:text.index("-----BEGIN CERT")],
                                                encoding="ascii")
        shutil.copy(fresh + ".crt", folder / "self-signed.pem")
        boss.ask("REHASH")
        for _ in range(200):
            if self.certificate() != before:
                break
        else:
            self.fail("the old certificate is still told")
        here.barrier()
        self.assertNotEqual(self.certificate("irc_websockets"), before)


class NoSts(Transport):
    settings = merged(QUICK_COMMANDS, {"chat": ["sts = true", 'sts_hosts = ["*.test"]',
                                               'sts_duration = "0s"']})

    def test_sts_says_the_port_outside_and_the_duration_inside(self):
        self.assertEqual(self.sts("ircs"), "duration=0")

    def test_old_tls_is_refused(self):
        pass

    def test_a_new_certificate_drops_nobody(self):
        pass


class StsOfAnotherName(Transport):
    settings = merged(QUICK_COMMANDS, {"chat": ["sts = true"]})  # for mail.here.test

    def test_sts_says_the_port_outside_and_the_duration_inside(self):
        self.assertEqual(self.sts("irc"), f"port={self.port('ircs')}")
        self.assertIsNone(self.sts("ircs"))  # it asks for here.test


if __name__ == "__main__":
    main()
