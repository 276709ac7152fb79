# SPDX-License-Identifier: Apache-2.0
"""Whose mail goes where, and who may open a maildrop: locks, quotas, names, logins."""
import time

from community import DOMAIN, STRANGER, Community, main, stuffed
from programs import letter
from wire import Pop3, Smtp


class Maildrops(Community):
    def send(self, to, text, parameters="", at_end="250"):
        with Smtp(self.port("smtp")) as client:
            replies = client.envelope(STRANGER, to, parameters=parameters)
            if not replies[-1].startswith("250"):
                return replies[-1]
            reply = client.data(stuffed(text))
            self.assertRegex(reply, f"^{at_end}")
            return reply

    # -- the lock (RFC 1939 §4) ---------------------------------------------------

    def test_one_client_at_a_time(self):
        name = self.member()
        with Pop3(self.port("pop3s"), name=name) as first, Pop3(self.port("pop3s")) as second:
            self.assertRegex(second.log_in(name), r"^-ERR \[IN-USE\]")
            self.assertRegex(first.ask("QUIT"), r"^\+OK")
            self.assertRegex(second.log_in(name), r"^\+OK")

    def test_a_dropped_connection_deletes_nothing_and_gives_the_lock_back(self):
        name = self.member()
        self.send(self.address(name), letter("one", b"1\r\n"))
        with Pop3(self.port("pop3s"), name=name) as first:
            self.assertRegex(first.ask("DELE 1"), r"^\+OK")

        def opens():
            with Pop3(self.port("pop3s")) as second:
                return second.log_in(name).startswith("+OK") and second.ask("STAT")
        self.wait_until(opens, "the lock stays")
        self.assertRegex(opens() or self.fail("locked again"), r"^\+OK 1 ")

    def test_quit_deletes(self):
        name = self.member()
        for n in range(3):
            self.send(self.address(name), letter(f"number {n}", b"x\r\n"))
        with Pop3(self.port("pop3s"), name=name) as drop:
            drop.ask("DELE 1")
            drop.ask("DELE 3")
            self.assertRegex(drop.ask("QUIT"), r"^\+OK")
            self.assertTrue(drop.is_closed())
        self.assertEqual(self.texts_of(name), [letter("number 1", b"x\r\n")])

    def test_mail_that_comes_while_the_maildrop_is_open_waits_for_the_next_login(self):
        name = self.member()
        with Pop3(self.port("pop3s"), name=name) as drop:
            self.send(self.address(name), letter("late", b"x\r\n"))
            self.assertEqual(drop.ask("STAT"), "+OK 0 0")
            drop.ask("QUIT")
        self.assertEqual(len(self.mail_of(name)), 1)

    def test_a_whole_pop3_session_in_one_write(self):
        name = self.member()
        self.send(self.address(name), letter("one", b".\r\n"))
        with Pop3(self.port("pop3s")) as drop:
            drop.send(f"USER {name}\r\nPASS correct horse\r\nSTAT\r\nLIST\r\nUIDL\r\nRETR 1\r\n"
                      "TOP 1 0\r\nDELE 1\r\nNOOP\r\nQUIT\r\n")
            heard = drop.rest()
        self.assertEqual(heard.count(b"\r\n.\r\n"), 4)
        self.assertIn(b"\r\n..\r\n.\r\n", heard)
        self.assertNotIn(b"-ERR", heard)
        self.assertEqual(self.mail_of(name), [])

    # -- room ---------------------------------------------------------------------

    def test_a_full_mailbox(self):
        name = self.member()
        self.node.run("account", "set-quota", name, "1MiB")
        line = b"x" * 998 + b"\r\n"
        big = letter("big", line * 700)
        self.assertRegex(self.send(self.address(name), big, f" SIZE={len(big)}"), "^250")
        # It does not fit: told at once to who declares the size (RFC 1870 §6.1) ...
        self.assertRegex(self.send(self.address(name), big, f" SIZE={len(big)}"), "^552 5.2.2")
        # ... and a full mailbox is told to everybody, who may try again (RFC 5321 §4.2.3).
        for n in range(4):
            self.send(self.address(name), letter(f"more {n}", line * 100), at_end="250|452")
        self.send(self.address(name), letter("last", line * 300), at_end="250|452")
        self.assertRegex(self.send(self.address(name), letter("no", b"x\r\n")), "^452 4.2.2")
        with Pop3(self.port("pop3s"), name=name) as drop:
            drop.ask("DELE 1")
            drop.ask("QUIT")
        self.assertRegex(self.send(self.address(name), letter("fits", b"x\r\n")), "^250")

    # -- names --------------------------------------------------------------------

    def test_aliases_tags_and_letters_of_any_case(self):
        one, two = self.member(), self.member()
        self.node.run("alias", "add", f"all.{one}@{DOMAIN}", self.address(one))
        self.node.run("alias", "add", f"all.{one}@{DOMAIN}", self.address(two))
        text = letter("names", b"x\r\n")
        for n, to in enumerate((f"all.{one}", f"{one}+tag", f"{one}+a+b", one.upper(),
                                f'"{one}"', f"All.{one}+tag")):
            with self.subTest(to=to):
                self.assertRegex(self.send(f"{to}@{DOMAIN}", letter(f"{n}", b"x\r\n")), "^250")
        self.assertRegex(self.send(f"{one}@{DOMAIN.upper()}", text), "^250")
        self.assertEqual(len(self.mail_of(one)), 7)
        self.assertEqual(len(self.mail_of(two)), 2)

    def test_one_copy_for_who_is_named_twice(self):
        name = self.member()
        self.node.run("alias", "add", f"also.{name}@{DOMAIN}", self.address(name))
        with Smtp(self.port("smtp")) as client:
            client.envelope(STRANGER, self.address(name), f"also.{name}@{DOMAIN}",
                            f"{name}+tag@{DOMAIN}", self.address(name))
            self.assertRegex(client.data(stuffed(letter("once", b"x\r\n"))), "^250")
        self.assertEqual(len(self.mail_of(name)), 1)

    def test_postmaster_and_abuse(self):
        # RFC 5321 §4.5.1 (in any case, with and without the domain) and RFC 2142 §5.
        self.node.run("account", "set-password", "postmaster", stdin="correct horse\n")
        names = ("postmaster", "Postmaster", f"postmaster@{DOMAIN}", f"POSTMASTER@{DOMAIN}",
                 f"abuse@{DOMAIN}")
        for n, to in enumerate(names):
            with self.subTest(to=to):
                self.assertRegex(self.send(to, letter(f"to {n}", b"x\r\n")), "^250")
        self.assertEqual(len(self.mail_of("postmaster")), len(names))

    # -- logins -------------------------------------------------------------------

    def logs_in(self, name, password):
        with Pop3(self.port("pop3s")) as drop:
            answer = drop.log_in(name, password)
            drop.ask("QUIT")
        return answer

    def test_a_disabled_account_is_told_apart_only_by_who_has_the_password(self):
        name = self.member()
        self.logs_in(name, "correct horse")
        self.node.run("account", "disable", name)
        self.assertEqual(self.logs_in(name, "wrong"), self.logs_in("nobody", "wrong"))
        self.assertRegex(self.logs_in(name, "correct horse"), r"^-ERR \[AUTH\]")
        self.node.run("account", "enable", name)
        self.assertRegex(self.logs_in(name, "correct horse"), r"^\+OK")

    def test_a_new_password_ends_the_old_one(self):
        name = self.member()
        self.assertRegex(self.logs_in(name, "correct horse"), r"^\+OK")
        self.node.run("account", "set-password", name, stdin="another one\n")
        self.assertRegex(self.logs_in(name, "correct horse"), r"^-ERR \[AUTH\]")
        self.assertRegex(self.logs_in(name, "another one"), r"^\+OK")

    def test_device_passwords_have_a_scope_and_an_end(self):
        name = self.member()
        secret = self.node.run("account", "device-password", name, "phone").strip()
        chat = self.node.run("account", "device-password", name, "chat", "--scope", "chat").strip()
        self.assertRegex(self.logs_in(name, secret), r"^\+OK")
        self.assertRegex(self.logs_in(name, chat), r"^-ERR \[AUTH\]")
        with Smtp(self.port("submissions"), tls=True) as client:
            self.assertRegex(client.log_in(name, chat), "^535")
            self.assertRegex(client.log_in(name, secret), "^235")
        self.node.run("account", "revoke-device", name, "phone")
        self.assertRegex(self.logs_in(name, secret), r"^-ERR \[AUTH\]")
        self.assertRegex(self.logs_in(name, "correct horse"), r"^\+OK")


