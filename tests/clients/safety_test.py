# SPDX-License-Identifier: Apache-2.0
"""What must not be possible: relaying, smuggling a message, injecting commands before TLS."""
from community import DOMAIN, STRANGER, Community, main
from wire import Pop3, Smtp, Wire

FAR = "example.org"
# Ways to write an address elsewhere so that a careless server takes it for its own.
FOREIGN = (f"<u@{FAR}>", f"<u%{FAR}@{DOMAIN}>", f'<"u@{FAR}">', f'<"u%{FAR}">',
           f"<u@{FAR}@{DOMAIN}>", f'<"u@{FAR}"@{DOMAIN}>', f"<@{DOMAIN}:u@{FAR}>", f"<{FAR}!u>",
           f"<{FAR}!u@{DOMAIN}>", "<u@[127.0.0.1]>", "<u@[203.0.113.9]>", f"<u@{FAR}%{DOMAIN}>",
           f"u@{FAR}", f"<u@{DOMAIN}.{FAR}>", "<u@[IPv6:::1]>", "<u@localhost>",
           f"<u\\@{FAR}@{DOMAIN}>", f"<u@{DOMAIN}@{FAR}>", f"<u@{FAR}\0@{DOMAIN}>")
SENDERS = ("<>", f"<{STRANGER}>", f"<u@{DOMAIN}>", "<u@localhost>", "<u@[203.0.113.9]>",
           f"<postmaster@{DOMAIN}>")

