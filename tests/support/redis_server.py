# SPDX-License-Identifier: Apache-2.0
"""A Redis of the tests' own: on loopback, nothing on a disk, gone when they end.

    with RedisServer() as redis:
        settings = {"cluster": [f'redis = "127.0.0.1:{redis.port}"']}
        redis.kill(); redis.begin(); redis.flush(); redis.freeze(); redis.thaw()"""
import atexit
import pathlib
import signal
import socket
import subprocess
import time

from ports import free_port

PATIENCE = 60  # seconds, for what does not come


class RedisServer:
    def __init__(self):
        self.port = free_port()
        self.process = None
        self.begin()
        atexit.register(self.kill)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        atexit.unregister(self.kill)

    def begin(self):
        """With nothing in it. Returns when it answers."""
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
             "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning", "--dir", "/tmp"],
            stdout=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return self.ask("PING")
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise AssertionError("redis-server does not start") from None
                time.sleep(0.02)

    def kill(self):
        """SIGKILL; all that was in it is gone."""
        process, self.process = self.process, None
        if process:
            process.kill()
            process.wait()

    def freeze(self):
        """Returns when none of its threads runs."""
        self.process.send_signal(signal.SIGSTOP)
        threads = pathlib.Path(f"/proc/{self.process.pid}/task")
        while any(x.read_text(encoding="ascii").rpartition(")")[2].split()[0] != "T"
                  for x in threads.glob("*/stat")):
            time.sleep(0.01)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def flush(self):
        self.ask("FLUSHALL")

    def ask(self, *words):
        """@returns the first line of its answer, or the text that it announces."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as s:
            s.sendall(b"*%d\r\n" % len(words)
                      + b"".join(b"$%d\r\n%s\r\n" % (len(x), x)
                                 for x in (y.encode() for y in words)))
            with s.makefile("rb") as answers:
                line = answers.readline().decode().rstrip()
                if line.startswith("$"):
                    line = answers.read(int(line[1:])).decode()
        if line.startswith("-"):
            raise AssertionError(f"{words}: {line}")
        return line

    def published(self):
        """How many commands have told something to whoever listens."""
        for line in self.ask("INFO", "commandstats").splitlines():
            if line.startswith("cmdstat_eval:"):
                return int(line.split("calls=")[1].split(",")[0])
        return 0
