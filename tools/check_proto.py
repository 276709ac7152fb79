#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""check_proto.py FOLDER [--write]: may a node of this build speak with one of the last release?

proto/released.txt has a line for each field, value and method that was ever released. A line that is there must
stay true: a number keeps its meaning for ever, or is reserved. New lines are added by --write, at a release and
whenever a field comes that other nodes may send.
"""

import pathlib
import subprocess
import sys
import tempfile

from google.protobuf import descriptor_pb2

KINDS = {value: name[5:].lower() for name, value in descriptor_pb2.FieldDescriptorProto.Type.items()}
# What is the same on the wire counts as the same.
SAME = {"bytes": "string", "int32": "int", "int64": "int", "uint32": "int", "uint64": "int", "bool": "int",
        "enum": "int"}


def lines_of_message(prefix, message):
    name = f"{prefix}.{message.name}"
    for x in message.field:
        kind = KINDS[x.type]
        kind = x.type_name.lstrip(".") if kind == "message" else SAME.get(kind, kind)
        many = "repeated" if x.label == x.LABEL_REPEATED else "one"
        yield f"field {name} {x.number} {many} {kind} {x.name}"
    for span in message.reserved_range:
        for number in range(span.start, min(span.end, span.start + 1000)):
            yield f"reserved {name} {number}"
    for x in message.nested_type:
        yield from lines_of_message(name, x)
    for x in message.enum_type:
        yield from lines_of_enum(name, x)


def lines_of_enum(prefix, enum):
    for x in enum.value:
        yield f"value {prefix}.{enum.name} {x.number} {x.name}"
    for span in enum.reserved_range:
        for number in range(span.start, span.end + 1):
            yield f"reserved {prefix}.{enum.name} {number}"


def lines_of(files):
    for file in files:
        for x in file.message_type:
            yield from lines_of_message(file.package, x)
        for x in file.enum_type:
            yield from lines_of_enum(file.package, x)
        for service in file.service:
            for x in service.method:
                streams = ("stream " if x.client_streaming else "") + ("stream " if x.server_streaming else "")
                yield f"method {file.package}.{service.name}/{x.name} {streams}{x.input_type} {x.output_type}"


def read(folder):
    """All that the .proto files of a tree say, as lines."""
    sources = sorted(str(x.relative_to(folder / "proto")) for x in (folder / "proto").rglob("*.proto"))
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["protoc", f"--proto_path={folder / 'proto'}", f"--descriptor_set_out={out.name}", *sources],
                       check=True)
        files = descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(out.name).read_bytes()).file
    return sorted(set(lines_of(files)))


def meaning(line):
    """What two nodes must agree on: not the name of a field."""
    words = line.split()
    return " ".join(words[:5]) if words[0] == "field" else " ".join(words[:3]) if words[0] == "value" else line


def faults(released, now):
    known = {meaning(x) for x in now}
    gone = {tuple(x.split()[1:3]) for x in now if x.startswith("reserved")}
    for line in released:
        words = line.split()
        if meaning(line) in known or (words[0] in ("field", "value") and tuple(words[1:3]) in gone):
            continue
        yield f"{line}: has changed or is gone, and its number is not reserved"
    old = {tuple(x.split()[1:3]) for x in released if x.startswith("reserved")}
    for line in now:
        if line.split()[0] in ("field", "value") and tuple(line.split()[1:3]) in old:
            yield f"{line}: its number was reserved"


def main(folder, *words):
    folder = pathlib.Path(folder)
    file = folder / "proto" / "released.txt"
    now = read(folder)
    released = [x for x in file.read_text(encoding="ascii").splitlines() if not x.startswith("#")]
    found = list(faults(released, now))
    for x in found:
        print(f"proto: {x}")
    if found:
        return 1
    if "--write" in words:
        head = "# Kept by tools/check_proto.py --write; a line is never changed by hand.\n"
        file.write_text(head + "".join(x + "\n" for x in sorted(set(released) | set(now))), encoding="ascii")
        return 0
    fresh = set(map(meaning, now)) - set(map(meaning, released))
    if fresh:
        print(f"proto/released.txt lacks {len(fresh)} lines; tools/check_proto.py FOLDER --write adds them, such as\n"
              + min(fresh))
    return 1 if fresh else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
