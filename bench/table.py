# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/performance.md."""
import os
import pathlib
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUSY_BEFORE = os.getloadavg()[0]


class Table:
    def __init__(self, *columns):
        self.lines = [" | ".join(columns), " | ".join("---" for _ in columns)]

    def row(self, *cells):
        self.lines.append(" | ".join(str(x) for x in cells))
        print(self.lines[-1], flush=True)

    def write(self, name, notes):
        file = ROOT / "docs/performance.md"
        text = file.read_text()
        begin, end = f"<!-- bench {name} -->\n", f"<!-- end {name} -->"
        head, rest = text.split(begin)
        tail = rest.split(end, 1)[1]
        body = "".join(f"| {x} |\n" for x in self.lines) + "\n" + " ".join(notes) + "\n"
        file.write_text(head + begin + body + end + tail)


def number(x):
    return f"{x:,.0f}" if x >= 100 else f"{x:.1f}" if x >= 1 else f"{x:.2f}"


def about(quick):
    when = time.strftime("%Y-%m-%d")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return (f"Measured {when}{' (quick)' if quick else ''} with {os.cpu_count()} processors and "
            f"{memory} GiB, which servers and clients share. Load average before it began: "
            f"{BUSY_BEFORE:.1f}.")
