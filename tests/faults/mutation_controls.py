#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mutation_controls.py [RULE...]: can the checker fail at all? Each program in bin/mutants has one
promise broken (lib/base/mutation.hpp); the same run that the real one passes must find each."""
import os
import pathlib
import re
import signal
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
MUTANTS = pathlib.Path(os.environ["HAMLET_BIN"]).parent / "mutants"

# What to run, and what it must complain of. A kill alone cannot show a missing fsync: the kernel
# still has the pages. A slow disk gives an early answer the time to reach the client.
CONTROLS = {
    "no_fsync": (["--cut"], "is lost|did not start|malformed"),
    "no_blob_fsync": (["--cut"], "cannot be read|is not what was sent"),
    "answer_before_commit": (["--slow", "20"], "is lost|cannot be read"),
    "no_dedup": ([], r"\bt[0-9a-f]{16} is there (more than )?\d+ times"),
    "no_resend": ([], "times|came back"),
    "quit_rule": ([], "is lost"),
}
# Of several nodes: the injuries of its rounds, and the complaint. The second round is for a machine so
# busy that the node gives its transactions up before others have taken over.
CLUSTER = {
    "no_fence": (["late", "late"], "deleted by one whose lock was another one's"),
}
LIMIT = 170  # seconds


def end(run, is_guarded):
    """With all that it has started: servers of a cluster are in groups of their own (guardian.py)."""
    if is_guarded:
        run.terminate()
    else:
        os.killpg(run.pid, signal.SIGKILL)
    return run.communicate()[0]


def control(rule):
    if rule in CLUSTER:
        program, (arguments, complaint) = ["cluster_faults.py"], CLUSTER[rule]
    else:
        program, (arguments, complaint) = ["kill_under_load.py", "--rounds", "10"], CONTROLS[rule]
    run = subprocess.Popen([HERE / program[0], *program[1:], *arguments], text=True, start_new_session=True,
                           env={**os.environ, "HAMLET_BIN": str(MUTANTS / f"hamlet_{rule}")},
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        said, complained = run.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        said = end(run, rule in CLUSTER)
        print(f"{rule}: NOT FOUND, for the run does not end ({said[-2000:]})", flush=True)
        return False
    found = [x for x in said.splitlines() if x.startswith("FAULT")]
    is_found = run.returncode == 1 and any(re.search(complaint, x) for x in found)
    rounds = sum(x.startswith("round") for x in said.splitlines())
    print(f"{rule}: {'found' if is_found else 'NOT FOUND'} in round {rounds}"
          f" ({found[0] if found else (said + complained)[-2000:]})", flush=True)
    return is_found


if __name__ == "__main__":
    sys.exit(not all([control(x) for x in sys.argv[1:] or [*CONTROLS, *CLUSTER]]))
