# SPDX-License-Identifier: Apache-2.0
"""What senders are told: refusals, wrong passwords, what is kept from strangers."""
import email.message
import email.policy
import poplib
import smtplib

from community import (DOMAIN, HOST, PASSWORD, STRANGER, Community, Maildrop, any_certificate,
                       main)
from programs import Workshop, letter, run, swaks
from wire import Smtp

TEXT = letter("test", b"hello\r\n")
SWAKS_NO_RECIPIENT = 24
SWAKS_NO_LOGIN = 28


class Sending(Community):
    def swaks(self, *options, service="smtp", status=0):
        return run("swaks", "--server", HOST, "--port", self.port(service), "--ehlo",
                   "client.elsewhere.test", *options, accepts=(status,)).decode()

    def submit(self, name):
        client = smtplib.SMTP(HOST, self.port("submission"), timeout=60)
        self.addCleanup(client.close)
        client.starttls(context=any_certificate())
        client.login(name, PASSWORD)
        return client

    def test_swaks_is_told_that_the_password_is_wrong(self):
        name = self.member()
        for mechanism in ("PLAIN", "LOGIN"):
            said = self.swaks("--tls", "--auth", mechanism, "--auth-user", name, "--auth-password",
                              "wrong", "--from", self.address(name), "--to", self.address(name),
                              service="submission", status=SWAKS_NO_LOGIN)
            self.assertIn("535 5.7.8", said)
        self.assertEqual(self.mail_of(name), [])

    def test_swaks_is_refused_as_a_relay(self):
        said = self.swaks("--from", STRANGER, "--to", "u@example.org", status=SWAKS_NO_RECIPIENT)
        self.assertIn("550 5.7.1 Relaying denied", said)

    def test_swaks_is_refused_an_unknown_member(self):
        said = self.swaks("--from", STRANGER, "--to", f"nobody@{DOMAIN}",
                          status=SWAKS_NO_RECIPIENT)
        self.assertIn("550 5.1.1", said)

    def test_curl_is_told_that_the_password_is_wrong(self):
        name = self.member()
        run("curl", "--silent", "--insecure", "--mail-from", self.address(name), "--mail-rcpt",
            self.address(name), "--user", f"{name}:wrong", "--upload-file", "-",
            f"smtps://{HOST}:{self.port('submissions')}", stdin=TEXT, accepts=(67,))

    def test_curl_verifies_a_member_and_a_list(self):
        name = self.member()
        self.node.run("alias", "add", f"team.of.{name}@{DOMAIN}", self.address(name))
        ask = ("curl", "--silent", "--show-error", "--insecure", "--user", f"{name}:{PASSWORD}")
        url = f"smtps://{HOST}:{self.port('submissions')}"
        self.assertIn(self.address(name), run(*ask, "--mail-rcpt", name, url).decode())
        self.assertIn(self.address(name), run(*ask, "--request", "EXPN", "--mail-rcpt",
                                              f"team.of.{name}", url).decode())

    def test_members_log_in_only_inside_tls_and_strangers_never(self):
        with Smtp(self.port("submission")) as client:
            self.assertFalse([x for x in client.extensions if x.startswith("AUTH")])
            self.assertRegex(client.log_in(self.member()), "^538 5.7.11")
            self.assertRegex(client.ask(f"MAIL FROM:<{STRANGER}>"), "^530 5.7.0")
        with Smtp(self.port("smtp")) as client:
            client.start_tls()
            self.assertFalse([x for x in client.extensions if x.startswith("AUTH")])
            self.assertRegex(client.log_in("alice"), "^502 5.5.1")

    def test_msmtp_in_place_of_sendmail(self):
        name, other, unseen = self.member(), self.member(), self.member()
        text = (f"From: {self.address(name)}\nTo: {self.address(other)}\n"
                f"Bcc: {self.address(unseen)}\nSubject: cron\n\n.\nhello\n").encode()
        with Workshop() as home:
            run("msmtp", "--host", HOST, "--port", self.port("submission"), "--auth=on",
                "--user", name, "--passwordeval", f"echo {PASSWORD}", "--tls=on",
                "--tls-certcheck=off", "--from", self.address(name), "--read-recipients",
                stdin=text, environment={"HOME": str(home.path)})
        for who in (other, unseen):
            got = self.mail_of(who)[0]
            self.assertTrue(got.endswith(b"\r\n\r\n.\r\nhello\r\n"))
            self.assertNotIn(b"Bcc", got)

    def test_a_member_sends_in_the_own_name_only(self):
        name, other = self.member(), self.member()
        client = self.submit(name)
        for sender in (self.address(other), STRANGER):
            with self.assertRaises(smtplib.SMTPSenderRefused) as told:
                client.sendmail(sender, [self.address(other)], TEXT)
            self.assertEqual(told.exception.smtp_code, 553)
        with self.assertRaises(smtplib.SMTPDataError) as told:
            client.sendmail(self.address(name), [self.address(other)],
                            letter("forged", b"x\r\n", self.address(other)))
        self.assertEqual(told.exception.smtp_code, 550)
        client.sendmail(f"{name}+tag@{DOMAIN}", [self.address(other)],
                        letter("own", b"x\r\n", f"{name}+tag@{DOMAIN}"))
        self.assertEqual(self.texts_of(other),
                         [letter("own", b"x\r\n", f"{name}+tag@{DOMAIN}")])

    def test_send_message_with_an_address_in_utf8(self):
        name = self.member()
        self.node.run("alias", "add", f"hòa@{DOMAIN}", self.address(name))
        message = email.message.EmailMessage(policy=email.policy.SMTPUTF8)
        message["From"], message["To"] = self.address(name), f"Hòa <hòa@{DOMAIN}>"
        message["Subject"], message["Date"] = "Chào bạn", "Tue, 14 Nov 2023 22:13:20 +0000"
        message["Message-ID"] = "<utf8@here.test>"
        message.set_content("Xin chào\n", cte="8bit")
        self.submit(name).send_message(message)
        drop = self.maildrop_with_utf8(name)
        self.assertIn("Subject: Chào bạn".encode(), drop.message(1))
        self.assertIn("with UTF8SMTPSA", drop.message(1).decode())
        drop.quit()
        drop = self.maildrop(name)  # RFC 6856 §2.1: not for who has not asked for UTF-8
        with self.assertRaisesRegex(poplib.error_proto, "UTF8"):
            drop.message(1)

    def maildrop_with_utf8(self, name):
        drop = Maildrop(self.port("pop3s"))
        self.addCleanup(drop.close)
        drop.utf8()
        drop.user(name)
        drop.pass_(PASSWORD)
        return drop

    def test_what_a_members_program_left_out_is_put_in(self):
        name = self.member()
        self.submit(name).sendmail(self.address(name), [self.address(name)],
                                   f"From: {self.address(name)}\r\n\r\nshort\r\n".encode())
        got = self.mail_of(name)[0]
        self.assertRegex(got, rb"(?m)^Date: ")
        self.assertRegex(got, rb"(?m)^Message-ID: <\S+@mail.here.test>\r$")
        self.assertTrue(got.endswith(f"\r\nFrom: {self.address(name)}\r\n\r\nshort\r\n".encode()))

    def test_a_whole_session_in_one_write(self):
        name = self.member()
        with Smtp(self.port("smtp"), name=None) as client:
            client.send(b"EHLO c.elsewhere.test\r\n")
            client.lines()
            client.send(f"MAIL FROM:<{STRANGER}>\r\nRCPT TO:<{self.address(name)}>\r\n"
                        "RCPT TO:<nobody@here.test>\r\nDATA\r\n".encode())
            self.assertEqual([client.reply()[:3] for _ in range(4)], ["250", "250", "550", "354"])
            client.send(TEXT + b".\r\nNOOP\r\nRSET\r\nQUIT\r\n")
            self.assertEqual([client.reply()[:3] for _ in range(4)], ["250", "250", "250", "221"])
            self.assertTrue(client.is_closed())
        texts = [letter(f"chunk {n}", b"x" * n + b"\r\n") for n in range(3)]
        chunks = b"".join(b"MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nBDAT %d LAST\r\n%s" % (
            STRANGER.encode(), self.address(name).encode(), len(x), x) for x in texts)
        with Smtp(self.port("smtp"), name=None) as client:
            client.send(b"EHLO c.elsewhere.test\r\n" + chunks + b"QUIT\r\n")
            heard = client.rest().decode().splitlines()
        self.assertEqual(sum("queued as" in x for x in heard), 3)
        self.assertTrue(heard[-1].startswith("221 "))
        self.assertEqual(self.texts_of(name), [TEXT, *texts])

    def test_slow_data(self):
        name = self.member()
        with Smtp(self.port("smtp")) as client:
            client.envelope(STRANGER, self.address(name))
            self.assertRegex(client.ask("DATA"), "^354")
            for octet in TEXT + b".\r\n":
                client.send(bytes([octet]))
            self.assertRegex(client.reply(), "^250")
        self.assertEqual(self.texts_of(name), [TEXT])

    def test_a_disabled_member_gets_mail_and_sends_none(self):
        name = self.member()
        client = self.submit(name)
        self.node.run("account", "disable", name)
        with Smtp(self.port("submissions"), tls=True) as second:
            self.assertRegex(second.log_in(name), "^535 5.7.8")
        swaks()(self.node, name, [self.address(name)], TEXT)
        self.node.run("account", "enable", name)
        self.assertEqual(self.texts_of(name), [TEXT])
        client.quit()


if __name__ == "__main__":
    main()