class Dashes(Community):
    settings = {"accounts": ['subaddress_separator = "-"']}

    def test_the_separator_of_tags_is_that_of_the_settings(self):
        # RFC 5233 §1
        name = self.member()
        with Smtp(self.port("smtp")) as client:
            replies = client.envelope(STRANGER, f"{name}-tag@{DOMAIN}", f"{name}+tag@{DOMAIN}")
            self.assertEqual([x[:3] for x in replies], ["250", "250", "550"])
        with Smtp(self.port("submissions"), tls=True) as client:
            client.log_in(name)
            self.assertRegex(client.ask(f"MAIL FROM:<{name}+tag@{DOMAIN}>"), "^553")
            self.assertRegex(client.ask(f"MAIL FROM:<{name}-tag@{DOMAIN}>"), "^250")


class Guesses(Community):
    settings = {"accounts": ['failed_login_delay = "1s"']}

    def test_wrong_passwords_and_unknown_names_are_told_alike_and_slowly(self):
        name = self.member()
        heard = set()
        for who in (name, "nobody", f"nobody@{DOMAIN}", "nobody@elsewhere.test"):
            with Pop3(self.port("pop3s")) as drop:
                user = drop.ask(f"USER {who}")
                begin = time.monotonic()
                answer = drop.ask("PASS wrong")
                self.assertGreaterEqual(time.monotonic() - begin, 0.99, who)
                heard.add((user, answer))
            with Smtp(self.port("submissions"), tls=True) as client:
                begin = time.monotonic()
                heard.add(client.log_in(who, "wrong"))
                self.assertGreaterEqual(time.monotonic() - begin, 0.99, who)
        self.assertEqual(len(heard), 2, heard)

    def test_three_wrong_passwords_end_the_connection(self):
        with Pop3(self.port("pop3s")) as drop:
            for _ in range(3):
                self.assertRegex(drop.log_in("nobody", "wrong"), r"^-ERR")
            self.assertTrue(drop.rest() == b"" or not drop.unread)
        with Smtp(self.port("submissions"), tls=True) as client:
            for _ in range(3):
                self.assertRegex(client.log_in("nobody", "wrong"), "^535|^421")
            self.assertRegex(client.reply(), "^421")


if __name__ == "__main__":
    main()
