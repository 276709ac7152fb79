#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Debian's gRPC for Python administers a node, through reflection alone."""
import pathlib
import poplib
import re
import sys
import time
import unittest

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from community import HOST, PASSWORD, QUICK, any_certificate, merged  # noqa: E402
from live_node import DOMAIN, Node  # noqa: E402
from reflected import Reflected, failure  # noqa: E402

ADMIN = "hamlet.admin.v1."
REMOTE = {"admin": ['listen = ["127.0.0.1:0"]']}
BLOCK = re.compile(r"-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----\n", re.S)


def papers(bundle):
    """Certificate, key and authority, as `hamlet admin certificate` prints them."""
    certificate, key, authority = (x.encode() for x in BLOCK.findall(bundle))
    return certificate, key, authority


class Admin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node(merged(QUICK, REMOTE))
        cls.addClassCleanup(cls.node.__exit__)
        cls.node.run("cluster", "init", "tea", "alpha")
        cls.node.add_account("alice", PASSWORD)
        cls.bundle = {x: cls.node.run("admin", "certificate", f"ann-{x}", "--role", x)
                      for x in ("viewer", "moderator", "operator", "admin")}
        cls.authority = papers(cls.bundle["viewer"])[2]
        cls.node.start()
        cls.local = Reflected(grpc.insecure_channel(f"unix:{cls.node.folder}/data/admin.sock"))

    def channel(self, certificate=None, key=None, authority=None, name="alpha.node.hamlet"):
        secure = grpc.ssl_channel_credentials(authority or self.authority, key, certificate)
        made = grpc.secure_channel(f"{HOST}:{self.node.port['admin_rpc']}", secure,
                                   (("grpc.ssl_target_name_override", name),
                                    ("grpc.use_local_subchannel_pool", 1)))
        self.addCleanup(made.close)
        return made

    def as_role(self, role):
        certificate, key, _ = papers(self.bundle[role])
        return Reflected(self.channel(certificate, key))

    def with_token(self, token):
        return Reflected(self.channel(), (("authorization", f"Bearer {token}"),))

    def code(self, call):
        return failure(call).code()

    def logged(self, *parts):
        """Does a line of the log say so? A line may come a moment later than the answer."""
        for _ in range(200):
            if any(all(x in line for x in parts) for line in list(self.node.log)):
                return True
            time.sleep(0.02)
        return False

    # -- what there is --------------------------------------------------------------

    def test_services_are_found_by_reflection(self):
        names = self.local.services()
        for name in ("Accounts", "DevicePasswords", "Domains", "Aliases", "Audit", "Metrics"):
            self.assertIn(ADMIN + name, names)
        self.assertIn("grpc.health.v1.Health", names)
        with self.assertRaises(LookupError):
            self.local.service("hamlet.cluster.v1.Link")

    def test_the_node_is_well(self):
        reply = self.local.call("grpc.health.v1.Health", "Check")
        self.assertEqual(reply.status, 1)

    def test_an_account_is_made_and_logs_in(self):
        account = self.local.call(ADMIN + "Accounts", "Create", address="carol@here.test",
                                  display_name="Carol", password="tea with milk")
        self.assertEqual(account.address, "carol@here.test")
        box = poplib.POP3(HOST, self.node.port["pop3"])
        box.stls(context=any_certificate())
        box.user("carol")
        self.assertIn(b"+OK", box.pass_("tea with milk"))
        box.quit()
        again = failure(lambda: self.local.call(ADMIN + "Accounts", "Create", password="x",
                                                address="carol@here.test"))
        self.assertEqual(again.code(), grpc.StatusCode.ALREADY_EXISTS)

    def test_a_list_comes_in_pages(self):
        for name in ("p1", "p2", "p3"):
            self.local.call(ADMIN + "Accounts", "Create", address=name, password="tea with milk")
        names, token = [], ""
        while True:
            page = self.local.call(ADMIN + "Accounts", "List", page_size=2, page_token=token)
            self.assertLessEqual(len(page.accounts), 2)
            names += [x.address for x in page.accounts]
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(names, sorted(set(names)))
        self.assertIn("p3@here.test", names)

    def test_a_repeated_request_is_done_once(self):
        make = lambda: self.local.call(ADMIN + "DevicePasswords", "Create", request_id="once",
                                       address="alice", name="phone")
        first, second = make(), make()
        self.assertEqual(first.password, second.password)
        listed = self.local.call(ADMIN + "DevicePasswords", "List", address="alice")
        self.assertEqual([x.name for x in listed.device_passwords], ["phone"])

    def test_validation_changes_nothing(self):
        self.local.call(ADMIN + "Domains", "Add", name="other.test", validate_only=True)
        domains = self.local.call(ADMIN + "Domains", "List").domains
        self.assertEqual([x.name for x in domains], ["here.test"])

    def test_a_refusal_names_the_field(self):
        why = failure(lambda: self.local.call(ADMIN + "Accounts", "Create", address="x",
                                              password="y", role="king"))
        self.assertEqual(why.code(), grpc.StatusCode.INVALID_ARGUMENT)
        octets = dict(why.trailing_metadata())["grpc-status-details-bin"]
        self.local.service(ADMIN + "Accounts")
        self.local._learn(ADMIN + "BadFields")  # pylint: disable=protected-access
        details = self.local.type(ADMIN + "Failure").FromString(octets).details
        bad = self.local.type(ADMIN + "BadFields").FromString(details[0].value)
        self.assertEqual([x.name for x in bad.field], ["role"])

    def test_numbers_are_those_of_monitoring(self):
        samples = self.local.call(ADMIN + "Metrics", "Get", prefix="hamlet_connections").samples
        self.assertEqual(samples[0].name, "hamlet_connections")

    # -- who may --------------------------------------------------------------------

    def test_a_mail_program_is_seen_and_sent_away(self):
        def clients(account="alice@" + DOMAIN):
            return self.local.call(ADMIN + "MailClients", "List", account=account).clients

        def log_in():
            program = poplib.POP3(HOST, self.node.port["pop3"], timeout=30)
            self.addCleanup(program.close)
            before = {x.connection: x.is_secure for x in clients("")}
            program.stls(context=any_certificate())
            program.user("alice")
            program.pass_(PASSWORD)
            return program, before

        program, before = log_in()
        (found,) = clients()
        self.assertIs(before[found.connection], False)
        self.assertEqual((found.protocol, found.node), ("pop3", "mail." + DOMAIN))
        self.assertIn(HOST, found.address)
        self.assertTrue(found.is_secure)
        gone = self.local.call(ADMIN + "MailClients", "Disconnect", connection=found.connection)
        self.assertEqual(gone.connection, found.connection)
        self.assertTrue(self.logged("pop3", f" c={found.connection} ", "maildrop"))
        with self.assertRaises((poplib.error_proto, OSError)):
            program.noop()
        self.assertFalse(clients())
        log_in()[0].quit()  # the maildrop is free

    def test_certificates_have_roles(self):
        self.as_role("viewer").call(ADMIN + "Accounts", "List")
        for role in ("viewer", "moderator", "operator"):
            why = failure(lambda: self.as_role(role).call(ADMIN + "Domains", "Add", name="x.test"))
            self.assertEqual(why.code(), grpc.StatusCode.PERMISSION_DENIED, role)
            self.assertIn("admin", why.details())
        self.as_role("admin").call(ADMIN + "Domains", "Add", name="admins.test")
        self.as_role("admin").call(ADMIN + "Domains", "Remove", name="admins.test")
        self.assertTrue(self.logged("refused", "certificate:ann-moderator", "Domains/Add"))
        audit = self.local.call(ADMIN + "Audit", "List").entries
        mine = [(x.method, x.outcome) for x in audit if x.who == "certificate:ann-operator"]
        self.assertEqual(mine, [("Domains/Add", "PERMISSION_DENIED")])
        mine = [(x.method, x.outcome) for x in audit if x.who == "certificate:ann-admin"]
        self.assertEqual(mine, [("Domains/Remove", "OK"), ("Domains/Add", "OK")])

    def test_nobody_gets_in_without_anything(self):
        stranger = Reflected(self.channel())
        self.assertEqual(self.code(stranger.services), grpc.StatusCode.UNAUTHENTICATED)
        list_accounts = self.channel().unary_unary(f"/{ADMIN}Accounts/List")
        self.assertEqual(self.code(lambda: list_accounts(b"", timeout=20)),
                         grpc.StatusCode.UNAUTHENTICATED)
        self.assertTrue(self.logged("refused", "neither a certificate nor a token"))

    def refused_with(self, bundle, problem):
        certificate, key, _ = papers(bundle)
        list_accounts = self.channel(certificate, key).unary_unary(f"/{ADMIN}Accounts/List")
        why = failure(lambda: list_accounts(b"", timeout=20))
        self.assertEqual(why.code(), grpc.StatusCode.UNAUTHENTICATED)
        self.assertIn(problem, why.details())
        self.assertTrue(self.logged("admin refused", problem))

    def test_another_authority_is_refused(self):
        with Node(QUICK) as other:
            other.run("cluster", "init", "tea", "alpha")
            self.refused_with(other.run("admin", "certificate", "eve", "--role", "admin"),
                              "another authority")

    def test_the_certificate_of_a_node_is_refused(self):
        node = (self.node.folder / "data/cluster/node.pem").read_text()
        self.refused_with(node + self.authority.decode(), "names none that may be here")

    def test_a_certificate_that_was_taken_back_is_refused(self):
        bundle = self.node.run("admin", "certificate", "mallory", "--role", "admin")
        certificate, key, _ = papers(bundle)
        Reflected(self.channel(certificate, key)).call(ADMIN + "Accounts", "List")
        self.node.run("cluster", "ca", "revoke", "mallory.admin")
        patience = time.monotonic() + 30  # it is good for some two seconds more
        listing = self.channel(certificate, key).unary_unary(f"/{ADMIN}Accounts/List")
        while time.monotonic() < patience:
            try:
                listing(b"", timeout=20)
                time.sleep(0.05)
            except grpc.RpcError:
                break
        self.refused_with(bundle, "revoked")

    def test_the_server_has_a_name(self):
        certificate, key, _ = papers(self.bundle["admin"])
        liar = self.channel(certificate, key, name="beta.node.hamlet").unary_unary(
            f"/{ADMIN}Accounts/List")
        self.assertEqual(self.code(lambda: liar(b"", timeout=20)), grpc.StatusCode.UNAVAILABLE)

    def test_a_token_lets_in_until_it_is_taken_back(self):
        token = self.node.run("admin", "token", "add", "watch").strip()
        watch = self.with_token(token)
        watch.call(ADMIN + "Accounts", "List")
        self.assertEqual(self.code(lambda: watch.call(ADMIN + "Domains", "Add", name="x.test")),
                         grpc.StatusCode.PERMISSION_DENIED)
        self.assertRegex(self.node.run("admin", "token", "list"), r"watch +viewer")
        self.node.run("admin", "token", "revoke", "watch")
        self.assertEqual(self.code(lambda: watch.call(ADMIN + "Accounts", "List")),
                         grpc.StatusCode.UNAUTHENTICATED)
        self.assertEqual(self.code(lambda: self.with_token("x" * 56).services()),
                         grpc.StatusCode.UNAUTHENTICATED)
        self.assertFalse(any(token in line for line in self.node.log))

    def test_secrets_are_in_no_log(self):
        self.local.call(ADMIN + "Accounts", "SetPassword", address="alice", password="unheard-of")
        self.assertTrue(self.logged("change", "SetPassword", "alice"))
        self.assertFalse(any("unheard-of" in line for line in self.node.log))


if __name__ == "__main__":
    unittest.main()
