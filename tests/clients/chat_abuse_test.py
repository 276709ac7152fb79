# SPDX-License-Identifier: Apache-2.0
"""What one client of chat may take of the others and of the node."""
import re
import string
import threading

from chat_community import QUICK_COMMANDS, Chat, Closed, main

MIB = 1 << 20


class TooFast(Chat):
    settings = {"chat_limits": ['commands = "50/1s"', "receive_queue = 65536"]}

    def test_two_hundred_messages_in_one_write_wait_and_are_all_delivered(self):
        fast, other = self.user(source=self.fresh_host()), self.user()
        channel = self.meet(fast, other)
        fast.send(*[f"PRIVMSG {channel} :x{n}" for n in range(200)])
        other.expect(f"PRIVMSG {channel} :x0$")
        answered = [x for x in other.barrier() if " PRIVMSG " in x]  # others do not wait
        self.assertLess(len(answered), 199)
        other.expect(f"PRIVMSG {channel} :x199$")
        heard = [x.rsplit(":x", 1)[1] for x in other.seen if f" PRIVMSG {channel} :x" in x]
        self.assertEqual(heard, [str(n) for n in range(200)])

    def test_lookups_of_much_cost_more(self):
        fast, other = self.user(source=self.fresh_host()), self.user()
        fast.barrier()
        fast.send("WHO *", "WHO *", "WHO *", *[f"PING x{n}" for n in range(60)])
        fast.expect(" 315 ")
        other.barrier()
        fast.expect("PONG .*x59")
        self.assertEqual(sum(" 315 " in x for x in fast.seen), 3)


    def test_who_is_too_fast_waits_outside(self):
        for service in ("irc", "irc_websocket"):
            with self.subTest(service=service):
                client = self.user(service=service, source=self.fresh_host())
                before = self.memory()
                client.socket.settimeout(3)
                lines = b"PING x\r\n" * 20_000
                block = b"".join(map(client._frame,
                                     [b"PING x"] * 20_000)) if client.frames is not None \
                    else lines
                with self.assertRaises(TimeoutError):
                    for _ in range(400):
                        client.socket.sendall(block)
                self.assertLess(self.memory() - before, 4 * MIB)
                self.user().barrier()


class Floods(Chat):
    settings = QUICK_COMMANDS

    def replies(self, client, lines, pattern):
        return sum(bool(re.search(pattern, x)) for x in client.ask(*lines))

    def test_twenty_changes_of_the_nick_are_too_many(self):
        client = self.user(source=self.fresh_host())
        lines = client.ask(*[f"NICK q{x}" for x in string.ascii_lowercase[:20]])
        self.assertEqual(sum(" NICK :?q" in x or " NICK q" in x for x in lines), 5)
        self.assertEqual(sum(" 438 " in x for x in lines), 15)

    def test_twenty_joins_of_a_channel_are_too_many(self):
        client, channel = self.user(source=self.fresh_host()), self.fresh_channel()
        lines = client.ask(*[f"{x} {channel}" for _ in range(20) for x in ("JOIN", "PART")])
        self.assertEqual(sum(f" JOIN {channel}" in x or f" JOIN :{channel}" in x for x in lines), 5)
        self.assertEqual(sum(" 437 " in x for x in lines), 15)

    def test_ten_changes_of_away_are_too_many(self):
        client = self.user(source=self.fresh_host())
        lines = client.ask(*[f"AWAY :{n}" for n in range(10)])
        self.assertEqual((sum(" 306 " in x for x in lines), sum(" 263 " in x for x in lines)),
                         (5, 5))

    def test_ten_invitations_are_too_many(self):
        client, others = self.user(source=self.fresh_host()), [self.user() for _ in range(10)]
        channel = self.meet(client)
        lines = client.ask(*[f"INVITE {x.nick} {channel}" for x in others])
        self.assertEqual((sum(" 341 " in x for x in lines), sum(" 263 " in x for x in lines)),
                         (5, 5))

    def test_knocks_again_and_again_are_too_many(self):
        client, keeper = self.user(source=self.fresh_host()), self.user()
        channels = [self.meet(keeper) for _ in range(6)]
        keeper.ask(*[f"MODE {x} +i" for x in channels])
        lines = client.ask(*[f"KNOCK {x} :please" for x in channels])
        self.assertEqual((sum(" 711 " in x for x in lines), sum(" 712 " in x for x in lines)),
                         (3, 3))

    def test_the_eleventh_stranger_hears_nothing(self):
        client, others = self.user(source=self.fresh_host()), [self.user() for _ in range(11)]
        lines = client.ask(*[f"PRIVMSG {x.nick} :buy" for x in others])
        self.assertEqual(sum(" 439 " in x for x in lines), 1)
        heard = [any(" PRIVMSG " in y for y in x.barrier()) for x in others]
        self.assertEqual(heard, [True] * 10 + [False])

    def test_five_hundred_channels_are_too_many(self):
        client = self.user(source="127.0.0.1")
        prefix = self.fresh_channel() + "-"
        names = [f"{prefix}{n}" for n in range(1, 501)]
        lines = client.ask(*[f"JOIN {','.join(names[n:n + 40])}" for n in range(0, 500, 40)])
        self.assertEqual(sum(" 366 " in x for x in lines), 100)
        self.assertEqual(sum(" 405 " in x for x in lines), 400)
        self.assertSaid(" 417 ", client.ask(f"JOIN {','.join(names)}"))

    def test_no_more_targets_than_told(self):
        client, others = self.user(), [self.user() for _ in range(5)]
        lines = client.ask("PRIVMSG " + ",".join(x.nick for x in others) + " :hello")
        self.assertSaid(" 407 ", lines)

    def test_a_channel_opens_its_door_so_often(self):
        keeper = self.user()
        channel = self.meet(keeper)
        keeper.ask(f"MODE {channel} +j 5:60")
        guests = [self.user() for _ in range(20)]
        for x in guests:
            x.send(f"JOIN {channel}")
        lines = [x.expect(" 366 ", " 480 ") for x in guests]
        self.assertEqual((sum(" 366 " in x for x in lines), sum(" 480 " in x for x in lines)),
                         (5, 15))

    def test_lists_show_nothing_secret_however_often_they_are_asked(self):
        shy, client = self.user("shy"), self.user(source=self.fresh_host())
        secret = self.meet(shy)
        shy.ask(f"MODE {secret} +s", f"MODE {shy.nick} +i")
        lines = client.ask(*["WHO *", "LIST", "NAMES", "WHOIS *", f"NAMES {secret}",
                             f"WHO {secret}",
                             f"LIST {secret}", f"WHOIS {shy.nick}", f"MODE {secret}",
                             f"TOPIC {secret}",
                             "WHO * %tcuihsnfdlaor,1", "LIST >0", "LIST *c*"] * 20)
        for name in (secret, f" 35[24] .*{shy.nick}"):
            self.assertNotSaid(re.escape(name) + "( [@:]|$)" if name == secret else name,
                               [x for x in lines if not re.search(r" (403|442|315|323|366) ", x)])


