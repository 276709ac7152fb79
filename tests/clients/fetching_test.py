# SPDX-License-Identifier: Apache-2.0
"""What programs that fetch can do besides fetching: keep, delete, list, look, log in by digest."""
import hashlib
import poplib
import re

from community import (HOST, PASSWORD, STRANGER, Community, Maildrop, any_certificate, crlf, main,
                       without_trace)
from programs import curl_list, fetchmail, getmail, letter, mpop, mutt, run, smtplib_sender

POP3_LOGIN_REFUSED = 67


class Fetching(Community):
    def filled(self, count=2):
        """A member with so many messages, and their texts."""
        name = self.member()
        texts = [letter(f"number {n + 1}", b"line 1\r\nline 2\r\n.\r\n" * (n + 1))
                 for n in range(count)]
        for text in texts:
            smtplib_sender("smtp")(self.node, STRANGER, [self.address(name)], text)
        return name, texts

    def device(self, name, *options):
        return self.node.run("account", "device-password", name, "old-program", *options).strip()

    def got(self, messages):
        return sorted(without_trace(crlf(x)) for x in messages)

    def test_who_keeps_finds_it_again_and_who_deletes_does_not(self):
        for how, keeps, deletes in (
                ("fetchmail", fetchmail("pop3s", "ssl", "no sslcertck", keep=True),
                 fetchmail("pop3s", "ssl", "no sslcertck")),
                ("mpop", mpop("plain", keep=True), mpop("plain")),
                ("getmail", getmail("SimplePOP3SSLRetriever", "pop3s", delete=False),
                 getmail("SimplePOP3SSLRetriever", "pop3s"))):
            with self.subTest(program=how):
                name, texts = self.filled()
                self.assertEqual(self.got(keeps(self.node, name)), sorted(texts))
                self.assertEqual(self.texts_of(name), texts)
                self.assertEqual(self.got(deletes(self.node, name)), sorted(texts))
                self.assertEqual(self.texts_of(name), [])
                self.assertEqual(deletes(self.node, name), [])

    def test_digests_by_the_password_of_a_device_without_tls(self):
        name, texts = self.filled()
        secret = self.device(name)
        for how, fetch in (
                ("fetchmail", fetchmail("pop3", "sslproto ''", keep=True, protocol="apop",
                                        password=secret)),
                ("mpop", mpop("apop", keep=True, tls=False, password=secret)),
                ("mpop by SCRAM", mpop("scram-sha-256", keep=True, tls=False, password=secret))):
            with self.subTest(program=how):
                self.assertEqual(self.got(fetch(self.node, name)), sorted(texts))
        drop = poplib.POP3(HOST, self.port("pop3"), timeout=60)
        drop.apop(name, secret)
        self.assertEqual(drop.stat()[0], 2)
        drop.quit()

    def test_apop_takes_no_account_password_and_no_old_timestamp(self):
        name, _ = self.filled(1)
        secret = self.device(name)
        for password in (PASSWORD, "wrong"):
            with self.assertRaisesRegex(poplib.error_proto, "AUTH"):
                poplib.POP3(HOST, self.port("pop3"), timeout=60).apop(name, password)
        first = poplib.POP3(HOST, self.port("pop3"), timeout=60)
        stamp = re.search(rb"<.*>", first.welcome)[0]
        second = poplib.POP3(HOST, self.port("pop3"), timeout=60)
        self.assertNotIn(stamp, second.welcome)
        digest = hashlib.md5(stamp + secret.encode()).hexdigest()
        with self.assertRaisesRegex(poplib.error_proto, "AUTH"):
            second._shortcmd(f"APOP {name} {digest}")
        self.assertIn(b"+OK", first._shortcmd(f"APOP {name} {digest}"))
        first.quit()

    def test_fetchmail_trusts_the_certificate_it_was_given(self):
        name, texts = self.filled()
        pem = self.node.folder / "data/tls/self-signed.pem"
        trusted = ("ssl", "sslcertck", f'sslcertfile "{pem}"', 'sslcommonname "mail.here.test"')
        self.assertEqual(self.got(fetchmail("pop3s", *trusted)(self.node, name)), sorted(texts))

    def test_curl_lists_and_looks(self):
        name, texts = self.filled()
        sizes = [len(x) for x in self.mail_of(name)]
        self.assertEqual(curl_list(self.node, name).decode(),
                         f"1 {sizes[0]}\r\n2 {sizes[1]}\r\n")
        ids = curl_list(self.node, name, "--request", "UIDL").decode().splitlines()
        self.assertEqual(len({x.split()[1] for x in ids}), 2)
        head, body = texts[1].split(b"\r\n\r\n", 1)
        top = curl_list(self.node, name, "--request", "TOP 2 1")
        self.assertEqual(without_trace(top), head + b"\r\n\r\nline 1\r\n")
        top = curl_list(self.node, name, "--request", "TOP 2 0")
        self.assertEqual(without_trace(top), head + b"\r\n\r\n")
        curl_list(self.node, name, "--request", "DELE", "--list-only", path=1)
        self.assertEqual(self.texts_of(name), texts[1:])

    def test_curl_by_sasl_ir_and_a_wrong_password(self):
        name, _ = self.filled(1)
        for options in (["--sasl-ir"], ["--login-options", "AUTH=PLAIN", "--sasl-ir"]):
            with self.subTest(options=options):
                self.assertEqual(len(curl_list(self.node, name, *options).splitlines()), 1)
        run("curl", "--silent", "--insecure", "--user", f"{name}:wrong",
            f"pop3s://{HOST}:{self.port('pop3s')}/", accepts=(POP3_LOGIN_REFUSED,))

    def test_poplib_by_stls_with_utf8(self):
        name, texts = self.filled()
        drop = poplib.POP3(HOST, self.port("pop3"), timeout=60)
        self.assertNotIn("USER", drop.capa())
        with self.assertRaises(poplib.error_proto):
            drop.user(name)
        drop.stls(any_certificate())
        offered = drop.capa()
        for word in ("USER", "SASL", "UIDL", "TOP", "UTF8", "PIPELINING", "RESP-CODES",
                     "AUTH-RESP-CODE"):
            self.assertIn(word, offered)
        self.assertNotIn("STLS", offered)
        drop.utf8()
        drop.user(name)
        drop.pass_(PASSWORD)
        self.assertEqual(len(drop.uidl()[1]), 2)
        self.assertEqual(drop.uidl(), drop.uidl())
        self.assertEqual(drop.top(1, 0)[1][-1], b"")
        self.assertEqual(drop.top(1, 1)[1][-1], b"line 1")
        drop.dele(1)
        self.assertEqual(drop.stat()[0], 1)
        drop.rset()
        self.assertEqual(drop.stat()[0], 2)
        drop.dele(2)
        drop.quit()
        self.assertEqual(self.texts_of(name), texts[:1])

    def test_unique_ids_stay(self):
        name, _ = self.filled(3)
        drop = self.maildrop(name)
        before = [x.split()[1] for x in drop.uidl()[1]]
        drop.dele(2)
        drop.quit()
        drop = self.maildrop(name)
        self.assertEqual([x.split()[1] for x in drop.uidl()[1]], [before[0], before[2]])
        drop.quit()

    def test_mutt_opens_the_maildrop_and_saves_it(self):
        name, texts = self.filled()
        saved = mutt(self.node, name, "<tag-pattern>~A<enter><tag-prefix><copy-message>"
                                      "{file}<enter><quit>")
        for text in texts:  # an mbox: with a line of its own before each
            self.assertIn(b"\n\n" + text.split(b"\r\n\r\n", 1)[1].replace(b"\r\n", b"\n"), saved)
        self.assertEqual(self.texts_of(name), texts)

    def test_a_program_that_dies_deletes_nothing(self):
        name, texts = self.filled()
        drop = Maildrop(self.port("pop3s"), name)
        drop.dele(1)
        drop.close()  # without QUIT
        self.wait_until(lambda: self.metric("hamlet_pop3_connections") == 0, "it is still there")
        self.assertEqual(self.texts_of(name), texts)


if __name__ == "__main__":
    main()
