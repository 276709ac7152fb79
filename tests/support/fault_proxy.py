# SPDX-License-Identifier: Apache-2.0
"""A proxy in front of one port of loopback or one socket of a file, which can injure the connections
of one client and leave those of the others alone. What it draws, it draws from a seed."""
import contextlib
import os
import pathlib
import random
import socket
import struct
import threading

PASS = "pass"
CUT = "cut"  # closed, and refused from then on
STALL = "stall"  # open, and nothing passes
DEAF, MUTE = "deaf", "mute"  # half of it: what the client says does not arrive; what it is told
DRIP = "drip"
DELAY = "delay"  # each connection by another time, so that one overtakes the other
MID = "mid"  # again and again it is cut in the midst of what is being sent
INJURIES = CUT, STALL, DEAF, MUTE, DRIP, DELAY, MID
MOST_DELAY = 0.1  # seconds
MOST_WHOLE = 30  # pieces that pass before one is cut
DRIP_OCTETS = 3
DRIP_PAUSE = 0.002  # seconds
RESET = struct.pack("ii", 1, 0)


def process_of(client, server, candidates):
    """Which of these processes has the socket of `client` that is connected to `server`, both ports
    of loopback. None: not to be found, any more perhaps."""
    inode = None
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in pathlib.Path(table).read_text(encoding="ascii").splitlines()[1:]:
                words = line.split()
                ports = [int(x.rpartition(":")[2], 16) for x in words[1:3]]
                if ports == [client, server]:
                    inode = words[9]
    if inode in (None, "0"):
        return None
    for pid in candidates:
        with contextlib.suppress(OSError):
            for entry in os.scandir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    if os.readlink(entry.path) == f"socket:[{inode}]":
                        return pid
    return None


def reset(one):
    """As a cable that is cut looks when somebody says so: RST."""
    with contextlib.suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)  # wakes who waits in it
    with contextlib.suppress(OSError):
        one.close()


class Way:
    """What one connection has drawn."""

    def __init__(self, delay, whole):
        self.delay, self.whole = delay, whole


class FaultProxy:
    """Open from the beginning to the last `close()`, but for `shut()`: a connection is then refused,
    as by the host of a process that is gone.
    @param target The port, or the path of the socket, behind it.
    @param client_of Who connects, by his port and ours: any name, with which `injure()` is called.
    @param at The path of its own socket; else it has a port."""

    def __init__(self, target, client_of=lambda client, server: None, at=None, seed=0):
        self._target, self._client_of, self._at = target, client_of, at
        self._dice = random.Random(seed)
        self._changed = threading.Condition()
        self._how = {}  # by client, what is not PASS
        self._pairs = {}  # (client's socket, ours to the target): who
        self._door = None
        self.port = 0
        self._bind()

    def _bind(self):
        if self._at:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._at)
            self._door = socket.socket(socket.AF_UNIX)
            self._door.bind(self._at)
        else:
            self._door = socket.socket()
            self._door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._door.bind(("127.0.0.1", self.port))
            self.port = self._door.getsockname()[1]
        self._door.listen(64)
        threading.Thread(target=self._accept, args=(self._door,), daemon=True).start()

    def open(self):
        if not self._door:
            self._bind()

    def shut(self):
        """Nobody gets in, and who is in is thrown out."""
        door, self._door = self._door, None
        if door:
            reset(door)
            if self._at:
                os.unlink(self._at)
        self._drop(lambda who: True)

    def close(self):
        self.shut()

    def injure(self, who, how):
        """Of the connections of this client, present and future."""
        with self._changed:
            self._how[who] = how
            self._changed.notify_all()
        if how == CUT:
            self._drop(lambda x: x == who)

    def _drop(self, chosen):
        with self._changed:
            gone = [x for x, who in self._pairs.items() if chosen(who)]
            for x in gone:
                self._pairs.pop(x)
            self._changed.notify_all()
        for pair in gone:
            for one in pair:
                reset(one)

    def _accept(self, door):
        while True:
            try:
                client, peer = door.accept()
            except OSError:
                return
            who = None if self._at else self._client_of(peer[1], self.port)
            if self._how.get(who) == CUT:
                reset(client)
                continue
            try:
                server = self._reach()
            except OSError:
                reset(client)
                continue
            for one in (client, server):
                if not self._at:
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pair = client, server
            with self._changed:
                self._pairs[pair] = who
            if self._how.get(who) == CUT or self._door is not door:
                self._drop(lambda x, it=who: x == it)  # it came about meanwhile
            way = Way(self._dice.uniform(0, MOST_DELAY), self._dice.randrange(1, MOST_WHOLE))
            for source, sink in (pair, pair[::-1]):
                threading.Thread(target=self._carry, args=(pair, who, source, sink, way),
                                 daemon=True).start()

    def _reach(self):
        if isinstance(self._target, int):
            server = socket.create_connection(("127.0.0.1", self._target), timeout=10)
            server.settimeout(None)
            return server
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(self._target)
        except OSError:
            server.close()
            raise
        return server

    def _carry(self, pair, who, source, sink, way):
        try:
            while octets := source.recv(65536):
                self._pass_on(pair, who, sink, octets, way)
        except OSError:
            pass
        with self._changed:
            self._pairs.pop(pair, None)
            self._changed.notify_all()
        for one in pair:
            reset(one)

    def _pass_on(self, pair, who, sink, octets, way):
        stops = (STALL, DEAF if sink is pair[1] else MUTE)
        while octets:
            with self._changed:
                self._changed.wait_for(lambda: self._how.get(who) not in stops
                                       or pair not in self._pairs)
                how = self._how.get(who)
                if pair not in self._pairs:
                    raise OSError("cut")
                if how in (DRIP, DELAY):
                    self._changed.wait_for(lambda: self._how.get(who) != how,
                                           DRIP_PAUSE if how == DRIP else way.delay)
            size = DRIP_OCTETS if how == DRIP else len(octets)
            if how == MID:
                way.whole -= 1
                if way.whole < 0:
                    sink.sendall(octets[:len(octets) // 2])
                    raise OSError("cut in the midst")
            sink.sendall(octets[:size])
            octets = octets[size:]
