# SPDX-License-Identifier: Apache-2.0
"""What clients of chat have heard, against what was acknowledged; and what all nodes show when it is
quiet again."""
import collections
import time
from dataclasses import dataclass, field

from chat_load import NO, OPEN, YES, parsed
from irc_wire import Irc

PATIENCE = 30  # seconds, until all has come to everybody
# History is stored behind what is said, one batch after the other (actors/chat/history_writer.hpp):
# of a channel whose owner is killed the latest may be missing.
SOFT = 2  # seconds
PAGE = 5000  # chat_history.per_request
HISTORY_CAPS = ("batch", "draft/chathistory", "server-time", "message-tags")


@dataclass
class Round:
    name: str
    began: float
    first: int  # of what was said
    victim: int | None = None  # a node that others take for dead, or that ends
    injured: float = 0
    victims: list = field(default_factory=list)  # lives that were there then
    touched: set = field(default_factory=set)  # nodes whose clients may wait
    lost: set = field(default_factory=set)  # and these may miss what is said
    owned: set = field(default_factory=set)  # channels of the victim
    is_hard: bool = False  # it could write nothing any more


class Findings:
    def __init__(self, most_stall):
        self.most_stall = most_stall
        self.faults, self.counts = [], collections.Counter()
        self.stalls, self.lags, self.resumed = [], [], []

    def fault(self, text):
        self.faults.append(text)


def begin(crowd, name):
    for x in crowd.lives():
        x.heard_mark, x.seen_mark = len(x.heard), len(x.seen)
    return Round(name, time.monotonic(), len(crowd.said))


def untouched(crowd, of):
    """Who was there all the time, at nodes that live. (A session that stays may live at another node
    than its client, who has to come again when that one dies.)"""
    return [x for x in there_of(crowd, of) if not (of.lost and x.account in crowd.staying)]


def there_of(crowd, of):
    return [x for x in crowd.lives() if x.node not in of.lost and x.began <= of.began
            and (not x.ended or x.ended >= of.began)]


def due(crowd, of):
    """Lines that all of them must have heard."""
    return [x for x in crowd.said[of.first:] if x.answer == YES and x.life.node not in of.lost]


def missing(crowd, of):
    lines = due(crowd, of)
    found = []
    for life in untouched(crowd, of):
        has = {x.msgid for x in life.heard[life.heard_mark:]}
        found += [(life, x) for x in lines if x.msgid not in has]
    return found


def check_lines(crowd, of, findings):
    """(a) and (b): each once, in one order."""
    end = time.monotonic() + PATIENCE
    while (left := missing(crowd, of)) and time.monotonic() < end:
        time.sleep(0.05)
    for life, said in left[:8]:
        findings.fault(f"{life.nick} at {life.node} has not heard {said.token} of {said.life.nick} "
                       f"at {said.life.node} in {said.channel}{' *' if said.channel in of.owned else ''}"
                       f", acknowledged {said.answered - of.injured:+.3f} s, msgid {said.msgid}")
    if len(left) > 8:
        findings.fault(f"{len(left)} in all were not heard")
    findings.counts["unheard"] += len(left)
    by_token, by_id = {}, {}
    lines = {x.msgid: x for x in crowd.said if x.answer == YES}
    for life in crowd.lives():
        ids = collections.Counter(x.msgid for x in life.heard)
        for msgid in [x for x, count in ids.items() if count > 1]:
            findings.fault(f"{life.nick} at {life.node} has heard {msgid} {ids[msgid]} times")
        for x in life.heard:
            if ((said := lines.get(x.msgid)) and said.answered < life.entered
                    and not life.account):
                findings.fault(f"{life.nick} at {life.node} has heard {x.token}, which was said "
                               f"{life.entered - said.answered:.3f} s before it came")
            if by_token.setdefault(x.token, x.msgid) != x.msgid:
                findings.fault(f"{x.token} was said as {by_token[x.token]} and as {x.msgid}")
            if by_id.setdefault(x.msgid, x.token) != x.token:
                findings.fault(f"{x.msgid} is {by_id[x.msgid]} and {x.token}")
    for said in crowd.said[of.first:]:
        if said.answer == YES and by_token.get(said.token, said.msgid) != said.msgid:
            findings.fault(f"{said.token} was acknowledged as {said.msgid}, "
                           f"and heard as {by_token[said.token]}")
        if said.answer == OPEN and said.why == "no answer at all":
            findings.fault(f"{said.token} of {said.life.nick} at {said.life.node} had no answer")
        findings.counts[said.answer] += 1
    check_order(crowd, of, findings)


