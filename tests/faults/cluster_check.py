# SPDX-License-Identifier: Apache-2.0
"""What a cluster shows when all is quiet again: by POP3 through every door, and in its store."""
import pathlib
import subprocess

from checker import TOKEN, YES
from cluster import until
from mail_load import ACCOUNTS, Mail, connect, send
from wire import Lost, Pop3, Refused

HELD = "01", "03", "08"  # states of a socket that its process has not closed yet: proc(5)
PATIENCE = 90  # seconds


def sessions(doors):
    """How many connections the nodes have not ended yet."""
    ports = {port for x in doors for port in x.port.values()}
    lines = pathlib.Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    found = [x.split() for x in lines]
    return sum(int(x[1].rpartition(":")[2], 16) in ports and x[3] in HELD for x in found)


class Owners:
    """Who owns what, as the store says it.

    @param kinds Of the shards that must have owners."""

    def __init__(self, cluster, ledger, kinds="12"):
        self._cluster, self._ledger, self._kinds = cluster, ledger, kinds
        self._epochs = {}

    def look(self):
        """@returns {node: its incarnation} and how many shards have no living owner; None while
        the store does not answer."""
        try:
            answer = self._cluster.sql(
                self._cluster.database,
                "BEGIN ISOLATION LEVEL REPEATABLE READ;"
                "SELECT 'node', node_id - 1, incarnation, 0 FROM node WHERE state = 'up';"
                "SELECT kind, number, epoch, coalesce((SELECT incarnation FROM node WHERE "
                "incarnation = owner_incarnation AND state <> 'dead'), 0) FROM shard;"
                "COMMIT;")
        except subprocess.CalledProcessError:
            return None
        nodes, orphans = {}, 0
        for line in answer.splitlines():
            kind, *numbers = line.split("|")
            number, epoch, owner = map(int, numbers)
            if kind == "node":
                nodes[number] = epoch
                continue
            orphans += kind in self._kinds and not owner
            if epoch < self._epochs.get((kind, number), 0):
                self._ledger.fault(f"shard {kind}/{number}: epoch {epoch} after "
                                   f"{self._epochs[kind, number]}")
            self._epochs[kind, number] = epoch
        return nodes, orphans

    def are(self, nodes=None, without=()):
        """Does each shard have a living owner, and are these nodes up, and those not any more?
        @param nodes Numbers. @param without Incarnations."""
        found = self.look()
        return bool(found and not found[1] and (nodes is None or set(found[0]) == set(nodes))
                    and not set(found[0].values()) & set(without))


def say_last(doors, ledger, dice):
    """A message through each door: behind it is nothing that the node had still to write."""
    for door in doors:
        mail = Mail(dice, f"last{door.number}.test", None)
        mail.to, mail.manner = sorted(ACCOUNTS), "steps"

        def said():
            try:
                client = connect(door, mail)
                try:
                    return send(client, mail, ledger) == YES
                finally:
                    client.close()
            except Lost:
                return False
            finally:
                mail.is_resend = True

        until(f"the last message through door {door.number}", said, PATIENCE)


def open_maildrop(door, account, password=None):
    """With patience: a lock may be that of a client who is gone, a shard may be on its way."""
    last = []

    def opened():
        try:
            return Pop3(door.port["pop3"], account, password or ACCOUNTS[account])
        except (Lost, Refused) as why:
            last[:] = [why]
            return None

    try:
        return until(account, opened, PATIENCE)
    except AssertionError:
        raise AssertionError(f"{account} through door {door.number}: {last}") from None


def read_door(door, ledger, account, is_last):
    """@param is_last Deletes all that it has read.
    @returns [(uid, token)], and the validity of the uids."""
    client = open_maildrop(door, account)
    found, validity = [], 0
    for number, validity, uid in client.ids():
        message = client.message(number)
        if message is None:
            ledger.fault(f"{account}: uid {uid} cannot be read through door {door.number}")
        else:
            found.append((uid, ledger.seen(account, validity, uid, message)))
            if is_last:
                client.ask(b"DELE %d" % number)
    if client.ask(b"QUIT").startswith(b"+OK") and is_last:
        for _, token in found:
            ledger.deleted(account, token, YES)
    elif is_last:
        ledger.fault(f"{account}: nothing could be deleted while all was quiet")
    client.close()
    return found, validity


def stored(cluster):
    """{account: [(uid, token)]}"""
    answer = cluster.sql(
        cluster.database,
        "SELECT local, uid, encode(substr(coalesce(b.bytes, c.bytes), 1, 1000), 'hex') FROM message "
        "JOIN account ON account_id = mailbox_id JOIN body b USING (body_id) "
        "LEFT JOIN blob ON blob.sha256 = b.sha256 LEFT JOIN blob_chunk c ON c.blob_id = blob.blob_id "
        "AND n = (SELECT min(n) FROM blob_chunk x WHERE x.blob_id = blob.blob_id) ORDER BY 1, 2;")
    found = {}
    for line in answer.splitlines():
        account, uid, text = line.split("|")
        token = TOKEN.search(bytes.fromhex(text))
        found.setdefault(account, []).append((int(uid), token[1].decode() if token else "?"))
    return found


def read_back(cluster, doors, ledger):
    """While nobody sends or deletes."""
    for account in ACCOUNTS:
        for door in doors:
            found, validity = read_door(door, ledger, account, door is doors[-1])
            if door is doors[0]:
                there = stored(cluster).get(account, [])  # what was queued has come in by now
                ledger.settle(account, validity, found)
            if found != there:
                ledger.fault(f"{account}: POP3 shows {len(found)} messages through door {door.number}, "
                             f"the store has {len(there)}: {next(iter(set(there) ^ set(found)), None)}")
    queued = cluster.numbers("SELECT count(*) FROM recipient WHERE account_id IS NOT NULL")[0]
    if queued:
        ledger.fault(f"{queued} recipients are still queued")
    ledger.settle_copies()
