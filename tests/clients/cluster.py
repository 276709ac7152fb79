# SPDX-License-Identifier: Apache-2.0
"""Several nodes of one cluster, with a database that they share and certificates of their own
authority; on loopback."""
import contextlib
import hashlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

from community import QUICK, merged
from live_node import Node, server_folder

NAMES = ("one", "two", "three")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Cluster:
    def __init__(self, size=3, settings=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hamlet-cluster-"))
        self.database = "c_" + hashlib.sha256(str(self.folder).encode()).hexdigest()[:20]
        self.socket = server_folder()
        self.sql("postgres", f"CREATE DATABASE {self.database} ENCODING 'UTF8'")
        self.nodes = []
        for name in NAMES[:size]:
            self.add(name, settings or {})

    def sql(self, database, text):
        done = subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-h", self.socket, "-U",
                               "hamlet", "-d", database, "-f", "-"], input=text, check=True,
                              stdout=subprocess.PIPE, text=True)
        return done.stdout

    def numbers(self, statement):
        return [int(x) for x in self.sql(self.database, statement).split()]

    def settings_of(self, number, more):
        port = free_port()
        own = {
            "store": ['engine = "postgresql"',
                      f'postgres = "host={self.socket} user=hamlet dbname={self.database}"'],
            "cluster": [f"node = {number}", f'listen = ["127.0.0.1:{port}"]',
                        f'address = "127.0.0.1:{port}"'],
            "listen": [f"{x} = []" for x in ("irc", "ircs", "irc_websocket", "irc_websockets")],
        }
        return merged(merged(QUICK, own), more)

    def add(self, name, more):
        """As docs/operating.md tells an administrator to."""
        folder = self.folder / name
        (folder / "data").mkdir(parents=True, mode=0o700)
        if self.nodes:
            shutil.copy(self.nodes[0].folder / "data/server.key", folder / "data/server.key")
        node = Node(self.settings_of(len(self.nodes) + 1, more), folder=folder)
        if not self.nodes:
            node.run("cluster", "init", "village", name)
        else:
            first = self.nodes[0]
            request = node.run("cluster", "join", name, stdin=first.run("cluster", "token"))
            node.run("cluster", "join", "--answer",
                     stdin=first.run("cluster", "ca", "sign", stdin=request))
        self.nodes.append(node)

    def start(self):
        for node in self.nodes:
            node.start()
        return self

    def owners(self, kind):
        """How many shards of a kind each living node owns."""
        found = self.numbers("SELECT count(shard.number) FROM node LEFT JOIN shard ON "
                             f"owner_incarnation = incarnation AND kind = {kind} "
                             "WHERE state = 'up' GROUP BY incarnation ORDER BY incarnation")
        return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for node in self.nodes:
            with contextlib.suppress(ProcessLookupError):
                if node.process:
                    node.kill()
        self.sql("postgres", f"DROP DATABASE {self.database} WITH (FORCE)")
        shutil.rmtree(self.folder, ignore_errors=True)


assert os.environ.get("HAMLET_BIN"), "the program to be tested"