def check_order(crowd, of, findings):
    lives = [x for x in crowd.lives() if len(x.heard) > x.heard_mark]
    for channel in crowd.channels:
        orders = [(x, [y.msgid for y in x.heard[x.heard_mark:] if y.channel == channel])
                  for x in lives]
        for n, (one, first) in enumerate(orders):
            place = {x: i for i, x in enumerate(first)}
            for other, ids in orders[n + 1:]:
                at = [place[x] for x in ids if x in place]
                if wrong := next((i for i, (x, y) in enumerate(zip(at, at[1:])) if y < x), None):
                    findings.fault(f"{channel}: {one.nick} at {one.node} has {first[at[wrong + 1]]} "
                                   f"before {first[at[wrong]]}, {other.nick} at {other.node} "
                                   "has it behind")
                    break


def check_users(crowd, of, findings):
    """(c): who quits is seen to quit once; nobody else is seen to go, or to come."""
    gone = {x.nick for x in of.victims if not x.account}
    kept = {x.nick for x in of.victims if x.account}
    there = {x.nick for x in there_of(crowd, of)}
    left = {x.nick for x in crowd.lives() if x.was_told and x.ended >= of.began}
    for life in untouched(crowd, of):
        seen = collections.defaultdict(list)
        for x in life.seen[life.seen_mark:]:
            seen[x.nick].append((x.what, x.channel, round(x.at - of.injured, 2)))
        for nick in gone:
            if (count := sum(x[0] == "QUIT" for x in seen[nick])) != 1:
                findings.fault(f"{life.nick} at {life.node} has seen {count} QUITs of {nick}, "
                               "whose node was lost")
            if others := [x for x in seen[nick] if x[0] != "QUIT"]:
                findings.fault(f"{life.nick} at {life.node} has seen of {nick} {others} beside")
        for nick in (kept | there) - left:
            if seen[nick]:
                findings.fault(f"{life.nick} at {life.node} has seen of {nick} {seen[nick]}, "
                               f"who {'went on elsewhere' if nick in kept else 'was there'}")
        if life.ended and not life.was_told:
            findings.fault(f"{life.nick} at {life.node} was hung up on: {life.why}")
    for talker in crowd.talkers:
        if talker.account in kept and of.victim is not None:
            later = [x.began for x in talker.lives if x.began > of.injured]
            findings.resumed += [later[0] - of.injured] if later else []


def check_stalls(crowd, of, findings):
    """(f): of those whose node was not touched. @returns seconds."""
    now, lines = time.monotonic(), crowd.said[of.first:]
    waits = [(max(x.answered, x.at) - x.at if x.answered else now - x.at, x) for x in lines
             if x.life.node not in of.touched and not (x.answer == OPEN and x.life.ended)]
    stall, said = max(waits, key=lambda x: x[0], default=(0, None))
    acknowledged = {x.msgid: x for x in due(crowd, of)}
    lag = max((x.at - acknowledged[x.msgid].answered for life in untouched(crowd, of)
               for x in life.heard[life.heard_mark:] if x.msgid in acknowledged), default=0)
    findings.stalls.append(stall)
    findings.lags.append(lag)
    if stall > findings.most_stall:
        findings.fault(f"{said.life.nick} at {said.life.node} has waited {stall:.1f} s for "
                       f"{said.token} in {said.channel}: {said.answer} {said.why}")
    if lag > findings.most_stall:
        findings.fault(f"something was heard {lag:.1f} s after it was acknowledged")
    for x in lines:
        if x.answer == NO and x.life.node not in of.touched and not of.touched:
            findings.fault(f"{x.token} of {x.life.nick} was refused while all nodes were well: {x.why}")
    return stall, lag


# -- when all is quiet --------------------------------------------------------


def members_shown(probe, channel):
    """@returns [(prefixes and nick)] of NAMES, {nick: user and host} of WHO."""
    names, who = [], []
    for line in probe.ask(f"NAMES {channel}"):
        _, _, command, params = parsed(line)
        if command == "353":
            names += params[-1].split()
    for line in probe.ask(f"WHO {channel}"):
        _, _, command, params = parsed(line)
        if command == "352":  # channel user host server nick flags
            who.append((params[5], params[2], params[3]))
    return sorted(names), sorted(who)


