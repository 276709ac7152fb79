#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill_under_load.py [--rounds N] [--seed S] [--cut]: mail goes in and out, the node dies at some
moment, comes back on the same folder, and everything is read back: what was acknowledged is there
once, what was refused or deleted is not.

--stop  SIGTERM instead of SIGKILL.
--cut   The power goes instead of the process: only what was synced is there afterwards.
--slow  Milliseconds that each fsync takes longer."""
import argparse
import pathlib
import random
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parent.parent / "support")]
from bad_disk import BadDisk
from checker import Ledger, check_files, read_back
from live_node import Node
from mail_load import ACCOUNTS, SETTINGS, Load, only, send_again


def new_node():
    node = Node(SETTINGS)
    for name, password in ACCOUNTS.items():
        node.add_account(name, password)
    return node


def one_round(node, ledger, seed, wait, is_gentle, disk):
    load = Load(only(node), ledger, seed)
    time.sleep(wait)
    if is_gentle and (status := node.stop(60)) != 0:
        ledger.fault(f"SIGTERM: exit status {status}")
    elif not is_gentle:
        node.kill()
    again = load.end()
    if disk and disk.has_shadow:
        disk.cut_power()
    check_files(node, ledger)
    began = time.monotonic()
    try:
        node.start()
    except AssertionError as why:
        ledger.fault(str(why))
        return time.monotonic() - began
    took = time.monotonic() - began
    if took > 30:
        ledger.fault(f"back after {took:.1f} s")
    read_back(node, ledger, ACCOUNTS)
    if not ledger.faults:
        send_again(node, ledger, again)
    return took


def report(ledger, seed, times):
    for fault in ledger.faults[:20]:
        print("FAULT", fault)
    counts = ledger.counts
    print(f"seed {seed}: " + ", ".join(
        f"{counts[x]} {x}" for x in ("acknowledged", "refused", "unanswered", "sent again", "deleted",
                                     "deletions unanswered", "lost", "doubled"))
          + f", {len(ledger.faults)} faults")
    if times:
        print(f"{len(times)} rounds, back in {min(times):.2f} to {max(times):.2f} s")
    return 1 if ledger.faults else 0


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options.add_argument("--cut", action="store_true")
    options.add_argument("--stop", action="store_true")
    options.add_argument("--slow", type=int, default=0)
    chosen = options.parse_args()
    print("seed", chosen.seed, flush=True)
    dice, ledger, times = random.Random(chosen.seed), Ledger(), []
    with new_node() as node:
        disk = BadDisk(node, shadow=chosen.cut, slow=chosen.slow) if chosen.cut or chosen.slow else None
        node.start()
        for number in range(chosen.rounds):
            times.append(one_round(node, ledger, f"{chosen.seed}.{number}", dice.uniform(0.7, 2),
                                   chosen.stop, disk))
            print(f"round {number + 1}: {ledger.counts['acknowledged']} acknowledged, "
                  f"back in {times[-1]:.2f} s, {len(ledger.faults)} faults", flush=True)
            if ledger.faults:
                break
        else:
            read_back(node, ledger, ACCOUNTS)  # the resends of the last round, too
    return report(ledger, chosen.seed, times)


if __name__ == "__main__":
    sys.exit(main())
