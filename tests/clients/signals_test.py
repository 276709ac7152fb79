# SPDX-License-Identifier: Apache-2.0
"""What clients see of an administrator: SIGTERM, SIGHUP, a new certificate, limits, a proxy."""
import hashlib
import pathlib
import signal
import socket
import struct

from community import HOST, QUICK, STRANGER, Community, main, merged, stuffed
from live_node import Node
from programs import letter, run
from wire import Pop3, Smtp, Wire


def proxy_header(source, port=4711):
    """PROXY, version 2: a TCP connection over IPv4 from `source`."""
    addresses = socket.inet_aton(source) + socket.inet_aton(HOST) + struct.pack("!HH", port, 25)
    return (b"\r\n\r\n\0\r\nQUIT\n" + bytes([0x21, 0x11]) + struct.pack("!H", len(addresses))
            + addresses)


class Stopping(Community):
    settings = {"shutdown": ['grace = "20s"']}

    def setUp(self):
        if not self.node.process:
            self.node.start()

    def test_everybody_is_told_on_sigterm(self):
        name = self.member()
        with Smtp(self.port("smtp")) as idle, Smtp(self.port("submissions"), tls=True) as member, \
                Pop3(self.port("pop3s"), name=name) as drop, \
                Pop3(self.port("pop3"), tls=False) as stranger:
            member.log_in(name)
            self.node.process.send_signal(signal.SIGTERM)
            for client in (idle, member):
                self.assertRegex(client.reply(), "^421 4.3.2")
                self.assertTrue(client.is_closed())
            for client in (drop, stranger):
                self.assertRegex(client.line(), r"^-ERR")
                self.assertTrue(client.is_closed())
        self.assertEqual(self.node.stop(), 0)

    def test_a_message_that_is_coming_in_is_taken_to_its_end(self):
        name = self.member()
        with Smtp(self.port("smtp")) as client, Smtp(self.port("smtp")) as idle:
            client.envelope(STRANGER, self.address(name))
            client.ask("DATA")
            client.send(letter("late", b"first\r\n"))
            self.node.process.send_signal(signal.SIGTERM)
            self.assertRegex(idle.reply(), "^421")
            client.send(b"second\r\n.\r\n")
            self.assertRegex(client.reply(), "^250")
            self.assertRegex(client.reply(), "^421")
        self.assertEqual(self.node.stop(), 0)
        self.node.start()
        self.assertEqual(self.texts_of(name), [letter("late", b"first\r\nsecond\r\n")])

    def test_what_was_marked_is_not_deleted_by_a_stop(self):
        name = self.member()
        with Smtp(self.port("smtp")) as client:
            client.envelope(STRANGER, self.address(name))
            client.data(stuffed(letter("stays", b"x\r\n")))
        with Pop3(self.port("pop3s"), name=name) as drop:
            drop.ask("DELE 1")
            self.node.stop()
        self.node.start()
        self.assertEqual(len(self.mail_of(name)), 1)


class Reloading(Community):
    def reload(self, text):
        before = len(self.node.log)
        self.node.settings.write_text(text)
        self.node.process.send_signal(signal.SIGHUP)
        self.wait_until(lambda: any("setting changed" in x or "settings stay" in x
                                    for x in self.node.log[before:]), "no reload")

    def announced(self):
        with Smtp(self.port("smtp")) as client:
            return next(x for x in client.extensions if x.startswith("SIZE"))

    def test_a_new_limit_is_for_new_connections(self):
        text = self.node.settings.read_text()
        with Smtp(self.port("smtp")) as old:
            self.reload(text + '[smtp]\nmax_message = "1MiB"\n')
            self.wait_until(lambda: self.announced() == "SIZE 1048576", "still " + self.announced())
            old.hello()
            self.assertIn("SIZE 52428800", old.extensions)
        self.reload(text + '[smtp]\nmax_message = "none at all"\n')
        self.assertEqual(self.announced(), "SIZE 1048576")  # the old settings stay
        self.reload(text)
        self.wait_until(lambda: self.announced() == "SIZE 52428800", "not taken back")

    def fingerprint(self, client):
        return hashlib.sha256(client.socket.getpeercert(True)).hexdigest()

    def test_a_new_certificate_is_for_new_connections(self):
        text = self.node.settings.read_text()
        folder = pathlib.Path(self.node.folder)
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "30", "-subj", "/CN=new.here.test", "-keyout", folder / "new.key",
            "-out", folder / "new.pem")
        with Smtp(self.port("submissions"), tls=True) as old:
            first = self.fingerprint(old)
            self.reload(text + f'[tls]\ncertificate = [{{chain = "{folder}/new.pem", '
                               f'key = "{folder}/new.key"}}]\n')

            def is_new():
                with Pop3(self.port("pop3s")) as client:
                    return self.fingerprint(client) != first
            self.wait_until(is_new, "the old certificate is served")
            self.assertRegex(old.ask("NOOP"), "^250")
            with Smtp(self.port("smtp")) as client:
                client.start_tls()
                self.assertNotEqual(self.fingerprint(client), first)
        self.reload(text)


