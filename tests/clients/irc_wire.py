# SPDX-License-Identifier: Apache-2.0
"""A client of chat of which every octet is ours to choose: plain, TLS, WebSocket.

    with Irc(port, "alice") as alice:      # registered
        alice.send("JOIN #c")
        alice.expect(r" 366 ")             # the lines before stay in alice.seen

Nobody sleeps: expect() has a deadline, barrier() ends when all that was sent is answered."""
import base64
import hashlib
import hmac
import itertools
import os
import re
import socket
import ssl
import struct
import subprocess
import time

HOST = "127.0.0.1"
PATIENCE = 30
NUMBERS = itertools.count(1)


class Closed(AssertionError):
    """The server hung up; args has the last lines."""


def client_certificate(folder, name):
    """(file of certificate and key, SHA-256 of the certificate in hexadecimal)"""
    path = f"{folder}/{name}.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "30", "-subj", f"/CN={name}", "-keyout", path, "-out",
                    path + ".crt"], check=True, capture_output=True)
    text = open(path + ".crt", encoding="ascii").read()
    with open(path, "a", encoding="ascii") as file:
        file.write(text)
    return path, hashlib.sha256(ssl.PEM_cert_to_DER_cert(text)).hexdigest()


def tls_context(certificate=None):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(certificate)
    return context


