# SPDX-License-Identifier: Apache-2.0
"""What members who are in chat hear of mail: SEND, SOML, SAML (RFC 821 §3.4), and new mail."""
import re
import smtplib
from email.message import EmailMessage

from chat_community import PASSWORD, Chat, main
from community import HOST, any_certificate
from wire import Smtp

TEXT = "From: {0}\r\nSubject: =?utf-8?q?Caf=C3=A9?=\r\n\r\nTea is ready.\r\n\r\nCome.\r\n.\r\n"


class InChat(Chat):
    def there(self, name, **more):
        """A client of chat that has logged in."""
        return self.connect(self.fresh_nick("m"), account=name, password=PASSWORD, **more)

    def submission(self, name):
        client = Smtp(self.port("submissions"), tls=True)
        self.addCleanup(client.drop)
        self.assertRegex(client.log_in(name), "^235 ")
        return client

    def write(self, sender, *to, subject="hello"):
        letter = EmailMessage()
        letter["From"], letter["Subject"] = self.address(sender), subject
        letter.set_content("text")
        with smtplib.SMTP_SSL(HOST, self.port("submissions"), timeout=30, context=any_certificate()) as smtp:
            smtp.login(sender, PASSWORD)
            smtp.send_message(letter, self.address(sender), [self.address(x) for x in to])


class Sends(InChat):
    settings = {"chat": ["mail_notice = false"]}

    def begin(self, verb):
        """(the sender's connection, where it got to, and both names)"""
        sender, receiver = self.member(), self.member()
        client = self.submission(sender)
        self.assertRegex(client.ask(f"{verb} FROM:<{self.address(sender)}>"), "^250 ")
        return client, sender, receiver

    def end(self, client, sender, receiver):
        self.assertRegex(client.ask(f"RCPT TO:<{self.address(receiver)}>"), "^250 ")
        return client.data(TEXT.format(self.address(sender)))

    def assertShown(self, client, sender):
        client.expect(f":[^ !]+ NOTICE {client.nick} :Message from <{self.address(sender)}>: Café$")
        client.expect(f" NOTICE {client.nick} :Tea is ready\\.$")
        client.expect(f" NOTICE {client.nick} :Come\\.$")

    def test_send_is_shown_to_who_is_there_and_kept_nowhere(self):
        client, sender, receiver = self.begin("SEND")
        chat = self.there(receiver)
        self.assertRegex(self.end(client, sender, receiver), "^250 2.0.0 .*shown")
        self.assertShown(chat, sender)
        self.assertEqual(self.mail_of(receiver), [])
        self.assertNotSaid(f" {sender}[! ]", chat.seen)  # nothing but the address

    def test_send_to_who_is_not_there_is_refused(self):
        client, _, receiver = self.begin("SEND")
        self.assertRegex(client.ask(f"RCPT TO:<{self.address(receiver)}>"), "^450 4.2.1 ")
        self.assertRegex(client.ask("RCPT TO:<who@elsewhere.test>"), "^450 4.2.1 ")
        self.there(receiver)
        self.assertRegex(client.ask(f"RCPT TO:<{self.address(receiver)}>"), "^250 ")

    def test_soml_is_shown_or_mailed(self):
        client, sender, receiver = self.begin("SOML")
        self.assertRegex(self.end(client, sender, receiver), "^250 2.0.0 .*queued")
        self.assertEqual(len(self.mail_of(receiver)), 1)
        chat = self.there(receiver)
        self.assertRegex(client.ask(f"SOML FROM:<{self.address(sender)}>"), "^250 ")
        self.assertRegex(self.end(client, sender, receiver), "^250 2.0.0 .*shown")
        self.assertShown(chat, sender)
        self.assertEqual(len(self.mail_of(receiver)), 1)

    def test_soml_is_mailed_to_those_of_several_who_are_not_there(self):
        client, sender, receiver = self.begin("SOML")
        other = self.member()
        chat = self.there(receiver)
        self.assertRegex(client.ask(f"RCPT TO:<{self.address(other)}>"), "^250 ")
        self.assertRegex(self.end(client, sender, receiver), "^250 2.0.0 .*queued")
        self.assertShown(chat, sender)
        self.assertEqual((len(self.mail_of(receiver)), len(self.mail_of(other))), (0, 1))

    def test_saml_is_shown_and_mailed(self):
        client, sender, receiver = self.begin("SAML")
        chat = self.there(receiver)
        self.assertRegex(self.end(client, sender, receiver), "^250 2.0.0 .*queued")
        self.assertShown(chat, sender)
        self.assertEqual(len(self.mail_of(receiver)), 1)

    def test_who_does_not_want_to_hear_it_gets_mail(self):
        client, sender, receiver = self.begin("SOML")
        chat = self.there(receiver)
        chat.ask(f"SILENCE +{sender}!*@*")
        self.assertRegex(self.end(client, sender, receiver), "^250 2.0.0 .*queued")
        self.assertNotSaid("Message from", chat.barrier())
        self.assertEqual(len(self.mail_of(receiver)), 1)
        self.assertRegex(client.ask(f"SEND FROM:<{self.address(sender)}>"), "^250 ")
        self.assertRegex(self.end(client, sender, receiver), "^554 5.7.1 ")

    def test_a_long_text_is_cut(self):
        client, sender, receiver = self.begin("SAML")
        chat = self.there(receiver)
        self.assertRegex(client.ask(f"RCPT TO:<{self.address(receiver)}>"), "^250 ")
        lines = "".join(f"line {n} {'x' * 60}\r\n" for n in range(3000))
        self.assertRegex(client.data(f"From: {self.address(sender)}\r\n\r\n{lines}.\r\n"), "^250 ")
        chat.expect(" NOTICE .*:line 11 ")
        chat.expect(" NOTICE .*:…$")
        self.assertNotSaid(":line 12 ", chat.barrier())

    def test_strangers_learn_nothing(self):
        receiver = self.member()
        self.there(receiver)
        with Smtp(self.port("smtp")) as client:
            for verb in ("SEND", "SOML", "SAML"):
                self.assertNotIn(verb, client.extensions)
                self.assertRegex(client.ask(f"{verb} FROM:<{self.address(receiver)}>"), "^502 ")
        with Smtp(self.port("submissions"), tls=True) as client:
            self.assertIn("SEND", client.extensions)
            self.assertRegex(client.ask(f"SEND FROM:<{self.address(receiver)}>"), "^530 ")


