# SPDX-License-Identifier: Apache-2.0
"""One node and several, to be measured with the same work: all on 127.0.0.1, in temporary folders,
with a PostgreSQL and a Redis of their own.

Each has `port` (of several nodes: all of theirs, with commas, for the programs that load),
`store` (a PostgreSQL or None), `pids()`, `start()` and `stop()`."""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request

import peers  # which knows the way to tests/support
import postgres
from cluster import Cluster, free_port, until
from live_node import QUICK, merged

SHARDS = 256  # of each of six kinds
# What the server of the tests has otherwise for their sake is as PostgreSQL's defaults are, and
# COMMIT waits for the disk. Statements are counted where somebody turns it on.
DEFAULTS = """
autovacuum = on
deadlock_timeout = 1s
shared_buffers = 128MB
shared_preload_libraries = 'pg_stat_statements'
pg_stat_statements.track = none
"""
DOORS = merged(QUICK, {
    "pop3": ["needs_tls_for_login = false"],
    "listen": ['irc = ["127.0.0.1:0"]'],
    "chat_limits": ['exempt = ["127.0.0.0/8"]', "connections_per_address = 0"]})


def cpu_seconds(pids):
    """User and system time of the processes that live, to the nanosecond: /proc has it in ticks."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            total += time.clock_gettime((~pid << 3) | 2)  # as clock_getcpuclockid()
    return total


def commits(side):
    """How many transactions that write the nodes have had so far."""
    total = 0
    for port in str(side.port["admin"]).split(","):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as page:
            text = page.read().decode()
        total += int(re.search(r"^hamlet_store_transaction_seconds_count (\d+)", text, re.M)[1])
    return total


class Store:
    """A PostgreSQL."""

    def __enter__(self):
        os.environ["HAMLET_POSTGRES_FSYNC"] = "1"
        postgres.SETTINGS += DEFAULTS
        self.server = postgres.server()
        self.folder = self.server.folder
        self.sql("postgres", "CREATE EXTENSION pg_stat_statements")
        return self

    def __exit__(self, *_):
        self.server.stop()

    def sql(self, database, text):
        done = subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U",
                               "hamlet", "-d", database, "-f", "-"], input=text, check=True,
                              stdout=subprocess.PIPE, text=True)
        return done.stdout.strip()

    def cpu_seconds(self):
        """With that of sessions that are over."""
        first = self.server.process.pid
        text = pathlib.Path(f"/proc/{first}/stat").read_text(encoding="ascii")
        fields = text.rpartition(")")[2].split()
        over = sum(map(int, fields[13:15])) / os.sysconf("SC_CLK_TCK")
        return cpu_seconds(peers.descendants(first)) + over

    def log_position(self):
        """Octets of its log so far."""
        return int(self.sql("postgres", "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"))

    def count_statements(self, does):
        track = "top" if does else "none"
        self.sql("postgres", f"ALTER SYSTEM SET pg_stat_statements.track = {track}")
        self.sql("postgres", "SELECT pg_reload_conf()")
        self.sql("postgres", "SELECT pg_stat_statements_reset()")


class Redis:
    def __enter__(self):
        self.port = free_port()
        self.folder = tempfile.mkdtemp(prefix="redis-")
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
             "--appendonly", "no", "--dir", self.folder], stdout=subprocess.DEVNULL)
        peers.wait_for(self.port, greeting=b"PING\r\n")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def copies(many):
    """Statements that make user1, user2 … out of user0, with the same password: a command for each
    would take a minute."""
    columns = ("domain, display_name, rank, status, quota_bytes, scram_salt, scram_iterations, "
               "argon2id, stored_key, server_key, created_at")
    one = "FROM account WHERE local = 'user0'"
    for n in range(1, many):
        yield (f"INSERT INTO account (account_id, local, {columns}) "
               f"SELECT account_id + {n}, 'user{n}', {columns} {one}")
        yield f"INSERT INTO mailbox (mailbox_id) SELECT account_id + {n} {one}"
        yield ("INSERT INTO folder (mailbox_id, folder_id, name, uid_validity) "
               f"SELECT mailbox_id + {n}, folder_id, name, uid_validity + {n} FROM folder "
               f"WHERE mailbox_id = (SELECT account_id {one})")
    yield f"UPDATE counter SET value = value + {many} WHERE name IN ('account', 'uid_validity')"


class Single(peers.QuietNode):
    """@param store Of PostgreSQL, else the embedded one."""

    def __init__(self, title, accounts=0, store=None, settings=None):
        self.title, self.store = title, store
        own = {}
        if store:
            name = f"single_{time.monotonic_ns()}"
            store.sql("postgres", f"CREATE DATABASE {name} ENCODING 'UTF8'")
            own["store"] = ['engine = "postgresql"',
                            f'postgres = "host={store.folder} user=hamlet dbname={name}"']
        super().__init__(merged(DOORS, own, settings or {}))
        if accounts:
            self.add_account("user0", peers.PASSWORD)
            if store:
                store.sql(name, ";\n".join(["BEGIN", *copies(accounts), "COMMIT"]))
            else:
                self.change([(x,) for x in copies(accounts)])


class Many(Cluster):
    """A cluster of so many nodes."""
    kind = peers.QuietNode

    def __init__(self, title, store, size, accounts=0, settings=None):
        self.title, self.store = title, store
        super().__init__(size, merged(DOORS, settings or {}), [store.folder])
        if accounts:
            self.nodes[0].add_account("user0", peers.PASSWORD)
            self.sql(self.database, ";\n".join(["BEGIN", *copies(accounts), "COMMIT"]))

    @property
    def port(self):
        return {x: ",".join(str(node.port[x]) for node in self.nodes)
                for x in ("smtp", "pop3", "irc", "admin")}

    def start(self):
        """Returns when each node has its share of all that is sharded, and keeps it."""
        super().start()
        least = SHARDS // len(self.nodes) // 2
        seen = []

        def is_shared():
            seen.append(self.numbers(
                "SELECT count(number) FROM node CROSS JOIN generate_series(1, 6) k LEFT JOIN shard "
                "ON kind = k AND owner_incarnation = incarnation WHERE state = 'up' "
                "GROUP BY incarnation, k ORDER BY incarnation, k"))
            is_whole = sum(seen[-1]) == 6 * SHARDS and min(seen[-1]) >= least
            if not is_whole or seen[-2:-1] != seen[-1:]:
                time.sleep(0.5)
                return False
            return True

        # The first one up may have taken all: it gives to the others one kind each ten seconds.
        until("a share for each", is_shared, 180)
        return self

    def pids(self):
        return [x.process.pid for x in self.nodes]

    def settle(self):
        """Nothing goes on behind the back of the next run."""

    def stop(self):
        for node in self.nodes:
            node.stop()
        # As before the first start: what was handed over at the end would rest for minutes.
        self.sql(self.database, "UPDATE shard SET owner_incarnation = NULL, target_incarnation = "
                                "NULL, moved_at = 0; DELETE FROM node")
