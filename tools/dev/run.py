#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./dev run: one node on this machine with a sample community, which it makes at the first start
in ./run. Remove that folder to begin anew. Ctrl-C ends it."""
import base64
import os
import pathlib
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
from email.message import EmailMessage

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOME = ROOT / "run"
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


def choose_ports():
    """The usual ones; when somebody else has one, the next free one in steps of 10000 and 1."""
    chosen = {}
    for service, usual in PORTS.items():
        candidates = [usual, *range(10000 + usual, 10100 + usual)]
        chosen[service] = next(x for x in candidates if is_free(x) and x not in chosen.values())
        if chosen[service] != usual:
            print(f"Port {usual} is taken; {service} listens on {chosen[service]}.")
    return chosen


def write_settings(ports):
    settings = HOME / "hamlet.toml"
    doors = "".join(f'{name} = ["127.0.0.1:{port}"]\n' for name, port in ports.items())
    settings.write_text(f'[node]\nhostname = "mail.{DOMAIN}"\ndata_folder = "{HOME}/data"\n\n'
                        f'[listen]\n{doors}\n[log]\nfile = "{HOME}/hamlet.log"\n')
    return settings


def command(settings, *words, stdin=""):
    """Passwords go by standard input: arguments can be read by every process of the machine."""
    done = subprocess.run([PROGRAM, *words, "--config", settings], input=stdin, text=True, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"hamlet {' '.join(words)}: {done.stderr.strip()}")


def make_community(settings):
    command(settings, "domain", "add", DOMAIN)
    for name, full_name, password in ACCOUNTS:
        if name == "postmaster":  # comes with the domain, without a password
            command(settings, "account", "set-password", f"{name}@{DOMAIN}", stdin=password + "\n")
        else:
            command(settings, "account", "add", f"{name}@{DOMAIN}", "--name", full_name, stdin=password + "\n")


def send_letters(ports):
    trusted = ssl.create_default_context(cafile=str(certificate()))
    passwords = {name: (f"{full_name} <{name}@{DOMAIN}>", password) for name, full_name, password in ACCOUNTS}
    for sender, recipients, subject, text in LETTERS:
        letter = EmailMessage()
        letter["From"] = passwords[sender][0]
        letter["To"] = ", ".join(f"{x}@{DOMAIN}" for x in recipients)
        letter["Subject"] = subject
        letter.set_content(text)
        with smtplib.SMTP("127.0.0.1", ports["submission"], timeout=30) as smtp:
            smtp.starttls(context=trusted)
            smtp.login(f"{sender}@{DOMAIN}", passwords[sender][1])
            smtp.send_message(letter)


def write_irssi(ports):
    folder = HOME / "irssi"
    folder.mkdir(exist_ok=True)
    (folder / "config").write_text(
        f'servers = ( {{ address = "127.0.0.1"; port = "{ports["ircs"]}"; chatnet = "village"; use_tls = "yes";\n'
        f'              tls_verify = "no"; autoconnect = "yes"; }} );\n'
        f'chatnets = {{ village = {{ type = "IRC"; nick = "bob"; sasl_mechanism = "PLAIN";\n'
        f'              sasl_username = "bob@{DOMAIN}"; sasl_password = "{ACCOUNTS[2][2]}"; }}; }};\n'
        f'channels = ( {{ name = "{CHANNEL}"; chatnet = "village"; autojoin = "yes"; }} );\n')


def talk(ports):
    """A registered channel with a topic and its first words, which history keeps."""
    founder = None
    for name, text in TALK:
        password = next(x[2] for x in ACCOUNTS if x[0] == name)
        login = base64.b64encode(f"\0{name}@{DOMAIN}\0{password}".encode()).decode()
        client = socket.create_connection(("127.0.0.1", ports["irc"]), timeout=30)
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


def certificate():
    return next((HOME / "data").rglob("*.pem"))


def start(settings):
    """Returns when the node listens, which its log says."""
    log = HOME / "hamlet.log"
    seen = log.stat().st_size if log.exists() else 0
    # A group of its own: Ctrl-C reaches this program, which ends the node in order.
    node = subprocess.Popen([PROGRAM, "serve", "--config", settings], process_group=0)
    while node.poll() is None:
        if log.exists():
            with log.open() as lines:
                lines.seek(seen)
                if " node ready" in lines.read():
                    return node
        try:
            node.wait(0.05)
        except subprocess.TimeoutExpired:
            pass
    with log.open() if log.exists() else open(os.devnull) as lines:
        sys.exit("The node did not start:\n" + "".join(lines.readlines()[-10:]))


def tell(ports):
    cafile = os.path.relpath(certificate(), ROOT)
    out = [f"\nThe sample community {DOMAIN} is up, on 127.0.0.1:\n"]
    out += [f"  {port:>5}  {name:<14} {WHAT[name]}" for name, port in ports.items()]
    out += [f"\n{'Log in as':<31}with the password"]
    out += [f"  {name + '@' + DOMAIN:<29}{password}" for name, _, password in ACCOUNTS]
    reader, password = f"bob%40{DOMAIN}", ACCOUNTS[2][2]
    out += ["\nTry, in another terminal (apt-get install curl swaks; both ask for the password):\n",
            "  list Bob's mail, read his first letter:",
            f"    curl --cacert {cafile} -u bob@{DOMAIN} pop3s://127.0.0.1:{ports['pop3s']}/",
            f"    curl --cacert {cafile} -u bob@{DOMAIN} pop3s://127.0.0.1:{ports['pop3s']}/1",
            "  write to Bob from outside, and as Alice:",
            f"    swaks --server 127.0.0.1:{ports['smtp']} --from you@example.org --to bob@{DOMAIN}",
            f"    swaks --server 127.0.0.1:{ports['submission']} -tls --auth-user alice@{DOMAIN} "
            f"--from alice@{DOMAIN} --to bob@{DOMAIN}",
            "  look after it:",
            f"    curl http://127.0.0.1:{ports['admin']}/metrics",
            f"    {PROGRAM.relative_to(ROOT)} account list --config run/hamlet.toml",
            "    tail -f run/hamlet.log",
            f"  chat in {CHANNEL} as Bob (apt-get install irssi), by TLS and SASL:",
            "    irssi --home run/irssi",
            "    /list   /msg NickServ help   /msg ChanServ info " + CHANNEL,
            f"    /quote OPER postmaster@{DOMAIN} :{ACCOUNTS[0][2]}",
            f"  or with a web client: ws://127.0.0.1:{ports['irc_websocket']}/",
            "\nCtrl-C ends it; the mail stays in ./run. Remove that folder to begin anew."]
    print("\n".join(out), flush=True)


def main():
    HOME.mkdir(exist_ok=True)
    ports = choose_ports()
    settings = write_settings(ports)
    made = HOME / "made"
    if not made.exists():
        print(f"Makes the sample community {DOMAIN} in ./run …", flush=True)
        shutil.rmtree(HOME / "data", ignore_errors=True)  # a first start that was cut short
        make_community(settings)
    node = start(settings)
    try:
        if not made.exists():
            send_letters(ports)
            talk(ports)
            made.touch()
        write_irssi(ports)
        tell(ports)
        node.wait()
    except KeyboardInterrupt:
        print("\nEnds …", flush=True)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        node.terminate()
        status = node.wait()
    return status


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
