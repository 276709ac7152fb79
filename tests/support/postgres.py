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
max_connections = 200
max_wal_senders = 4
wal_retrieve_retry_interval = 200ms
dynamic_shared_memory_type = mmap
include_if_exists = 'copies.conf'
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
    """@param copy_of Another one, of which this becomes a standby.
    @param folder The one of a server that is gone, whose place this takes.
    @param environment More of it."""

    def __init__(self, copy_of=None, folder=None, environment=None):
        self.folder = folder or tempfile.mkdtemp(prefix="hamlet-pg-")
        self.data = os.path.join(self.folder, "data")
        self.environment = {**os.environ, **(environment or {})}
        self.user = {}
        if os.geteuid() == 0:  # it refuses to run as root
            who = pwd.getpwnam("postgres")
            os.chown(self.folder, who.pw_uid, who.pw_gid)
            self.user = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
        if copy_of:
            self._run("pg_basebackup", "-h", copy_of.folder, "-U", "hamlet", "-D", self.data,
                      "--write-recovery-conf", "--checkpoint=fast", "--no-sync")
        else:
            self._make()
        self.begin()

    def _run(self, *words):
        subprocess.run([BIN / words[0], *words[1:]], check=True, stdout=subprocess.DEVNULL, cwd="/",
                       **self.user)

    def _make(self):
        self._run("initdb", "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
                  "--username=hamlet", "--pgdata", self.data)
        settings = SETTINGS
        if not os.environ.get("HAMLET_POSTGRES_FSYNC"):
            settings += FAST
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="ascii") as out:
            out.write(settings)

    def begin(self):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen(
                [BIN / "postgres", "-D", self.data, "-k", self.folder], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, cwd="/", start_new_session=True, env=self.environment,
                **self.user)
        self.wait()

    def crash(self):
        """Ends at once, as after a failure of its own: what was committed is in its log."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()

    def kill(self):
        """As if its machine had gone."""
        memory = pathlib.Path(self.data, "postmaster.pid").read_text(encoding="ascii").split("\n")[6]
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        subprocess.run(["ipcrm", "-m", memory.split()[1]], check=False, stderr=subprocess.DEVNULL)

    def ask(self, statement):
        done = subprocess.run(["psql", "-qAtX", "-h", self.folder, "-U", "hamlet", "-d", "postgres",
                               "-c", statement], check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout.strip()

    def wait_for_copy(self, does):
        """Does a COMMIT wait until a standby has it?"""
        pathlib.Path(self.data, "copies.conf").write_text(
            f"synchronous_standby_names = '{'*' if does else ''}'\n", encoding="ascii")
        os.chmod(os.path.join(self.data, "copies.conf"), 0o644)
        self.process.send_signal(signal.SIGHUP)

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


class Pair:
    """A primary and its synchronous standby. Clients find the primary by the names of both."""

    def __init__(self, environment=None):
        self._environment = environment
        self.primary = server(environment=environment)
        self._gone = tempfile.mkdtemp(prefix="hamlet-pg-")
        self._standby = None
        self.folders = self.primary.folder, self._gone
        self.mend()

    def fail_over(self):
        """The primary is gone, and the standby becomes it; for now it has none itself."""
        self.primary.kill()
        heir, self._standby = self._standby, None
        heir.wait_for_copy(False)
        heir.ask("SELECT pg_promote(true, 60)")
        self.primary, self._gone = heir, self.primary.folder

    def mend(self):
        """A new standby takes the place of who has gone."""
        shutil.rmtree(os.path.join(self._gone, "data"), ignore_errors=True)
        self._standby = server(self.primary, self._gone, self._environment)
        self.primary.wait_for_copy(True)
        for _ in range(600):
            if self.primary.ask("SELECT count(*) FROM pg_stat_replication "
                                "WHERE sync_state IN ('sync', 'quorum')") == "1":
                return
            time.sleep(0.05)
        raise AssertionError("the standby does not follow")

    def stop(self):
        for one in (self.primary, self._standby):
            if one:
                one.stop()
        shutil.rmtree(self._gone, ignore_errors=True)


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
