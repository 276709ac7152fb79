# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL as an operator would have it: db1 takes writes, db2 is its synchronous standby; TLS
and passwords."""
import os
import pathlib
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time

BIN = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), default=pathlib.Path("/usr/bin"))
PORT = 5432
PATIENCE = 60
ROLES = ("postgres", "replicator", "hamlet")
SETTINGS = """
unix_socket_directories = ''
port = {port}
ssl = on
ssl_cert_file = 'server.pem'
ssl_key_file = 'server.key'
password_encryption = 'scram-sha-256'
max_connections = 200
shared_buffers = 64MB
wal_keep_size = 512MB
synchronous_commit = on
"""
ACCESS = """
hostssl all         all        {network}.0/24 scram-sha-256
hostssl replication replicator {network}.0/24 scram-sha-256
"""


class Failed(Exception):
    pass


class Pair:
    names = ("db1", "db2")

    def __init__(self, folder, net, keeper, papers):
        self.net, self.keeper, self.papers, self.folder = net, keeper, papers, folder
        self.primary, self.standby = self.names
        self.user = ()
        self.owner = None  # of its files, where that is not who calls
        if os.geteuid() == 0:  # it refuses to be root
            who = pwd.getpwnam("postgres")
            self.owner = (who.pw_uid, who.pw_gid)
            self.user = ("setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups", "--")
        self.home = self._home()
        self.user = (*self.user, "env", f"HOME={self.home}")  # not that of root, which it cannot read
        self.passwords = {role: secrets.token_urlsafe(18) for role in ROLES}
        self.ca = self.home / "ca.pem"
        shutil.copy(papers.ca, self.ca)
        self.ca.chmod(0o644)
        self.passfile = self.home / "passwords"
        self._own(self.passfile, "".join(f"*:*:*:{role}:{x}\n" for role, x in self.passwords.items()))

    def _home(self):
        """A place that the user postgres can reach: the project's folder may be private."""
        made = self.folder / "postgresql"
        made.mkdir()
        if self.owner:
            os.chown(made, *self.owner)
            made.chmod(0o700)
            if subprocess.run([*self.user, "test", "-w", made], check=False).returncode != 0:
                made.rmdir()
                elsewhere = tempfile.mkdtemp(prefix="hamlet-cluster-", dir="/var/tmp")
                os.chown(elsewhere, *self.owner)
                made.symlink_to(elsewhere)
        return made.resolve()

    def _own(self, path, text):
        path.write_text(text)
        path.chmod(0o600)
        if self.owner:
            os.chown(path, *self.owner)

    def _run(self, name, *words, stdin=None):
        """As the user of the database, on one of its hosts."""
        done = subprocess.run([*self.net.within(name), *self.user, *map(str, words)], input=stdin, text=True,
                              capture_output=True, check=False, cwd="/",
                              env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PGPASSFILE": str(self.passfile)})
        if done.returncode != 0:
            raise Failed(f"{name}: {' '.join(map(str, words))}: {done.stderr.strip()}")
        return done.stdout

    def conninfo(self, name, role, database):
        return (f"host={self.net.address(name)} port={PORT} user={role} dbname={database} sslmode=verify-full "
                f"sslrootcert={self.ca} passfile={self.passfile} connect_timeout=5")

    def sql(self, statement, name=None, role="postgres", database="postgres"):
        name = name or self.primary
        return self._run(name, BIN / "psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-d",
                         self.conninfo(name, role, database), "-f", "-", stdin=statement).strip()

    def psql(self):
        """Words of a terminal on the one that takes writes."""
        return [*self.net.within(self.primary), BIN / "psql", self.conninfo(self.primary, "postgres", "hamlet")]

    def make(self):
        """Both, with an empty database that belongs to the role hamlet."""
        data = self.home / self.primary
        first = self.home / "first-password"
        self._own(first, self.passwords["postgres"])
        self._run(self.primary, BIN / "initdb", "--no-sync", "-U", "postgres", f"--pwfile={first}", "--auth=scram-sha-256",
                  "-E", "UTF8", "--locale=C.UTF-8", "-D", data)
        first.unlink()
        with open(data / "postgresql.conf", "a", encoding="utf-8") as out:
            out.write(SETTINGS.format(port=PORT))
        with open(data / "pg_hba.conf", "a", encoding="utf-8") as out:
            out.write(ACCESS.format(network=self.net.network))
        self.start(self.primary)
        self.sql(f"CREATE ROLE replicator LOGIN REPLICATION PASSWORD '{self.passwords['replicator']}';\n"
                 f"CREATE ROLE hamlet LOGIN PASSWORD '{self.passwords['hamlet']}';\n"
                 "GRANT pg_read_all_stats TO hamlet;\n"  # to see its standbys
                 "CREATE DATABASE hamlet OWNER hamlet ENCODING 'UTF8' TEMPLATE template0;\n")
        self.copy_to(self.standby)

    def copy_to(self, name):
        """Makes `name` the synchronous standby of the one that takes writes."""
        data = self.home / name
        shutil.rmtree(data, ignore_errors=True)
        self._run(name, BIN / "pg_basebackup", "--write-recovery-conf", "--checkpoint=fast", "--no-sync", "-D", data,
                  "-d", self.conninfo(self.primary, "replicator", "replication"))
        self.start(name)
        self.sql("ALTER SYSTEM RESET synchronous_standby_names", name)
        self._wait(f"{name} does not follow", lambda: name in self.sql(
            "SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'"))
        self.depend_on(name)
        self._wait(f"{name} is not synchronous", lambda: "sync" in self.sql(
            "SELECT sync_state FROM pg_stat_replication").split())

    def states(self):
        """As far as they answer: {name: what it is}."""
        found = {}
        for name in self.names:
            try:
                found[name] = self.sql("SELECT CASE WHEN pg_is_in_recovery() THEN 'follows' ELSE 'takes writes; "
                                       "COMMIT waits for: ' || coalesce(nullif(current_setting("
                                       "'synchronous_standby_names'), ''), 'its own disk alone') END", name)
            except Failed:
                found[name] = "does not answer"
        return found

    def depend_on(self, standby):
        """COMMIT waits for this standby. "": for the disk alone."""
        self.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{standby}';\nSELECT pg_reload_conf();\n")

    def start(self, name):
        data = self.home / name
        for file, text in (("server.pem", self.papers.database_chain), ("server.key", self.papers.database_key)):
            self._own(data / file, text)
        # What differs between the two is on the line: the files are copied from one to the other.
        words = [*self.user, BIN / "postgres", "-D", data, "-c", f"listen_addresses={self.net.address(name)}",
                 "-c", f"cluster_name={name}"]
        # One that was killed may have left workers, which go in a moment and are waited for.
        self._wait(f"{name} does not start: see {name}.log", lambda: self._try(name, words))

    def _try(self, name, words):
        if not self.keeper.is_up(name):
            self.keeper.start(name, words, self.net.within(name), cwd="/")
        return self._is_ready(name)

    def _is_ready(self, name):
        words = [*self.net.within(name), BIN / "pg_isready", "-q", "-h", self.net.address(name), "-p", str(PORT)]
        return subprocess.run(words, check=False).returncode == 0

    def stop(self, name):
        return self.keeper.end(name, signal.SIGINT)  # clients are sent away

    def promote(self):
        """The standby takes writes from here on. The old one, if it still runs, is ended first: two
        that take writes would be two communities."""
        if not self.standby:
            raise Failed(f"{self.primary} has no standby: `rejoin` makes one")
        if self.keeper.is_up(self.primary):
            self.keeper.end(self.primary, signal.SIGKILL)
        old, self.primary = self.primary, self.standby
        self.standby = None
        self._run(self.primary, BIN / "pg_ctl", "promote", "-w", "-D", self.home / self.primary)
        return old

    def rejoin(self):
        """The one that has been left behind becomes the standby: its own copy may hold what nobody has
        acknowledged, so it is thrown away."""
        name = next(x for x in self.names if x != self.primary)
        self.stop(name)
        self.copy_to(name)
        self.standby = name
        return name

    def close(self):
        for name in reversed(self.names):
            self.stop(name)
        if (self.folder / "postgresql").is_symlink():
            shutil.rmtree(self.home, ignore_errors=True)
            (self.folder / "postgresql").unlink()

    @staticmethod
    def _wait(what, condition):
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise Failed(what)
            time.sleep(0.1)
