# SPDX-License-Identifier: Apache-2.0
"""Clients of a cluster: any door that is open will do, and who has lost one takes another."""
import threading
import time
import weakref

from checker import YES
from mail_load import Mail, Reader, Sender, connect, envelope, send
from wire import Lost, Wire

PAUSE = 0.5  # seconds at most, of a sender: all that comes is read back three times
IMPATIENT = 3  # seconds, of every third client: it asks another node what the first may still do


class Door:
    """The ports of one life of a node."""

    def __init__(self, number, node):
        self.number, self.port = number, dict(node.port)


class Doors:
    """For Load. Those in it are meant to be alive; one that is not refuses, and the client goes on."""

    def __init__(self):
        self._mutex = threading.Lock()
        self._open = {}

    def open(self, number, node):
        with self._mutex:
            self._open[number] = Door(number, node)

    def close(self, number):
        with self._mutex:
            self._open.pop(number, None)

    def all(self):
        with self._mutex:
            return [self._open[x] for x in sorted(self._open)]

    def __call__(self, dice, lost):
        choice = self.all()
        return dice.choice([x for x in choice if not lost or x.number != lost.number] or choice)


class RoamingSender(Sender):
    def __init__(self, doors, ledger, seed, number, stop):
        super().__init__(doors, ledger, seed, number, stop)
        if number % 3 == 1:
            self.patience = IMPATIENT

    def new_mail(self):
        mail = Mail(self.dice, self.who, self.member)
        if len(mail.to) > 1 and mail.manner == "chunk":
            # Who does not hear which recipients were taken cannot send the same message again.
            mail.manner = "steps"
        return mail

    def one(self, client):
        self.stop.wait(self.dice.uniform(0, PAUSE))
        client = super().one(client)
        if client and self.dice.randrange(20):
            return client
        self.node = self.doors(self.dice, self.node)
        return client and client.close()

    def keep(self, mail):
        super().keep(mail)
        mail.manner = "steps"

    def leave_unread(self, client, mail):
        elsewhere = self.node if self.dice.randrange(2) else self.doors(self.dice, self.node)
        self.node, before = elsewhere, self.node
        try:
            return super().leave_unread(client, mail)
        finally:
            if self.node is elsewhere and self.dice.randrange(4):
                self.node = before


class RoamingReader(Reader):
    def session(self):
        super().session()
        self.node = self.doors(self.dice, self.node)


KINDS = RoamingSender, RoamingReader


class Twice:
    """Messages that are sent whole to a node which can do nothing with them, then through another one,
    and confirmed there; then the first node does what it can."""

    def __init__(self, door, dice, ledger, tries=6):
        self._ledger = ledger
        self._mails = [Mail(dice, f"twice{n}.test", None) for n in range(tries)]
        for mail in self._mails:
            del mail.to[1:]  # taken by some and refused by others it would be another message
        self._first = [connect(door, x) for x in self._mails]

    def send(self):
        """All at once, as with PIPELINING and CHUNKING: nobody waits for a reply."""
        for mail, client in zip(self._mails, self._first):
            octets = mail.octets()
            client.send(b"\r\n".join([*envelope(mail), b"BDAT %d LAST\r\n" % len(octets)]) + octets)

    def send_again(self, door):
        for mail in self._mails:
            mail.manner = "steps"
            client = connect(door, mail)
            if send(client, mail, self._ledger) != YES:
                self._ledger.fault(f"{mail.token}: the second try was refused")
            client.ask(b"QUIT")
            client.close()

    def end(self):
        """Has the first node answered, it may not deliver any more."""
        for mail, client in zip(self._mails, self._first):
            try:
                for _ in range(len(mail.to) + 2):
                    client.reply()
            except Lost:
                pass
            client.close()


class Waits:
    """The longest wait for a reply, by the port that was asked; and who is there, to be cut."""

    def __init__(self):
        self._mutex = threading.Lock()
        self._longest = {}
        self._open, self._healed = {}, {}
        Wire.on_wait = staticmethod(self._note)
        Wire.on_open = staticmethod(self._meet)

    def _meet(self, port, wire):
        with self._mutex:
            self._open.setdefault(port, weakref.WeakSet()).add(wire)

    def cut(self, door):
        """All clients of a node at once. @returns how many."""
        with self._mutex:
            gone = [x for port in door.port.values() for x in self._open.pop(port, ())]
        for wire in gone:
            wire.cut()
        return len(gone)

    def _note(self, port, seconds, asked):
        with self._mutex:
            seconds = min(seconds, time.monotonic() - self._healed.get(port, 0))
            self._longest[port] = max(self._longest.get(port, (0, b"")), (seconds, asked))

    def begin(self):
        with self._mutex:
            self._longest.clear()

    def heal(self, door):
        """What clients of this node have waited so far, they have waited for us."""
        with self._mutex:
            for port in door.port.values():
                self._longest.pop(port, None)
                self._healed[port] = time.monotonic()

    def longest(self, doors):
        """@returns seconds, and the end of what had been asked."""
        with self._mutex:
            return max((self._longest.get(port, (0, b"")) for x in doors for port in x.port.values()),
                       default=(0, b""))
