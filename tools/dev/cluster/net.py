# SPDX-License-Identifier: Apache-2.0
"""The hosts of the cluster: each a network namespace with one cable to a switch, which is a bridge
in a namespace of its own. The network of this machine is not touched. Where namespaces are not
permitted, each host is an address of loopback."""
import os
import pathlib
import socket
import subprocess

HOSTS = {"node1": 1, "node2": 2, "node3": 3, "front": 9, "db1": 21, "db2": 22, "redis": 31}
SWITCH = "net"
PREFIX = "hamlet"
PROBED_PORTS = (5432, 7650, 9080)


class NotPermitted(Exception):
    """Why there can be no namespaces."""


def run(*words, check=True):
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError as why:
        raise NotPermitted(f"{words[0]} is not installed") from why
    if check and done.returncode != 0:
        raise NotPermitted(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


class Net:
    network = ""

    def address(self, host):
        return f"{self.network}.{HOSTS[host]}"


class Namespaces(Net):
    """@param remember Called with the name of each namespace."""
    kind = "namespaces"
    network = "10.0.0"  # the addresses of docs/operating.md

    def __init__(self, remember):
        if os.geteuid() != 0:
            raise NotPermitted("only root may make them")
        self.remember = remember
        self.made = []
        self.prefix = self._first_free()
        try:
            self._switch()
            for host, number in HOSTS.items():
                self._host(host, number)
        except NotPermitted:
            self.close()
            raise

    def _first_free(self):
        there = set(run("ip", "netns", "list").split())
        for n in range(1, 100):
            prefix = PREFIX if n == 1 else f"{PREFIX}-{n}"  # another cluster runs
            if not any(f"{prefix}-{x}" in there for x in (*HOSTS, SWITCH)):
                return prefix
        raise NotPermitted("too many are there")

    def _make(self, host):
        name = self.name(host)
        run("ip", "netns", "add", name)
        self.made.append(name)
        self.remember(name)
        run("ip", "-n", name, "link", "set", "lo", "up")
        return name

    def _switch(self):
        switch = self._make(SWITCH)
        run("ip", "-n", switch, "link", "add", "name", "switch", "type", "bridge")
        run("ip", "-n", switch, "link", "set", "switch", "up")

    def _host(self, host, number):
        switch, name = self.name(SWITCH), self._make(host)
        run("ip", "-n", switch, "link", "add", "name", host, "type", "veth", "peer", "name", "eth0", "netns", name)
        run("ip", "-n", switch, "link", "set", host, "master", "switch", "up")
        run("ip", "-n", name, "address", "add", f"{self.network}.{number}/24", "dev", "eth0")
        run("ip", "-n", name, "link", "set", "eth0", "up")

    def name(self, host):
        return f"{self.prefix}-{host}"

    def within(self, host):
        """Words before a command that is to run on a host; the process stays the same."""
        return within(self.name(host))

    def cut(self, host):
        run("ip", "-n", self.name(SWITCH), "link", "set", host, "down")

    def heal(self, host):
        run("ip", "-n", self.name(SWITCH), "link", "set", host, "up")

    def close(self):
        for name in reversed(self.made):
            remove(name)
        self.made = []


class Loopback(Net):
    kind = "loopback"

    def __init__(self):
        self.network = next(x for x in (f"127.0.{n}" for n in range(1, 255)) if self._is_free(x))

    @staticmethod
    def _is_free(network):
        for number in HOSTS.values():
            for port in PROBED_PORTS:
                with socket.socket() as s:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    try:
                        s.bind((f"{network}.{number}", port))
                    except OSError:
                        return False
        return True

    def name(self, host):  # pylint: disable=unused-argument
        return "-"

    def within(self, host):  # pylint: disable=unused-argument
        return ()

    def cut(self, host):
        raise NotPermitted(f"{host} has no cable: without namespaces all is one machine")

    heal = cut

    def close(self):
        pass


def within(name):
    return ("nsenter", f"--net=/run/netns/{name}", "--")


def processes(name):
    """What runs in a namespace."""
    return [int(x) for x in run("ip", "netns", "pids", name, check=False).split()]


def remove(name):
    """With its interfaces, once nothing runs there."""
    if pathlib.Path("/run/netns", name).exists():
        run("ip", "netns", "delete", name, check=False)
