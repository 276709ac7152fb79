#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""disk_errors.py [--rounds N] [--seed S]: an fsync that fails ends the node, and nothing that it
acknowledged is lost; a full disk is answered 452 or 451, and when there is room the node goes on."""
import argparse
import os
import pathlib
import random
import subprocess
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parent.parent / "support")]
from bad_disk import BadDisk
from checker import NO, YES, Ledger, octets_of, read_back
from kill_under_load import new_node, report
from mail_load import ACCOUNTS, Load, Mail, connect, only, send, send_again


def fsync_fails(dice, ledger, where):
    """The pages of a failed fsync are gone, so afterwards the power is cut, too."""
    with new_node() as node:
        disk = BadDisk(node, shadow=True)
        node.start()
        load = Load(only(node), ledger, dice.random())
        time.sleep(dice.uniform(0.3, 1))
        disk.begin("fsync_fails", where)
        began = time.monotonic()
        try:
            status = node.process.wait(30)
        except subprocess.TimeoutExpired:
            status = None
        took = time.monotonic() - began
        node.kill()
        again = load.end()
        told = [x for x in node.log if " lost " in x or "store lost" in x]
        if not status or status < 0 or len(told) != 1:
            ledger.fault(f"fsync failed on {where or 'all files'}: exit status {status}, log {told}")
        disk.end("fsync_fails")
        disk.cut_power()
        node.start()
        read_back(node, ledger, ACCOUNTS)
        send_again(node, ledger, again)
        read_back(node, ledger, ACCOUNTS)
    print(f"fsync fails on {where or 'all files'}: ended with {status} after {took:.2f} s", flush=True)


def of_size(dice, is_large):
    while True:
        mail = Mail(dice, "client.test", None)
        if (len(octets_of(mail.token)) > 65536) == is_large:
            return mail


def expect_full(node, ledger, dice, fill, make_room):
    """One client before, while and after there is no room."""
    client = connect(node, of_size(dice, False))
    codes = []
    for wanted, number in ((YES, 4), (NO, 12), (YES, 4)):
        if wanted == NO:
            fill()
        elif codes:
            make_room()
        for n in range(number):
            if send(client, of_size(dice, n % 3 == 0), ledger) != wanted:
                ledger.fault(f"disk full: {wanted} expected, got {client.last}")
            if wanted == NO:
                codes.append(client.last[:9].decode())
    if not set(codes) <= {"452 4.3.1", "451 4.3.0"}:
        ledger.fault(f"disk full: {codes}")
    client.close()
    read_back(node, ledger, ACCOUNTS)
    return codes


def disk_is_full(dice, ledger):
    with new_node() as node:
        disk = BadDisk(node)
        node.start()
        codes = expect_full(node, ledger, dice, lambda: disk.begin("disk_full"),
                            lambda: disk.end("disk_full"))
        load = Load(only(node), ledger, dice.random())
        for _ in range(5):
            time.sleep(dice.uniform(0.05, 0.3))
            disk.begin("disk_full", dice.choice(("", "hamlet.db-wal", "blobs")))
            time.sleep(dice.uniform(0.05, 0.3))
            disk.end("disk_full")
        again = load.end()
        if node.process.poll() is not None:
            ledger.fault("disk full: the node has ended\n" + "".join(node.log[-3:]))
        else:
            send_again(node, ledger, again)
        node.kill()
        node.start()
        read_back(node, ledger, ACCOUNTS)
    print(f"disk full: {dict((x, codes.count(x)) for x in codes)}", flush=True)


def small_disk(dice, ledger):
    """A real file system without room. @returns False when there cannot be one."""
    with new_node() as node:
        data, kept = node.folder / "data", node.folder / "kept"
        data.rename(kept)
        data.mkdir(mode=0o700)
        if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=0700", "none",
                                           data], capture_output=True).returncode:
            print("SKIPPED: a small disk needs root and mount", flush=True)
            return
        try:
            subprocess.run(["cp", "-a", f"{kept}/.", data], check=True)
            node.start()
            ballast = data / "ballast"

            def fill():
                with open(ballast, "wb", buffering=0) as file:
                    try:
                        while file.write(bytes(4096)) == 4096:
                            pass
                    except OSError:
                        pass

            # What SQLite has laid out already can still be filled.
            codes = expect_full_soon(node, ledger, dice, fill, ballast.unlink)
            node.kill()
        finally:
            subprocess.run(["umount", data], check=True)
    print(f"small disk: {dict((x, codes.count(x)) for x in codes)}", flush=True)


def expect_full_soon(node, ledger, dice, fill, make_room):
    client = connect(node, of_size(dice, False))
    send(client, of_size(dice, True), ledger)
    fill()
    codes = []
    while len(codes) < 300 and sum(x[0] == "4" for x in codes) < 12:
        send(client, of_size(dice, len(codes) % 2 == 0), ledger)
        codes.append(client.last[:9].decode())
    if not set(codes) <= {"452 4.3.1", "451 4.3.0", "250 2.0.0"} or len(codes) == 300:
        ledger.fault(f"small disk: {codes}")
    read_back(node, ledger, ACCOUNTS)
    make_room()
    for n in range(4):
        if send(client, of_size(dice, n % 2 == 0), ledger) != YES:
            ledger.fault(f"small disk: there is room again, and {client.last}")
    client.close()
    read_back(node, ledger, ACCOUNTS)
    return codes


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=1)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    chosen = options.parse_args()
    print("seed", chosen.seed, flush=True)
    dice, faults = random.Random(chosen.seed), 0
    for _ in range(chosen.rounds):
        for injury in (lambda x: fsync_fails(dice, x, "hamlet.db-wal"), lambda x: fsync_fails(dice, x, "blobs"),
                       lambda x: fsync_fails(dice, x, ""), lambda x: disk_is_full(dice, x),
                       lambda x: small_disk(dice, x)):
            ledger = Ledger()
            injury(ledger)
            faults += report(ledger, chosen.seed, [])
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
