# SPDX-License-Identifier: Apache-2.0
"""The nodes of Hamlet, made as docs/operating.md tells an operator to."""
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
import urllib.request

import samples

NAMES = ("node1", "node2", "node3")
LINK_PORT = 7650
DOORS = ("smtp", "submission", "submissions", "pop3", "pop3s", "irc", "ircs", "irc_websockets")
CLOSED = ("irc_websocket",)
ADMIN = "admin"
STANDARD = {25: "smtp", 587: "submission", 465: "submissions", 110: "pop3", 995: "pop3s", 6667: "irc",
            6697: "ircs", 8067: "irc_websocket", 8097: "irc_websockets", 9080: "admin"}
KEY = "server.key"
PATIENCE = 90
READY = " node ready"


class Failed(Exception):
    pass


class Nodes:
    def __init__(self, folder, net, keeper, papers, databases, redis):
        self.folder, self.net, self.keeper = folder, net, keeper
        self.databases, self.redis = databases, redis
        hosts = ",".join(net.address(x) for x in databases.names)
        self.store = (f"host={hosts} user=hamlet dbname=hamlet sslmode=verify-full "
                      f"sslrootcert={databases.ca}")
        self.password = folder / "postgres.password"
        self.password.touch(0o600)
        self.password.write_text(databases.passwords["hamlet"] + "\n")
        self.papers = papers
        self.seen = {}  # of the log of an earlier life
        for number, name in enumerate(NAMES, 1):
            (folder / name).mkdir()
            self.settings(name).write_text(self.text(number, name))

    def settings(self, name):
        return self.folder / name / "hamlet.toml"

    def text(self, number, name):
        at = self.net.address(name)
        doors = "".join(f'{x} = ["{at}:{samples.PORTS[x]}"]\n' for x in (*DOORS, ADMIN))
        return (f'[node]\nhostname = "mail.{samples.DOMAIN}"\ndata_folder = "{self.folder}/{name}/data"\n\n'
                f'[[tls.certificate]]\nchain = "{self.papers.mail_chain}"\nkey = "{self.papers.mail_key}"\n\n'
                f'[store]\nengine = "postgresql"\npostgres = "{self.store}"\n'
                f'postgres_password_file = "{self.password}"\n\n'
                f'[cluster]\nnode = {number}\nlisten = ["{at}:{LINK_PORT}"]\naddress = "{at}:{LINK_PORT}"\n'
                f'redis = "{self.redis.address}"\nredis_user = "hamlet"\n'
                f'redis_password_file = "{self.redis.password_file}"\n\n'
                f'[listen]\nproxy_from = ["{self.net.address("front")}/32"]\n{doors}'
                + "".join(f"{x} = []\n" for x in CLOSED))

    def command(self, name, *words, stdin=""):
        return samples.command(self.settings(name), *words, stdin=stdin, within=self.net.within(name))

    def make(self):
        first = NAMES[0]
        self.command(first, "cluster", "init", "village", first)
        samples.make_community(self.settings(first), self.net.within(first))
        self.start(first)
        for name in NAMES[1:]:
            self.copy_key(first, name)
            request = self.command(name, "cluster", "join", name, stdin=self.command(first, "cluster", "token"))
            self.command(name, "cluster", "join", "--answer",
                         stdin=self.command(first, "cluster", "ca", "sign", stdin=request))
            self.start(name)

    def copy_key(self, source, target):
        (self.folder / target / "data").mkdir(mode=0o700)
        shutil.copy(self.folder / source / "data" / KEY, self.folder / target / "data" / KEY)

    def log(self, name):
        return self.folder / f"{name}.log"

    def begin(self, name):
        self.seen[name] = self.log(name).stat().st_size if self.log(name).exists() else 0
        self.keeper.start(name, [samples.PROGRAM, "serve", "--config", self.settings(name)], self.net.within(name))

    def await_ready(self, name):
        end = time.monotonic() + PATIENCE
        while True:
            with self.log(name).open(encoding="utf-8", errors="replace") as lines:
                lines.seek(self.seen[name])
                text = lines.read()
            if READY in text:
                return
            if not self.keeper.is_up(name) or time.monotonic() > end:
                self.keeper.end(name, signal.SIGKILL)
                raise Failed(f"{name} did not start:\n" + "\n".join(text.splitlines()[-5:]))
            time.sleep(0.05)

    def start(self, name):
        self.begin(name)
        self.await_ready(name)

    def shards(self):
        """Mailbox shards by node, in its latest life."""
        lines = self.databases.sql("SELECT DISTINCT ON (name) name, node.state, count(shard.number) FROM node "
                                   "LEFT JOIN shard ON owner_incarnation = incarnation AND kind = 1 "
                                   "GROUP BY 1, 2, incarnation ORDER BY name, incarnation DESC", database="hamlet")
        return [x.split("|") for x in lines.splitlines()]


