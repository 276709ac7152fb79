# SPDX-License-Identifier: Apache-2.0
"""./dev cluster as somebody at a terminal uses it: mail through HAProxy, a node and a database that
die, and nothing left when it ends. In network namespaces where this machine permits them."""
import json
import os
import pathlib
import poplib
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = [sys.executable, "-B", str(ROOT / "tools/dev/cluster")]
PATIENCE = 90  # seconds, for what does not come
ASK = ("/usr/bin/python3", "-c",
       "import urllib.request, sys; print(urllib.request.urlopen(sys.argv[1]).read().decode())")
BOB, PASSWORD = "bob@village.example", "a bridge of stones"


def until(what, condition):
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come about")
        time.sleep(0.1)
    return found


def namespaces():
    if not shutil.which("ip"):
        return set()
    done = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=False)
    return {x.split()[0] for x in done.stdout.splitlines()}


def say(client, *lines):
    client.write("".join(x + "\n" for x in lines))
    client.flush()


def hear(client, *words):
    """@return all lines up to one that has the words."""
    heard = []
    for line in client:
        heard.append(line)
        if all(x in line for x in words):
            return heard
    raise AssertionError(f"{words} did not come: {heard[-5:]}")


class DevCluster(unittest.TestCase):
    def setUp(self):
        box = tempfile.mkdtemp(prefix="hamlet-dev-cluster-")
        self.addCleanup(shutil.rmtree, box, ignore_errors=True)
        self.folder = pathlib.Path(box) / "cluster"
        self.before = namespaces()
        self.process = None
        self.addCleanup(self.end)

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)
        subprocess.run([*TOOL, "--folder", self.folder, "stop"], capture_output=True, check=False)
        if self.process:
            self.process.stdout.close()

    def start(self, *options):
        """@return the page of hints."""
        self.process = subprocess.Popen([*TOOL, "--folder", self.folder, *options], stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        page = []
        for line in self.process.stdout:
            page.append(line)
            if "Ctrl-C ends all of it" in line:
                break
        else:
            self.fail("".join(page) + self.logs())
        self.data = (self.folder / "postgresql").resolve()
        self.port = json.loads((self.folder / "ports.json").read_text())
        return "".join(page)

    def logs(self):
        return "".join(f"== {x.name}\n{x.read_text(errors='replace')[-1500:]}" for x in self.folder.glob("*.log"))

    def order(self, *words):
        done = subprocess.run([*TOOL, "--folder", self.folder, *words], capture_output=True, text=True, check=False,
                              timeout=PATIENCE)
        self.assertEqual(0, done.returncode, f"{words}: {done.stdout}{done.stderr}{self.logs()}")
        return done.stdout

    def give(self, text):
        """Taken by some node; a client that is told to come again does."""
        def try_once():
            try:  # a node that has just been frozen still takes connections, and says nothing
                with smtplib.SMTP("127.0.0.1", self.port["smtp"], timeout=20) as client:
                    client.sendmail("you@elsewhere.example", [BOB], f"Subject: {text}\r\n\r\n{text}\r\n")
                return True
            except (OSError, smtplib.SMTPException):
                return False
        until(f"250 for {text}", try_once)

    def mailbox(self):
        """Bob's messages, through HAProxy and TLS that can be trusted."""
        trusted = ssl.create_default_context(cafile=self.folder / "tls/ca.pem")
        try:
            client = poplib.POP3_SSL("127.0.0.1", self.port["pop3s"], timeout=PATIENCE, context=trusted)
        except OSError:
            return []
        try:
            client.user(BOB)
            client.pass_(PASSWORD)
            found = [b"\n".join(client.retr(n + 1)[1]).decode() for n in range(client.stat()[0])]
            client.quit()
            return found
        except (OSError, poplib.error_proto):
            return []
        finally:
            client.close()

    def find(self, text):
        return until(f"{text} in the mailbox",
                     lambda: next((x for x in self.mailbox() if f"Subject: {text}" in x), None))

    def chat(self, nick):
        """A client of some node, in the sample channel."""
        connection = socket.create_connection(("127.0.0.1", self.port["irc"]), PATIENCE)
        self.addCleanup(connection.close)
        lines = connection.makefile("rw", newline="\r\n")
        self.addCleanup(lines.close)
        say(lines, f"NICK {nick}", f"USER {nick} 0 * :{nick}", "JOIN #village")
        hear(lines, " 366 ")
        return lines

    def talk(self, text):
        """Through HAProxy, which gives each client another node: said once, heard by all, once."""
        clients = [self.chat(f"{text}{n}") for n in range(3)]
        say(clients[0], f"PRIVMSG #village :{text} for all")
        for client in clients[1:]:
            hear(client, f"PRIVMSG #village :{text} for all")
        say(clients[2], "PING :over", "QUIT")
        self.assertNotIn("for all", "".join(hear(clients[2], "PONG")))
        hear(clients[0], f":{text}2!", " QUIT ")
        for client in clients[:2]:
            say(client, "QUIT")

    def ours(self):
        """Processes whose command line names our folder."""
        found = {}
        for x in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = x.read_bytes()
            except OSError:
                continue
            if str(self.folder).encode() in words:
                found[x.parent.name] = words
        return found

    def assert_nothing_is_left(self):
        self.assertEqual({}, until_gone(self.ours))
        self.assertFalse((self.folder / "postgresql").is_symlink())
        self.assertFalse(self.data.is_relative_to("/var/tmp") and self.data.exists(), self.data)
        self.assertEqual(self.before, namespaces())
        for port in self.port.values():
            with socket.socket() as s:
                self.assertNotEqual(0, s.connect_ex(("127.0.0.1", port)), port)

    def live(self):
        self.give("first")
        letter = self.find("first")
        # HAProxy told the node whose connection it is.
        self.assertIn("[127.0.0.1]", letter.partition("Subject:")[0])
        self.talk("first")
        self.assertRegex(self.order("exec", "node1", *ASK, self.metrics_of("node1")),
                         r"(?m)^hamlet_redis_heard_total [1-9]")
        self.assertNotIn("redis not connected", (self.folder / "node1.log").read_text())
        self.order("kill", "redis")
        self.talk("alone")
        self.order("start", "redis")
        self.talk("again")
        self.order("kill", "node2")
        self.give("after a node")
        self.talk("two")
        self.find("after a node")
        self.order("start", "node2")
        self.order("kill", "db1")
        self.order("promote")
        self.give("after a database")
        self.find("after a database")
        self.find("first")
        self.order("rejoin")
        states = self.order("status")
        self.assertIn("COMMIT waits for: db1", states)
        self.order("freeze", "node3")
        self.give("beside one that stands still")
        self.order("thaw", "node3")
        if "No network namespaces" not in self.page:
            self.order("cut", "node2")
            self.give("beside one without a cable")
            self.order("heal", "node2")
        self.order("kill", "db1")  # the standby by now
        self.order("commit-alone")
        self.give("on one disk")
        self.order("rejoin")
        self.order("stop", "node1")
        self.give("after a stop")
        self.find("after a stop")
        self.find("on one disk")
        self.assertIn(BOB, self.order("hamlet", "node3", "account", "list"))
        self.talk("last")
        self.assertIn("hamlet_connections", self.order("exec", "node3", *ASK, self.metrics_of("node3")))

    def metrics_of(self, node):
        line = next(x for x in self.order("status").splitlines() if x.startswith(node))
        return f"http://{line.split()[1]}:9080/metrics"

    def test_it_lives_through_deaths_and_leaves_nothing(self):
        self.page = self.start()
        if "No network namespaces" in self.page:
            print("This machine permits no network namespaces: on loopback.", file=sys.stderr)
        self.live()
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(0, self.process.wait(PATIENCE))
        self.assert_nothing_is_left()

    def test_what_a_killed_one_left_behind_is_removed(self):
        self.start()
        self.process.kill()
        self.process.wait()
        self.assertNotEqual({}, self.ours())
        self.order("stop")
        self.assert_nothing_is_left()

    def test_without_namespaces(self):
        page = self.start("--loopback")
        self.assertIn("All hosts are addresses 127.0.", page)
        self.assertEqual(self.before, namespaces())
        self.give("on loopback")
        self.find("on loopback")
        self.order("stop")
        self.assertEqual(0, self.process.wait(PATIENCE))
        self.assert_nothing_is_left()


def until_gone(find):
    """Workers of PostgreSQL take a moment when their parent was killed."""
    end = time.monotonic() + PATIENCE
    while (found := find()) and time.monotonic() < end:
        time.sleep(0.1)
    return found


if __name__ == "__main__":
    unittest.main()
