# SPDX-License-Identifier: Apache-2.0
"""Processes that are started, watched and ended. Each has a file that says who it is, so that a
later start finds what an earlier one left behind when it was killed."""
import os
import pathlib
import signal
import subprocess
import time

import net

POLL = 0.05


def started_at(pid):
    """Of a living process; None: it is gone, or waits only for its parent. With the number it tells
    one process from every other one since the machine's start."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


class Keeper:
    def __init__(self, folder):
        self.folder = folder
        self.files = folder / "pids"
        self.children = {}
        self.expected = set()  # ended by an order

    def start(self, name, words, within=(), fds=(), cwd=None, log=None):
        """@param within Words of net.within()."""
        self.expected.discard(name)
        with open(log or self.folder / f"{name}.log", "ab") as out:
            child = subprocess.Popen([*within, *map(str, words)], stdin=subprocess.DEVNULL, stdout=out,
                                     stderr=out, pass_fds=fds, cwd=cwd or self.folder, start_new_session=True)
        self.children[name] = child
        self.files.mkdir(exist_ok=True)
        (self.files / name).write_text(f"{child.pid} {started_at(child.pid)}\n")
        return child

    def is_up(self, name):
        return name in self.children and self.children[name].poll() is None

    def pid(self, name):
        return self.children[name].pid if self.is_up(name) else None

    def end(self, name, word=signal.SIGTERM, patience=60):
        """@return its exit status; None: it does not run."""
        if not self.is_up(name):
            return None
        self.expected.add(name)
        child = self.children[name]
        child.send_signal(signal.SIGCONT)
        child.send_signal(word)
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        (self.files / name).unlink(missing_ok=True)
        return child.returncode

    def deaths(self):
        """Processes that ended without an order, each once."""
        for name, child in self.children.items():
            if name not in self.expected and child.poll() is not None:
                self.expected.add(name)
                (self.files / name).unlink(missing_ok=True)
                yield name, child.returncode


def processes_left(folder):
    """By the files of an earlier run: (file, process)."""
    for file in sorted((folder / "pids").glob("*")):
        pid, start = file.read_text().split()
        if started_at(pid) == start:
            yield file, int(pid)


def clean(folder):
    """Ends what is left of an earlier run, and nothing else."""
    left = list(processes_left(folder))
    for _, pid in left:
        os.kill(pid, signal.SIGKILL)
    _until(lambda: not list(processes_left(folder)))
    file = folder / "namespaces"
    names = file.read_text().split() if file.exists() else []
    # Children of those, such as the workers of PostgreSQL, end by themselves when their parent is
    # gone; nobody but this cluster is in its namespaces.
    if not _until(lambda: not any(net.processes(x) for x in names), 5):
        for pid in {x for name in names for x in net.processes(name)}:
            os.kill(pid, signal.SIGKILL)
    for name in reversed(names):
        net.remove(name)
    file.unlink(missing_ok=True)
    for found in (folder / "pids").glob("*"):
        found.unlink()
    return [x.name for x, _ in left], names


def _until(condition, patience=10):
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(POLL)
    return True