class Limits(Community):
    settings = {"limits": ["connections_per_ip = 3", "exempt = []"]}

    def test_so_many_connections_of_one_address(self):
        clients = [Wire(self.port("smtp")) for _ in range(3)]
        for client in clients:
            self.assertRegex(client.line(), "^220")
        with Wire(self.port("smtp")) as more:
            self.assertRegex(more.line() or "", "^421|^$")
            self.assertTrue(more.is_closed())
        with Wire(self.port("pop3")) as more:
            self.assertRegex(more.line() or "", "^-ERR|^$")
        for client in clients:
            client.drop()

        def is_let_in():
            with Wire(self.port("smtp")) as client:
                return (client.line() or "").startswith("220")
        self.wait_until(is_let_in, "the places stay taken")


class Rates(Community):
    settings = {"limits": ["connections_per_minute = 5", "exempt = []"]}

    def test_so_many_new_connections_of_one_address(self):
        for _ in range(5):
            with Wire(self.port("smtp")) as client:
                self.assertRegex(client.line(), "^220")
        with Wire(self.port("smtp")) as client:
            self.assertRegex(client.line() or "", "^421|^$")
            self.assertTrue(client.is_closed())


class Idle(Community):
    settings = {"smtp": ['idle_timeout = "10s"', "max_errors = 5", "errors_before_rest = 3",
                         'error_rest = "0s"']}

    def test_a_silent_client_is_told_and_hung_up_on(self):
        with Smtp(self.port("smtp")) as client, Smtp(self.port("smtp")) as in_text:
            in_text.envelope(STRANGER, self.address(self.member()))
            in_text.ask("DATA")
            self.assertRegex(client.reply(), "^421 4.4.2")
            self.assertTrue(client.is_closed())
            self.assertRegex(in_text.reply() or "421", "^421")

    def test_who_errs_too_often_is_sent_away(self):
        with Smtp(self.port("smtp")) as client:
            for _ in range(5):
                self.assertRegex(client.ask("XYZZY"), "^500")
            self.assertRegex(client.reply(), "^421 4.7.0")
            self.assertTrue(client.is_closed())


class BehindAProxy(Community):
    settings = {"listen": ['proxy_from = ["127.0.0.0/8"]']}

    def test_the_clients_address_is_in_received(self):
        name = self.member()
        with Smtp(self.port("smtp"), before=proxy_header("192.0.2.44")) as client:
            client.envelope(STRANGER, self.address(name))
            self.assertRegex(client.data(stuffed(letter("proxied", b"x\r\n"))), "^250")
        with Wire(self.port("pop3"), before=proxy_header("192.0.2.45")) as drop:
            self.assertRegex(drop.line(), r"^\+OK")
        with Pop3(self.port("pop3s"), tls=True, name=name,
                  before=proxy_header("192.0.2.45")) as drop:
            self.assertRegex(drop.ask("RETR 1"), r"^\+OK")
            self.assertIn("([192.0.2.44])", "\n".join(drop.listing()))
            drop.ask("QUIT")

    def test_a_proxy_without_a_header_is_cut(self):
        with Wire(self.port("smtp")) as client:
            client.send(b"EHLO x\r\n")
            self.assertEqual(client.rest(), b"")


class TwoNodes(Community):
    def test_a_second_node_does_not_serve_the_same_folder(self):
        done = self.node.run("serve", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("another hamlet serves", done.stderr)
        with Node(merged(QUICK)) as other:
            other.start()
            self.assertEqual(other.stop(), 0)


if __name__ == "__main__":
    main()