class Irc:
    """@param nick Registers under it; None: says nothing.
    @param source The address that it comes from, one of 127.0.0.0/8.
    @param before Octets before all others, even those of TLS: a header of the PROXY protocol.
    @param websocket More headers of the upgrade, or True."""

    def __init__(self, port, nick=None, *, tls=False, certificate=None, source=None, before=b"",
                 websocket=None, caps=(), account=None, password=None, user="u", patience=PATIENCE,
                 receive_buffer=None):
        self.patience = patience
        self.seen = []
        self.unread = b""
        self.nick = nick
        self.frames = None
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:
            self.socket.bind((source, 0))
        self.socket.settimeout(patience)
        self.socket.connect((HOST, port))
        if before:
            self.socket.sendall(before)
        if tls:
            self.socket = tls_context(certificate).wrap_socket(self.socket,
                                                               server_hostname="here.test")
        if websocket:
            self._upgrade([] if websocket is True else websocket)
        if nick:
            self.register(nick, caps, account, password, user)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.drop()

    def drop(self):
        self.socket.close()

    # -- octets --

    def send_raw(self, octets):
        if self.frames is not None:
            octets = b"".join(self._frame(x) for x in octets.split(b"\r\n") if x)
        self.socket.sendall(octets)

    def send(self, *lines):
        """In one write."""
        self.send_raw(b"".join((x.encode() if isinstance(x, str) else x) + b"\r\n" for x in lines))

    def _read(self, until):
        """False: the other side has hung up."""
        left = until - time.monotonic()
        if left <= 0:
            raise AssertionError(f"nothing came in time; last lines: {self.seen[-8:]}")
        self.socket.settimeout(left)
        try:
            got = self.socket.recv(1 << 16)
        except (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return False
        except TimeoutError:
            raise AssertionError(f"nothing came in time; last lines: {self.seen[-8:]}") from None
        self.unread += got
        return bool(got)

    def octets(self):
        """All that comes until the other side hangs up."""
        until = time.monotonic() + self.patience
        while self._read(until):
            pass
        return self.unread

    # -- lines --

    def line(self, until=None):
        """The next one; PING is answered. Closed when there will be no more."""
        until = until or time.monotonic() + self.patience
        while True:
            found = self._next()
            if found is None:
                if not self._read(until):
                    raise Closed(*self.seen[-8:])
                continue
            self.seen.append(found)
            if found.startswith("PING "):
                self.send("PONG " + found[5:])
                continue
            return found

    def _next(self):
        if self.frames is not None:
            self._unframe()
            return self.frames.pop(0) if self.frames else None
        if b"\r\n" not in self.unread:
            return None
        line, self.unread = self.unread.split(b"\r\n", 1)
        return line.decode(errors="surrogateescape")

    def expect(self, *patterns):
        """The next line that one of these fits; those before stay in `seen`."""
        wanted = re.compile("|".join(f"(?:{x})" for x in patterns))
        until = time.monotonic() + self.patience
        while True:
            line = self.line(until)
            if wanted.search(line):
                return line

    def barrier(self):
        """The lines that came for all that was sent so far."""
        token = f"barrier{next(NUMBERS)}"
        before = len(self.seen)
        self.send(f"PING {token}")
        self.expect(rf" PONG .*{token}$")
        return self.seen[before:-1]

    def ask(self, *lines):
        """All that comes for these lines."""
        self.send(*lines)
        return self.barrier()

    def closed(self):
        """The lines until the server hangs up."""
        found = []
        try:
            while True:
                found.append(self.line())
        except Closed:
            return found

    # -- the way in --

    def register(self, nick, caps=(), account=None, password=None, user="u"):
        if caps or account:
            self.request(*caps, *(["sasl"] if account else []))
        if account:
            if not self.plain(account, password):
                raise AssertionError(f"{account} was not let in: {self.seen[-3:]}")
        self.send(f"NICK {nick}", f"USER {user} 0 * :Real {nick}",
                  *(["CAP END"] if caps or account else []))
        self.expect(" 376 ", " 422 ")
        self.nick = nick
        self.barrier()
        return self

    def request(self, *caps):
        self.send("CAP LS 302", "CAP REQ :" + " ".join(caps))
        if " ACK " not in self.expect(r" CAP \S+ (ACK|NAK) "):
            raise AssertionError(self.seen[-1])

    def plain(self, account, password, authzid=""):
        """True: logged in by SASL PLAIN (RFC 4616)."""
        self.send("AUTHENTICATE PLAIN")
        if not self.expect("^AUTHENTICATE ", " 90[2-8] ").startswith("AUTH"):
            return False
        self.response(f"{authzid}\0{account}\0{password}".encode())
        return " 903 " in self.expect(" 90[2-7] ")

    def external(self, authzid=""):
        self.send("AUTHENTICATE EXTERNAL")
        if not self.expect("^AUTHENTICATE ", " 90[2-8] ").startswith("AUTH"):
            return False
        self.response(authzid.encode())
        return " 903 " in self.expect(" 90[2-7] ")

    def response(self, octets):
        """In chunks of 400 (sasl-3.1)."""
        text = base64.b64encode(octets).decode()
        chunks = [text[i:i + 400] for i in range(0, len(text), 400)]
        if not text or len(text) % 400 == 0:
            chunks.append("+")
        self.send(*[f"AUTHENTICATE {x}" for x in chunks])

    def challenge(self):
        return base64.b64decode(self.expect("^AUTHENTICATE ")[13:])

    def scram_first(self, account):
        """(what we sent, what it answered) of SCRAM-SHA-256 (RFC 5802 §5)."""
        bare = f"n={account},r={base64.b64encode(os.urandom(18)).decode()}"
        self.send("AUTHENTICATE SCRAM-SHA-256")
        self.expect(r"^AUTHENTICATE \+")
        self.response(f"n,,{bare}".encode())
        return bare, self.challenge().decode()

    @staticmethod
    def scram_final(bare, first, password, nonce=None):
        """The client-final-message: RFC 5802 §3."""
        parts = dict(x.split("=", 1) for x in first.split(","))
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(parts["s"]),
                                     int(parts["i"]))
        key = hmac.digest(salted, b"Client Key", "sha256")
        without = f"c=biws,r={nonce or parts['r']}"
        signature = hmac.digest(hashlib.sha256(key).digest(), f"{bare},{first},{without}".encode(),
                                "sha256")
        proof = bytes(a ^ b for a, b in zip(key, signature))
        return f"{without},p={base64.b64encode(proof).decode()}"

    # -- WebSocket: RFC 6455 --

    def _upgrade(self, headers):
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall("\r\n".join(
            ["GET / HTTP/1.1", "Host: here.test", "Upgrade: websocket", "Connection: Upgrade",
             f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13",
             "Sec-WebSocket-Protocol: text.ircv3.net", *headers, "", ""]).encode())
        until = time.monotonic() + self.patience
        while b"\r\n\r\n" not in self.unread:
            if not self._read(until):
                raise Closed(self.unread)
        head, self.unread = self.unread.split(b"\r\n\r\n", 1)
        if not head.startswith(b"HTTP/1.1 101 "):
            raise Closed(head.decode())
        self.frames = []

    @staticmethod
    def _frame(payload, opcode=1):
        mask = os.urandom(4)
        size = len(payload)
        head = bytes([0x80 | opcode])
        head += bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack(">H", size)
        return head + mask + bytes(x ^ mask[i % 4] for i, x in enumerate(payload))

    def _unframe(self):
        while len(self.unread) >= 2:
            size, at = self.unread[1] & 127, 2
            if size == 126:
                if len(self.unread) < 4:
                    return
                size, at = struct.unpack(">H", self.unread[2:4])[0], 4
            if len(self.unread) < at + size:
                return
            payload, opcode = self.unread[at:at + size], self.unread[0] & 15
            self.unread = self.unread[at + size:]
            if opcode in (1, 2):
                self.frames.append(payload.decode())
