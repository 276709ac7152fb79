# SPDX-License-Identifier: Apache-2.0
"""Chat by WebSocket as browsers and others speak it: RFC 6455, IRCv3 websocket."""
import base64
import hashlib
import os
import socket
import struct

from chat_community import Chat, main
from community import HOST, any_certificate

PATIENCE = 30
MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class WebSocket:
    """Frames as they are chosen. @param headers More lines; "Name:" leaves a usual one out.
    @param source The address that it comes from."""

    def __init__(self, port, *headers, path="/", tls=False, source=None):
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE)
        if source:
            self.socket.bind((source, 0))
        self.socket.connect((HOST, port))
        if tls:
            self.socket = any_certificate().wrap_socket(self.socket)
        key = base64.b64encode(os.urandom(16)).decode()
        usual = ["Host: chat.here.test", "Upgrade: websocket", "Connection: keep-alive, Upgrade",
                 f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
        given = {x.split(":")[0] for x in headers}
        lines = [x for x in usual if x.split(":")[0] not in given]
        lines += [x for x in headers if not x.endswith(":")]
        self.socket.sendall("\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode())
        self.unread = b""
        while b"\r\n\r\n" not in self.unread and self._more():
            pass
        head, _, self.unread = self.unread.partition(b"\r\n\r\n")
        self.status, *rest = head.decode().split("\r\n")
        self.headers = {k.lower(): v for k, v in (x.split(": ", 1) for x in rest)}
        self.is_accepted = self.status.startswith("HTTP/1.1 101 ")
        if self.is_accepted:
            digest = hashlib.sha1((key + MAGIC).encode()).digest()  # RFC 6455 §4.2.2
            assert self.headers["sec-websocket-accept"] == base64.b64encode(digest).decode()
        self.kinds = set()  # opcodes of the messages that came

    def _more(self):
        try:
            got = self.socket.recv(1 << 16)
        except ConnectionResetError:
            return False
        self.unread += got
        return bool(got)

    def send_frame(self, payload, opcode=TEXT, is_last=True, is_masked=True, bits=0):
        payload = payload.encode() if isinstance(payload, str) else payload
        size = len(payload)
        mask = os.urandom(4) if is_masked else b""
        head = bytes([0x80 * is_last | bits | opcode])
        first = 0x80 * is_masked
        if size < 126:
            head += bytes([first | size])
        elif size < 1 << 16:
            head += bytes([first | 126]) + struct.pack(">H", size)
        else:
            head += bytes([first | 127]) + struct.pack(">Q", size)
        if is_masked:
            payload = bytes(x ^ mask[i % 4] for i, x in enumerate(payload))
        self.socket.sendall(head + mask + payload)

    def frame(self):
        """(opcode, payload); None: the server has hung up."""
        while True:
            if len(self.unread) >= 2:
                assert not self.unread[1] & 0x80, "RFC 6455 §5.1: a server does not mask"
                assert self.unread[0] & 0xF0 == 0x80, "RFC 6455 §5.2: whole, and no extension"
                size, at = self.unread[1] & 127, 2
                if size == 126:
                    size, at = int.from_bytes(self.unread[2:4], "big"), 4
                elif size == 127:
                    size, at = int.from_bytes(self.unread[2:10], "big"), 10
                if len(self.unread) >= at + size:
                    opcode, payload = self.unread[0] & 15, self.unread[at:at + size]
                    self.unread = self.unread[at + size:]
                    return opcode, payload
            if not self._more():
                return None

    def line(self):
        while (got := self.frame()) is not None and got[0] not in (TEXT, BINARY):
            pass
        assert got is not None, "the server has hung up"
        self.kinds.add(got[0])
        return got[1].decode()

    def expect(self, part):
        """The next line with this in it."""
        while part not in (line := self.line()):
            pass
        return line

    def enter(self, nick, opcode=TEXT):
        self.send_frame(f"NICK {nick}", opcode)
        self.send_frame(f"USER {nick} 0 * :by WebSocket", opcode)
        self.expect(" 422 ")
        return self

    def end(self):
        """The code of the server's close frame, after which it hangs up; None: without one."""
        code = None
        while (got := self.frame()) is not None:
            if got[0] == CLOSE:
                code = int.from_bytes(got[1][:2], "big")
                self.send_frame(got[1], CLOSE)
                break
        self.rest()
        return code

    def rest(self):
        """Ends when the server hangs up."""
        while self._more():
            pass

    def close(self):
        self.socket.close()


class ChatByWebSocket(Chat):
    settings = {"chat": ['trusted_proxies = ["127.9.9.9/32"]']}

    def web(self, *headers, service="irc_websocket", **more):
        found = WebSocket(self.port(service), *headers, tls=service.endswith("s"), **more)
        self.addCleanup(found.close)
        return found

    def test_a_client_chooses_how_messages_are_framed(self):
        for asked, told, kind in (
                ("", None, TEXT),  # gamja names none
                ("text.ircv3.net", "text.ircv3.net", TEXT),
                ("binary.ircv3.net", "binary.ircv3.net", BINARY),
                ("binary.ircv3.net, text.ircv3.net", "binary.ircv3.net", BINARY),
                ("mqtt, text.ircv3.net", "text.ircv3.net", TEXT)):
            for service in ("irc_websocket", "irc_websockets"):
                with self.subTest(asked, service=service):
                    client = self.web(*([f"Sec-WebSocket-Protocol: {asked}"] if asked else []),
                                      service=service)
                    self.assertTrue(client.is_accepted, client.status)
                    self.assertEqual(client.headers.get("sec-websocket-protocol"), told)
                    client.enter(self.fresh_nick(), kind)
                    self.assertEqual(client.kinds, {kind})

    def test_it_talks_with_others_one_line_a_message(self):
        other = self.user()
        channel = self.meet(other)
        client = self.web("Sec-WebSocket-Protocol: text.ircv3.net").enter(self.fresh_nick("w"))
        client.send_frame(f"JOIN {channel}")
        client.expect(" 366 ")
        client.send_frame(f"PRIVMSG {channel} :Xin chào từ trình duyệt")
        other.expect(f"PRIVMSG {channel} :Xin chào từ trình duyệt$")
        other.send(f"PRIVMSG {channel} :你好")
        line = client.expect("PRIVMSG")
        self.assertTrue(line.endswith(":你好"), line)  # IRCv3 websocket: no CR LF

    def test_what_is_not_utf8_is_refused(self):
        for kind in (TEXT, BINARY):
            client = self.web(f"Sec-WebSocket-Protocol: "
                              f"{'text' if kind == TEXT else 'binary'}.ircv3.net")
            client.enter(self.fresh_nick(), kind)
            if kind == BINARY:
                client.send_frame(b"PRIVMSG x :\xff\xfe", BINARY)
                client.expect("not valid UTF-8")
            else:  # RFC 6455 §8.1: the connection fails
                client.send_frame(b"PRIVMSG x :\xff\xfe", TEXT)
                self.assertEqual(client.end(), 1007)

    def test_a_page_of_another_site_is_refused(self):  # RFC 6455 §10.2
        for origin, is_welcome in (("https://evil.test", False), ("null", False),
                                   ("https://chat.here.test.evil.test", False),
                                   ("http://chat.here.test", True),
                                   ("https://chat.here.test", True)):
            with self.subTest(origin):
                client = self.web(f"Origin: {origin}")
                self.assertEqual(client.is_accepted, is_welcome, client.status)
                if not is_welcome:
                    self.assertIn(" 403 ", client.status)
                    client.rest()

    def test_only_a_known_proxy_is_believed_who_the_client_is(self):
        boss = self.boss()
        for source, is_believed in (("127.9.9.9", True), ("127.9.9.8", False)):
            with self.subTest(source):
                nick = self.fresh_nick("w")
                self.web("X-Forwarded-For: 192.0.2.7", source=source).enter(nick)
                lines = "\n".join(boss.ask(f"WHOIS {nick}"))
                self.assertIn("192.0.2.7" if is_believed else source, lines)
                self.assertEqual("192.0.2.7" in lines, is_believed)

    def test_what_is_no_handshake_is_told_so(self):
        for headers, status in ((["Upgrade:"], 426), (["Sec-WebSocket-Version: 8"], 426),
                                (["Sec-WebSocket-Key:"], 400), (["Sec-WebSocket-Key: short"], 400)):
            with self.subTest(headers):
                client = self.web(*headers)
                self.assertFalse(client.is_accepted)
                self.assertIn(f" {status} ", client.status)
                client.rest()

    def test_fragments_and_control_frames_between_them(self):  # RFC 6455 §5.4
        client = self.web()
        client.send_frame("NICK fra", is_last=False)
        client.send_frame("are you there?", PING)
        client.send_frame("gment", 0)
        self.assertEqual(client.frame(), (PONG, b"are you there?"))
        client.send_frame("USER u 0 * :r")
        client.expect(" 001 fragment ")

    def test_what_breaks_the_rules_ends_the_connection(self):
        for what, code in (
                ({"payload": "NICK x", "is_masked": False}, 1002),  # RFC 6455 §5.1
                ({"payload": "NICK x", "bits": 0x40}, 1002),  # §5.2: no extension is agreed on
                ({"payload": "NICK x", "opcode": 3}, 1002),
                ({"payload": "x", "opcode": 0}, 1002),  # continues nothing
                ({"payload": "x" * 126, "opcode": PING}, 1002),  # §5.5
                ({"payload": "x" * 20000}, 1009),
                ({"payload": "x" * (1 << 20)}, 1009)):
            with self.subTest(str(what)[:60]):
                client = self.web().enter(self.fresh_nick())
                try:
                    client.send_frame(**what)
                except (BrokenPipeError, ConnectionResetError):
                    pass
                self.assertEqual(client.end(), code)

    def test_a_close_is_answered_and_others_see_the_quit(self):  # RFC 6455 §5.5.1
        other = self.user()
        channel = self.meet(other)
        nick = self.fresh_nick("w")
        client = self.web().enter(nick)
        client.send_frame(f"JOIN {channel}")
        client.expect(" 366 ")
        client.send_frame(struct.pack(">H", 1001) + b"page closed", CLOSE)
        self.assertEqual(client.end(), 1001)
        other.expect(f"^:{nick}!.* QUIT ")

    def test_quit_closes_properly(self):
        client = self.web().enter(self.fresh_nick())
        client.send_frame("QUIT :bye")
        client.expect("ERROR")
        self.assertEqual(client.end(), 1000)

    def test_many_lines_in_one_message_are_many_lines(self):
        client = self.web()
        client.send_frame("NICK several\r\nUSER u 0 * :r\r\n")
        client.expect(" 001 several ")


if __name__ == "__main__":
    main()
