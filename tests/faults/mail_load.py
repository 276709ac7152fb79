# SPDX-License-Identifier: Apache-2.0
"""Clients that send, fetch and delete until their node is gone, and write down what they were told.

The odd ones are there on purpose: those that close before they read the answer to their message
and send it again (RFC 1047), those that pipeline, those whose text is refused, those that leave a
maildrop without QUIT."""
import random
import threading
import time

from checker import NO, OPEN, YES, new_token, octets_of
from live_node import DOMAIN
from wire import Lost, Pop3, Refused, Smtp

ACCOUNTS = {name: f"secret of {name}" for name in ("alice", "bob", "carol", "dave")}
SETTINGS = {"pop3": ["needs_tls_for_login = false"],
            "accounts": ["argon2_ops = 1", 'argon2_memory = "8MiB"'],
            "smtp": ["max_idle_commands = 100000", "max_errors = 1000"]}


class Mail:
    """A message on its way, perhaps for the second time."""

    def __init__(self, dice, who, member):
        self.who, self.member = who, member  # the name in EHLO; the login, None on port 25
        self.token = new_token(dice)
        self.sender = f"{member}@{DOMAIN}" if member else "someone@elsewhere.test"
        self.to = dice.sample(sorted(ACCOUNTS), dice.choice((1, 1, 2, 4)))
        self.manner = dice.choice(("steps", "steps", "pipeline", "chunk"))

    def octets(self):
        return octets_of(self.token, self.sender)


def connect(node, mail):
    if mail.member:
        return Smtp(node.port["submissions"], mail.who, True, (mail.member, ACCOUNTS[mail.member]))
    return Smtp(node.port["smtp"], mail.who)


def envelope(mail):
    return [b"MAIL FROM:<%s>" % mail.sender.encode(),
            *(b"RCPT TO:<%s@%s>" % (x.encode(), DOMAIN.encode()) for x in mail.to)]


def stuffed(octets):
    return octets.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def hand_over(client, mail, octets):
    """All but the answer to the message. @returns False: it was refused before."""
    commands = envelope(mail)
    if mail.manner == "chunk":  # RFC 3030 §2, with everything in one piece (RFC 2920 §3.1)
        chunk = b"BDAT %d LAST\r\n" % len(octets) + octets
        client.send(b"\r\n".join(commands) + b"\r\n" + chunk)
        return all([client.reply().startswith(b"250") for _ in commands])
    if mail.manner == "pipeline":
        client.send(b"\r\n".join([*commands, b"DATA\r\n"]))
        answers = [client.reply() for _ in [*commands, 1]]
    else:
        answers = [client.ask(x) for x in [*commands, b"DATA"]]
    if not answers[-1].startswith(b"354"):
        return False
    client.send(stuffed(octets))
    return True


def send(client, mail, ledger):
    """@returns YES, NO or OPEN; raises Lost after it has been written down as OPEN."""
    outcome = OPEN
    try:
        if hand_over(client, mail, mail.octets()):
            answer = client.reply()
            outcome = YES if answer.startswith(b"250") else NO
        else:
            answer = client.reply() if mail.manner == "chunk" else client.ask(b"RSET")
            outcome = NO
        return outcome
    finally:
        ledger.answered(mail.token, mail.to, outcome)


