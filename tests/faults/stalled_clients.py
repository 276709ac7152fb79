#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that ask and never read: of a message of 48 MiB, of NOOPs without end. The memory of the
node must not grow by 32 MiB, and who reads is served meanwhile."""
import pathlib
import re
import socket
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parent.parent / "support")]
from checker import octets_of
from kill_under_load import new_node
from live_node import DOMAIN
from mail_load import ACCOUNTS
from wire import Lost, Pop3, Smtp

MIB = 1 << 20
LIMIT = 32 * MIB
CLIENTS = 40  # on each of the two SMTP doors


def resident(node):
    status = pathlib.Path(f"/proc/{node.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024


def deliver_large(node):
    client = Smtp(node.port["smtp"], "client.test")
    text = octets_of("t0") + (b"x" * 998 + b"\r\n") * (48 * MIB // 1000)
    for command in [b"MAIL FROM:<someone@elsewhere.test>",
                    *(f"RCPT TO:<{x}@{DOMAIN}>".encode() for x in ACCOUNTS)]:
        client.ask(command)
    client.send(b"BDAT %d LAST\r\n" % len(text) + text)
    if not (answer := client.reply()).startswith(b"250"):
        raise AssertionError(answer)
    client.close()
    return text


def ask_without_end(client, question):
    """@returns False when the node takes no more."""
    try:
        return client.socket.send(question) > 0
    except BlockingIOError:
        return False
    except OSError:  # hung up on: it holds nothing for this client any more
        return False


def watch(node, clients, question, seconds=4):
    """The highest memory while the clients push what they can."""
    end, top, asked = time.monotonic() + seconds, 0, 0
    while time.monotonic() < end:
        asked += sum(ask_without_end(x, question) for x in clients)
        top = max(top, resident(node))
        time.sleep(0.01)
    return top


def readers(node):
    found = []
    for account, password in ACCOUNTS.items():
        client = Pop3(node.port["pop3"], account, password)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.send(b"RETR 1\r\n")
        client.socket.setblocking(False)
        found.append(client)
    return found


def askers(node):
    found = [Smtp(node.port[door], "client.test", door == "submissions")
             for door in ("smtp", "submissions") for _ in range(CLIENTS)]
    for x in found:
        x.socket.setblocking(False)
    return found


def main():
    faults = []
    with new_node() as node:
        node.start()
        text = deliver_large(node)
        for account, password in ACCOUNTS.items():  # also warms up what is kept for good
            client = Pop3(node.port["pop3"], account, password)
            if not client.message(1).endswith(text):
                faults.append("the large message is not what was sent")
            client.ask(b"QUIT")
        for name, clients, question in (("POP3", readers, b"NOOP\r\n"),
                                        ("SMTP", askers, b"NOOP\r\n" * 5000)):
            before = resident(node)
            stalled = clients(node)
            growth = watch(node, stalled, question) - before
            print(f"{len(stalled)} {name} clients that never read: {growth / MIB:+.1f} MiB", flush=True)
            if growth >= LIMIT:
                faults.append(f"{name}: {growth / MIB:.0f} MiB for clients that do not read")
            try:
                Smtp(node.port["smtp"], "client.test").ask(b"QUIT")
            except Lost as why:
                faults.append(f"nobody is served beside them: {why}")
            for x in stalled:
                x.close()
    for fault in faults:
        print("FAULT", fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
