# SPDX-License-Identifier: Apache-2.0
"""What clients were told, against what is there.

Each message has a token, and its octets follow from the token. For each recipient a ledger knows
how the sender was answered (yes, no, nothing) and how the reader who deleted it was answered.
From these follows whether it must be there, must not, or may. What a read-back finds settles what
was open: a message that was there once stays, one that was not never comes back."""
import base64
import collections
import contextlib
import hashlib
import pathlib
import random
import re
import shutil
import sqlite3
import tempfile
import threading

from live_node import DOMAIN
from wire import Lost, Pop3, Refused

YES, NO, OPEN = "yes", "no", "open"
QUEUE_ID = re.compile(rb"\sid\s+(\w+) for ")
TOKEN = re.compile(rb"^X-Token: (\w+)\r$", re.M)
MOST_COPIES = 10  # of one message that are worth counting


def new_token(dice):
    return f"t{dice.getrandbits(64):016x}"


def octets_of(token, sender="someone@elsewhere.test"):
    """The message of this token, one in eight above 64 KiB, with dots at the start of lines."""
    dice = random.Random(token)
    size = dice.randrange(50_000, 120_000) if dice.randrange(8) == 0 else dice.randrange(100, 5_000)
    text = base64.encodebytes(dice.randbytes(size)).replace(b"\n", b"\r\n") + b".dot\r\n..\r\n.\r\n"
    digest = hashlib.sha256(text).hexdigest()
    return (f"From: <{sender}>\r\nTo: <all@{DOMAIN}>\r\nSubject: {token}\r\nX-Token: {token}\r\n"
            f"X-Digest: {digest}\r\n\r\n").encode() + text


def fault_of_octets(message):
    """What is wrong with a message that was read back; None when it is as it was sent."""
    found = TOKEN.search(message)
    if not found:
        return f"no token in {message[:200]!r}"
    digest = re.search(rb"^X-Digest: (\w+)\r$", message, re.M)
    text = message.partition(b"\r\n\r\n")[2]
    # Fields of ours stand before those of the sender, which follow unchanged.
    kept = re.search(rb"^From: <[^\r]*>\r\nTo: <all@[^\r]*\r\nSubject: %s\r\nX-Token: " % found[1],
                     message, re.M)
    if not digest or hashlib.sha256(text).hexdigest().encode() != digest[1] or not kept:
        return f"{found[1].decode()} is not what was sent"
    return None


class Ledger:
    """@param unsure How answers to a message begin which promise neither that it is there nor that it
        is not."""

    def __init__(self, unsure=()):
        self._unsure = tuple(unsure)
        self._mutex = threading.Lock()
        self.sent = {}  # (account, token): YES, NO, OPEN
        self.removed = {}  # the same keys: YES, OPEN
        self.pending = set()  # tokens that somebody will send again
        self.tokens = {}  # (account, uid_validity, uid): token, over all lives of the node
        self.top = collections.Counter()  # (account, uid_validity): highest uid of the last read-back
        self.came_by = collections.defaultdict(set)  # (account, token): queue ids in Received
        self.faults = []
        self.counts = collections.Counter()

    # -- what clients were told --------------------------------------------

    def outcome_of(self, answer):
        """To a message that was sent to its end."""
        if answer.startswith(b"250"):
            return YES
        return OPEN if answer.startswith(self._unsure) else NO

    def answered(self, token, accounts, outcome, turned_away=()):
        """@param accounts Who must get it. A second answer is one to a resend.
        @param turned_away Of whom the client was told before that they would not."""
        with self._mutex:
            self.counts["acknowledged" if outcome == YES else
                        "refused" if outcome == NO else "unanswered"] += 1
            for account in accounts:
                # A resend that fails says nothing about the first try.
                if outcome == YES or (account, token) not in self.sent:
                    self.sent[account, token] = outcome
            for account in turned_away:
                self.sent.setdefault((account, token), NO)

    def seen(self, account, validity, uid, message):
        """A message was fetched. @returns its token"""
        fault = fault_of_octets(message)
        token = TOKEN.search(message)[1].decode() if TOKEN.search(message) else "?"
        with self._mutex:
            if fault:
                self.faults.append(f"{account}: {fault}")
            if (account, validity, uid) not in self.tokens and uid <= self.top[account, validity]:
                self.faults.append(f"{account}: {uid} is a new uid, and there have been higher ones")
            if came := QUEUE_ID.search(message):
                self.came_by[account, token].add(came[1].decode())
            before = self.tokens.setdefault((account, validity, uid), token)
            if before != token:
                self.faults.append(f"{account}: uid {uid} was {before} and is {token}")
        return token

    def deleted(self, account, token, outcome):
        with self._mutex:
            self.counts["deleted" if outcome == YES else "deletions unanswered"] += 1
            self.removed[account, token] = outcome

    def fault(self, text):
        with self._mutex:
            self.faults.append(text)

    # -- what is there -----------------------------------------------------

    def settle(self, account, validity, found):
        """@param found [(uid, token)] of the whole maildrop, while nobody sends or deletes."""
        uids = [uid for uid, _ in found]
        if uids != sorted(set(uids)):
            self.faults.append(f"{account}: uids do not ascend")
        self.top[account, validity] = max([self.top[account, validity], *uids])
        there = collections.Counter(token for _, token in found)
        for token, copies in there.items():
            if (account, token) not in self.sent:
                self.faults.append(f"{account}: {token} was never sent to it")
            if copies > 1:
                self.counts["doubled"] += 1
                ids = " and ".join(sorted(self.came_by[account, token]))
                self.faults.append(f"{account}: {token} is there {copies} times; it came by {ids}")
        for (who, token), sent in list(self.sent.items()):
            if who == account:
                self._settle_one(account, token, sent, there[token] > 0)

    def _settle_one(self, account, token, sent, is_there):
        key = account, token
        removed = self.removed.get(key)
        if is_there and removed == YES:
            self.faults.append(f"{account}: {token} was deleted and came back")
        elif is_there and sent == NO:
            self.faults.append(f"{account}: {token} was refused and is there")
        elif not is_there and sent == YES and removed is None:
            self.counts["lost"] += 1
            self.faults.append(f"{account}: {token} was acknowledged and is lost")
        if is_there and removed is None:
            self.sent[key] = YES
        elif is_there:
            self.removed.pop(key)
        elif removed == OPEN:
            self.removed[key] = YES
        elif sent == OPEN and token not in self.pending:
            self.sent[key] = NO

    def settle_copies(self):
        """Also of messages that were deleted meanwhile: none had two uids."""
        copies = collections.Counter((account, token) for (account, _, _), token in self.tokens.items())
        for (account, token), n in copies.items():
            if n > 1:
                ids = " and ".join(sorted(self.came_by[account, token]))
                self.faults.append(f"{account}: {token} had {n} uids; it came by {ids}")


