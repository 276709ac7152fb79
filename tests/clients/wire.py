# SPDX-License-Identifier: Apache-2.0
"""A connection of which every octet is ours to choose, for what no library would send."""
import base64
import socket
import time

from community import HOST, PASSWORD, any_certificate


class Wire:
    """@param tls TLS from the first octet.
    @param source The address that it comes from, one of 127.0.0.0/8."""

    def __init__(self, port, tls=False, before=b"", timeout=60, source=""):
        self.socket = socket.create_connection((HOST, port), timeout=timeout,
                                               source_address=(source, 0) if source else None)
        self.unread = b""
        self.moved_at = time.monotonic()  # an octet, or the end, to or fro
        if before:
            self.send(before)
        if tls:
            self.secure()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.drop()

    def secure(self):
        self.socket = any_certificate().wrap_socket(self.socket)

    def send(self, octets):
        self.socket.sendall(octets.encode() if isinstance(octets, str) else octets)
        self.moved_at = time.monotonic()

    def drop(self):
        self.socket.close()

    def more(self):
        """False: the other side has hung up."""
        try:
            got = self.socket.recv(1 << 16)
        except (ConnectionResetError, BrokenPipeError):
            got = b""
        self.moved_at = time.monotonic()
        self.unread += got
        return bool(got)

    def line(self):
        """Without CRLF; None when there will be no more."""
        while b"\r\n" not in self.unread:
            if not self.more():
                if self.unread:
                    raise AssertionError(f"half a line: {self.unread!r}")
                return None
        line, self.unread = self.unread.split(b"\r\n", 1)
        return line.decode()

    def rest(self):
        """All until the other side hangs up."""
        while self.more():
            pass
        all_of_it, self.unread = self.unread, b""
        return all_of_it

    def is_closed(self):
        return self.rest() == b""


class Smtp(Wire):
    """Reads the greeting and says EHLO."""

    def __init__(self, port, tls=False, name="client.elsewhere.test", **more):
        super().__init__(port, tls, **more)
        self.greeting = self.reply()
        self.extensions = []
        if name:
            self.hello(name)

    def hello(self, name="client.elsewhere.test"):
        self.send(f"EHLO {name}\r\n")
        self.extensions = [x[4:] for x in self.lines()][1:]

    def lines(self):
        """All lines of one reply."""
        found = [self.line()]
        while found[-1] is not None and found[-1][3:4] == "-":
            found.append(self.line())
        return found

    def reply(self):
        """The last line of a reply, or None."""
        return self.lines()[-1]

    def ask(self, command):
        self.send(command + "\r\n")
        return self.reply()

    def start_tls(self):
        assert self.ask("STARTTLS").startswith("220"), "STARTTLS is refused"
        self.secure()
        self.hello()

    def log_in(self, name, password=PASSWORD):
        secret = base64.b64encode(f"\0{name}\0{password}".encode()).decode()
        return self.ask(f"AUTH PLAIN {secret}")

    def envelope(self, sender, *recipients, parameters=""):
        """The replies to MAIL and to each RCPT."""
        return [self.ask(f"MAIL FROM:<{sender}>{parameters}"),
                *(self.ask(f"RCPT TO:<{x}>") for x in recipients)]

    def data(self, octets):
        """@param octets With the dot line; returns the reply after it."""
        assert self.ask("DATA").startswith("354"), "DATA is refused"
        self.send(octets)
        return self.reply()


class Pop3(Wire):
    def __init__(self, port, tls=True, name=None, password=PASSWORD, **more):
        super().__init__(port, tls, **more)
        self.greeting = self.line()
        if name:
            answer = self.log_in(name, password)
            assert answer.startswith("+OK"), answer

    def ask(self, command):
        self.send(command + "\r\n")
        return self.line()

    def log_in(self, name, password=PASSWORD):
        self.ask(f"USER {name}")
        return self.ask(f"PASS {password}")

    def listing(self):
        """The lines up to the dot, unstuffed."""
        found = []
        while (line := self.line()) != ".":
            found.append(line.removeprefix("."))
        return found
