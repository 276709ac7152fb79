# SPDX-License-Identifier: Apache-2.0
"""A node for tests: the real program on free ports of 127.0.0.1, in a folder of its own.

    with Node() as node:
        node.add_account("alice", "secret")
        node.start()
        smtplib.SMTP("127.0.0.1", node.port["smtp"])

The program is $HAMLET_BIN. With HAMLET_STORE=postgresql each node has a database of its own, on the
server that ctest has started or else on one that this process starts."""
import atexit
import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import postgres  # pylint: disable=wrong-import-position

DOMAIN = "here.test"
SERVICES = ("smtp", "submission", "submissions", "pop3", "pop3s", "irc", "ircs",
            "irc_websocket", "irc_websockets", "admin")
# Hashing as cheap as the settings allow: these tests are about other things.
QUICK = {"accounts": ['argon2_memory = "8MiB"', "argon2_ops = 1", 'failed_login_delay = "0s"'],
         "shutdown": ['grace = "5s"']}
LISTENING = re.compile(r" listening service=(\w+) address=\S+ port=(\d+)")


def merged(*settings):
    """Settings by section; the later ones win."""
    found = {}
    for one in settings:
        for section, lines in one.items():
            keys = {x.split("=")[0].strip() for x in lines}
            kept = [x for x in found.get(section, []) if x.split("=")[0].strip() not in keys]
            found[section] = kept + list(lines)
    return found


def server_folder():
    """Where the socket of a PostgreSQL is."""
    file = pathlib.Path(os.environ["HAMLET_BIN"]).parent.parent / "postgresql.run"
    if file.exists():
        folder = file.read_text(encoding="utf-8").split()[0]
        if os.path.exists(folder):
            return folder
    if not _own:
        _own.append(postgres.server())
        atexit.register(_own[0].stop)
    return _own[0].folder


_own = []


def literal(value):
    """As SQL of PostgreSQL."""
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'"
    return "NULL" if value is None else str(int(value))


class Node:
    """@param settings More lines of TOML by section: {"smtp": ["max_message = 100000"]}.
    @param copy_of A node that is down: its store is where this one begins. `folder` has a copy of
        its data already."""

    def __init__(self, settings=None, program=None, folder=None, environment=None, copy_of=None):
        self.program = str(program or os.environ["HAMLET_BIN"])
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="hamlet-"))
        self._owns_folder = folder is None
        self.environment = {**os.environ, **(environment or {})}
        self.port = {}
        self.process = None
        self.log = []
        self.database = None
        if self.environment.get("HAMLET_STORE") == "postgresql" and "store" not in (settings or {}):
            name = "n_" + hashlib.sha256(str(self.folder).encode()).hexdigest()[:20]
            self.database = (server_folder(), name)
        is_new = not (self.folder / "data").exists()
        if self.database and (is_new or copy_of):
            what = f"TEMPLATE {copy_of.database[1]}" if copy_of else "ENCODING 'UTF8'"
            self._psql("postgres", f"CREATE DATABASE {name} {what}")
        self.given = settings or {}
        self._write_settings(self.given)
        if is_new or not self.database and not (self.folder / "data" / "hamlet.db").exists():
            self.run("domain", "add", DOMAIN)

    def _psql(self, database, commands):
        done = subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-h", self.database[0],
                               "-U", "hamlet", "-d", database, "-f", "-"],
                              check=True, input=commands, stdout=subprocess.PIPE, text=True)
        return done.stdout

    def change(self, statements):
        """Behind the back of the program, in one transaction: (statement, values for its ?s...)."""
        if not self.database:
            with contextlib.closing(sqlite3.connect(self.folder / "data" / "hamlet.db")) as db, db:
                for text, *values in statements:
                    db.execute(text, values)
            return
        lines = ["BEGIN"]
        for text, *values in statements:
            parts = text.split("?")
            lines.append("".join(x + y for x, y in zip(parts, [*map(literal, values), ""])))
        self._psql(self.database[1], ";\n".join([*lines, "COMMIT;\n"]))

    def column(self, statement):
        """Whole numbers that a statement answers with."""
        if self.database:
            return [int(x) for x in self._psql(self.database[1], statement).split()]
        with contextlib.closing(sqlite3.connect(self.folder / "data" / "hamlet.db")) as db:
            return [x for x, in db.execute(statement)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process:
            self.kill()
        if self._owns_folder:
            if self.database:
                self._psql("postgres", f"DROP DATABASE {self.database[1]} WITH (FORCE)")
            shutil.rmtree(self.folder, ignore_errors=True)

    def _write_settings(self, more):
        sections = {"node": [f'data_folder = "{self.folder}/data"', 'hostname = "mail.here.test"'],
                    "listen": [f'{x} = ["127.0.0.1:0"]' for x in SERVICES]}
        if self.database:
            folder, name = self.database
            sections["store"] = ['engine = "postgresql"',
                                 f'postgres = "host={folder} user=hamlet dbname={name}"']
        for name, lines in more.items():
            keys = {x.split("=")[0].strip() for x in lines}
            kept = [x for x in sections.get(name, []) if x.split("=")[0].strip() not in keys]
            sections[name] = kept + list(lines)
        self.settings = self.folder / "hamlet.toml"
        self.settings.write_text("".join(f"[{name}]\n" + "\n".join(lines) + "\n"
                                         for name, lines in sections.items()))

    def change_settings(self, settings):
        """As for the constructor, while it runs: SIGHUP."""
        self._write_settings(settings)
        self.process.send_signal(signal.SIGHUP)

    def run(self, *words, stdin="", check=True):
        """A command of the program; returns what it printed."""
        done = subprocess.run([self.program, *words, "--config", str(self.settings)], input=stdin,
                              capture_output=True, text=True, timeout=60, env=self.environment)
        if check and done.returncode != 0:
            raise AssertionError(f"{words}: {done.stderr}")
        return done.stdout if check else done

    def add_account(self, name, password, *options):
        self.run("account", "add", name, *options, stdin=password + "\n")

    def start(self):
        """Returns when the node is ready."""
        self.port = {}
        self.process = subprocess.Popen([self.program, "serve", "--config", str(self.settings)],
                                        stderr=subprocess.PIPE, text=True, env=self.environment)
        for line in self.process.stderr:
            self.log.append(line)
            if found := LISTENING.search(line):
                self.port[found[1]] = int(found[2])
            if " node ready" in line:
                break
        else:
            raise AssertionError("the node did not start:\n" + "".join(self.log[-20:]))
        self._reader = threading.Thread(target=self._read_log, args=(self.process.stderr,), daemon=True)
        self._reader.start()
        return self

    def _read_log(self, pipe):
        for line in pipe:
            self.log.append(line)

    def stop(self, patience=30):
        """SIGTERM, and the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.ended(patience)

    def ended(self, patience=30):
        """The exit status of one that stops by itself, or was told to."""
        status = self.process.wait(patience)
        self._reader.join(patience)
        self.process.stderr.close()
        self.process = None
        return status

    def kill(self):
        """SIGKILL: as if the power had gone for this process."""
        self.process.kill()
        self.process.wait()
        self._reader.join(10)
        self.process.stderr.close()
        self.process = None
