# SPDX-License-Identifier: Apache-2.0
"""Certificates of PostgreSQL and of the doors for clients, signed by an authority of this cluster.
The nodes know each other by another one, which `hamlet cluster` makes."""
import subprocess

DAYS = "30"


class Papers:
    def __init__(self, folder, net, domain):
        self.folder = folder / "tls"
        self.folder.mkdir(mode=0o700)
        self.ca = self.folder / "ca.pem"
        self._openssl("req", "-x509", "-subj", "/CN=sample authority", "-days", DAYS, *self._key("ca"),
                      "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out", self.ca)
        hosts = ("db1", "db2")
        self._sign("database", "database", [f"DNS:{x}" for x in hosts] + [f"IP:{net.address(x)}" for x in hosts])
        # One for all nodes: a client must not see which one it has come to.
        self._sign("mail", f"mail.{domain}", [f"DNS:mail.{domain}", "DNS:localhost", "IP:127.0.0.1"])
        self.database_chain = (self.folder / "database.pem").read_text()
        self.database_key = (self.folder / "database.key").read_text()
        self.mail_chain, self.mail_key = self.folder / "mail.pem", self.folder / "mail.key"

    def _key(self, name):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", self.folder / f"{name}.key")

    def _sign(self, name, subject, others):
        self._openssl("req", "-x509", "-subj", f"/CN={subject}", "-days", DAYS, *self._key(name),
                      "-CA", self.ca, "-CAkey", self.folder / "ca.key", "-addext", "basicConstraints=critical,CA:FALSE",
                      "-addext", f"subjectAltName={','.join(others)}", "-out", self.folder / f"{name}.pem")

    @staticmethod
    def _openssl(*words):
        done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"openssl: {done.stderr}")