class Front:
    """HAProxy, with the doors of this machine: they are opened here and handed over, so it lives on
    its own host and is reached from this one."""

    def __init__(self, folder, net, keeper, doors):
        self.folder, self.net, self.keeper, self.doors = folder, net, keeper, doors
        self.file = folder / "haproxy.cfg"
        self.file.write_text(self.text((samples.ROOT / "deploy/haproxy/haproxy.cfg").read_text()))

    def text(self, example):
        """The example of deploy/, with the addresses and ports of this cluster."""
        def door(found):
            return f"bind fd@{self.doors[STANDARD.get(int(found[1]), 'look')].fileno()}"

        def server(found):
            return f"{self.net.network}.{found[1]}:{samples.PORTS[STANDARD[int(found[2])]]}"

        text = re.sub(r"\bbind (?:127\.0\.0\.1)?:(\d+)", door, example)
        text = re.sub(r"(?<= )10\.0\.0\.(\d+):(\d+)", server, text)
        text = text.replace("maxconn 20000", "maxconn 400")  # files that a terminal may open
        text = text.replace("log /dev/log local0 notice", "log stdout format raw local0 notice")
        if self.net.kind == "loopback":
            text = text.replace("defaults\n", f"defaults\n    source {self.net.address('front')}\n", 1)
        if os.geteuid() == 0:
            return text
        return re.sub(r"(?m)^    (user|group|chroot) .*\n", "", text)

    def start(self):
        fds = tuple(x.fileno() for x in self.doors.values())
        self.keeper.start("front", ["haproxy", "-db", "-f", self.file], self.net.within("front"), fds)
        end = time.monotonic() + PATIENCE
        while not self._answers():
            if not self.keeper.is_up("front") or time.monotonic() > end:
                raise Failed("HAProxy does not start: see front.log")

    def _answers(self):
        """A connection alone says nothing: the door is open as long as this process lives."""
        port = self.doors["look"].getsockname()[1]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/;csv", timeout=1) as page:
                return page.status == 200
        except OSError:
            return False


class Redis:
    """With the users of deploy/redis, and passwords of this cluster."""

    def __init__(self, folder, net, keeper):
        self.net, self.keeper = net, keeper
        self.home = folder / "redis"
        self.home.mkdir(mode=0o700)
        example = samples.ROOT / "deploy/redis"
        self.password = secrets.token_urlsafe(18)
        users = re.sub(r">CHANGE-ME-\d", lambda _: ">" + secrets.token_urlsafe(18),
                       (example / "users.acl").read_text().replace(">CHANGE-ME-1", ">" + self.password))
        (self.home / "users.acl").write_text(users)
        self.address = f"{net.address('redis')}:6379"
        self.password_file = self.home / "hamlet.password"
        self.password_file.touch(0o600)
        self.password_file.write_text(self.password + "\n")
        self.file = self.home / "redis.conf"
        self.file.write_text(f"include {example}/redis.conf\nbind {net.address('redis')}\ndir {self.home}\n"
                             f"aclfile {self.home}/users.acl\n")

    def start(self):
        self.keeper.start("redis", ["redis-server", self.file], self.net.within("redis"))
        end = time.monotonic() + PATIENCE
        while not self._answers():
            if not self.keeper.is_up("redis") or time.monotonic() > end:
                raise Failed("Redis does not start: see redis.log")
            time.sleep(0.05)

    def _answers(self):
        words = [*self.net.within("redis"), "redis-cli", "--no-auth-warning", "--user", "hamlet",
                 "-h", self.net.address("redis"), "PING"]
        done = subprocess.run(words, capture_output=True, text=True, check=False,
                              env={**os.environ, "REDISCLI_AUTH": self.password})
        return "PONG" in done.stdout
