# SPDX-License-Identifier: Apache-2.0
"""A server that test-suites of others start and stop: chosen ports, one file of settings."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import unittest

from chat_community import RULE, RULER
from community import HOST, main
from irc_wire import Closed, Irc

SETTINGS = """
[node]
data_folder = "{folder}/data"
hostname = "irc.example.test"
[listen]
smtp = []
submission = []
submissions = []
pop3 = []
pop3s = []
admin = []
irc = ["127.0.0.1:{irc}"]
ircs = ["127.0.0.1:{ircs}"]
irc_websocket = ["127.0.0.1:{irc_websocket}"]
[chat]
network = "TestNet"
server_name = "My.Little.Server"
password_file = "{folder}/password"
[shutdown]
grace = "5m"
[chat_history]
on_join = 10
[[chat.operator]]
{operator}
[accounts]
registration = "open"
failed_login_delay = "0s"
[limits]
connections = 1000
connections_per_ip = 1000
connections_per_minute = 0
[chat_limits]
send_queue = 67108864
burst = 0
commands = "off"
connections_per_address = 0
new_connections = "off"
nick_changes = "off"
joins = "off"
"""


def free_ports(count):
    """Nobody listens there, as far as can be known."""
    held = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [x.getsockname()[1] for x in held]
    for x in held:
        x.close()
    return ports


class Start(unittest.TestCase):
    def start(self):
        """The program with chosen ports; returns when it listens at all of them."""
        folder = tempfile.TemporaryDirectory(prefix="hamlet-start-")
        self.addCleanup(folder.cleanup)
        self.port = dict(zip(("irc", "ircs", "irc_websocket"), free_ports(3)))
        home = pathlib.Path(folder.name)
        (home / "password").write_text("sesame\n")
        (home / "password").chmod(0o600)
        file = home / "hamlet.toml"
        operator = "\n".join(next(iter(RULER.values())))
        file.write_text(SETTINGS.format(folder=folder.name, operator=operator, **self.port))
        program = subprocess.Popen([os.environ["HAMLET_BIN"], "serve", "--config", str(file)],
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(program.stderr.close)
        self.addCleanup(lambda: program.poll() is None and (program.kill(), program.wait()))
        log = []
        for line in program.stderr:
            log.append(line)
            if " node ready" in line:
                break
        else:
            self.fail("it did not start: " + "".join(log))
        opened = {x[1] for x in map(re.compile(r" listening service=(\w+)").search, log) if x}
        self.assertEqual(opened, set(self.port), "ready only when all of them listen")
        return program

    def enter(self, nick, service="irc", password="sesame", **more):
        client = Irc(self.port[service], tls=service == "ircs",
                     websocket="websocket" in service or None, **more)
        self.addCleanup(client.drop)
        if password:
            client.send(f"PASS {password}")
        client.send(f"NICK {nick}", f"USER {nick} 0 * :Real {nick}")
        return client

    def test_what_the_settings_say_is_what_clients_see(self):
        self.start()
        for service in self.port:
            client = self.enter("someone", service)
            line = client.expect(" 001 ")
            self.assertRegex(line, "^:My.Little.Server 001 someone :Welcome to the TestNet ")
            client.expect(" 005 .* NETWORK=TestNet ")
            client.expect(" 422 ")
            client.send("QUIT")
            client.closed()
        refused = self.enter("someone", password="wrong")
        refused.expect(" 464 ")
        self.assertRegex(refused.closed()[-1], "^ERROR ")
        boss = self.enter("boss")
        boss.expect(" 422 ")
        boss.send(f"OPER boss :{RULE}")
        boss.expect(" 381 ")

    def test_nothing_slows_down_one_client(self):
        self.start()
        client = self.enter("quick")
        client.expect(" 422 ")
        client.send("JOIN #c", *[f"PRIVMSG quick :{n}" for n in range(500)], *["WHO #c"] * 50,
                    *[f"NICK quick{n}" for n in range(20)])
        client.expect(" NICK :?quick19$")
        self.assertEqual(len([x for x in client.seen if " PRIVMSG quick :" in x]), 500)

    def test_it_goes_at_once_with_clients_that_neither_read_nor_hang_up(self):
        """The patience only bounds a failure: shutdown.grace is much longer."""
        program = self.start()
        clients = []
        for service in self.port:
            for number in range(30):
                client = self.enter(f"{service.replace('_', '-')[-6:]}{number}", service)
                client.expect(" 422 ")
                client.send("JOIN #all")
                client.expect(" 366 ")
                clients.append(client)
        stalled = self.enter("stalled", receive_buffer=4096)
        stalled.expect(" 422 ")
        for _ in range(20):  # more than the kernel takes for it
            clients[0].ask(*["PRIVMSG stalled :" + "x" * 400] * 1000)
        silent = [socket.create_connection((HOST, self.port[x])) for x in self.port]
        program.send_signal(signal.SIGTERM)
        self.assertEqual(program.wait(60), 0)
        for client in clients:
            last = [x for x in client.closed() if x.startswith("ERROR")]
            self.assertEqual(len(last), 1, client.seen[-3:])
            self.assertRegex(last[0], "going down")
        for x in silent:
            x.close()

    def test_it_comes_back_at_the_same_place(self):
        """Ports are free again, though clients were there when it ended."""
        program = self.start()
        client = self.enter("early")
        client.expect(" 422 ")
        program.terminate()
        program.wait(30)
        again = subprocess.Popen(program.args, stderr=subprocess.PIPE, text=True)
        self.addCleanup(again.stderr.close)
        self.addCleanup(lambda: (again.kill(), again.wait()))
        for line in again.stderr:
            if " node ready" in line:
                break
        else:
            self.fail("it did not start again")
        with self.assertRaises(Closed):
            client.expect("never said")
        self.enter("late").expect(" 422 ")


if __name__ == "__main__":
    main()
