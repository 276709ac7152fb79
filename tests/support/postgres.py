# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL of the tests' own: in a fresh folder, on a socket there, gone when they end.

run          prints the folder; ends when its input does, however its parent ends
start FILE   the same for a whole run of ctest, which it watches; the folder is in FILE
stop FILE
"""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

BIN = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), default=pathlib.Path("/usr/bin"))

SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
max_connections = 200
shared_buffers = 32MB
logging_collector = off
autovacuum = off
deadlock_timeout = 50ms
"""
# What is tested is not the disk of this machine. HAMLET_POSTGRES_FSYNC=1: for measurements.
FAST = """
fsync = off
full_page_writes = off
"""


class server:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="hamlet-pg-", dir="/tmp")
        self.data = os.path.join(self.folder, "data")
        self.user = {}
        if os.geteuid() == 0:  # it refuses to run as root
            who = pwd.getpwnam("postgres")
            os.chown(self.folder, who.pw_uid, who.pw_gid)
            self.user = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
        subprocess.run(
            [BIN / "initdb", "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
             "--username=hamlet", "--pgdata", self.data],
            check=True, stdout=subprocess.DEVNULL, cwd="/", **self.user)
        settings = SETTINGS.format(folder=self.folder)
        if not os.environ.get("HAMLET_POSTGRES_FSYNC"):
            settings += FAST
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="ascii") as out:
            out.write(settings)
        with open(os.path.join(self.folder, "log"), "wb") as log:
            self.process = subprocess.Popen(
                [BIN / "postgres", "-D", self.data], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, cwd="/", start_new_session=True, **self.user)
        self.wait()

    def wait(self):
        for _ in range(600):
            ready = subprocess.run(
                [BIN / "pg_isready", "-q", "-h", self.folder], check=False).returncode == 0
            if ready:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        text = pathlib.Path(self.folder, "log").read_text(encoding="utf-8", errors="replace")
        self.stop()
        sys.exit("PostgreSQL does not start:\n" + text)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def run():
    mine = server()
    for word in (signal.SIGTERM, signal.SIGINT):
        signal.signal(word, lambda *_: (mine.stop(), sys.exit(0)))
    try:
        print(mine.folder, flush=True)
        sys.stdin.buffer.read()
    finally:
        mine.stop()


def start(file):
    stop(file)
    ctest = os.getppid()
    ready, tell = os.pipe()
    if os.fork():
        os.close(tell)
        text = os.read(ready, 4096)
        sys.exit(0 if text else "PostgreSQL does not start")
    os.close(ready)
    os.setsid()
    mine = server()
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    with open(file, "w", encoding="utf-8") as out:
        out.write(f"{mine.folder}\n{os.getpid()}\n")
    os.write(tell, b"ready")
    os.close(tell)
    null = os.open(os.devnull, os.O_RDWR)
    for n in range(3):
        os.dup2(null, n)  # else ctest would wait for the end of our output
    while not over.wait(1) and os.path.exists(f"/proc/{ctest}"):
        pass
    mine.stop()


def stop(file):
    try:
        pid = int(pathlib.Path(file).read_text(encoding="utf-8").split()[1])
        command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, IndexError, ValueError):
        return
    pathlib.Path(file).unlink(missing_ok=True)
    if b"postgres.py" not in command:
        return
    os.kill(pid, signal.SIGTERM)
    for _ in range(200):
        try:
            if not pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
                return  # it waits for its parent
        except OSError:
            return
        time.sleep(0.05)


if __name__ == "__main__":
    {"run": run, "start": start, "stop": stop}[sys.argv[1]](*sys.argv[2:])
