# SPDX-License-Identifier: Apache-2.0
"""Ports of loopback for those who must know theirs before they start."""
import contextlib
import random
import socket


def free_port():
    """Below those that the system gives to whoever connects: it may be free for a while."""
    while True:
        with socket.socket() as s, contextlib.suppress(OSError):
            port = random.randrange(10_000, 32_000)
            s.bind(("127.0.0.1", port))
            return port
