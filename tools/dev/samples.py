# SPDX-License-Identifier: Apache-2.0
"""The sample community of `./dev run` and `./dev cluster`: who is there, and what they write."""
import base64
import os
import pathlib
import smtplib
import socket
import ssl
import subprocess
import sys
from email.message import EmailMessage

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("HAMLET_BIN", ROOT / "build/release/bin/hamlet"))
DOMAIN = "village.example"
PORTS = {"smtp": 2525, "submission": 2587, "submissions": 2465, "pop3": 2110, "pop3s": 2995, "irc": 6667,
         "ircs": 6697, "irc_websocket": 8067, "irc_websockets": 8097, "admin": 9080}
WHAT = {"smtp": "mail from other servers (STARTTLS)",
        "submission": "mail from members (STARTTLS, log in)",
        "submissions": "mail from members (TLS, log in)",
        "pop3": "mailboxes (STLS)",
        "pop3s": "mailboxes (TLS)",
        "irc": "chat",
        "ircs": "chat (TLS)",
        "irc_websocket": "chat of web pages (ws://)",
        "irc_websockets": "chat of web pages (wss://)",
        "admin": "health and metrics (HTTP)"}
CHANNEL = "#village"
TALK = [("alice", "Good morning! Who brings the apples?"), ("bob", "I do. Two baskets.")]
# Samples, reachable from this machine only.
ACCOUNTS = [("postmaster", "Postmaster", "keeper of the gate"),
            ("alice", "Alice", "down the garden path"),
            ("bob", "Bob", "a bridge of stones")]
LETTERS = [
    ("alice", ["bob"], "Market day", "Bring the apples on Saturday, please.\n\nAlice"),
    ("bob", ["alice"], "Re: Market day", "Two baskets, as last year.\n.\nBob (that dot above is part of the letter)"),
    ("postmaster", ["alice", "bob"], "Welcome to the village",
     "One account for mail and chat, and soon for the web.\n\nMail to name+anything reaches name."),
    ("alice", ["bob+recipes"], "Crème brûlée & 饺子", "Six eggs, and patience. Or flour, and many hands."),
]


def is_free(port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_ports(wanted):
    """The usual ones; when somebody else has one, the next free one in steps of 10000 and 1."""
    chosen = {}
    for service, usual in wanted.items():
        candidates = [usual, *range(10000 + usual, 10100 + usual)]
        chosen[service] = next(x for x in candidates if is_free(x) and x not in chosen.values())
        if chosen[service] != usual:
            print(f"Port {usual} is taken; {service} listens on {chosen[service]}.")
    return chosen


def command(settings, *words, stdin="", within=()):
    """Passwords go by standard input: arguments can be read by every process of the machine.
    @param within Words to be put before: where it is to run."""
    done = subprocess.run([*within, PROGRAM, *words, "--config", settings], input=stdin, text=True,
                          capture_output=True)
    if done.returncode != 0:
        sys.exit(f"hamlet {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def make_community(settings, within=()):
    command(settings, "domain", "add", DOMAIN, within=within)
    for name, full_name, password in ACCOUNTS:
        if name == "postmaster":  # comes with the domain, without a password
            words = ["set-password", f"{name}@{DOMAIN}"]
        else:
            words = ["add", f"{name}@{DOMAIN}", "--name", full_name]
        command(settings, "account", *words, stdin=password + "\n", within=within)


def send_letters(port, cafile):
    """At the door for members, on loopback."""
    trusted = ssl.create_default_context(cafile=str(cafile))
    passwords = {name: (f"{full_name} <{name}@{DOMAIN}>", password) for name, full_name, password in ACCOUNTS}
    for sender, recipients, subject, text in LETTERS:
        letter = EmailMessage()
        letter["From"] = passwords[sender][0]
        letter["To"] = ", ".join(f"{x}@{DOMAIN}" for x in recipients)
        letter["Subject"] = subject
        letter.set_content(text)
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as smtp:
            smtp.starttls(context=trusted)
            smtp.login(f"{sender}@{DOMAIN}", passwords[sender][1])
            smtp.send_message(letter)


def talk(port):
    """A registered channel with a topic and its first words, which history keeps."""
    founder = None
    for name, text in TALK:
        password = next(x[2] for x in ACCOUNTS if x[0] == name)
        login = base64.b64encode(f"\0{name}@{DOMAIN}\0{password}".encode()).decode()
        client = socket.create_connection(("127.0.0.1", port), timeout=30)
        lines = client.makefile("rw", newline="\r\n")

        def ask(*words, until):
            lines.write("".join(x + "\n" for x in words))
            lines.flush()
            for line in lines:
                if line.startswith("PING"):
                    lines.write(line.replace("PING", "PONG", 1))
                    lines.flush()
                if until in line:
                    return

        ask("CAP REQ :sasl", f"NICK {name}", f"USER {name} 0 * :{name.title()}", "AUTHENTICATE PLAIN",
            until="AUTHENTICATE +")
        ask(f"AUTHENTICATE {login}", "CAP END", until=" 001 ")
        ask(f"JOIN {CHANNEL}", until=" 366 ")
        if not founder:
            ask(f"TOPIC {CHANNEL} :The village square", f"CHANSERV REGISTER {CHANNEL}", "PING done",
                until="PONG")
        ask(f"PRIVMSG {CHANNEL} :{text}", "PING done", until="PONG")
        founder = founder or client  # stays until the others have come
    # What is kept of it outlives both.
