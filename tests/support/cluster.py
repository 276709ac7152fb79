# SPDX-License-Identifier: Apache-2.0
"""Several nodes of one cluster, with a database that they share and certificates of their own
authority; on loopback."""
import contextlib
import hashlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from fault_proxy import DEAF, MUTE, FaultProxy, process_of
from live_node import QUICK, Node, merged, server_folder
from ports import free_port

NAMES = ("one", "two", "three")
SOCKET = ".s.PGSQL.5432"
PATIENCE = 60  # seconds, for what does not come


def until(what, condition, patience=PATIENCE):
    end = time.monotonic() + patience
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come about")
    return found


def change_settings(nodes, more):
    """Of all nodes that run, beside those they were made with: SIGHUP, and its end."""
    running = [(x, len(x.log)) for x in nodes if x.process]
    for node, _ in running:
        node.change_settings(merged(node.given, more))
    for node, mark in running:
        until("settings are read",
              lambda n=node, m=mark: any(" settings read" in x for x in n.log[m:]))


class Cluster:
    """@param servers The folders of PostgreSQL servers that can be injured, one of which is the
        primary; else the one of all tests.
    @param has_proxies The nodes reach each other, and the store, through proxies of ours: see `links`
        and `ways`.
    @param redis The port of a Redis for the news of chat; with proxies: see `buses`."""

    def __init__(self, size=3, settings=None, servers=None, has_proxies=False, seed=0, redis=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hamlet-cluster-"))
        self.database = "c_" + hashlib.sha256(str(self.folder).encode()).hexdigest()[:20]
        self.servers = servers or [server_folder()]
        self.has_proxies, self.seed, self.redis = has_proxies, seed, redis
        self.links = []  # the proxy in front of each node
        self.ways = []  # of each node, those to the store
        self.buses = []  # of each node, the one to Redis
        self.sql("postgres", f"CREATE DATABASE {self.database} ENCODING 'UTF8'")
        self.nodes = []
        for name in NAMES[:size]:
            self.add(name, settings or {})

    def sql(self, database, text):
        done = subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-h", ",".join(self.servers),
                               "-U", "hamlet", "-d", database, "-f", "-"], input=text, check=True,
                              stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "PGTARGETSESSIONATTRS": "read-write"})
        return done.stdout

    def numbers(self, statement):
        return [int(x) for x in self.sql(self.database, statement).split()]

    def settings_of(self, number, more):
        port = address = free_port()
        hosts = self.servers
        if self.has_proxies:
            self.links.append(FaultProxy(port, self.number_of, seed=f"{self.seed}.link{number}"))
            address = self.links[-1].port
            hosts = self.ways_of(number)
        own = {
            "store": ['engine = "postgresql"',
                      f'postgres = "host={",".join(hosts)} user=hamlet dbname={self.database} '
                      f'application_name=node{number}"'],
            "cluster": [f"node = {number}", f'listen = ["127.0.0.1:{port}"]',
                        f'address = "127.0.0.1:{address}"'],
            "listen": [f"{x} = []" for x in ("irc", "ircs", "irc_websocket", "irc_websockets")],
        }
        if self.redis:
            own["cluster"].append(f'redis = "127.0.0.1:{self.bus_of(number)}"')
        return merged(merged(QUICK, own), more)

    def bus_of(self, number):
        if not self.has_proxies:
            return self.redis
        self.buses.append(FaultProxy(self.redis, seed=f"{self.seed}.bus{number}"))
        return self.buses[-1].port

    def ways_of(self, number):
        """@returns folders in which there are sockets like those of the servers."""
        self.ways.append([])
        folders = []
        for n, server in enumerate(self.servers):
            folders.append(str(self.folder / f"store{number}{n}"))
            pathlib.Path(folders[-1]).mkdir()
            self.ways[-1].append(FaultProxy(f"{server}/{SOCKET}", at=f"{folders[-1]}/{SOCKET}",
                                            seed=f"{self.seed}.store{number}{n}"))
        return folders

    kind = Node

    def add(self, name, more):
        """As docs/operating.md tells an administrator to."""
        folder = self.folder / name
        (folder / "data").mkdir(parents=True, mode=0o700)
        if self.nodes:
            shutil.copy(self.nodes[0].folder / "data/server.key", folder / "data/server.key")
        node = self.kind(self.settings_of(len(self.nodes) + 1, more), folder=folder)
        if not self.nodes:
            node.run("cluster", "init", "village", name)
        else:
            first = self.nodes[0]
            request = node.run("cluster", "join", name, stdin=first.run("cluster", "token"))
            node.run("cluster", "join", "--answer",
                     stdin=first.run("cluster", "ca", "sign", stdin=request))
        self.nodes.append(node)

    def start(self):
        for number in range(len(self.nodes)):
            self.start_one(number)
        return self

    def start_one(self, number):
        if self.links:
            self.links[number].open()
        self.nodes[number].start()

    def kill(self, number):
        self.nodes[number].kill()
        if self.links:
            self.links[number].shut()

    def stop(self, number, patience=60):
        """SIGTERM, and the exit status."""
        status = self.nodes[number].stop(patience)
        if self.links:
            self.links[number].shut()
        return status

    def freeze(self, number):
        """Returns when no thread of it runs: on a busy machine that takes its time."""
        process = self.nodes[number].process
        process.send_signal(signal.SIGSTOP)
        threads = pathlib.Path(f"/proc/{process.pid}/task")
        until("a node is frozen", lambda: all(
            x.read_text(encoding="ascii").rpartition(")")[2].split()[0] == "T"
            for x in threads.glob("*/stat")))

    def thaw(self, number):
        self.nodes[number].process.send_signal(signal.SIGCONT)

    def number_of(self, client, server):
        """Which node has a connection between these ports of loopback."""
        nodes = {x.process.pid: n for n, x in enumerate(self.nodes) if x.process}
        return nodes.get(process_of(client, server, nodes))

    def injure_link(self, one, other, how):
        """Whatever passes between the two.
        @param how Of fault_proxy.py; DEAF: `one` does not hear the other, who hears it."""
        self.links[one].injure(other, how)
        self.links[other].injure(one, MUTE if how == DEAF else DEAF if how == MUTE else how)

    def injure_way(self, number, how):
        """Whatever passes between a node and the store."""
        for way in self.ways[number]:
            way.injure(None, how)

    def injure_bus(self, number, how):
        """Whatever passes between a node and Redis."""
        self.buses[number].injure(None, how)

    def server_is(self, folder, there):
        """A server that is gone does not even let a connection begin: libpq then tries the next one."""
        for ways in self.ways:
            way = ways[self.servers.index(folder)]
            way.open() if there else way.shut()

    def cut_off_from_store(self, number):
        """@returns how many sessions of this node have been ended."""
        return sum(self.numbers("SELECT pg_terminate_backend(pid)::int FROM pg_stat_activity "
                                f"WHERE application_name = 'node{number + 1}'"))

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
        for one in [*self.links, *self.buses, *(x for ways in self.ways for x in ways)]:
            one.close()
        with contextlib.suppress(subprocess.CalledProcessError):
            self.sql("postgres", f"DROP DATABASE {self.database} WITH (FORCE)")
        shutil.rmtree(self.folder, ignore_errors=True)


assert os.environ.get("HAMLET_BIN"), "the program to be tested"
