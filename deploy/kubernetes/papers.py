#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""papers.py FOLDER [NODES]: makes the cluster's authority and the keys of its nodes in FOLDER, and
prints the Secret hamlet-nodes. Keep the folder in a safe place: it can make more nodes. Run again
with a larger number, it adds those that are missing."""
import base64
import json
import os
import pathlib
import subprocess
import sys

PROGRAM = os.environ.get("HAMLET_BIN", "hamlet")
KEYS = ("server.key", "cloak.key")


class Node:
    def __init__(self, folder, number):
        self.name = f"hamlet-{number}"
        self.data = folder / self.name
        self.settings = folder / f"{self.name}.toml"
        self.settings.write_text(f'[node]\nhostname = "mail.example.org"\ndata_folder = "{self.data}"\n')

    def run(self, *words, stdin=""):
        return subprocess.run([PROGRAM, *words, "--config", self.settings], input=stdin, check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def has_joined(self):
        return (self.data / "cluster/node.pem").exists()


def make(folder, count):
    folder.mkdir(mode=0o700, exist_ok=True)
    nodes = [Node(folder, n) for n in range(count)]
    first = nodes[0]
    if not first.has_joined():
        first.run("cluster", "init", "hamlet", first.name)
    for node in nodes[1:]:
        if not node.has_joined():
            request = node.run("cluster", "join", node.name, stdin=first.run("cluster", "token"))
            node.run("cluster", "join", "--answer", stdin=first.run("cluster", "ca", "sign", stdin=request))
    for key in KEYS:  # the same on all nodes
        path = folder / key
        if not path.exists():
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(os.urandom(32))
    files = {f"{x.name}.pem": x.data / "cluster/node.pem" for x in nodes}
    files |= {x: first.data / "cluster" / x for x in ("authority.pem", "revoked.pem")}
    return files | {x: folder / x for x in KEYS}


def main():
    files = make(pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 3)
    json.dump({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "hamlet-nodes"},
               "data": {name: base64.b64encode(x.read_bytes()).decode() for name, x in files.items()}},
              sys.stdout, indent=1)


if __name__ == "__main__":
    main()
