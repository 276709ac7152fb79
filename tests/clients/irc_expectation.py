# SPDX-License-Identifier: Apache-2.0
"""What a dialogue of tests/conformance/irc expects of a line; LANGUAGE.md there has the format."""
import re

from transcript import expanded

CAPTURE = re.compile(r"\\<(\w+)>")


def parts_of(line):
    """(tags, what is behind them)."""
    if not line.startswith(b"@"):
        return {}, line
    tags, _, rest = line[1:].partition(b" ")
    return dict(x.partition(b"=")[::2] for x in tags.split(b";")), rest


def in_order(rest):
    """The names of 353 have none."""
    head, colon, names = rest.partition(b" :")
    if head.split(b" ")[1:2] == [b"353"] and colon:
        return head + colon + b" ".join(sorted(names.split(b" ")))
    return rest


def with_other_colon(rest):
    """The same message with the colon of its last parameter the other way, where it means
    nothing: RFC 2812 §2.3.1."""
    head, colon, text = rest.partition(b" :")
    if not colon:
        head, blank, text = rest.rpartition(b" ")
        return head + blank + b":" + text if blank else rest
    if not text or text.startswith(b":") or b" " in text:
        return rest
    return head + b" " + text


class Expectation:
    """One line that is awaited; `known` are the words that were captured."""

    def __init__(self, marker, text, value, known):
        self.known, self.is_pattern = known, marker != "<"
        pieces = CAPTURE.split(text)
        # Odd ones are names of captures.
        self.octets = b"".join(b"\0<" + x.encode() + b">" if i % 2 else expanded(x, value)
                               for i, x in enumerate(pieces))
        self.tags, rest = parts_of(self.octets)
        self.rest = in_order(rest)

    def fits(self, line):
        tags, rest = parts_of(line)
        if tags.keys() != self.tags.keys():
            return False
        found = dict(self.known)
        fits = all(self.matches(self.tags[x], tags[x], found) for x in tags)
        rest = in_order(rest)
        if fits and (self.matches(self.rest, rest, found)
                     or self.matches(self.rest, with_other_colon(rest), found)):
            self.known.update(found)
            return True
        return False

    def matches(self, wanted, heard, found):
        if not self.is_pattern:
            return wanted == heard
        pattern, fresh = b"", {}
        for piece in re.split(rb"(\0<\w+>|\\[*?]|[*?])", wanted):
            if piece.startswith(b"\0<"):
                name = piece[2:-1].decode()
                if name in found:
                    pattern += re.escape(found[name])
                elif name in fresh:
                    pattern += b"(?P=" + name.encode() + b")"
                else:
                    fresh[name] = True
                    pattern += b"(?P<" + name.encode() + rb">[^ ;]+)"
            elif len(piece) == 2 and piece[:1] == b"\\" and piece[1:] in (b"*", b"?"):
                pattern += re.escape(piece[1:])
            else:
                pattern += {b"*": b".*", b"?": b"."}.get(piece) or re.escape(piece)
        match = re.fullmatch(pattern, heard, re.S)
        if match:
            found.update({x: match[x] for x in fresh})
        return match is not None
