# SPDX-License-Identifier: Apache-2.0
"""A node with members, for tests that are clients of it: `class Sending(Community)`."""
import itertools
import pathlib
import poplib
import re
import ssl
import sys
import time
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from live_node import DOMAIN, QUICK, Node, merged  # noqa: E402

HOST = "127.0.0.1"
PASSWORD = "correct horse"
STRANGER = "friend@elsewhere.test"
TRACE = re.compile(rb"Return-Path: <[^\r\n]*>\r\n"
                   rb"Delivered-To: [^\r\n]+\r\n"
                   rb"Received: from [^\r\n]+\r\n(?:[ \t][^\r\n]+\r\n)*")


def any_certificate():
    """TLS to a node whose certificate nobody has signed."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def crlf(text):
    """The same text with lines as they are on the wire."""
    return re.sub(rb"\r\n|\r|\n", b"\r\n", text)


def without_trace(message):
    """A message as it was sent: without the lines that the node puts on top (RFC 5321 §4.4)."""
    found = TRACE.match(message)
    if not found:
        raise AssertionError(f"no trace lines on top: {message[:300]!r}")
    return message[found.end():]


def stuffed(text):
    """For DATA: dots doubled, the end put behind (RFC 5321 §4.5.2)."""
    return re.sub(rb"(?m)^\.", b"..", text) + b".\r\n"


poplib._MAXLINE = 1 << 20  # of messages, which may have longer lines than replies


class Maildrop(poplib.POP3_SSL):
    """POP3 inside TLS whose messages come out as the octets that were sent."""

    def __init__(self, port, name=None, password=PASSWORD):
        super().__init__(HOST, port, timeout=60, context=any_certificate())
        if name:
            self.user(name)
            self.pass_(password)

    def message(self, number):
        return b"".join(line + b"\r\n" for line in self.retr(number)[1])


class Community(unittest.TestCase):
    """One node for the tests of a class; each test makes the members it needs."""

    settings = {}
    _numbers = itertools.count(1)

    @classmethod
    def setUpClass(cls):
        cls.node = Node(merged(QUICK, cls.settings))
        cls.addClassCleanup(cls.node.__exit__)
        cls.node.start()

    @classmethod
    def port(cls, service):
        return cls.node.port[service]

    @classmethod
    def member(cls, *options, password=PASSWORD):
        """The name of a fresh account."""
        name = f"member{next(cls._numbers)}"
        cls.node.add_account(name, password, *options)
        return name

    @staticmethod
    def address(name):
        return f"{name}@{DOMAIN}"

    def maildrop(self, name, password=PASSWORD):
        drop = Maildrop(self.port("pop3s"), name, password)
        self.addCleanup(drop.close)
        return drop

    def mail_of(self, name, password=PASSWORD):
        """All messages, which stay; the maildrop is free again."""
        drop = self.maildrop(name, password)
        count, octets = drop.stat()
        found = [drop.message(n) for n in range(1, count + 1)]
        self.assertEqual(octets, sum(map(len, found)), "STAT counts what RETR sends")
        drop.quit()
        return found

    def texts_of(self, name, password=PASSWORD):
        return [without_trace(x) for x in self.mail_of(name, password)]

    def metric(self, name):
        page = urllib.request.urlopen(f"http://{HOST}:{self.port('admin')}/metrics", timeout=30)
        found = re.search(rf"^{name} (\S+)$", page.read().decode(), re.M)
        self.assertIsNotNone(found, f"{name} is not on the page")
        return float(found[1])

    def wait_until(self, holds, why, patience=30):
        """For what happens in its own time; the patience only bounds a failure."""
        end = time.monotonic() + patience
        while not holds():
            self.assertLess(time.monotonic(), end, why)
            time.sleep(0.02)

    def resident_kib(self):
        status = pathlib.Path(f"/proc/{self.node.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1])


def main():
    unittest.main(verbosity=2, warnings="ignore")
