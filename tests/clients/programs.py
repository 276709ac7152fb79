# SPDX-License-Identifier: Apache-2.0
"""Debian's mail programs, each with the settings it needs to talk to a node for tests.

A sender is `f(node, member, recipients, text)`, a fetcher `f(node, member) -> [message]`; both
raise AssertionError with what the program said when it fails."""
import email.utils
import os
import pathlib
import pty
import select
import signal
import smtplib
import subprocess
import tempfile
import time

from community import DOMAIN, HOST, PASSWORD, STRANGER, Maildrop, any_certificate


MDA = """#!/bin/sh
exec cat > "$(mktemp "$1/mail.XXXXXX")"
"""


def run(*command, stdin=b"", accepts=(0,), environment=None):
    """What the program printed, as octets; a missing program fails the test."""
    done = subprocess.run([str(x) for x in command], input=stdin, capture_output=True, timeout=90,
                          env={**os.environ, **(environment or {})})
    if done.returncode not in accepts:
        raise AssertionError(f"{command[0]} ended with {done.returncode}:\n"
                             f"{(done.stdout + done.stderr).decode(errors='replace')[-3000:]}")
    return done.stdout


class Workshop(tempfile.TemporaryDirectory):
    """A folder for one run of a program, with files that only we can read."""

    def __enter__(self):
        return Home(super().__enter__())


class Home:
    def __init__(self, folder):
        self.path = pathlib.Path(folder)

    def file(self, name, text, mode=0o600):
        path = self.path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return path

    def mail(self):
        """What the MDA was given."""
        return [x.read_bytes() for x in self.path.glob("mail.*")]


# -- senders ------------------------------------------------------------------

def swaks(*options, service="smtp", logs_in=False):
    def send(node, member, recipients, text):
        with Workshop() as home:
            data = home.file("data", text.removesuffix(b"\r\n"))  # swaks puts one there
            login = ["--auth-user", member, "--auth-password", PASSWORD] if logs_in else []
            run("swaks", "--server", HOST, "--port", node.port[service], "--from",
                f"{member}@{DOMAIN}" if logs_in else STRANGER, "--to", ",".join(recipients),
                "--ehlo", "client.elsewhere.test", "--data", f"@{data}",
                *login, *options)
    return send


def curl_sender(scheme, service, *options):
    def send(node, member, recipients, text):
        login = [] if service == "smtp" else ["--user", f"{member}:{PASSWORD}"]
        to = [x for one in recipients for x in ("--mail-rcpt", one)]
        run("curl", "--silent", "--show-error", "--insecure", *options, "--mail-from",
            f"{member}@{DOMAIN}" if login else STRANGER, *to, *login, "--upload-file", "-",
            f"{scheme}://{HOST}:{node.port[service]}/client.elsewhere.test", stdin=text)
    return send


def msmtp(mechanism, service="submission"):
    def send(node, member, recipients, text):
        with Workshop() as home:
            settings = home.file("msmtprc", f"""
account hamlet
host {HOST}
port {node.port[service]}
from {member}@{DOMAIN}
auth {mechanism}
user {member}
password "{PASSWORD}"
tls on
tls_starttls {"off" if service == "submissions" else "on"}
tls_certcheck off
""")
            run("msmtp", "--file", settings, "--account", "hamlet", "--", *recipients,
                stdin=text.replace(b"\r\n", b"\n"))
    return send


def smtplib_sender(service):
    def send(node, member, recipients, text):
        kind = smtplib.SMTP_SSL if service == "submissions" else smtplib.SMTP
        more = {"context": any_certificate()} if service == "submissions" else {}
        with kind(HOST, node.port[service], timeout=60, **more) as client:
            if service == "submission":
                client.starttls(context=any_certificate())
            if service != "smtp":
                client.login(member, PASSWORD)
            client.sendmail(STRANGER if service == "smtp" else f"{member}@{DOMAIN}", recipients,
                            text, mail_options=["BODY=8BITMIME"])
    return send


