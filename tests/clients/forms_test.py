# SPDX-License-Identifier: Apache-2.0
"""Messages of unusual form: binary, large, empty, full of dots, in chunks."""
import base64
import email
import email.policy
import hashlib
import os
import smtplib

from community import HOST, STRANGER, Community, main, stuffed, without_trace
from programs import letter
from wire import Pop3, Smtp

LARGE = 20 << 20
ROOM_KIB = 32 << 10  # what a node may grow by for one large message


class Forms(Community):
    def send(self, name, text, parameters=" BODY=8BITMIME"):
        with Smtp(self.port("smtp")) as client:
            client.envelope(STRANGER, self.address(name), parameters=parameters)
            self.assertRegex(client.data(stuffed(text)), "^250")

    def test_dots_empty_bodies_and_blank_lines(self):
        texts = [letter(f"form {n}", body) for n, body in enumerate((
            b".\r\n..\r\n...\r\n.x\r\n \r\n.\r\n", b"", b"\r\n", b"\r\n\r\n.\r\n",
            b"." * 998 + b"\r\n", b"x" * 5000 + b"\r\n", b".QUIT\r\n.\r\n..\r\n"))]
        texts += [b"Subject: no body and no empty line\r\n", b"\r\nno header\r\n", b"no header\r\n"]
        name = self.member()
        for text in texts:
            self.send(name, text)
        self.assertEqual(self.texts_of(name), texts)

    def test_forged_return_paths_go_and_the_rest_stays(self):
        name = self.member()
        text = letter("another path", b"x\r\n")
        self.send(name, b"Return-Path:\r\n <forged@elsewhere.test>\r\n" + text)
        got = self.mail_of(name)[0]
        self.assertNotIn(b"forged@", got)
        self.assertEqual(without_trace(got), text)
        self.assertTrue(got.startswith(f"Return-Path: <{STRANGER}>\r\n".encode()))

    def test_a_binary_attachment_arrives_decodable(self):
        name = self.member()
        octets = os.urandom(100_000) + b"\r\n.\r\n\0\r\n\n\r" + bytes(range(256))
        text = (b"From: a@elsewhere.test\r\nSubject: binary\r\nMIME-Version: 1.0\r\n"
                b'Content-Type: multipart/mixed; boundary="=_b"\r\n\r\n--=_b\r\n'
                b"Content-Type: text/plain\r\n\r\nhello\r\n--=_b\r\n"
                b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n"
                b'Content-Disposition: attachment; filename="x"\r\n\r\n' + octets
                + b"\r\n--=_b--\r\n")
        with Smtp(self.port("smtp")) as client:
            client.envelope(STRANGER, self.address(name), parameters=" BODY=BINARYMIME")
            client.send(b"BDAT 50000\r\n" + text[:50000])
            self.assertRegex(client.reply(), "^250")
            client.send(b"BDAT %d LAST\r\n" % (len(text) - 50000) + text[50000:])
            self.assertRegex(client.reply(), "^250")
        drop = self.maildrop(name)
        got = drop.message(1)
        self.assertEqual(len(got), drop.list(1) and int(drop.list(1).split()[2]))
        parts = list(email.message_from_bytes(got, policy=email.policy.default).iter_parts())
        self.assertEqual(parts[1].get_payload(decode=True), octets)
        drop.quit()

    def test_a_binary_message_is_not_for_data(self):
        with Smtp(self.port("smtp")) as client:
            client.envelope(STRANGER, self.address(self.member()), parameters=" BODY=BINARYMIME")
            self.assertRegex(client.ask("DATA"), "^503")

    def test_a_large_message_takes_little_memory(self):
        name = self.member()
        line = base64.b64encode(os.urandom(57)) + b"\r\n"
        text = letter("large", line * (LARGE // len(line)))
        self.send(name, letter("warm", line * 1000))
        self.mail_of(name)
        before = self.resident_kib()
        self.send(name, text)
        self.assertLess(self.resident_kib() - before, ROOM_KIB, "taking it")
        with Pop3(self.port("pop3s"), name=name) as drop:
            size = int(drop.ask("LIST 2").split()[2])
            self.assertRegex(drop.ask("RETR 2"), r"^\+OK")
            most, seen, end, digest, tail = 0, 0, False, hashlib.sha256(), b""
            while not end:
                if not drop.unread:
                    self.assertTrue(drop.more(), "the connection broke")
                part, drop.unread = drop.unread, b""
                digest.update(part)
                seen += len(part)
                tail = (tail + part)[-5:]
                end = tail == b"\r\n.\r\n"
                most = max(most, self.resident_kib())
            self.assertEqual(seen, size + 3)
            drop.ask("QUIT")
        self.assertLess(most - before, ROOM_KIB, "sending it")
        self.assertEqual(self.texts_of(name)[1], text)

    def test_a_reader_that_stops_does_not_make_the_node_grow(self):
        name = self.member()
        self.send(name, letter("large", b"x" * 70 + b"\r\n" + b"y" * 74 + b"\r\n" * (8 << 20 >> 1)))
        before = self.resident_kib()
        with Pop3(self.port("pop3s"), name=name) as drop, Pop3(self.port("pop3s")) as other:
            drop.send(b"RETR 1\r\n" * 50)
            for _ in range(200):
                self.assertRegex(other.ask("CAPA"), r"^\+OK")  # it lives, and time goes by
                other.listing()
            self.assertLess(self.resident_kib() - before, ROOM_KIB)
        with Smtp(self.port("smtp")) as client:  # and one that asks and asks, and never reads
            client.socket.settimeout(2)
            try:
                for _ in range(200):
                    client.send(b"HELP\r\n" * 5000)
            except OSError:
                pass
            self.assertLess(self.resident_kib() - before, ROOM_KIB)

    def test_too_large_a_message(self):
        name = self.member()
        with smtplib.SMTP(HOST, self.port("smtp"), timeout=60) as client:
            client.ehlo()
            limit = int(client.esmtp_features["size"])
            code, text = client.docmd(f"MAIL FROM:<{STRANGER}> SIZE={limit + 1}")
            self.assertEqual((code, text[:5]), (552, b"5.3.4"))
        with Smtp(self.port("smtp")) as client:
            client.envelope(STRANGER, self.address(name))
            client.ask("DATA")
            line = b"x" * 998 + b"\r\n"
            for _ in range(limit // 1_000_000 + 1):
                client.send(line * 1000)
            client.send(b".\r\n")
            self.assertRegex(client.reply(), "^552 5.3.4")
            self.assertRegex(client.ask("NOOP"), "^250")
        self.assertEqual(self.mail_of(name), [])


if __name__ == "__main__":
    main()
