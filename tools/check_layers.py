#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when a file includes what its layer may not know. Run by ctest."""
import pathlib
import re
import sys

ORDER = ["lib", "proto", "storage", "actors", "gateway", "node"]  # each may use those before it
ROOTS = {"hamlet": "proto"}  # "hamlet/mail/v1/mailbox.pb.h" is made from proto/
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)

# Who may see a library; everybody else may not.
OWNERS = {
    r"boost/": r"gateway/(net/\w*(_impl\.hpp|\.cpp)|(admin|websocket)/\w+\.cpp)$",
    r".*_impl\.hpp$": r"gateway/(net|link|admin)/\w*(_impl\.hpp|\.cpp)$",  # they include Asio or gRPC
    r"openssl/": r"lib/(tls|crypto|pki)/\w+\.cpp$",
    r"grpc|.*\.grpc\.pb\.h": r"gateway/(link|admin)/\w*(_impl\.hpp|\.cpp)$|node/ctl/\w+\.cpp$",
    r"sodium": r"lib/crypto/\w+\.cpp$",
    r"unicode/": r"lib/text/\w+\.cpp$",
    r"re2/": r"actors/chat/\w+\.cpp$",
    r"idn2": r"lib/(text|mail)/\w+\.cpp$",
    r"sqlite3\.h$|libpq": r"storage/sql/\w+\.cpp$",
    r"hiredis/": r"storage/redis/\w+\.cpp$",
    r"google/protobuf/": r"actors/wire\.hpp$|gateway/admin/\w+\.cpp$|node/ctl/",
    r"caf/": r"(actors|gateway|node)/",
}
# Protocols: std, their own folder, the questions of auth and the pure libraries.
PURE = re.compile(r"^gateway/(smtp|pop3|websocket)/(?!connection|gateway|replies)\w+\.")
PURE_MAY = re.compile(r"^(lib/(base|text|sasl|mail)/|lib/crypto/digest\.hpp$|gateway/auth/question\.hpp$"
                      r"|boost/(beast/http/|asio/buffer\.hpp$))")
PURE_IRC = re.compile(r"^gateway/irc/(?!connection|fanout)\w+\.")
PURE_IRC_MAY = re.compile(r"^(lib/(base|text|sasl|mail|irc|config)/|gateway/auth/question\.hpp$"
                          r"|gateway/websocket/|hamlet/|actors/chat/)")
ACTORS_FACE = {"actors/cluster/link.hpp", "actors/cluster/link_events.hpp",
               "actors/chat/network_rules.hpp", "actors/chat/presence.hpp", "actors/chat/reach.hpp",
               "actors/deadlines.hpp", "actors/failure.hpp", "actors/interfaces.hpp",
               "actors/mail_clients.hpp", "actors/router.hpp"}  # all that gateway may see of actors


def faults_of(name: str, text: str):
    layer = name.split("/")[0]
    for target in INCLUDE.findall(text):
        top = ROOTS.get(target.split("/")[0], target.split("/")[0])
        if top in ORDER and ORDER.index(top) > ORDER.index(layer):
            yield f"{layer} may not include {target}"
        if layer == "gateway" and top == "storage":
            yield f"gateway asks actors, not {target}"
        if layer == "gateway" and top == "actors" and target not in ACTORS_FACE:
            yield f"gateway talks to interfaces, not to {target}"
        own = target.startswith(name.rpartition("/")[0])
        if PURE.match(name) and "/" in target and not own and not PURE_MAY.match(target):
            yield f"is pure, may not include {target}"
        if PURE_IRC.match(name) and "/" in target and not own and not PURE_IRC_MAY.match(target):
            yield f"is pure, may not include {target}"
        for library, owner in OWNERS.items():
            if re.match(library, target) and not re.match(owner, name):
                yield f"may not see {target}"


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1])
    found = [
        f"{file.relative_to(root)}: {fault}"
        for layer in ORDER
        for file in sorted((root / layer).rglob("*.[ch]pp"))
        for fault in faults_of(file.relative_to(root).as_posix(), file.read_text())
    ]
    print("\n".join(found))
    sys.exit(bool(found))