def read_back(node, ledger, accounts):
    """All maildrops by POP3, and the store beside them. Ends at the first that has a message so often
    that its end may never be read."""
    for account, password in accounts.items():
        if not read_account(node, ledger, account, password):
            return
    ledger.settle_copies()


def read_account(node, ledger, account, password):
    """@returns False: a message is there again and again."""
    if is_flooded(node, ledger, account):
        return False
    try:
        client = Pop3(node.port["pop3"], account, password)
    except (Lost, Refused) as why:
        if is_flooded(node, ledger, account):  # delivered for ever, so that nobody gets in
            return False
        # `account add` has said that it is there, with this password.
        lost = ", and the account is lost" if "[AUTH]" in str(why) else ""
        ledger.fault(f"{account}: login refused{lost}: {why}")
        ledger.settle(account, 0, [])
        return True
    listing = client.ids()
    found, copies = [], collections.Counter()
    for number, validity, uid in listing:
        message = client.message(number)
        if message is None:
            ledger.fault(f"{account}: uid {uid} cannot be read")
            continue
        found.append((uid, ledger.seen(account, validity, uid, message)))
        copies[found[-1][1]] += 1
        if copies[found[-1][1]] > MOST_COPIES:
            ledger.fault(f"{account}: {found[-1][1]} is there more than {MOST_COPIES} times")
            client.close()
            return False
    ledger.settle(account, listing[0][1] if listing else 0, found)
    compare_with_store(node, ledger, account, found)
    client.ask(b"QUIT")
    client.close()
    return True


def is_flooded(node, ledger, account):
    """Has the mailbox one message again and again? Only its first rows are looked at."""
    with opened(node) as db:
        row = db.execute("SELECT body_id, count(*) AS copies FROM (SELECT body_id FROM message JOIN account "
                         "ON account_id = mailbox_id WHERE local = ? LIMIT 20000) GROUP BY body_id "
                         "HAVING copies > ? LIMIT 1", [account, MOST_COPIES]).fetchone()
        if not row:
            return False
        text, name = db.execute("SELECT substr(bytes, 1, 2000), hex(sha256) FROM body WHERE body_id = ?",
                                [row[0]]).fetchone()
    ledger.fault(f"{account}: {token_of(node, text, name)} is there {row[1]} times or more")
    return True


def opened(node):
    return contextlib.closing(sqlite3.connect(f"file:{node.folder}/data/hamlet.db?mode=ro", uri=True))


def token_of(node, text, name):
    """@param name Hexadecimal, of the file that has the text; else it is `text`."""
    if name:
        file = next((node.folder / "data/blobs").rglob(name.lower()), None)
        text = file.read_bytes()[:2000] if file else b""
    token = TOKEN.search(text)
    return token[1].decode() if token else "?"


def compare_with_store(node, ledger, account, found):
    with opened(node) as db:
        rows = db.execute("SELECT uid, substr(bytes, 1, 2000), hex(sha256) FROM message "
                          "JOIN account ON account_id = mailbox_id JOIN body USING (body_id) "
                          "WHERE local = ? ORDER BY uid", [account]).fetchall()
        queued = db.execute("SELECT count(*) FROM recipient JOIN account USING (account_id) "
                            "WHERE local = ?", [account]).fetchone()[0]
    stored = [(uid, token_of(node, text, name)) for uid, text, name in rows]
    if stored != found:
        ledger.fault(f"{account}: POP3 shows {len(found)} messages, the store has {len(stored)}, "
                     f"first difference {next(iter(set(stored) ^ set(found)), None)}")
    if queued:
        ledger.fault(f"{account}: {queued} messages are still queued")


def check_files(node, ledger):
    """SQLite's own check, on a copy: opening the original would repair it."""
    with tempfile.TemporaryDirectory(prefix="hamlet-copy-") as copy:
        for file in pathlib.Path(node.folder / "data").glob("hamlet.db*"):
            if not file.name.endswith("-shm"):
                shutil.copy(file, copy)
        with contextlib.closing(sqlite3.connect(f"{copy}/hamlet.db")) as db:
            for check in ("integrity_check", "foreign_key_check"):
                try:
                    answer = db.execute(f"PRAGMA {check}").fetchall()
                except sqlite3.DatabaseError as why:
                    answer = [str(why)]
                if answer not in ([("ok",)], []):
                    ledger.fault(f"{check}: {answer[:3]}")
