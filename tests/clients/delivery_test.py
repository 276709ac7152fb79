# SPDX-License-Identifier: Apache-2.0
"""From the acknowledgement to the mailbox: resends, reports, mail for elsewhere, counters."""
import email
import re

from community import DOMAIN, PASSWORD, STRANGER, Community, main, stuffed
from programs import letter
from wire import Smtp


class Delivery(Community):
    def submission(self, name):
        client = Smtp(self.port("submissions"), tls=True)
        self.addCleanup(client.drop)
        self.assertRegex(client.log_in(name), "^235")
        return client

    def lose_the_reply(self, name, text):
        """Sends a message and is gone before the 250 can be read."""
        with Smtp(self.port("smtp")) as client:
            client.envelope(STRANGER, self.address(name))
            client.ask("DATA")
            before = len(self.accepted())
            client.send(stuffed(text))
            self.wait_until(lambda: len(self.accepted()) > before, "it was not accepted")

    def accepted(self):
        return [x for x in self.node.log if " accepted " in x]

    def test_a_resend_after_a_lost_reply_arrives_once(self):
        # RFC 1047: the client cannot know, and must send it again.
        name, text = self.member(), letter("resent", b"x\r\n" * 10)
        self.lose_the_reply(name, text)
        self.lose_the_reply(name, text)
        with Smtp(self.port("smtp")) as client:
            client.envelope(STRANGER, self.address(name))
            self.assertRegex(client.data(stuffed(text)), "^250")
            client.ask("QUIT")
        self.assertEqual(self.texts_of(name), [text])

    def test_a_large_resend_arrives_once(self):
        name, text = self.member(), letter("large", b"y" * 76 + b"\r\n" * (1 << 19))
        self.lose_the_reply(name, text)
        with Smtp(self.port("smtp")) as client:
            client.envelope(STRANGER, self.address(name))
            self.assertRegex(client.data(stuffed(text)), "^250")
            client.ask("QUIT")
        self.assertEqual(self.texts_of(name), [text])

    def test_a_resend_after_the_mail_was_fetched_and_deleted_does_not_come_back(self):
        name, text = self.member(), letter("gone", b"x\r\n" * 10)
        self.lose_the_reply(name, text)
        drop = self.maildrop(name)
        drop.dele(1)
        drop.quit()
        with Smtp(self.port("smtp")) as client:
            client.envelope(STRANGER, self.address(name))
            self.assertRegex(client.data(stuffed(text)), "^250")
            client.ask("QUIT")
        self.assertEqual(self.texts_of(name), [])

    def test_who_read_the_reply_and_sends_the_same_again_means_it(self):
        name, text = self.member(), letter("twice", b"x\r\n")
        for _ in range(2):
            with Smtp(self.port("smtp")) as client:
                client.envelope(STRANGER, self.address(name))
                self.assertRegex(client.data(stuffed(text)), "^250")
                client.ask("QUIT")
        self.assertEqual(self.texts_of(name), [text, text])

    def test_two_that_are_alike_in_one_packet_are_two_and_their_resends_none(self):
        name, text = self.member(), letter("twins", b"x\r\n")
        both = 2 * (f"MAIL FROM:<{STRANGER}>\r\nRCPT TO:<{self.address(name)}>\r\n"
                    f"BDAT {len(text)} LAST\r\n".encode() + text)
        before = len(self.accepted())
        for times in (2, 4):  # the first time nobody reads the replies
            with Smtp(self.port("smtp")) as client:
                client.send(both)
                self.wait_until(lambda: len(self.accepted()) >= before + times, "not accepted")
        self.assertEqual(self.texts_of(name), [text, text])

    def test_a_connection_that_breaks_inside_the_text_delivers_nothing(self):
        name = self.member()
        with Smtp(self.port("smtp")) as client:
            client.envelope(STRANGER, self.address(name))
            client.ask("DATA")
            client.send(letter("half", b"x\r\n") + b".")
        with Smtp(self.port("smtp")) as client:
            client.envelope(STRANGER, self.address(name))
            client.send(b"BDAT 100000 LAST\r\n" + letter("half", b"x\r\n" * 1000))
        self.wait_until(lambda: self.metric("hamlet_smtp_connections") == 0, "it is still there")
        self.assertEqual(self.mail_of(name), [])

    def test_a_report_of_success(self):
        # RFC 3461 §4.1; the report is of RFC 3464's form.
        sender, receiver = self.member(), self.member()
        client = self.submission(sender)
        self.assertRegex(client.ask(f"MAIL FROM:<{self.address(sender)}> RET=HDRS ENVID=Q+2B1"),
                         "^250")
        self.assertRegex(client.ask(f"RCPT TO:<{self.address(receiver)}> NOTIFY=SUCCESS "
                                    f"ORCPT=rfc822;{self.address(receiver)}"), "^250")
        text = letter("wants a report", b"secret body\r\n", self.address(sender))
        self.assertRegex(client.data(stuffed(text)), "^250")
        client.ask("QUIT")
        self.assertEqual(self.texts_of(receiver), [text])
        self.wait_until(lambda: self.mail_of(sender), "no report")
        report = self.mail_of(sender)[0]
        self.assertTrue(report.startswith(b"Return-Path: <>\r\n"))
        self.assertNotIn(b"secret body", report)
        message = email.message_from_bytes(report)
        self.assertEqual(message.get_content_type(), "multipart/report")
        self.assertEqual(message.get_param("report-type"), "delivery-status")
        status = message.get_payload()[1].as_string()
        self.assertRegex(status, "(?m)^Action: delivered$")
        self.assertRegex(status, r"(?m)^Status: 2\.")
        self.assertRegex(status, r"(?m)^Original-Envelope-Id: Q\+1$")
        self.assertIn(f"Final-Recipient: rfc822; {self.address(receiver)}", status)

    def test_no_report_of_what_nobody_asked_about_and_none_for_the_null_path(self):
        sender, receiver = self.member(), self.member()
        client = self.submission(sender)
        for path, notify in ((self.address(sender), ""), (self.address(sender), " NOTIFY=NEVER"),
                             ("", " NOTIFY=SUCCESS")):
            client.ask(f"MAIL FROM:<{path}>")
            client.ask(f"RCPT TO:<{self.address(receiver)}>{notify}")
            text = letter(f"report {notify}", b"x\r\n", self.address(sender))
            self.assertRegex(client.data(stuffed(text)), "^250")
        client.ask("QUIT")
        self.assertEqual(len(self.mail_of(receiver)), 3)
        self.assertEqual(self.mail_of(sender), [])

    def test_mail_for_elsewhere_is_in_the_queue(self):
        sender = self.member()
        client = self.submission(sender)
        client.envelope(self.address(sender), "u@example.org", "v@example.org",
                        self.address(sender))
        reply = client.data(stuffed(letter("far", b"x\r\n", self.address(sender))))
        queue_id = re.search(r"queued as (\w+)", reply)[1]
        client.ask("QUIT")
        listed = self.node.run("queue", "list")
        self.assertIn(queue_id, listed)
        self.assertIn("u@example.org", listed)
        self.assertIn("v@example.org", listed)
        self.assertNotIn(self.address(sender) + "\n", listed)
        self.assertEqual(len(self.mail_of(sender)), 1)

    def test_an_alias_to_elsewhere(self):
        name = self.member()
        self.node.run("alias", "add", f"away.{name}@{DOMAIN}", "w@example.net")
        with Smtp(self.port("smtp")) as client:
            self.assertRegex(client.envelope(STRANGER, f"away.{name}@{DOMAIN}")[-1], "^250")
            client.data(stuffed(letter("away", b"x\r\n")))
            client.ask("QUIT")
        self.assertIn("w@example.net", self.node.run("queue", "list"))

    def test_what_is_counted(self):
        name = self.member()
        counters = ("hamlet_smtp_connections_total", "hamlet_smtp_recipients_refused_total",
                    "hamlet_pop3_connections_total", "hamlet_pop3_sessions_total",
                    "hamlet_pop3_deleted_total")
        before = {x: self.metric(x) for x in counters}
        with Smtp(self.port("smtp")) as client:
            client.envelope(STRANGER, self.address(name), f"nobody@{DOMAIN}")
            client.data(stuffed(letter("counted", b"x\r\n")))
            client.ask("QUIT")
        drop = self.maildrop(name, PASSWORD)
        drop.dele(1)
        drop.quit()
        self.assertEqual({x: self.metric(x) - before[x] for x in counters},
                         dict.fromkeys(counters, 1))
        self.wait_until(lambda: self.metric("hamlet_smtp_connections") == 0, "still here")

    def test_acknowledged_mail_outlives_a_crash(self):
        name, texts = self.member(), [letter(f"number {n}", b"x\r\n" * n) for n in range(20)]
        with Smtp(self.port("smtp")) as client:
            for text in texts:
                client.envelope(STRANGER, self.address(name))
                self.assertRegex(client.data(stuffed(text)), "^250")
            self.node.kill()
        self.node.start()
        self.assertEqual(self.texts_of(name), texts)


if __name__ == "__main__":
    main()
