# SPDX-License-Identifier: Apache-2.0
"""./dev cluster: see README.md."""
import argparse
import fcntl
import json
import os
import pathlib
import selectors
import shutil
import signal
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import hints  # noqa: E402
import samples  # noqa: E402
from database import Failed as DatabaseFailed, Pair  # noqa: E402
from hamlets import DOORS, NAMES, Failed as NodeFailed, Front, Nodes, Redis  # noqa: E402
from keeper import Keeper, clean  # noqa: E402
from net import HOSTS, Loopback, Namespaces, NotPermitted  # noqa: E402
from papers import Papers  # noqa: E402

FAILURES = (DatabaseFailed, NodeFailed, NotPermitted, RuntimeError, OSError)
LOOK = 8404  # of HAProxy


class Ended(Exception):
    """Ctrl-C, SIGTERM, SIGHUP or `./dev cluster stop`."""


class Cluster:
    def __init__(self, folder, loopback):
        self.folder = folder
        self.keeper = Keeper(folder)
        self.net = self.doors = self.databases = self.nodes = self.front = self.redis = None
        self.loopback = loopback

    def make(self):
        self.net = self._net()
        ports = samples.choose_ports({**{x: samples.PORTS[x] for x in DOORS}, "look": LOOK})
        self.doors = {name: socket.create_server(("127.0.0.1", port)) for name, port in ports.items()}
        tell("PostgreSQL, and its standby …")
        papers = Papers(self.folder, self.net, samples.DOMAIN)
        self.databases = Pair(self.folder, self.net, self.keeper, papers)
        self.databases.make()
        tell("Redis and HAProxy …")
        self.redis = Redis(self.folder, self.net, self.keeper)
        self.redis.start()
        self.front = Front(self.folder, self.net, self.keeper, self.doors)
        tell("three nodes of Hamlet, and the sample community …")
        self.nodes = Nodes(self.folder, self.net, self.keeper, papers, self.databases, self.redis)
        self.nodes.make()
        self.front.start()
        samples.send_letters(ports["submission"], papers.ca)
        samples.talk(ports["irc"])
        (self.folder / "ports.json").write_text(json.dumps(ports))
        return ports

    def _net(self):
        if not self.loopback:
            try:
                return Namespaces(self._remember)
            except NotPermitted as why:
                tell(f"No network namespaces: {why}.")
        net = Loopback()
        tell(f"All hosts are addresses {net.network}.x of this machine; cut and heal do not work.")
        return net

    def _remember(self, name):
        with open(self.folder / "namespaces", "a", encoding="utf-8") as out:
            out.write(name + "\n")

    def close(self):
        """In the order in which nobody misses what he needs; what does not end in time is killed."""
        for name in ("front", *NAMES):  # all nodes at once: each gives up its own
            if self.keeper.is_up(name):
                self.keeper.children[name].send_signal(signal.SIGCONT)
                self.keeper.children[name].send_signal(signal.SIGTERM)
        for name in ("front", *NAMES, "redis"):
            self.keeper.end(name)
        if self.databases:
            self.databases.close()
        clean(self.folder)

    # -- orders from other terminals --------------------------------------------

    def obey(self, words):
        """@return what is said, or {"exec": words} for the other side to run."""
        orders = {"status": self.status, "kill": self.kill, "stop": self.stop, "start": self.start,
                  "freeze": self.freeze, "thaw": self.thaw, "cut": self.cut, "heal": self.heal,
                  "promote": self.promote, "rejoin": self.rejoin, "commit-alone": self.commit_alone,
                  "exec": self.on_host, "hamlet": self.hamlet, "psql": self.psql}
        if not words or words[0] not in orders:
            raise RuntimeError(f"one of: {', '.join(orders)}")
        try:
            return orders[words[0]](*words[1:])
        except TypeError as why:
            raise RuntimeError(f"{words[0]}: wrong words ({why})") from why

    def _host(self, name):
        if name not in HOSTS:
            raise RuntimeError(f"{name} is none of: {', '.join(HOSTS)}")
        return name

    def status(self):
        states = self.databases.states()
        shards = {}
        try:
            shards = {name: f"{state}, {count} mailbox shards" for name, state, count in self.nodes.shards()}
        except DatabaseFailed:
            pass
        lines = []
        for name in HOSTS:
            pid = self.keeper.pid(name)
            more = states.get(name) or shards.get(name, "")
            lines.append(f"{name:<6} {self.net.address(name):<11} {self.net.name(name):<15} "
                         f"{f'pid {pid}' if pid else 'down':<12} {more}".rstrip())
        return "\n".join(lines)

    def kill(self, name):
        if self.keeper.end(self._host(name), signal.SIGKILL) is None:
            raise RuntimeError(f"{name} is down already")
        return f"{name} was killed"

    def stop(self, name):
        ended = self.databases.stop(name) if name in Pair.names else self.keeper.end(self._host(name))
        if ended is None:
            raise RuntimeError(f"{name} is down already")
        return f"{name} ended, status {ended}"

    def start(self, name):
        if self.keeper.is_up(self._host(name)):
            raise RuntimeError(f"{name} is up")
        if name in Pair.names:
            if name not in (self.databases.primary, self.databases.standby):
                raise RuntimeError(f"{name} was left behind when {self.databases.primary} took over, and would "
                                   "take writes of its own: `rejoin` brings it back")
            self.databases.start(name)
        elif name in NAMES:
            self.nodes.start(name)
        else:
            {"front": self.front, "redis": self.redis}[name].start()
        return f"{name} is up"

    def _signal(self, name, word):
        if name in Pair.names:
            raise RuntimeError("PostgreSQL is many processes: kill it, or cut its cable")
        if not self.keeper.is_up(self._host(name)):
            raise RuntimeError(f"{name} is down")
        self.keeper.children[name].send_signal(word)

    def freeze(self, name):
        self._signal(name, signal.SIGSTOP)
        return f"{name} stands still"

    def thaw(self, name):
        self._signal(name, signal.SIGCONT)
        return f"{name} goes on"

    def cut(self, name):
        self.net.cut(self._host(name))
        return f"{name} has no cable"

    def heal(self, name):
        self.net.heal(self._host(name))
        return f"{name} has its cable again"

    def promote(self):
        old = self.databases.promote()
        self.keeper.expected.add(old)
        return (f"{self.databases.primary} takes writes. It has no standby: what is acknowledged now is on one "
                "disk, until `rejoin`")

    def rejoin(self):
        name = self.databases.rejoin()
        return f"{name} is the synchronous standby of {self.databases.primary}"

    def commit_alone(self):
        self.databases.depend_on("")
        return f"COMMIT waits for the disk of {self.databases.primary} alone, until `rejoin`"

    def on_host(self, name, *words):
        if not words:
            raise RuntimeError("exec HOST COMMAND…")
        return {"exec": [*self.net.within(self._host(name)), *words]}

    def hamlet(self, name, *words):
        if name not in NAMES:
            raise RuntimeError(f"hamlet NODE WORDS…, where NODE is one of {', '.join(NAMES)}")
        return {"exec": [*self.net.within(name), str(samples.PROGRAM), *words, "--config",
                         str(self.nodes.settings(name))]}

    def psql(self):
        return {"exec": [str(x) for x in self.databases.psql()],
                "environment": {"PGPASSFILE": str(self.databases.passfile)}}


