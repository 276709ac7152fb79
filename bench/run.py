#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py smtp|pop3|idle|irc|cluster [--quick]: measures Hamlet beside Postfix and Dovecot, or InspIRCd
and ngIRCd, or several nodes beside one, and writes the tables into docs/performance.md. Needs the programs of build/release/bin and
the Debian packages of packages.txt; the peers start only as root."""
import argparse
import json
import os
import pathlib
import resource
import signal
import socket
import statistics
import subprocess
import sys
import time

BUILT = pathlib.Path(__file__).resolve().parent.parent / "build/release/bin"
os.environ.setdefault("HAMLET_BIN", str(BUILT / "hamlet"))
PROGRAMS = pathlib.Path(os.environ["HAMLET_BIN"]).parent

import cluster_bench  # noqa: E402
import irc  # noqa: E402
import peers  # noqa: E402  (needs HAMLET_BIN)
from table import Table, about, number  # noqa: E402


def load(mode, **options):
    words = [str(x) for pair in options.items() for x in pair]
    done = subprocess.run([PROGRAMS / "hamlet_load", mode, *words], capture_output=True, text=True,
                          timeout=900)
    if done.returncode != 0:
        raise RuntimeError(f"{mode} {words}: {done.stderr}")
    return json.loads(done.stdout)


def measured(server, mode, **options):
    """One run, with the time of the server's processors for each thing done, to the end of what
    goes on behind its back."""
    before = peers.cpu_seconds(server.pids())
    got = load(mode, **options)
    server.settle()
    got["cpu_ms"] = (peers.cpu_seconds(server.pids()) - before) * 1000 / got["count"]
    return got


def alternate(sides, rounds, run):
    """`run(side)` for each side in turn; returns the lists of results."""
    results = {x.title: [] for x in sides}
    for number in range(rounds):
        for side in sides if number % 2 == 0 else sides[::-1]:
            results[side.title].append(run(side))
    return results


def median(results, field):
    return statistics.median(x[field] for x in results)


def compare(table, what, results, field, bar, p99=True):
    ours, theirs = (results[x] for x in (peers.Hamlet.title, peers.Peer.title))
    ratio = median(ours, field) / median(theirs, field)
    cpu = [median(x, "cpu_ms") for x in (ours, theirs)]
    table.row(what, number(median(ours, field)), number(median(theirs, field)), f"{ratio:.1f}",
              bar and f"≥ {bar}: {'yes' if ratio >= bar else 'no'}" or "",
              *(number(median(x, "p99_ms")) if p99 else "" for x in (ours, theirs)),
              *map(number, cpu), f"{cpu[1] / cpu[0]:.1f}")


COMPARISON = ("what", "Hamlet", "peer", "ratio", "bar", "p99 ms", "peer", "CPU ms each", "peer",
              "ratio")


def bench_smtp(quick):
    accounts, rounds, seconds = 100, 1 if quick else 3, 2
    table = Table(*COMPARISON)
    with peers.Hamlet(accounts) as ours, peers.Peer(accounts) as theirs:
        sides = [ours.start(), theirs.start()]
        file = ours.folder / "append"
        disk = []

        def run(connections, pipelining=0, readable=False):
            def one(side):
                if side is ours:
                    disk.append(load("disk", file=file, seconds=1))
                more = {"pop3_port": side.port["pop3"]} if readable else {}
                return measured(side, "smtp", port=side.port["smtp"], accounts=accounts,
                                connections=connections, seconds=seconds, pipelining=pipelining,
                                **more)
            return alternate(sides, rounds, one)

        for connections in (64,) if quick else (1, 16, 64, 200):
            got = run(connections)
            bar = 10 if connections == 64 else None
            compare(table, f"acknowledged messages/s, {connections} connections", got,
                    "per_second", bar)
            if connections == 64:
                raw = median(disk, "per_second")
                ratio = median(got[ours.title], "per_second") / raw
                table.row("– against one append + fdatasync each", "", number(raw), f"{ratio:.1f}",
                          f"≥ 1: {'yes' if ratio >= 1 else 'no'}", "", "", "", "", "")
            if connections == 200:
                p99 = median(got[ours.title], "p99_ms")
                table.row("– p99 of a message at 200 connections, ms", number(p99), "", "",
                          f"≤ 60: {'yes' if p99 <= 60 else 'no'}", "", "", "", "", "")
        if not quick:
            compare(table, "acknowledged, 64 connections, PIPELINING", run(64, 1), "per_second",
                    None)
        compare(table, "readable by POP3/s, 64 connections", run(64, readable=True),
                "readable_per_second", 20, p99=False)
        proof = load("prove", port=ours.port["smtp"], pop3_port=ours.port["pop3"],
                     accounts=accounts, count=200)
        sync, late = median(disk, "median_ms"), median(disk, "p99_ms")
    table.write("smtp", [
        about(quick), f"fdatasync after 4 KiB: median {sync:.3f} ms, p99 {late:.3f} ms.",
        f"Of 200 messages {proof['seen_at_once']} were counted by a POP3 session that began right "
        "after Hamlet's 250."])


def cold_and_warm(table, sides):
    """Opening a maildrop of 10,000: after a restart with empty caches of files, and again."""
    times = {}
    can_drop = os.access("/proc/sys/vm/drop_caches", os.W_OK)
    for side in sides:
        cold = []
        for _ in range(3):
            side.stop()
            os.sync()
            try:
                pathlib.Path("/proc/sys/vm/drop_caches").write_text("1")
            except OSError:
                can_drop = False
            side.start()
            cold.append(load("pop3", port=side.port["pop3"], count=1, accounts=1))
        warm = [load("pop3", port=side.port["pop3"], count=20, accounts=1)]
        times[side.title] = [median(cold, "max_ms"), median(warm, "median_ms")]
    ours, theirs = (times[x] for x in (peers.Hamlet.title, peers.Peer.title))
    for n, name in enumerate(("cold", "warm")):
        bar = f"< 50: {'yes' if ours[0] < 50 else 'no'}" if n == 0 else ""
        table.row(f"maildrop of 10,000, {name}, ms", number(ours[n]), number(theirs[n]),
                  f"{theirs[n] / ours[n]:.1f}", bar, "", "", "", "", "")
    return can_drop


def bench_pop3(quick):
    accounts, rounds, seconds = 100, 1 if quick else 3, 2
    table = Table(*COMPARISON)
    with peers.Hamlet(accounts) as ours, peers.Peer(accounts) as theirs:
        sides = [ours.start(), theirs.start()]

        def fill(side, **options):
            load("smtp", port=side.port["smtp"], pop3_port=side.port["pop3"], connections=20,
                 **options)

        def sessions(**options):
            return alternate(sides, rounds, lambda side: measured(
                side, "pop3", port=side.port["pop3"], **options))

        def fill_and_remove(side):
            fill(side, accounts=accounts, count=accounts * 10)
            return measured(side, "pop3", port=side.port["pop3"], accounts=accounts,
                            count=accounts, connections=20, retrieve=10, remove=1)

        for side in sides:
            fill(side, accounts=accounts, count=accounts * 10)
        usual = {"accounts": accounts, "connections": 20, "seconds": seconds}
        compare(table, "sessions/s, login STAT UIDL QUIT", sessions(**usual), "per_second", 5)
        compare(table, "sessions/s, and 10 RETR of 4 KiB", sessions(**usual, retrieve=10),
                "per_second", 5)
        for side in sides:  # the first removal finds the ten of above
            load("pop3", port=side.port["pop3"], accounts=accounts, count=accounts,
                 connections=20, retrieve=10, remove=1)
        compare(table, "sessions/s, and DELE of each", alternate(sides, rounds, fill_and_remove),
                "per_second", 5)
        for side in sides:
            fill(side, accounts=4, count=20, size=1 << 20)
        before = peers.memory_kib(ours.pids())
        compare(table, "RETR of 1 MiB, MB/s",
                sessions(accounts=4, connections=4, seconds=seconds, retrieve=5), "mb_per_second", 2)
        grown = peers.memory_kib(ours.pids()) - before
        notes = [about(quick), f"Hamlet grew by {grown:,} KiB while 1 MiB messages were read."]
        if not quick:
            for side in sides:
                load("pop3", port=side.port["pop3"], accounts=4, count=4, connections=4,
                     retrieve=5, remove=1)
                fill(side, accounts=1, count=10_000)
            dropped = cold_and_warm(table, sides)
            notes.append("Cold: after a restart" + (
                " with the kernel's cache of files dropped." if dropped else
                "; the kernel's cache of files could not be dropped."))
    table.write("pop3", notes)


def hello_time(port, words, lines):
    """A new client: connect, greeting, one command, QUIT."""
    begin = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), 10) as s:
        stream = s.makefile("rwb")
        stream.readline()
        stream.write(words + b"QUIT\r\n")
        stream.flush()
        for _ in range(lines):
            stream.readline()
    return time.monotonic() - begin


class Held:
    """Idle connections, held by a process of their own."""

    def __init__(self, **options):
        words = [str(x) for pair in options.items() for x in pair]
        self.process = subprocess.Popen([PROGRAMS / "hamlet_load", "idle", *words], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError(f"idle {words}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(60)


def bench_idle(quick):
    table = Table("what", "connections", "KiB each", "bar", "new client, slowest of 20, ms")
    many = 1000 if quick else 10_000
    with peers.Hamlet(1) as ours, peers.Peer(1) as theirs:
        cases = [(ours, "smtp", many, 0, 4), (ours, "submissions", many, 1, 20),
                 (ours, "pop3", many, 0, 4), (ours, "pop3s", many, 1, 20),
                 (theirs, "smtp", 100, 0, None), (theirs, "submissions", 100, 1, None),
                 (theirs, "pop3", many, 0, None), (theirs, "pop3s", many, 1, None)]
        for side, service, count, tls, bar in cases:
            side.start()
            is_smtp = "s" == service[0]
            hello = "EHLO idle.test" if is_smtp else ""
            options = {"port": side.port[service], "tls": tls} | ({"hello": hello} if hello else {})
            with Held(connections=count // 10, **options):
                before = peers.memory_kib(side.pids())
                with Held(connections=count, **options):
                    time.sleep(2)
                    each = (peers.memory_kib(side.pids()) - before) / count
                    plain = side.port["smtp" if is_smtp else "pop3"]
                    slowest = max(hello_time(plain, b"", 1) for _ in range(20)) * 1000
            side.stop()
            name = {"Hamlet": "Hamlet"}.get(side.title, "Postfix" if is_smtp else "Dovecot")
            table.row(f"{name}, {service}", f"{count:,}", f"{each:.1f}",
                      bar and f"≤ {bar}: {'yes' if each <= bar else 'no'}" or "",
                      f"{slowest:.1f}")
    table.write("idle", [about(quick), "PSS of all processes of the server."])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=("smtp", "pop3", "idle", "irc", "cluster"))
    parser.add_argument("--quick", action="store_true", help="one round, the main rows only")
    parser.add_argument("--part", action="append", choices=cluster_bench.PARTS,
                        help="of cluster: only this one")
    parser.add_argument("--rounds", type=int, help="of cluster: so many, instead of 3")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # which ends what was started
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if chosen.name == "cluster":
        cluster_bench.bench(load, chosen.quick, chosen.part, chosen.rounds)
    else:
        {"smtp": bench_smtp, "pop3": bench_pop3, "idle": bench_idle,
         "irc": irc.bench}[chosen.name](chosen.quick)


if __name__ == "__main__":
    main()
