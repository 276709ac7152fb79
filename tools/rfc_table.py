#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/rfc.md, made from the citations in code and tests.

    rfc_table.py ROOT            prints the document
    rfc_table.py --write ROOT    writes it
    rfc_table.py --check ROOT    fails when it is out of date, or when a section of what
                                 tools/rfc_done.txt declares done has no test

A citation is `RFC 5321 §4.5.2`, also `RFC 1939 §4 and §7` and `RFC 5892 appendix A.1`. A rule in
the code is done when a test cites the same section, one inside it, or one around it."""
import collections
import pathlib
import re
import sys

CODE = ("lib", "proto", "storage", "actors", "gateway", "node")
SUFFIXES = (".cpp", ".hpp", ".proto", ".sql", ".py", ".sh", ".chat", ".txt", ".dict")
SECTION = r"(?:§|appendix )[0-9A-Z]+(?:\.[0-9]+)*"
CITATION = re.compile(rf"RFC (\d+) ({SECTION}(?:,? (?:and |or )?{SECTION})*)")
SHOWN = 4  # files in a cell


def files(root):
    for top in (*CODE, "tests"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix in SUFFIXES and file.is_file() and "fuzz/corpus" not in file.as_posix():
                yield top == "tests", file.relative_to(root).as_posix(), file.read_text("utf-8", "replace")


def citations(root):
    """@return rfc -> section -> (files of code, files of tests)"""
    found = collections.defaultdict(lambda: collections.defaultdict(lambda: (set(), set())))
    for is_test, name, text in files(root):
        for rfc, sections in CITATION.findall(text):
            for section in re.findall(SECTION, sections):
                found[int(rfc)][section.lstrip("§")][is_test].add(name)
    return found


def sort_key(section):
    return [(0, int(x), "") if x.isdigit() else (1, 0, x) for x in section.split(".")]


def touches(a, b):
    return a == b or a.startswith(b + ".") or b.startswith(a + ".")


def status(section, sections):
    code, tests = sections[section]
    if not code:
        return "test only"
    tested = tests or any(t for other, (_, t) in sections.items() if touches(section, other))
    return "done" if tested else "code only"


def cell(names):
    """Paths without what the column says already; the transcripts of a folder in one."""
    names = sorted(names)
    shown = [f"`{x.removeprefix('tests/').removeprefix('conformance/')}`" for x in names[:SHOWN]]
    return ", ".join(shown) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def list_of(path):
    lines = (x.split("#")[0].strip() for x in path.read_text().splitlines())
    return [x.split(None, 1) for x in lines if x]


def document(root):
    found = citations(root)
    titles = {int(x[0]): x[1] for x in list_of(root / "tools/rfc_titles.txt")}
    declared = collections.defaultdict(list)
    for x in list_of(root / "tools/rfc_done.txt"):
        declared[int(x[0])].append(x[1] if len(x) > 1 else "whole")
    out = ["# Standards", "",
           "<!-- Made by tools/rfc_table.py; a test compares. Do not edit: ./dev docs. -->", "",
           "Which section of which RFC stands where, read from the citations in the code, and which test proves it. "
           "*done*: code and a test cite it (or a section inside or around it). *code only*: no test names it. "
           "*test only*: the code follows it without naming it. *Declared* parts have a test for every section that "
           "the code cites, or the tests of this project fail.", "",
           "| RFC | title | sections in code | with a test | declared |", "|---|---|---|---|---|"]
    for rfc in sorted(found):
        states = [status(x, found[rfc]) for x in found[rfc]]
        done = states.count("done")
        out.append(f"| [{rfc}](#rfc-{rfc}) | {titles.get(rfc, '')} | {done + states.count('code only')} "
                   f"| {done} | {', '.join(declared[rfc])} |")
    for rfc in sorted(found):
        sections = found[rfc]
        out += ["", f"## RFC {rfc}", "", titles.get(rfc, ""), "",
                "| section | state | code | tests |", "|---|---|---|---|"]
        out += [f"| {x if x.startswith('a') else '§' + x} | {status(x, sections)} "
                f"| {cell(sections[x][0])} | {cell(sections[x][1])} |" for x in sorted(sections, key=sort_key)]
    return "\n".join(out) + "\n"


def faults(root):
    found = citations(root)
    titles = {int(x[0]) for x in list_of(root / "tools/rfc_titles.txt")}
    for rfc in sorted(set(found) - titles):
        yield f"RFC {rfc} has no title in tools/rfc_titles.txt"
    for rfc, *part in list_of(root / "tools/rfc_done.txt"):
        sections = found[int(rfc)]
        prefix = part[0].lstrip("§") if part else ""
        inside = [x for x in sections if not prefix or x == prefix or x.startswith(prefix + ".")]
        if not inside:
            yield f"RFC {rfc} {' '.join(part)} is declared done, and nothing cites it"
        for x in sorted(inside, key=sort_key):
            if status(x, sections) == "code only":
                yield f"RFC {rfc} §{x} is declared done, and no test cites it: {cell(sections[x][0])}"
    path = root / "docs/rfc.md"
    if not path.exists() or path.read_text() != document(root):
        yield "docs/rfc.md is out of date: tools/rfc_table.py --write ."


def main(arguments):
    root = pathlib.Path(arguments[-1])
    if "--check" in arguments:
        found = list(faults(root))
        print("\n".join(found), end="\n" if found else "")
        return bool(found)
    if "--write" in arguments:
        (root / "docs/rfc.md").write_text(document(root))
    else:
        print(document(root), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
