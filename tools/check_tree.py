#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when a file breaks a rule that holds for all of them: the licence line, the length, no
trace of one person's machine, a README in each folder. Run by ctest; check_layers.py knows the
rules of includes."""
import pathlib
import re
import sys

MAX_LINES = 500
NOT_OURS = {".git", "build", "run", "__pycache__", "corpus"}  # corpus: inputs of fuzzing, any bytes
CODE = {".cpp", ".hpp", ".h", ".proto", ".sql", ".py", ".sh", ".cmake", ".service", ".js", ".css", ".html"}
CODE_NAMES = {"CMakeLists.txt", "dev", "run"}
WITHOUT_README = {".ci", "cmake", "packages", "migrations", "contracts", "systemd", "docs", "decisions"}
# Tests mirror the tree, so the README of tests/ speaks for these.
MIRRORS = re.compile(r"^tests/(lib|storage|actors|gateway|node)(/|$)")
LICENCE = "SPDX-License-Identifier: Apache-2.0"
FORBIDDEN = {
    r"(?<![\w.$}])/(?:home|root|Users|work|mnt|workspace)/\w": "a path of one machine",
    r"/tmp/\w": "a fixed name in /tmp, which two runs would share",
    r"\b(?:TODO|FIXME|XXX|HACK)\b": "unfinished work: finish it or write it in docs/status.md",
    r"std::regex": "std::regex: its time and stack have no bound",
    r"^<{7} |^>{7} ": "a conflict that was not resolved",
    r"https?://[\w.-]*(?:pypi|npmjs|docker|ghcr|crates|registry)[\w.-]*": "a package registry",
}
EXEMPT = {"tools/check_tree.py", "LICENSE"}


def ours(root):
    for path in sorted(root.iterdir()):
        if path.name in NOT_OURS and (path.is_dir() or path.name != "run"):
            continue
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from ours(path)


def is_code(path):
    return path.suffix in CODE or path.name in CODE_NAMES


def faults_of_file(name, path, text):
    if name in EXEMPT:
        return
    lines = text.split("\n")
    if is_code(path) and LICENCE not in "".join(lines[:2]):  # the second: after #! of a script
        yield "has no licence line"
    if is_code(path) and len(lines) > MAX_LINES:
        yield f"has {len(lines)} lines; more than {MAX_LINES} are not read in one go"
    if path.suffix == ".md" and name.count("/") and path.name == "README.md" and len(lines) > 40:
        yield "is long for the README of a folder"
    for number, line in enumerate(lines, 1):
        for pattern, why in FORBIDDEN.items():
            if re.search(pattern, line):
                yield f"line {number}: {why}"


def faults_of_folder(name, path):
    holds = [x for x in path.iterdir() if x.is_file() and (is_code(x) or x.suffix in (".md", ".txt"))]
    if holds and not MIRRORS.match(name) and path.name not in WITHOUT_README \
            and not name.startswith("proto/") and not (path / "README.md").exists():
        yield "has no README.md"


def faults(root):
    for path in ours(root):
        name = path.relative_to(root).as_posix()
        if path.is_dir():
            found = faults_of_folder(name, path)
        else:
            data = path.read_bytes()
            found = [] if b"\0" in data else faults_of_file(name, path, data.decode("utf-8", "replace"))
        for fault in found:
            yield f"{name}: {fault}"


if __name__ == "__main__":
    found = list(faults(pathlib.Path(sys.argv[1])))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))