class Sender(threading.Thread):
    def __init__(self, node, ledger, seed, number, stop):
        super().__init__(daemon=True)
        self.node, self.ledger, self.stop = node, ledger, stop
        self.dice = random.Random(seed)
        self.who = f"client{number}.test"
        self.member = sorted(ACCOUNTS)[number % len(ACCOUNTS)] if number % 3 == 0 else None
        self.again = []  # without an answer, to be sent once more

    def run(self):
        client = None
        try:
            while not self.stop.is_set():
                client = client or connect(self.node, Mail(self.dice, self.who, self.member))
                client = self.one(client)
        except Lost:
            pass
        if client:
            client.close()

    def one(self, client):
        mail = Mail(self.dice, self.who, self.member)
        what = self.dice.randrange(40)
        if what == 0:
            return self.leave_unread(client, mail)
        if what == 1:
            return self.be_refused(client, mail)
        if what == 2:
            return self.leave_half(client, mail)
        if self.again and what < 10:
            mail = self.again.pop()
        return self.send(client, mail)

    def send(self, client, mail):
        try:
            send(client, mail, self.ledger)
        except Lost:
            self.keep(mail)
            raise
        self.ledger.pending.discard(mail.token)
        return client

    def keep(self, mail):
        """Some give up."""
        self.ledger.pending.discard(mail.token)
        if self.dice.random() < 0.7:
            self.ledger.pending.add(mail.token)
            self.again.append(mail)

    def leave_unread(self, client, mail):
        """RFC 1047: the answer is lost, not the message."""
        mail.manner = "steps"
        self.ledger.answered(mail.token, mail.to, OPEN)
        hand_over(client, mail, mail.octets())
        client.close()
        if self.dice.randrange(2):
            self.keep(mail)
            return None
        # At once: the first may still be on its way.
        return self.send(connect(self.node, mail), mail)

    def be_refused(self, client, mail):
        """RFC 5321 §2.3.8: a bare LF."""
        mail.manner = "steps"
        outcome = OPEN
        try:
            if hand_over(client, mail, mail.octets() + b"a line\nwith a bare LF\r\n"):
                outcome = YES if client.reply().startswith(b"250") else NO
        finally:
            self.ledger.answered(mail.token, mail.to, outcome)
        return client

    def leave_half(self, client, mail):
        """RFC 5321 §4.1.1.4: without its end a message is none."""
        self.ledger.answered(mail.token, mail.to, NO)
        for command in [*envelope(mail), b"DATA"]:
            client.ask(command)
        client.send(stuffed(mail.octets())[:-3])
        client.close()
        return None


class Reader(threading.Thread):
    """Of one account: fetches some, deletes some, and leaves in one of three ways."""

    def __init__(self, node, ledger, seed, account, stop):
        super().__init__(daemon=True)
        self.node, self.ledger, self.account, self.stop = node, ledger, account, stop
        self.dice = random.Random(seed)

    def run(self):
        try:
            while not self.stop.is_set():
                try:
                    self.session()
                except Refused:  # the lock of the session before
                    time.sleep(0.01)
        except Lost:
            pass

    def session(self):
        tls = self.dice.randrange(4) == 0
        client = Pop3(self.node.port["pop3s" if tls else "pop3"], self.account, ACCOUNTS[self.account], tls)
        try:
            self.use(client)
        finally:
            client.close()

    def use(self, client):
        listing = client.ids()
        marked = []
        for number, validity, uid in self.dice.sample(listing, min(len(listing), 20)):
            message = client.message(number)
            if message is None:
                client.ask(b"NOOP")  # a node that says good-bye answers no more
                self.ledger.fault(f"{self.account}: uid {uid} cannot be read")
                continue
            token = self.ledger.seen(self.account, validity, uid, message)
            if self.dice.randrange(3) and client.ask(b"DELE %d" % number).startswith(b"+OK"):
                marked.append(token)
        what = self.dice.randrange(6)
        if what == 0:
            return  # RFC 1939 §6: without QUIT nothing is deleted
        if what == 1:
            client.ask(b"RSET")
            marked = []
        outcome = OPEN
        try:
            outcome = YES if client.ask(b"QUIT").startswith(b"+OK") else OPEN
        finally:
            for token in marked:
                self.ledger.deleted(self.account, token, outcome)


class Load:
    """Starts at once. `end()` is for after the node's death, `stop()` for its lifetime."""

    def __init__(self, node, ledger, seed, senders=9):
        self._stop = threading.Event()
        self.ledger = ledger
        self.senders = [Sender(node, ledger, f"{seed}.s{n}", n, self._stop) for n in range(senders)]
        self.readers = [Reader(node, ledger, f"{seed}.r{x}", x, self._stop) for x in ACCOUNTS]
        for x in self.senders + self.readers:
            x.start()

    def end(self):
        """@returns the mail that is still to be sent again."""
        self._stop.set()
        for x in self.senders + self.readers:
            x.join(90)
            if x.is_alive():
                self.ledger.fault("a client got neither an answer nor an end within 90 s")
        return [mail for x in self.senders for mail in x.again]


def send_again(node, ledger, mails):
    """Each on a new connection, from the same client."""
    for mail in mails:
        client = connect(node, mail)
        if send(client, mail, ledger) != YES:
            ledger.fault(f"{mail.token}: a resend to an idle node was refused")
        ledger.pending.discard(mail.token)
        ledger.counts["sent again"] += 1
        client.ask(b"QUIT")
        client.close()