SENDERS = {
    "swaks, port 25": swaks(),
    "swaks, port 25 with STARTTLS": swaks("--tls"),
    "swaks, port 25 pipelined": swaks("--pipeline"),
    "swaks, AUTH PLAIN": swaks("--tls", "--auth", "PLAIN", service="submission", logs_in=True),
    "swaks, AUTH LOGIN": swaks("--tls", "--auth", "LOGIN", service="submission", logs_in=True),
    "swaks, port 465": swaks("--tls-on-connect", "--auth", "PLAIN", service="submissions",
                             logs_in=True),
    "curl smtp://": curl_sender("smtp", "smtp"),
    "curl smtp:// with STARTTLS": curl_sender("smtp", "submission", "--ssl-reqd"),
    "curl smtps://": curl_sender("smtps", "submissions"),
    "msmtp, SCRAM-SHA-256": msmtp("scram-sha-256"),
    "msmtp, its own choice": msmtp("on"),
    "msmtp, PLAIN": msmtp("plain"),
    "msmtp, LOGIN": msmtp("login", "submissions"),
    "smtplib, port 25": smtplib_sender("smtp"),
    "smtplib, port 587": smtplib_sender("submission"),
    "smtplib, port 465": smtplib_sender("submissions"),
}


# -- fetchers -----------------------------------------------------------------

def fetchmail(service, *options, keep=False, protocol="pop3", password=PASSWORD):
    def fetch(node, member):
        with Workshop() as home:
            # Its exit status is 1 when there is no mail.
            mda = home.file("mda", MDA, 0o700)
            settings = home.file("fetchmailrc", f"""
set invisible
poll {HOST} service {node.port[service]} protocol {protocol} uidl
  user "{member}" password "{password}" {"keep" if keep else "fetchall"} {" ".join(options)}
  no rewrite no mimedecode no stripcr mda "{mda} {home.path}"
""")
            run("fetchmail", "--fetchmailrc", settings, "--nodetach", "--nosyslog", "--pidfile",
                home.path / "pid", "--idfile", home.path / "ids", accepts=(0, 1),
                environment={"HOME": str(home.path), "FETCHMAILHOME": str(home.path)})
            return home.mail()
    return fetch


def mpop(mechanism, service="pop3", starttls=True, keep=False, password=PASSWORD, tls=True):
    def fetch(node, member):
        with Workshop() as home:
            box = home.path / "box"
            for folder in ("tmp", "new", "cur"):
                (box / folder).mkdir(parents=True)
            settings = home.file("mpoprc", f"""
account hamlet
host {HOST}
port {node.port[service]}
user {member}
password "{password}"
auth {mechanism}
tls {"on" if tls else "off"}
tls_starttls {"on" if starttls else "off"}
tls_certcheck off
received_header off
keep {"on" if keep else "off"}
uidls_file {home.path}/uidls
delivery maildir {box}
""")
            run("mpop", "--file", settings, "--quiet", "hamlet",
                environment={"HOME": str(home.path)})
            return [x.read_bytes() for x in sorted((box / "new").iterdir())]
    return fetch


def getmail(kind, service, delete=True):
    def fetch(node, member):
        with Workshop() as home:
            # As root it delivers by a command only, and only when told so.
            home.file("getmailrc", f"""
[retriever]
type = {kind}
server = {HOST}
port = {node.port[service]}
username = {member}
password = {PASSWORD}
[destination]
type = MDA_external
path = {home.path}/mda
arguments = ("{home.path}",)
allow_root_commands = true
[options]
delete = {delete}
read_all = true
delivered_to = false
received = false
""")
            home.file("mda", MDA, 0o700)
            run("getmail", f"--getmaildir={home.path}", "--rcfile=getmailrc", "--quiet")
            return home.mail()
    return fetch


