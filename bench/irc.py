# SPDX-License-Identifier: Apache-2.0
"""Chat: Hamlet beside InspIRCd and ngIRCd, with the same crowd of clients (irc_load.cpp)."""
import json
import math
import os
import pathlib
import socket
import statistics
import subprocess
import threading
import time

import irc_peers
import peers
from table import Table, about, number

LOAD = pathlib.Path(os.environ["HAMLET_BIN"]).parent / "hamlet_irc_load"


class GaveUp(RuntimeError):
    """A server lost clients, or did not answer in time."""


class Crowd:
    """Clients of one server, in a process of their own, which does what it is told."""

    def __init__(self, server, tls=False):
        self.server = server
        words = [LOAD, str(server.port["ircs" if tls else "irc"]), *(["tls"] if tls else [])]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(60)

    def __call__(self, *words):
        """With `cpu_us`: the time of the server's processors for each thing done."""
        before = peers.cpu_seconds(self.server.pids())
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise GaveUp(f"{self.server.title}: {words}")
        got = json.loads(line)
        spent = peers.cpu_seconds(self.server.pids()) - before
        got["cpu_us"] = spent * 1e6 / max(1, got["count"])
        return got


class Newcomers:
    """A new client each 50 ms, who comes, registers and goes."""

    def __init__(self, server):
        self.port = server.port["irc"]
        self.took = []
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        self.thread.join()

    def _run(self):
        while True:
            self.took.append(self._come(f"new{len(self.took)}"))
            if self.ends.wait(0.05):
                return

    def _come(self, nick):
        begin = time.monotonic()
        with socket.create_connection(("127.0.0.1", self.port), 30) as s:
            s.sendall(f"NICK {nick}\r\nUSER user 0 * :A client\r\n".encode())
            got = b""
            while b" 001 " not in got:
                more = s.recv(65536)
                if not more:
                    raise RuntimeError(got)
                got += more
            took = (time.monotonic() - begin) * 1000
            s.sendall(b"QUIT\r\n")
            while s.recv(65536):
                pass
        return took

    def slowest(self):
        return max(self.took)


def growth(server, tls, many):
    """RSS for each idle client, KiB, after the first tenth, which fills what is made once; and of
    the whole process, for each."""
    server.start()
    with Crowd(server, tls) as crowd:
        crowd("register", many // 10, server.AT_A_TIME)
        time.sleep(2)
        before = peers.resident_kib(server.pids())
        crowd("register", many, server.AT_A_TIME)
        time.sleep(5)
        after = peers.resident_kib(server.pids())
    server.stop()
    return (after - before) / many, after / (many + many // 10)


def one_side(server, many, rounds):
    """All figures of a server: {name: [value of each round]}."""
    got = {}

    def note(name, value):
        print(f"{server.title}: {name}: {number(value)}", flush=True)
        got.setdefault(name, []).append(value)

    for _ in range(rounds):
        try:
            one_round(server, many, note)
        except GaveUp as why:  # a peer: what it did not come to has no figure
            if server.title == irc_peers.Hamlet.title:
                raise
            print(why, flush=True)
            server.stop()
            break
        server.stop()
    return got


def one_round(server, many, note):
    server.start()
    with Crowd(server) as crowd:
        come = crowd("register", many, server.AT_A_TIME)
        note("registrations/s", come["per_second"])
        note("CPU of a registration", come["cpu_us"])
        with Newcomers(server) as idle:
            time.sleep(2)
        note("new client, idle", idle.slowest())

        crowd("join", "#thousand", 0, 1000, 100)
        # Unmeasured: who has joined hears the JOINs of others first.
        crowd("say", "#thousand", 1000, 1, 1, 10)
        burst = crowd("say", "#thousand", 1000, 20, 5, 20)
        note("CPU of a line, bursts", burst["cpu_us"])
        note("lines/s", burst["per_second"])
        single = crowd("say", "#thousand", 1000, 1, 1, 1000)
        note("CPU of a line, one by one", single["cpu_us"])
        note("p99, one by one", single["p99_ms"])

        joined = crowd("join", "#all", 0, many, 100)
        note("joins/s", joined["per_second"])
        note("p99 of a JOIN", joined["p99_ms"])
        crowd("say", "#all", many, 1, 1, 5)
        with Newcomers(server) as busy:
            large = crowd("say", "#all", many, 1, 1, 100)
        note("p99, 10,000", large["p99_ms"])
        note("CPU of a line, 10,000", large["cpu_us"])
        note("new client, busy", busy.slowest())
        left = crowd("quit", many // 2)
        note("half of them QUIT", left["seconds"])


def bench(quick):
    many, rounds = (2000, 1) if quick else (10_000, 3)
    kinds = (irc_peers.Hamlet, irc_peers.InspIrcd, irc_peers.NgIrcd)
    table = Table("what", *(x.title for x in kinds), "ratio", "ratio", "bar")
    sides = {}
    for kind in kinds:
        with kind() as server:
            sides[kind.title] = one_side(server, many, rounds)
            for tls in (False, True):
                word = "TLS" if tls else "plain"
                try:
                    each, all_of_it = growth(server, tls, many)
                except GaveUp as why:
                    print(why, flush=True)
                    server.stop()
                    each = all_of_it = math.nan
                sides[kind.title][f"{word} client"] = [each]
                sides[kind.title][f"{word} client, of all"] = [all_of_it]

    def row(what, name, bar=None, less_is_better=True):
        figures = [statistics.median(sides[x.title].get(name) or [math.nan]) for x in kinds]
        ratios = [x / figures[0] if less_is_better else figures[0] / x for x in figures[1:]]
        words = [["–" if math.isnan(x) else text(x) for x in values]
                 for text, values in ((number, figures), ("{:.1f}".format, ratios))]
        verdict = ""
        if bar is not None:
            met = figures[0] <= bar if less_is_better else figures[0] >= bar
            verdict = f"{'≤' if less_is_better else '≥'} {bar:,}: {'yes' if met else 'no'}"
        table.row(what, *words[0], *words[1], verdict)

    row(f"registrations/s, {many:,} clients", "registrations/s", 3000, False)
    row("– CPU each, µs", "CPU of a registration")
    row(f"RSS, an idle client of {many:,}, KiB", "plain client", 6)
    row("– the whole process divided, KiB", "plain client, of all")
    row("RSS, an idle client with TLS, KiB", "TLS client")
    row(f"a new client among {many:,} idle ones, slowest, ms", "new client, idle", 100)
    row("channel of 1,000, bursts of 100 lines: CPU of a delivered line, µs",
        "CPU of a line, bursts", 1)
    row("– delivered lines/s", "lines/s", None, False)
    row("channel of 1,000, one line at a time: CPU of a delivered line, µs",
        "CPU of a line, one by one")
    row("– from sending to receipt, p99, ms", "p99, one by one")
    row(f"channel of {many:,}: JOIN of all, JOINs/s", "joins/s", None, False)
    row("– from JOIN to the end of NAMES, 100 at a time, p99, ms", "p99 of a JOIN")
    row(f"channel of {many:,}: from sending to receipt, p99, ms", "p99, 10,000", 100)
    row("– CPU of a delivered line, µs", "CPU of a line, 10,000")
    row("– a new client meanwhile, slowest, ms", "new client, busy", 100)
    row(f"{many // 2:,} QUIT at once, until all is over, s", "half of them QUIT")
    table.write("irc", [
        about(quick), "Ratios: how many times better Hamlet is than InspIRCd, and than ngIRCd.",
        "RSS of a client is what the process grows by, after the first thousand.",
        "–: the server lost clients on the way there."])
