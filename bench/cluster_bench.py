# SPDX-License-Identifier: Apache-2.0
"""What several nodes cost: the same work by one node and by more of them, in processor time. All of
it is on one machine, so what is done in a second says little: more nodes do not get more of it."""
import contextlib
import math
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import time

import nodes
import peers
from irc import Crowd
from table import Table, about, number

PROGRAMS = pathlib.Path(os.environ["HAMLET_BIN"]).parent
ACCOUNTS = 60
CONNECTIONS = 30  # ACCOUNTS is a multiple of it, and it is one of 1, 2 and 3


def median(rounds, field):
    return statistics.median(x[field] for x in rounds)


def in_turn(sides, rounds, run):
    """`run(side)` for each side, which is up only for that; {title: [result of each round]}."""
    results = {x.title: [] for x in sides}
    for n in range(rounds):
        for side in sides if n % 2 == 0 else sides[::-1]:
            side.start()
            results[side.title].append(run(side))
            side.stop()
            print(f"{side.title}: {results[side.title][-1]}", flush=True)
    return results


class Usage:
    """Processor time, in seconds, of a side, of its PostgreSQL and of Redis inside of `with`."""

    def __init__(self, side, redis=None):
        is_peer = isinstance(side, peers.Peer)
        of_side = peers if is_peer else nodes  # the processes of a peer come and go
        store = None if is_peer else side.store
        self._read = {
            "side": lambda: of_side.cpu_seconds(side.pids()),
            "store": store.cpu_seconds if store else lambda: 0,
            "redis": lambda: nodes.cpu_seconds([redis.process.pid] if redis else [])}

    def __enter__(self):
        self._before = {x: read() for x, read in self._read.items()}
        return self

    def __exit__(self, *_):
        for x, read in self._read.items():
            setattr(self, x, read() - self._before[x])


# -- mail -----------------------------------------------------------------------------------------