def tell(text):
    print(text, flush=True)


def answer(cluster, client):
    """One order of another terminal: a line of JSON each way."""
    with client, client.makefile("rw", encoding="utf-8") as lines:
        client.settimeout(10)
        try:
            said = cluster.obey(json.loads(lines.readline()))
            said = said if isinstance(said, dict) else {"said": said}
        except FAILURES as why:
            said = {"failed": str(why)}
        lines.write(json.dumps(said) + "\n")


def watch(cluster, door):
    with selectors.DefaultSelector() as events:
        events.register(door, selectors.EVENT_READ)
        while True:
            if events.select(0.5):
                try:
                    answer(cluster, door.accept()[0])
                except (OSError, ValueError) as why:
                    tell(f"An order was not understood: {why}")
            for name, status in cluster.keeper.deaths():
                tell(f"{name} has ended by itself, status {status}: see {cluster.folder.name}/{name}.log")


def end_by_signal(*_):
    raise Ended


def lock(folder):
    """@return an open file; None: a cluster runs here. No child inherits it."""
    file = open(folder / "lock", "a", encoding="utf-8")  # pylint: disable=consider-using-with
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def stop(folder):
    """The cluster that runs in the folder, also while it is being made; or what is left of one."""
    if held := lock(folder):
        end_earlier(folder)
        return held.close()
    os.kill(int((folder / "lock").read_text()), signal.SIGTERM)  # it lives, for it holds the lock
    with open(folder / "lock", encoding="utf-8") as file:
        return fcntl.flock(file, fcntl.LOCK_EX)  # until it has ended