def mutt(node, member, keys, *settings):
    """Opens the maildrop in a terminal of its own and presses the keys; returns what it wrote to
    its file `saved`.

    Debian's mutt takes SCRAM-SHA-256-PLUS whenever it is offered, cannot do it (its GNU SASL is
    given no channel binding) and then asks for the password again: so the mechanism is named."""
    with Workshop() as home:
        lines = "\n".join(f"set {x}" for x in (
            f'pop_user="{member}"', f'pop_pass="{PASSWORD}"', "pop_delete=no",
            f"folder={home.path}",
            "pop_authenticators=SCRAM-SHA-256", "ssl_verify_host=no", "delete=no", "quit=yes",
            f'certificate_file="{node.folder}/data/tls/self-signed.pem"', "confirmappend=no",
            "confirmcreate=no", "mbox_type=mbox", "save_empty=no", *settings))
        rc = home.file("muttrc", f"{lines}\npush \"{keys.format(file=home.path / 'saved')}\"\n")
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ.update(HOME=str(home.path), TERM="vt100")
            os.execvp("mutt", ["mutt", "-n", "-F", str(rc), "-f",
                               f"pops://{HOST}:{node.port['pop3s']}/"])
        seen, end = b"", time.monotonic() + 60
        try:
            while time.monotonic() < end:
                if select.select([terminal], [], [], 1)[0]:
                    seen += os.read(terminal, 1 << 16)
        except OSError:
            pass  # it has ended
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(terminal)
        try:
            return (home.path / "saved").read_bytes()
        except FileNotFoundError:
            raise AssertionError(f"mutt saved nothing: {seen[-2000:]!r}") from None


def curl_list(node, member, *options, scheme="pop3s", path=""):
    """What curl prints for one command of POP3."""
    service = "pop3s" if scheme == "pop3s" else "pop3"
    tls = [] if scheme == "pop3s" else ["--ssl-reqd"]
    return run("curl", "--silent", "--show-error", "--insecure", *tls, "--user",
               f"{member}:{PASSWORD}", *options, f"{scheme}://{HOST}:{node.port[service]}/{path}")


def curl_fetcher(*options, scheme="pop3s"):
    def fetch(node, member):
        count = len(curl_list(node, member, *options, scheme=scheme).splitlines())
        return [curl_list(node, member, *options, scheme=scheme, path=n + 1) for n in range(count)]
    return fetch


def poplib_fetcher(node, member):
    drop = Maildrop(node.port["pop3s"], member)
    found = [drop.message(n + 1) for n in range(drop.stat()[0])]
    drop.quit()
    return found


FETCHERS = {
    "fetchmail, pop3s": fetchmail("pop3s", "ssl", "no sslcertck"),
    "fetchmail, STLS": fetchmail("pop3", 'sslproto "tls1.2+"', "no sslcertck"),
    "mpop, SCRAM-SHA-256": mpop("scram-sha-256"),
    "mpop, its own choice": mpop("on"),
    "mpop, PLAIN": mpop("plain", "pop3s", starttls=False),
    "mpop, USER": mpop("user"),
    "getmail, pop3s": getmail("SimplePOP3SSLRetriever", "pop3s"),
    "curl pop3s://": curl_fetcher(),
    "curl pop3:// with STLS": curl_fetcher(scheme="pop3"),
    "curl, AUTH PLAIN": curl_fetcher("--login-options", "AUTH=PLAIN"),
    "poplib": poplib_fetcher,
}


def letter(subject, body, author=STRANGER):
    """A text that no program has a reason to change."""
    return (f"From: Somebody <{author}>\r\nTo: Members <members@{DOMAIN}>\r\nSubject: {subject}\r\n"
            f"Date: {email.utils.formatdate(1700000000)}\r\n"
            f"Message-ID: <{subject.replace(' ', '.').replace(',', '')}@elsewhere.test>\r\n"
            f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
            f"Content-Transfer-Encoding: 8bit\r\n\r\n").encode() + body