class TooMuch(Chat):
    settings = {"chat_limits": QUICK_COMMANDS["chat_limits"]
                + ["send_queue = 65536", "before_registration = 4096"]}

    def test_a_line_without_an_end_is_cut_off(self):
        for registered in (False, True):
            with self.subTest(registered=registered):
                client = self.user(source=self.fresh_host()) if registered else self.connect()
                before = self.memory()
                try:
                    for _ in range(10 * 16):
                        client.send_raw(b"x" * (MIB // 16))
                except OSError:
                    pass
                lines = client.closed()
                self.assertSaid("^ERROR .*(RecvQ exceeded|before registration)", lines)
                self.user().barrier()
                self.assertLess(self.memory() - before, 4 * MIB)

    def test_who_does_not_read_is_hung_up_on(self):
        watcher, talker = self.user(), self.user()
        slow = self.user("slow", receive_buffer=4096)
        channel = self.meet(watcher, talker, slow)
        for _ in range(20):  # what grows once, for the buffers of those who do read
            talker.ask(*[f"PRIVMSG {watcher.nick} :{'x' * 400}"] * 100)
        before = self.memory()
        for _ in range(400):
            talker.ask(*[f"PRIVMSG {channel} :{'x' * 400}"] * 100)
            if any(" QUIT " in x for x in watcher.barrier()):
                break
        self.assertSaid(f"^:{slow.nick}!.* QUIT :.*SendQ exceeded", watcher.seen)
        self.assertLess(self.memory() - before, 8 * MIB)

    def test_a_list_longer_than_the_send_queue_comes_whole(self):
        names = []
        for _ in range(3):
            keeper = self.user()
            mine = [self.fresh_channel() for _ in range(100)]
            for n in range(0, 100, 20):
                keeper.ask(*[f"JOIN {x}\r\nTOPIC {x} :{'t' * 380}" for x in mine[n:n + 20]])
            names += mine
        for service in ("irc", "irc_websocket"):
            reader = self.user(service=service, receive_buffer=4096)
            listed = [x for x in reader.ask("LIST", "LIST") if " 322 " in x]
            self.assertEqual(len(listed), 2 * len(names))

    def test_long_lines_are_refused_and_the_client_stays(self):
        client = self.user(caps=("message-tags",))
        channel = self.meet(client)
        start = f"PRIVMSG {channel} :"
        fits = start + "x" * (510 - len(start))
        self.assertEqual(client.ask(fits), [])
        self.assertSaid(" 417 ", client.ask(fits + "x"))
        # '@', tags, space: 4096 octets of a client at most (message-tags, Size limit).
        for size, too_long in ((4094, False), (4095, True), (8192, True), (9000, True)):
            with self.subTest(size=size):
                tags = "+x=" + "y" * (size - 3)
                lines = client.ask(f"@{tags} PRIVMSG {channel} :tagged")
                self.assertEqual(any(" 417 " in x for x in lines), too_long, size)
        self.assertEqual(client.ask(f"@+x={'y' * 4091} {fits}"), [])


class ManyLines(Chat):
    settings = QUICK_COMMANDS

    def test_a_megabyte_of_short_lines_waits_outside(self):
        client = self.user(source=self.fresh_host())
        before = self.memory()
        writer = threading.Thread(target=client.send, args=["PING x"] * 100_000)
        writer.start()
        for _ in range(100_000):
            client.expect("PONG .*x$")
        writer.join()
        self.assertLess(self.memory() - before, 16 * MIB)


class Injection(Chat):
    settings = QUICK_COMMANDS

    def test_no_octet_makes_a_second_line_for_others(self):
        bad, other = self.connect(), self.user(caps=("message-tags",))
        bad.request("message-tags")
        bad.send(b"NICK evil", b"USER u 0 * :real\rQUIT :x", b"USER u\x01\x02 0 * :real\x00name",
                 b"USER u\x07 0 * :re\x0bal", b"CAP END")
        bad.expect(" 376 ", " 422 ")
        channel = self.meet(bad, other)
        for octets in (b"\r", b"\r:evil QUIT", b"\x00", b"a\rb", b"a\x00b"):
            for verb in (b"PRIVMSG %s :%%s" % channel.encode(),
                         b"NOTICE %s :%%s" % channel.encode(),
                         b"TOPIC %s :%%s" % channel.encode(), b"AWAY :%s", b"NICK x%s",
                         b"SETNAME :%s",
                         b"PART %s :%%s" % channel.encode(), b"JOIN %s" % channel.encode(),
                         b"KICK %s evil :%%s" % channel.encode(),
                         b"INVITE %%s %s" % channel.encode(),
                         b"WHOIS %s", b"MODE %s +k %%s" % channel.encode(), b"JOIN #%s", b"%s"):
                bad.send(verb % octets if b"%s" in verb else verb)
            bad.barrier()
        bad.send(f"@+a=1\\:\\r\\nQUIT\\s\\0 PRIVMSG {channel} :tagged")
        bad.barrier()
        other.barrier()
        for line in other.seen:
            self.assertNotRegex(line, "[\r\0\n]")
            self.assertRegex(line, r"^(@[^ ]+ )?(:[^ ]+ )?([A-Z]+|\d{3})( |$)")
        self.assertNotSaid("^:?evil QUIT|^QUIT", other.seen)
        tagged = [x for x in other.seen if x.endswith(":tagged")]
        self.assertEqual(len(tagged), 1)
        self.assertRegex(tagged[0].split(" ")[0], r"\+a=1\\:\\r\\nQUIT\\s0?")

    def test_what_is_no_utf8_is_refused_by_name(self):
        bad, other = self.user(caps=("standard-replies",)), self.user(service="irc_websocket")
        channel = self.meet(bad, other)
        for line in (f"PRIVMSG {channel} :caf".encode() + b"\xe9", b"AWAY :\xe9", b"JOIN #\xe9",
                     f"TOPIC {channel} :".encode() + b"\xff\xfe", b"NICK \xe9"):
            with self.subTest(line=line):
                self.assertSaid("^(:[^ ]+ )?FAIL .* INVALID_UTF8 ", bad.ask(line))
        self.assertNotSaid("caf", other.barrier())
        with self.assertRaises((Closed, OSError)):  # RFC 6455 §8.1: the text of a frame is UTF-8
            other.socket.sendall(other._frame(b"PRIVMSG x :\xe9"))
            while True:
                other.line()

    def test_names_in_the_log_stay_on_one_line(self):
        bad = self.connect(source=self.fresh_host())
        bad.send(b"NICK a\x1b[31m", b"USER \x1b\x07 0 * :\x1b[2J", b"PASS x\ry",
                 b"OPER \x1b[31mroot x",
                 b"NICK clean", b"USER clean 0 * :x")
        bad.expect(" 376 ", " 422 ")
        bad.ask(b"OPER \x1b[31mroot x", b"OPER ro\x07ot x")
        self.node.run("domain", "list", check=False)
        self.assertFalse([x for x in self.node.log if "\x1b" in x or "\x07" in x])


if __name__ == "__main__":
    main()
