# SPDX-License-Identifier: Apache-2.0
"""Puts disk_faults.c, $HAMLET_DISK_FAULTS, under a node or under servers of PostgreSQL. To be made before
they start."""
import os
import pathlib
import shutil
import tempfile


class BadDisk:
    """@param shadow Keep what a power cut would leave.
    @param early Percent of the writes that reach the disk before anybody has asked for it."""

    def __init__(self, node, shadow=False, early=30, slow=0):
        self.data, self.shadow = node.folder / "data", node.folder / "shadow"
        self.flags = node.folder / "flags"
        self.has_shadow = shadow
        self.flags.mkdir()
        node.environment.update(LD_PRELOAD=os.environ["HAMLET_DISK_FAULTS"], HAMLET_FAULT_DATA=str(self.data),
                                HAMLET_FAULT_FLAGS=str(self.flags), HAMLET_FAULT_SLOW=str(slow))
        if shadow:
            node.environment.update(HAMLET_FAULT_SHADOW=str(self.shadow), HAMLET_FAULT_EARLY=str(early))

    def begin(self, fault, where=""):
        """@param fault fsync_fails or disk_full
        @param where A part of the paths that are meant."""
        half = self.flags / "half"
        half.write_text(where)
        half.rename(self.flags / fault)

    def end(self, fault):
        (self.flags / fault).unlink()

    def cut_power(self):
        """To be called when the node is dead: the data folder becomes what the disk had."""
        shutil.rmtree(self.data)
        self.data.mkdir(mode=0o700)
        self._restore((self.shadow / "root").read_text(), self.data)
        shutil.rmtree(self.shadow)

    def _restore(self, key, folder):
        names = self.shadow / "d" / key
        for line in names.read_text().splitlines() if names.exists() else []:
            kind, child, name = line.split(" ", 2)
            if kind == "d":
                (folder / name).mkdir(mode=0o700)
                self._restore(child, folder / name)
            elif (octets := self.shadow / "i" / child).exists():
                shutil.copyfile(octets, folder / name)
                (folder / name).chmod(0o600)
            else:
                pathlib.Path(folder / name).touch(mode=0o600)


class ServerDisk:
    """Of PostgreSQL, by disk_faults.c: what they write into tables finds no room for a while. (One
    whose log finds none ends, which is another fault.)"""

    def __init__(self):
        self._flags = pathlib.Path(tempfile.mkdtemp(prefix="hamlet-disk-"))
        self._flags.chmod(0o755)
        library = self._flags / "disk_faults.so"  # where another user can read it
        shutil.copy(os.environ["HAMLET_DISK_FAULTS"], library)
        library.chmod(0o755)
        self.environment = {"LD_PRELOAD": str(library), "HAMLET_FAULT_DATA": "/",
                            "HAMLET_FAULT_FLAGS": str(self._flags)}

    def fill(self, folder):
        half = self._flags / "half"
        half.write_text(f"{folder}/base/", encoding="utf-8")
        half.chmod(0o644)
        half.rename(self._flags / "disk_full")

    def make_room(self):
        (self._flags / "disk_full").unlink()

    def close(self):
        shutil.rmtree(self._flags, ignore_errors=True)