class NewMail(InChat):
    settings = {"chat": ['mail_notice_gap = "1s"']}

    def test_is_told_to_who_is_there(self):
        sender, receiver, other = self.member(), self.member(), self.member()
        chat, stranger = self.there(receiver), self.there(other)
        self.write(sender, receiver, subject="Apples")
        chat.expect(f":[^ !]+ NOTICE {chat.nick} :New mail from {self.address(sender)}: Apples$")
        self.assertNotSaid("New mail", stranger.barrier())

    def test_is_told_in_few_words_when_much_comes(self):
        sender, receiver = self.member(), self.member()
        chat = self.there(receiver)
        for n in range(10):
            self.write(sender, receiver, subject=f"n{n}")
        chat.expect(r"(New mail|new messages, the latest) from .*: n9$")
        told = [x for x in chat.seen if re.search(r"NOTICE .*(New mail|new messages)", x)]
        counts = [int(found[1]) if (found := re.search(r":(\d+) new messages", x)) else 1 for x in told]
        self.assertEqual(10, sum(counts), told)
        self.assertLess(len(told), 10)

    def test_is_not_told_to_who_does_not_want_it(self):
        sender, receiver = self.member(), self.member()
        chat = self.there(receiver)
        chat.ask("NICKSERV SET MAILNOTICE OFF")
        self.write(sender, receiver)
        self.wait_until(lambda: self.mail_of(receiver), "the mail has come")
        self.assertNotSaid("New mail", chat.barrier())
        chat.ask("NICKSERV SET MAILNOTICE ON")
        self.write(sender, receiver, subject="again")
        chat.expect("again$")


if __name__ == "__main__":
    main()