class Mail:
    """So many messages in by SMTP, and out by POP3 with RETR and DELE; a client to each node in
    turn, so that of n nodes every n-th has the mailbox that is meant."""

    def __init__(self, load, count):
        self.load, self.count = load, count

    def send(self, side, count, connections=CONNECTIONS):
        """Returns when a POP3 session shows all of them."""
        return self.load("smtp", port=side.port["smtp"], accounts=ACCOUNTS, count=count,
                         connections=connections, pop3_port=str(side.port["pop3"]).split(",")[0])

    def fetch(self, side, count):
        self.load("pop3", port=side.port["pop3"], accounts=ACCOUNTS, count=ACCOUNTS,
                  connections=CONNECTIONS, retrieve=count // ACCOUNTS, remove=1)

    def __call__(self, side):
        self.send(side, ACCOUNTS)  # unmeasured: the first login of each
        self.fetch(side, ACCOUNTS)
        is_hamlet = not isinstance(side, peers.Peer)
        commits = nodes.commits(side) if is_hamlet else math.nan
        with Usage(side) as came:
            sent = self.send(side, self.count)
            side.settle()
        with Usage(side) as went:
            self.fetch(side, self.count)
        commits = nodes.commits(side) - commits if is_hamlet else math.nan
        few = ACCOUNTS * 5
        alone = self.send(side, few, 1)
        side.settle()
        self.fetch(side, few)
        each = 1e6 / self.count
        got = {"in": came.side * each, "out": went.side * each,
               "side": (came.side + went.side) * each,
               "store": (came.store + went.store) * each, "commits": commits / self.count,
               "per_second": sent["per_second"], "median_ms": alone["median_ms"]}
        return got | {"all": got["side"] + got["store"]}


def bench_mail(store, load, quick, rounds):
    count = 600 if quick else 3000
    plain, three = "1 node, PostgreSQL", "cluster of 3"
    with contextlib.ExitStack() as stack:
        sides = [stack.enter_context(x) for x in (
            nodes.Single("1 node, embedded store", ACCOUNTS),
            nodes.Single(plain, ACCOUNTS, store),
            nodes.Many("cluster of 1", store, 1, ACCOUNTS),
            nodes.Many("cluster of 2", store, 2, ACCOUNTS),
            nodes.Many(three, store, 3, ACCOUNTS))]
        got = in_turn(sides, rounds, Mail(load, count))
        if os.geteuid() == 0:
            peer = stack.enter_context(peers.Peer(ACCOUNTS))
            got |= in_turn([peer], 1, Mail(load, min(count, 1200)))
    table = Table("who does the work", "CPU µs a message: Hamlet", "in", "out", "PostgreSQL",
                  "all", "COMMITs a message", "ratio", "bar", "one client, median ms", "bar", "messages/s in")
    base = got[plain]
    for title, results in got.items():
        ratio = median(results, "all") / median(base, "all")
        later = median(results, "median_ms") - median(base, "median_ms")
        bars = ("", "")
        if title == three:
            bars = (f"≤ 2: {'yes' if ratio <= 2 else 'no'}",
                    f"≤ 3 more: {'yes' if later <= 3 else 'no'}")
        figures = (median(results, x) for x in ("side", "in", "out", "store", "all", "commits"))
        table.row(title, *("" if math.isnan(x) else number(x) for x in figures), f"{ratio:.2f}", bars[0],
                  f"{median(results, 'median_ms'):.2f}", bars[1],
                  number(median(results, "per_second")))
    table.write("cluster_mail", [
        about(quick), f"{count:,} messages of 4 KiB to {ACCOUNTS} mailboxes, {CONNECTIONS} "
        f"connections over all nodes, {rounds} round(s). Ratio: to {plain}."])


# -- the fence ------------------------------------------------------------------------------------

STATEMENTS = """
SELECT sum(calls) FILTER (WHERE is_fence), sum(micros) FILTER (WHERE is_fence), sum(micros)
FROM (SELECT calls, total_exec_time * 1000 AS micros, query LIKE '%FOR SHARE OF shard%' AS is_fence
      FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid AND datname = '{database}') x
"""


def bench_fence(store, load, quick, rounds):
    count = 600 if quick else 3000
    mail = Mail(load, count)
    with nodes.Many("with", store, 1, ACCOUNTS) as side:
        node, right = side.nodes[0], side.nodes[0].program
        results = {"with": [], "without": []}
        for n in range(-1, rounds * 2):  # the first of all is not counted: all is new to it
            title = ("with", "without", "without", "with")[n % 4]
            node.program = right if title == "with" else str(PROGRAMS / "mutants/hamlet_no_fence")
            side.start()
            before = store.log_position()
            got = mail(side)
            got["log"] = (store.log_position() - before) / (count + ACCOUNTS * 6) / 1024
            if n >= 0:
                results[title].append(got)
            side.stop()
            print(f"{title}: {got}", flush=True)
        node.program = right
        side.start()
        store.count_statements(True)
        commits = nodes.commits(side)
        mail.send(side, count)
        mail.fetch(side, count)
        commits = nodes.commits(side) - commits
        calls, micros, all_micros = (float(x) for x in store.sql("postgres", STATEMENTS.format(
            database=side.database)).split("|"))
        store.count_statements(False)
        side.stop()
    table = Table("a message in and out", "with the fence", "without", "difference", "%")
    for what, field in (("CPU of Hamlet, µs", "side"), ("CPU of PostgreSQL, µs", "store"),
                        ("CPU of both, µs", "all"), ("one client, median ms", "median_ms"),
                        ("log of PostgreSQL, KiB", "log")):
        yes, no = (median(results[x], field) for x in ("with", "without"))
        table.row(what, number(yes), number(no), f"{yes - no:+.2f}",
                  f"{(yes - no) / no * 100:+.0f}")
    table.write("cluster_fence", [
        about(quick), f"{rounds} round(s) of each. By pg_stat_statements: {calls / count:.2f} fences "
        f"a message, {micros / calls:.1f} µs each, {micros / all_micros * 100:.1f} % of what all "
        f"statements take; {calls / commits:.2f} fences, {micros / commits:.0f} µs, for each COMMIT."])


# -- chat -----------------------------------------------------------------------------------------

class Talk:
    """A channel, in which 20 members say 5 lines each at once, or one says one at a time."""

    def __init__(self, redis, members, rounds):
        self.redis, self.members, self.rounds = redis, members, rounds

    def __call__(self, side):
        got = {}
        with Crowd(side) as crowd:
            crowd("register", self.members, 100)
            crowd("join", "#fan", 0, self.members, 100)
            crowd("say", "#fan", self.members, 20, 5, 2)  # unmeasured: the JOINs are heard first
            for name, words in (("burst", (20, 5, self.rounds)),
                                ("single", (1, 1, self.rounds * 20))):
                with Usage(side, self.redis) as spent:
                    said = crowd("say", "#fan", self.members, *words)
                for who in ("side", "store", "redis"):
                    got[f"{name}_{who}"] = getattr(spent, who) * 1e6 / said["count"]
                got |= {f"{name}_{x}": said[x] for x in ("per_second", "median_ms", "p99_ms")}
                got[f"{name}_line"] = got[f"{name}_side"] * (self.members - 1)
        return got


def bench_chat(store, load, quick, rounds):
    members, talk_rounds = (90, 5) if quick else (300, 20)
    with contextlib.ExitStack() as stack:
        redis = stack.enter_context(nodes.Redis())
        sides = [stack.enter_context(x) for x in (
            nodes.Single("1 node", 0, store), nodes.Many("3 nodes, links", store, 3),
            nodes.Many("3 nodes, Redis", store, 3, 0,
                       {"cluster": [f'redis = "127.0.0.1:{redis.port}"']}))]
        got = in_turn(sides, rounds, Talk(redis, members, talk_rounds))
    table = Table("what", *got, "ratio, links", "ratio, Redis")
    for title, name in (("bursts of 100 lines", "burst"), ("one line at a time", "single")):
        rows = [("CPU of Hamlet for a delivered line, µs", "side"),
                ("– for a line to all, µs", "line"),
                ("– PostgreSQL for a delivered line, µs", "store"),
                ("– Redis, µs", "redis"), ("delivered lines/s", "per_second"),
                ("from sending to receipt, median, ms", "median_ms"), ("– p99, ms", "p99_ms")]
        for what, field in rows:
            figures = [median(x, f"{name}_{field}") for x in got.values()]
            ratios = [f"{x / figures[0]:.2f}" if field in ("side", "median_ms", "p99_ms") else ""
                      for x in figures[1:]]
            table.row(f"{title}: {what}" if field == "side" else what, *map(number, figures),
                      *ratios)
    table.write("cluster_chat", [
        about(quick), f"A channel of {members} members, spread over the nodes; all stores are "
        f"PostgreSQL; {rounds} round(s). Ratio: to 1 node."])


# -- the link, and what costs while nothing happens -----------------------------------------------

def bench_link(store, load, quick, rounds):
    runs = []
    for _ in range(rounds):
        done = subprocess.run([PROGRAMS / "bench_link"], capture_output=True, text=True, check=True,
                              timeout=300)
        runs.append([[float(x) for x in line.strip("|").split("|")]
                     for line in done.stdout.splitlines()][1:])  # the first one warms up
    table = Table("command and its answer", "/s", "median µs", "p99 µs", "MB/s",
                  "CPU µs, both sides")
    for rounds in zip(*runs):
        octets, window, pause = rounds[0][:3]
        per_second, middle, late, speed, cpu = (statistics.median(x) for x in [*zip(*rounds)][3:])
        size = f"{octets:.0f} octets" if octets < 1024 else f"{octets / 1024:.0f} KiB"
        if pause:
            table.row(f"{size}, one each {pause:.0f} ms on an idle link", "", number(middle),
                      number(late), "", number(cpu))
        else:
            table.row(f"{size}, window {window:.0f}", number(per_second), number(middle),
                      number(late), number(speed) if octets * window > 100 else "", number(cpu))
    table.write("cluster_link", [about(quick), f"Median of {len(runs)} run(s)."])


def bench_idle(store, load, quick, rounds):
    seconds = 5 if quick else 15
    table = Table("who is idle", "Hamlet, % of a processor", "PostgreSQL, %", "transactions/s")

    def transactions():
        return int(store.sql("postgres", "SELECT sum(xact_commit) FROM pg_stat_database"))

    with contextlib.ExitStack() as stack:
        sides = [stack.enter_context(x) for x in (
            nodes.Single("1 node, embedded store"), nodes.Single("1 node, PostgreSQL", 0, store),
            nodes.Many("cluster of 3", store, 3))]
        for side in sides:
            side.start()
            time.sleep(3)
            before = transactions()
            with Usage(side) as spent:
                time.sleep(seconds)
            time.sleep(1.1)  # PostgreSQL counts transactions that late
            many = (transactions() - before) / (seconds + 1.1)
            shares = [f"{x / seconds * 100:.2f}" for x in (spent.side, spent.store)]
            table.row(side.title, *(shares if side.store else shares[:1] + [""]),
                      f"{many:.1f}" if side.store else "")
            side.stop()
    table.write("cluster_idle", [about(quick), f"Over {seconds} s."])


# -- the start ------------------------------------------------------------------------------------

def greeted(port, words, wanted, began):
    """Seconds from `began` until `wanted` is in what a client gets to hear."""
    while True:
        with socket.socket() as s:
            s.settimeout(10)
            try:
                s.connect(("127.0.0.1", port))
                s.sendall(words)
                heard = b""
                while wanted not in heard:
                    more = s.recv(4096)
                    if not more:
                        raise ConnectionError(heard)
                    heard += more
                return time.monotonic() - began
            except ConnectionRefusedError:
                if time.monotonic() - began > 30:
                    raise
                time.sleep(0.001)


def bench_start(store, load, quick, rounds):
    many, times = (1000, 3) if quick else (10_000, 10)
    ports = {x: nodes.free_port() for x in ("smtp", "pop3", "irc")}
    doors = {"listen": [f'{x} = ["127.0.0.1:{port}"]' for x, port in ports.items()]}
    hello = {"smtp": (b"", b"220 "), "pop3": (b"", b"+OK"),
             "irc": (b"NICK probe\r\nUSER x 0 * :x\r\n", b" 001 ")}
    first, last, gone = [], [], []
    with nodes.Single("a node", many, settings=doors) as node:
        for _ in range(times + 1):
            began = time.monotonic()
            process = subprocess.Popen([node.program, "serve", "--config", str(node.settings)],
                                       stderr=subprocess.DEVNULL)
            heard = [greeted(ports[x], *hello[x], began) for x in ports]
            first.append(heard[0] * 1000)
            last.append(max(heard) * 1000)
            time.sleep(0.5)  # it is at rest
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            process.wait()  # with a time-out it would look every few milliseconds
            gone.append((time.monotonic() - began) * 1000)
    table = Table("what", "median ms", "slowest ms", "bar")
    for what, took, bar in (("from exec to 220", first, None),
                            ("– to 220, +OK and 001", last, 300),
                            ("from SIGTERM to its end", gone, None)):
        middle = statistics.median(took[1:])
        table.row(what, number(middle), number(max(took[1:])),
                  bar and f"< {bar}: {'yes' if middle < bar else 'no'}" or "")
    table.write("start", [
        about(quick), f"A node with the embedded store and {many:,} accounts, {times} times, after "
        "one that filled the caches."])


PARTS = {"mail": bench_mail, "fence": bench_fence, "chat": bench_chat, "link": bench_link,
         "idle": bench_idle, "start": bench_start}


def bench(load, quick, parts, rounds):
    rounds = rounds or (1 if quick else 3)
    with nodes.Store() as store:
        for name in parts or PARTS:
            began = time.monotonic()
            PARTS[name](store, load, quick, rounds)
            print(f"-- {name}: {time.monotonic() - began:.0f} s", flush=True)
