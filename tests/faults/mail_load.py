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
        self.turned_away = []  # recipients of the first try that were refused, and not asked for again
        self.is_resend = False

    def octets(self):
        return octets_of(self.token, self.sender)


    def hear(self, answers):
        """To the recipients. @returns Is it to go on? A resend is for all or for none: else it would
        be another message."""
        refused = [x for x, said in zip(self.to, answers) if not said.startswith(b"250")]
        if self.is_resend:
            return not refused
        self.to = [x for x in self.to if x not in refused]
        self.turned_away += refused
        return bool(self.to)


def only(node):
    """The door of clients whose node is alone: who has lost it has nowhere to go."""
    return lambda dice, lost: None if lost else node


def connect(node, mail, patience=60):
    login = (mail.member, ACCOUNTS[mail.member]) if mail.member else None
    port = node.port["submissions" if login else "smtp"]
    return Smtp(port, mail.who, bool(login), login, patience)


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
        answers = [client.reply() for _ in commands]
        return answers[0].startswith(b"250") and mail.hear(answers[1:])
    if mail.manner == "pipeline":
        client.send(b"\r\n".join([*commands, b"DATA\r\n"]))
        answers = [client.reply() for _ in [*commands, 1]]
        goes_on = mail.hear(answers[1:-1])
        if answers[-1].startswith(b"354") and not goes_on:
            raise Lost("the only way out of DATA")
    else:
        answers = [client.ask(x) for x in commands]
        if not answers[0].startswith(b"250") or not mail.hear(answers[1:]):
            return False
        answers.append(client.ask(b"DATA"))
    if not answers[-1].startswith(b"354"):
        return False
    client.send(stuffed(octets))
    return True


def send(client, mail, ledger):
    """@returns YES, NO or OPEN; raises Lost after it has been written down as OPEN."""
    outcome = OPEN
    try:
        if hand_over(client, mail, mail.octets()):
            outcome = ledger.outcome_of(client.reply())
        else:
            client.reply() if mail.manner == "chunk" else client.ask(b"RSET")
            outcome = OPEN if mail.is_resend else NO
        return outcome
    finally:
        ledger.answered(mail.token, mail.to, outcome, mail.turned_away)


class Sender(threading.Thread):
    patience = 60  # seconds, for a reply

    def __init__(self, doors, ledger, seed, number, stop):
        super().__init__(daemon=True)
        self.doors, self.ledger, self.stop = doors, ledger, stop
        self.dice = random.Random(seed)
        self.node = doors(self.dice, None)
        self.who = f"client{number}.test"
        self.member = sorted(ACCOUNTS)[number % len(ACCOUNTS)] if number % 3 == 0 else None
        self.again = []  # without an answer, to be sent once more

    def run(self):
        client = None
        while self.node and not self.stop.is_set():
            try:
                client = client or self.connect(self.new_mail())
                client = self.one(client)
            except Lost:
                client = client and client.close()
                self.node = self.doors(self.dice, self.node)
        if client:
            client.close()

    def new_mail(self):
        return Mail(self.dice, self.who, self.member)

    def connect(self, mail):
        return connect(self.node, mail, self.patience)

    def one(self, client):
        mail = self.new_mail()
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
            outcome = send(client, mail, self.ledger)
        except Lost:
            self.keep(mail)
            raise
        if outcome == OPEN:
            self.keep(mail)
        else:
            self.ledger.pending.discard(mail.token)
        return client

    def keep(self, mail):
        """Some give up; and with all recipients refused nothing is left to be sent."""
        mail.is_resend = True
        self.ledger.pending.discard(mail.token)
        if not mail.to:
            return
        if self.dice.random() < 0.7:
            self.ledger.pending.add(mail.token)
            self.again.append(mail)

    def leave_unread(self, client, mail):
        """RFC 1047: the answer is lost, not the message."""
        mail.manner = "steps"
        to = list(mail.to)
        self.ledger.answered(mail.token, to, OPEN)
        is_on_its_way = hand_over(client, mail, mail.octets())
        client.close()
        if not is_on_its_way or mail.turned_away:
            return None
        if self.dice.randrange(2):
            self.keep(mail)
            return None
        # At once: the first may still be on its way.
        mail.is_resend = True
        return self.send(self.connect(mail), mail)

    def be_refused(self, client, mail):
        """RFC 5321 §2.3.8: a bare LF."""
        mail.manner = "steps"
        outcome = OPEN
        try:
            if hand_over(client, mail, mail.octets() + b"a line\nwith a bare LF\r\n"):
                outcome = self.ledger.outcome_of(client.reply())
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

    patience = 60

    def __init__(self, doors, ledger, seed, account, stop):
        super().__init__(daemon=True)
        self.doors, self.ledger, self.account, self.stop = doors, ledger, account, stop
        self.dice = random.Random(seed)
        self.node = doors(self.dice, None)

    def run(self):
        while self.node and not self.stop.is_set():
            try:
                self.session()
            except Refused:  # the lock of the session before
                time.sleep(0.01)
            except Lost:
                self.node = self.doors(self.dice, self.node)

    def session(self):
        tls = self.dice.randrange(4) == 0
        client = Pop3(self.node.port["pop3s" if tls else "pop3"], self.account,
                      ACCOUNTS[self.account], tls, self.patience)
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
                if not client.is_unsure:
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
    """Starts at once.
    @param doors (dice, lost) -> a node, another one than `lost`; None: there is none, and a client
        ends that has lost its own."""

    def __init__(self, doors, ledger, seed, senders=9, kinds=(Sender, Reader)):
        self._stop = threading.Event()
        self.ledger = ledger
        sender, reader = kinds
        self.senders = [sender(doors, ledger, f"{seed}.s{n}", n, self._stop) for n in range(senders)]
        self.readers = [reader(doors, ledger, f"{seed}.r{x}", x, self._stop) for x in ACCOUNTS]
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
