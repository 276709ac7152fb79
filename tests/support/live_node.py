# SPDX-License-Identifier: Apache-2.0
"""A node for tests: the real program on free ports of 127.0.0.1, in a folder of its own.

    with Node() as node:
        node.add_account("alice", "secret")
        node.start()
        smtplib.SMTP("127.0.0.1", node.port["smtp"])

The program is $HAMLET_BIN."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading

DOMAIN = "here.test"
SERVICES = ("smtp", "submission", "submissions", "pop3", "pop3s", "irc", "ircs",
            "irc_websocket", "irc_websockets", "admin")
LISTENING = re.compile(r" listening service=(\w+) address=\S+ port=(\d+)")


class Node:
    """@param settings More lines of TOML by section: {"smtp": ["max_message = 100000"]}."""

    def __init__(self, settings=None, program=None, folder=None, environment=None):
        self.program = str(program or os.environ["HAMLET_BIN"])
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="hamlet-"))
        self._owns_folder = folder is None
        self.environment = {**os.environ, **(environment or {})}
        self.port = {}
        self.process = None
        self.log = []
        self._write_settings(settings or {})
        if not (self.folder / "data" / "hamlet.db").exists():
            self.run("domain", "add", DOMAIN)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process:
            self.kill()
        if self._owns_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _write_settings(self, more):
        sections = {"node": [f'data_folder = "{self.folder}/data"', 'hostname = "mail.here.test"'],
                    "listen": [f'{x} = ["127.0.0.1:0"]' for x in SERVICES]}
        for name, lines in more.items():
            keys = {x.split("=")[0].strip() for x in lines}
            kept = [x for x in sections.get(name, []) if x.split("=")[0].strip() not in keys]
            sections[name] = kept + list(lines)
        self.settings = self.folder / "hamlet.toml"
        self.settings.write_text("".join(f"[{name}]\n" + "\n".join(lines) + "\n"
                                         for name, lines in sections.items()))

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
