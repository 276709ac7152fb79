# SPDX-License-Identifier: Apache-2.0
"""What goes in by SMTP comes out by POP3, octet by octet: the messages that Python's own tests of
e-mail are made of, as DATA and as chunks."""
import pathlib
import re
import smtplib

from community import HOST, STRANGER, Community, crlf, main, stuffed, without_trace
from wire import Smtp

FOLDER = pathlib.Path("/usr/lib/python3.11/test/test_email/data")


def why_illegal(text):
    """Why no SMTP client may send this text, whose lines end in CRLF; None when it may.

    8-bit octets are legal with BODY=8BITMIME (RFC 6152 §3), and lines are not measured: the limit
    of 998 octets binds who writes a message (RFC 5322 §2.1.1), and a server should take more
    (RFC 5321 §4.5.3.1.6)."""
    if b"\0" in text:
        return "NUL (RFC 5322 §4)"
    if b"\r" in text.replace(b"\r\n", b"") or b"\n" in text.replace(b"\r\n", b""):
        return "a CR or LF that stands alone (RFC 5321 §2.3.8)"
    return None


def as_delivered(text):
    """Without the Return-Path that a message brings along: the last hop writes its own (RFC 5321
    §4.4)."""
    head, gap, body = text.partition(b"\r\n\r\n")
    return re.sub(rb"(?im)^Return-Path[ \t]*:.*\r\n(?:[ \t].*\r\n)*", b"", head + gap) + body


def parts_of(text, size):
    return [text[n:n + size] for n in range(0, len(text), size)] or [b""]


class Corpus(Community):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.legal, cls.illegal = {}, {}
        for file in sorted(FOLDER.glob("msg_*.txt")):
            raw = file.read_bytes()
            # A file's own lines end in LF; one with CR in it is taken as it is.
            text = raw if b"\r" in raw.replace(b"\r\n", b"") else crlf(raw)
            if not text.endswith(b"\r\n"):
                text += b"\r\n"  # RFC 5321 §4.1.1.4: the client ends the last line
            why = why_illegal(text)
            (cls.illegal if why else cls.legal)[file.name] = why or text
        with_path = sum(as_delivered(x) != x for x in cls.legal.values())
        print(f"{len(cls.legal)} messages are legal ({with_path} lose the Return-Path they bring), "
              f"{len(cls.illegal)} are not: {cls.illegal}")

    def test_there_is_a_corpus(self):
        self.assertGreaterEqual(len(self.legal), 40)

    def came_back(self, name):
        drop = self.maildrop(name)
        count, octets = drop.stat()
        listed = [int(x.split()[1]) for x in drop.list()[1]]
        self.assertEqual((len(listed), sum(listed)), (count, octets))
        for number, (file, text) in enumerate(self.legal.items(), 1):
            with self.subTest(file=file):
                got = drop.message(number)
                self.assertEqual(len(got), listed[number - 1], "LIST counts what RETR sends")
                self.assertEqual(without_trace(got), as_delivered(text))
        self.assertEqual(count, len(self.legal))
        drop.quit()

    def test_by_data(self):
        name = self.member()
        with smtplib.SMTP(HOST, self.port("smtp"), timeout=60) as client:
            for file, text in self.legal.items():
                with self.subTest(file=file):
                    client.sendmail(STRANGER, [self.address(name)], text, ["BODY=8BITMIME"])
        self.came_back(name)

    def test_by_chunks_of_any_size(self):
        name = self.member()
        with Smtp(self.port("smtp")) as client:
            for n, (file, text) in enumerate(self.legal.items()):
                client.envelope(STRANGER, self.address(name), parameters=" BODY=8BITMIME")
                chunks = parts_of(text, (1 << 20, 1000, 77, 7)[n % 4])
                client.send(b"".join(b"BDAT %d\r\n%s" % (len(x), x) for x in chunks)
                            + b"BDAT 0 LAST\r\n")
                replies = [client.reply() for _ in range(len(chunks) + 1)]
                self.assertTrue(all(x.startswith("250") for x in replies), (file, replies))
        self.came_back(name)

    def test_in_small_packets(self):
        name = self.member()
        with Smtp(self.port("smtp")) as client:
            for file, text in self.legal.items():
                client.envelope(STRANGER, self.address(name), parameters=" BODY=8BITMIME")
                self.assertTrue(client.ask("DATA").startswith("354"))
                for part in parts_of(stuffed(text), 61):
                    client.send(part)
                self.assertRegex(client.reply(), "^250", file)
        self.came_back(name)


if __name__ == "__main__":
    main()