# What some server has taken for the end of the text (RFC 5321 §4.1.1.4 knows only CRLF.CRLF).
FALSE_ENDS = (b"\n.\n", b"\r.\r", b"\r.\n", b"\n.\r", b"\n.\r\n", b"\r\n.\n", b"\r.\r\n",
              b"\r\n.\r", b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\r\n.\r\r\n", b"\r\r\n.\r\r\n")


class Relaying(Community):
    def test_nothing_goes_elsewhere_for_a_stranger(self):
        for sender in SENDERS:
            for to in FOREIGN:
                with self.subTest(sender=sender, to=to), Smtp(self.port("smtp")) as client:
                    self.assertRegex(client.ask(f"MAIL FROM:{sender}"), "^250")
                    self.assertRegex(client.ask(f"RCPT TO:{to}"), "^5[05][0-9] ")
                    self.assertRegex(client.ask("DATA"), "^503|^554")
        self.assertIn("empty", self.node.run("queue", "list", "--all"))

    def test_a_name_of_ours_in_ehlo_opens_nothing(self):
        for name in (DOMAIN, f"mail.{DOMAIN}", "[127.0.0.1]", "localhost"):
            with Smtp(self.port("smtp"), name=name) as client:
                client.ask(f"MAIL FROM:<u@{DOMAIN}>")
                self.assertRegex(client.ask(f"RCPT TO:<u@{FAR}>"), "^550 5.7.1")

    def test_a_member_who_was_refused_is_a_stranger(self):
        with Smtp(self.port("submissions"), tls=True) as client:
            self.assertRegex(client.log_in(self.member(), "wrong"), "^535")
            self.assertRegex(client.ask(f"MAIL FROM:<u@{DOMAIN}>"), "^530")
            self.assertRegex(client.ask(f"RCPT TO:<u@{FAR}>"), "^503")


class Smuggling(Community):
    def setUp(self):
        self.victim = self.member()

    def inner(self, name):
        return (f"MAIL FROM:<admin@{DOMAIN}>\r\nRCPT TO:<{name}@{DOMAIN}>\r\nDATA\r\n"
                f"Subject: smuggled\r\n\r\nsmuggled\r\n.\r\n").encode()

    def test_a_false_end_of_the_text_ends_nothing(self):
        for end in FALSE_ENDS:
            for split in range(0, len(end) + 1):
                with self.subTest(end=end, split=split), Smtp(self.port("smtp")) as client:
                    client.envelope(STRANGER, f"{self.victim}@{DOMAIN}")
                    client.ask("DATA")
                    client.send(b"Subject: outer\r\n\r\nouter" + end[:split])
                    client.send(end[split:] + self.inner(self.victim))
                    # One text, which ends at the dot of the inner one, and is refused; or a clean
                    # text that holds the commands.
                    self.assertRegex(client.reply(), "^5[05][04] |^250")
                    self.assertRegex(client.ask("NOOP"), "^250 2.0.0 Ok")
        for message in self.mail_of(self.victim):
            self.assertIn(b"Subject: outer\r\n", message)
            self.assertFalse(message.startswith(b"Return-Path: <admin@"))

    def test_bare_line_ends_are_no_commands_either(self):
        for line in (b"NOOP\n", b"NOOP\nNOOP\r\n"):
            with Smtp(self.port("smtp")) as client:
                client.send(line)
                self.assertRegex(client.reply(), "^500")

    def test_text_before_354_is_not_read_as_text(self):
        with Smtp(self.port("smtp")) as client:
            client.send(f"MAIL FROM:<{STRANGER}>\r\nRCPT TO:<nobody@{DOMAIN}>\r\nDATA\r\n"
                        f"Subject: x\r\n\r\nRCPT TO:<{self.victim}@{DOMAIN}>\r\n.\r\n")
            replies = [client.reply() for _ in range(3)]
            self.assertRegex(replies[1], "^550")
            self.assertRegex(replies[2], "^5")
        self.assertEqual(self.mail_of(self.victim), [])

    def test_browsers_and_early_talkers(self):
        for verb in ("GET / HTTP/1.1", "POST / HTTP/1.1", "CONNECT x:25 HTTP/1.1"):
            with Smtp(self.port("smtp"), name=None) as client:
                client.send(f"{verb}\r\nHost: x\r\n\r\nMAIL FROM:<{STRANGER}>\r\n")
                self.assertRegex(client.reply(), "^521|^554")
                self.assertTrue(client.is_closed())


class SmugglingAsAnOldDevice(Community):
    """A bare LF is understood from here, and still ends no text."""

    settings = {"smtp": ['bare_newline_from = ["127.0.0.0/8"]']}
    setUp = Smuggling.setUp
    inner = Smuggling.inner
    test_a_false_end_of_the_text_ends_nothing = Smuggling.test_a_false_end_of_the_text_ends_nothing


class Injecting(Community):
    """RFC 3207 §4.2, RFC 2595 §4: what came in the clear with STARTTLS is forgotten."""

    def test_smtp_answers_no_command_that_came_with_starttls(self):
        for injected in ("EHLO injected\r\n", f"MAIL FROM:<{STRANGER}>\r\n", "NOOP\r\n" * 50):
            for service in ("smtp", "submission"):
                with Smtp(self.port(service)) as client:
                    client.send("STARTTLS\r\n" + injected)
                    self.assertRegex(client.reply(), "^220")
                    self.assertEqual(client.unread, b"")
                    client.secure()
                    client.send("NOOP\r\n")
                    self.assertEqual(client.reply(), "250 2.0.0 Ok")
                    self.assertRegex(client.ask(f"MAIL FROM:<{STRANGER}>"), "^503")
                    self.assertEqual(client.unread, b"")

    def test_pop3_answers_no_command_that_came_with_stls(self):
        for injected in ("CAPA\r\n", "USER alice\r\nPASS x\r\n"):
            with Pop3(self.port("pop3"), tls=False) as client:
                client.send("STLS\r\n" + injected)
                self.assertRegex(client.line(), r"^\+OK")
                self.assertEqual(client.unread, b"")
                client.secure()
                self.assertRegex(client.ask("UTF8"), r"^\+OK")
                self.assertRegex(client.ask("PASS x"), "^-ERR")
                self.assertEqual(client.unread, b"")

    def test_what_was_said_before_tls_is_forgotten(self):
        with Smtp(self.port("smtp")) as client:
            client.envelope(STRANGER, self.address(self.member()))
            self.assertRegex(client.ask("STARTTLS"), "^220")
            client.secure()
            self.assertRegex(client.ask("DATA"), "^503")
            client.hello()
            self.assertNotIn("STARTTLS", client.extensions)
            self.assertRegex(client.ask("STARTTLS"), "^503")

    def test_the_word_alone_starts_nothing(self):
        name = self.member()
        with Smtp(self.port("smtp")) as client:
            client.envelope(STRANGER, self.address(name), f"starttls@{DOMAIN}")
            self.assertRegex(client.data(b"Subject: x\r\n\r\nSTARTTLS\r\nstls\r\n.\r\n"), "^250")
        self.assertIn(b"\r\n\r\nSTARTTLS\r\nstls\r\n", self.mail_of(name)[0])
        with Pop3(self.port("pop3s")) as drop:
            self.assertRegex(drop.log_in("stls", "STLS"), "^-ERR")

    def test_garbage_instead_of_a_handshake_harms_nobody(self):
        for service in ("submissions", "pop3s"):
            with Wire(self.port(service)) as client:
                client.send(b"EHLO x\r\n" * 100)
                self.assertNotIn(b"250", client.rest())
        with Smtp(self.port("submissions"), tls=True) as client:
            self.assertRegex(client.ask("NOOP"), "^250")

    def test_bad_base64_of_one_client_does_not_disturb_another(self):
        name = self.member()
        with Smtp(self.port("submissions"), tls=True) as bad, \
                Smtp(self.port("submissions"), tls=True) as good:
            self.assertRegex(bad.ask("AUTH PLAIN ====!!"), "^501")
            self.assertRegex(bad.ask("AUTH PLAIN"), "^334")
            self.assertRegex(good.log_in(name), "^235")
            self.assertRegex(bad.ask("not base64 at all"), "^501")


if __name__ == "__main__":
    main()