def check_standing(crowd, gone, findings, number):
    """(d): all nodes show the same, and it is true.

    @param gone More nicks of nobody."""
    doors = crowd.doors()
    probes = {n: Irc(port, f"probe{number}{n}", patience=PATIENCE) for n, port in doors.items()}
    try:
        for x in probes.values():
            for channel in crowd.channels:
                x.ask(f"JOIN {channel}")
        expected = {x.life.nick for x in crowd.talkers if x.life} | {x.nick for x in probes.values()}
        ghosts = sorted({x.nick for x in crowd.lives() if x.ended} - expected) + gone
        for channel in crowd.channels:
            check_channel(channel, probes, expected, findings)
        for node, probe in probes.items():
            end = time.monotonic() + PATIENCE
            while (left := shown_of(ghosts, probe)) and time.monotonic() < end:
                time.sleep(0.1)
            if left:
                findings.fault(f"node {node} shows {left}, who are gone")
            for talker in crowd.talkers[::3]:
                if not any(f" 433 {probe.nick} {talker.life.nick} " in x
                           for x in probe.ask(f"NICK {talker.life.nick}")):
                    findings.fault(f"at node {node} the nick {talker.life.nick} can be taken again: "
                                   f"{probe.seen[-3:]}")
    finally:
        for x in probes.values():
            x.send("QUIT :seen")
            x.closed()
    return expected


def shown_of(nicks, probe):
    """Those whom a node knows."""
    lines = [x for n in range(0, len(nicks), 20)
             for x in probe.ask("ISON :" + " ".join(nicks[n:n + 20])) if " 303 " in x]
    known = {nick for x in lines for nick in parsed(x)[3][-1].split()}
    return sorted(known & set(nicks))


def check_channel(channel, probes, expected, findings):
    end, shown = time.monotonic() + PATIENCE, {}

    def wrong():
        shown.update({n: members_shown(x, channel) for n, x in probes.items()})
        if len({str(x) for x in shown.values()}) > 1:
            return "nodes do not agree"
        names, who = next(iter(shown.values()))
        if (nicks := sorted(x.lstrip("~&@%+") for x in names)) != sorted(expected):
            return f"NAMES: {set(nicks) ^ expected} is too much, or missing, of {len(nicks)}"
        if (nicks := sorted(x[0] for x in who)) != sorted(expected):
            return f"WHO: {set(nicks) ^ expected} is too much, or missing, of {len(nicks)}"
        return None

    while (why := wrong()) and time.monotonic() < end:
        time.sleep(0.1)
    if why:
        findings.fault(f"{channel}: {why}; " + "; ".join(
            f"node {n} has not {every - has}" for every, all_has in
            ((set.union(*x), x) for x in ([set(y[i]) for y in shown.values()] for i in (0, 1)))
            for n, has in zip(shown, all_has) if every - has))


def read_history(probe, channel, behind):
    """@returns [(msgid, token)] of all behind this msgid."""
    found, last = [], behind
    while True:
        probe.seen.clear()
        probe.send(f"CHATHISTORY AFTER {channel} {f'msgid={last}' if last else 'timestamp=2020-01-01T00:00:00.000Z'} {PAGE}")
        page = []
        for line in probe.barrier():
            tags, _, command, params = parsed(line)
            if command == "PRIVMSG" and "batch" in tags:
                page.append((tags["msgid"], params[1][1:] if params[1].startswith("T") else ""))
            elif command == "FAIL":
                raise AssertionError(line)
        found += page
        if len(page) < PAGE:
            return found
        last = page[-1][0]


def check_history(crowd, of, channels, findings, number):
    """(e): in registered channels, through each door. Of all rounds: each line once."""
    for node, port in crowd.doors().items():
        probe = Irc(port, f"reader{number}{node}", patience=PATIENCE, caps=HISTORY_CAPS)
        try:
            for channel in channels:
                probe.ask(f"JOIN {channel}")
                check_one_history(crowd, of, channel, read_history(probe, channel, None), findings,
                                  node)
        finally:
            probe.send("QUIT :seen")
            probe.closed()


def check_one_history(crowd, of, channel, found, findings, node):
    ids, tokens = collections.Counter(x for x, _ in found), collections.Counter(x for _, x in found)
    for counts in (ids, tokens):
        for x in [x for x, count in counts.items() if count > 1]:
            findings.fault(f"history of {channel} at {node} has {x} {counts[x]} times")
    for said in crowd.said[of.first:]:
        if said.channel != channel or said.answer != YES or said.msgid in ids:
            continue
        if (of.is_hard and channel in of.owned and of.injured - SOFT < said.answered < of.injured + SOFT):
            findings.counts["kept by nobody"] += node == min(crowd.doors())
            continue
        findings.fault(f"history of {channel}{' *' if channel in of.owned else ''} at {node} has not "
                       f"{said.token} of {said.life.nick} at {said.life.node}, "
                       f"acknowledged {said.answered - of.injured:+.3f} s, msgid {said.msgid}")


