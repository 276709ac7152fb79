# SPDX-License-Identifier: Apache-2.0
"""SMTP and POP3 as seen from a client that wants to know how far it came: every call either
gives the reply or raises Lost."""
import socket
import ssl
import struct
import time

HOST = "127.0.0.1"
_tls = ssl._create_unverified_context()  # the node's own certificate


class Lost(Exception):
    """The connection ended without an answer."""


class Refused(Exception):
    """A greeting or a login that was answered with no."""


class Wire:
    on_open = staticmethod(lambda port, wire: None)
    on_wait = staticmethod(lambda port, seconds, what: None)  # how long, after which command
    _asked = b"(greeting)"

    def __init__(self, port, tls=False, patience=60):
        self._seen = bytearray()
        self._port = port
        try:
            self.socket = socket.create_connection((HOST, port), timeout=patience)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls:
                self.socket = _tls.wrap_socket(self.socket)
        except OSError as why:
            raise Lost(why) from why
        self.on_open(port, self)

    def send(self, data):
        self._asked = data[-40:]
        try:
            self.socket.sendall(data)
        except OSError as why:
            raise Lost(why) from why

    def line(self):
        while (end := self._seen.find(b"\n")) < 0:
            self._more()
        return self._take(end + 1)

    def _more(self):
        began = time.monotonic()
        try:
            got = self.socket.recv(65536)
        except OSError as why:
            raise Lost(why) from why
        finally:
            self.on_wait(self._port, time.monotonic() - began, self._asked)
        if not got:
            raise Lost("closed")
        self._seen += got

    def until(self, mark):
        begin = 0  # what was searched need not be searched again, be the message 48 MiB
        while (at := self._seen.find(mark, begin)) < 0:
            begin = max(0, len(self._seen) - len(mark))
            self._more()
        return self._take(at + len(mark))

    def _take(self, size):
        taken = bytes(self._seen[:size])
        del self._seen[:size]
        return taken

    def cut(self):
        """By another thread, at any moment: the host of the client has gone."""
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            socket.socket.shutdown(self.socket, socket.SHUT_RD)
        except OSError:
            pass

    def close(self):
        try:
            self.socket.close()
        except OSError:
            pass


class Smtp(Wire):
    def __init__(self, port, name, tls=False, login=None, patience=60):
        super().__init__(port, tls, patience)
        self.expect(self.reply(), b"220")
        self.expect(self.ask(b"EHLO " + name.encode()), b"250")
        if login:
            from base64 import b64encode
            word = b64encode(b"\0" + login[0].encode() + b"\0" + login[1].encode())
            self.expect(self.ask(b"AUTH PLAIN " + word), b"235")

    @staticmethod
    def expect(reply, code):
        if not reply.startswith(code):
            raise Lost(reply)

    def reply(self):
        """The last line of it."""
        line = self.line()
        while line[3:4] == b"-":
            line = self.line()
        self.last = line
        return line

    def ask(self, command):
        self.send(command + b"\r\n")
        return self.reply()


class Pop3(Wire):
    is_unsure = False  # the last no was [SYS/TEMP] (RFC 3206 §4): it says nothing of the message

    def __init__(self, port, name, password, tls=False, patience=60):
        super().__init__(port, tls, patience)
        self.line()
        self.ask(b"USER " + name.encode())
        if not (answer := self.ask(b"PASS " + password.encode())).startswith(b"+OK"):
            self.close()
            raise Refused(answer)

    def ask(self, command):
        self.send(command + b"\r\n")
        return self.line()

    def ids(self):
        """[(number, uid_validity, uid)]"""
        if not self.ask(b"UIDL").startswith(b"+OK"):
            raise Lost("UIDL")
        found = []
        while (line := self.line()) != b".\r\n":
            number, name = line.split()
            validity, uid = name.split(b".")
            found.append((int(number), int(validity), int(uid)))
        return found

    def message(self, number):
        """Its octets; None when the node said -ERR."""
        if not (answer := self.ask(b"RETR %d" % number)).startswith(b"+OK"):
            self.is_unsure = b"[SYS/TEMP]" in answer
            return None
        return self.until(b"\r\n.\r\n")[:-3].replace(b"\r\n.", b"\r\n")