def end_earlier(folder):
    """What one that was killed left behind, but for its logs."""
    killed, removed = clean(folder)
    if killed or removed:
        tell(f"An earlier cluster had not ended in order; removed its {', '.join([*killed, *removed])}.")
    elsewhere = folder / "postgresql"
    if elsewhere.is_symlink():
        shutil.rmtree(elsewhere.resolve(), ignore_errors=True)
        elsewhere.unlink()


def empty(folder):
    for found in folder.iterdir():
        if found.name == "lock":
            continue
        if found.is_dir() and not found.is_symlink():
            shutil.rmtree(found)
        else:
            found.unlink()


def run(folder, loopback):
    """Until a signal."""
    folder.mkdir(parents=True, exist_ok=True)
    held = lock(folder)
    if not held:
        sys.exit("A cluster runs already: ./dev cluster status, ./dev cluster stop.")
    for word in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(word, end_by_signal)
    end_earlier(folder)
    empty(folder)
    os.chdir(folder)  # the path of a Unix socket is short
    cluster = Cluster(folder, loopback)
    status = 0
    try:
        ports = cluster.make()
        with socket.socket(socket.AF_UNIX) as door:
            door.bind("control")
            os.chmod("control", 0o600)
            door.listen()
            tell(hints.page(cluster, ports))
            watch(cluster, door)
    except Ended:
        tell("\nEnds …")
    except FAILURES as why:
        tell(f"FAILED: {why}")
        status = 1
    finally:
        for word in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(word, signal.SIG_IGN)
        cluster.close()
        (folder / "control").unlink(missing_ok=True)
        tell(f"All of it has ended. Its logs are in {os.path.relpath(folder, samples.ROOT)}.")
    return status


def order(folder, words):
    """Tells the cluster that runs in the folder."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # | head
    here = os.getcwd()
    if words == ["stop"]:
        return stop(folder) if folder.exists() else 0
    if not folder.exists() or lock(folder):
        sys.exit("No cluster runs here: ./dev cluster starts one.")
    os.chdir(folder)
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect("control")
        except OSError:
            sys.exit("The cluster is not ready yet.")
        client.sendall(json.dumps(words).encode() + b"\n")
        line = client.makefile(encoding="utf-8").readline()
    os.chdir(here)
    said = json.loads(line or '{"failed": "it ended"}')
    if "failed" in said:
        sys.exit(said["failed"])
    if "exec" in said:
        os.execvpe(said["exec"][0], said["exec"], {**os.environ, **said.get("environment", {})})
    tell(said["said"])
    return 0


def main():
    parser = argparse.ArgumentParser(prog="./dev cluster", epilog=hints.ORDERS,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=pathlib.Path, default=samples.ROOT / "run/cluster")
    parser.add_argument("--loopback", action="store_true", help="no namespaces, also where they are permitted")
    parser.add_argument("order", nargs=argparse.REMAINDER, help="for the cluster that runs; none: start one")
    asked = parser.parse_args()
    folder = asked.folder.resolve()
    os.environ["PATH"] += ":/usr/sbin:/sbin"  # HAProxy and ip
    return order(folder, asked.order) if asked.order else run(folder, asked.loopback)


if __name__ == "__main__":
    sys.exit(main())
