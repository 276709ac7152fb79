# SPDX-License-Identifier: Apache-2.0
"""The servers of chat, as those of peers.py: private instances, without history, resolver and
ident, and with their limits of floods and of clients per address turned off, as Hamlet's are for
addresses of `chat_limits.exempt`."""
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import tempfile

import peers


class Hamlet(peers.Hamlet):
    AT_A_TIME = 100  # clients that register: as suits the server best

    def __init__(self):
        super().__init__(0, settings={
            "chat_limits": ['exempt = ["127.0.0.0/8"]', "connections_per_address = 0"]})


class Daemon:
    """A server that is one process, with a file of settings and a certificate."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="peers-"))
        self.folder.chmod(0o755)
        self.port = {x: peers.free_port() for x in ("irc", "ircs")}
        self.process = None
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=irc.here.test", "-out", self.folder / "cert.pem",
                        "-keyout", self.folder / "key.pem"], check=True, capture_output=True)
        (self.folder / "key.pem").chmod(0o644)  # ngIRCd does not stay root
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        (self.folder / "conf").write_text(
            self.CONF.format(folder=self.folder, most_files=most, **self.port))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        with open(self.folder / "output", "w") as output:
            self.process = subprocess.Popen([*self.COMMAND, self.folder / "conf"], stdout=output,
                                            stderr=output, stdin=subprocess.DEVNULL)
        try:
            peers.wait_for(self.port["irc"], greeting=b"NICK probe\r\nUSER x 0 * :x\r\nQUIT\r\n")
        except RuntimeError as e:
            raise RuntimeError((self.folder / "output").read_text()) from e
        return self

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
            self.process = None

    def pids(self):
        return [self.process.pid]

    def settle(self):
        """Nothing goes on behind the back of the next run."""


class InspIrcd(Daemon):
    title = "InspIRCd"
    AT_A_TIME = 1000  # they are let in once a second
    COMMAND = ["inspircd", "--nofork", *(["--runasroot"] if os.geteuid() == 0 else []), "--config"]
    CONF = """\
<server name="irc.here.test" description="x" network="Bench">
<admin name="x" nick="x" email="x@here.test">
<path datadir="{folder}" logdir="{folder}" runtimedir="{folder}">
<pid file="{folder}/pid">
<module name="ssl_gnutls">
<sslprofile name="clients" provider="gnutls" certfile="{folder}/cert.pem" keyfile="{folder}/key.pem"
  requestclientcert="no">
<bind address="127.0.0.1" port="{irc}" type="clients">
<bind address="127.0.0.1" port="{ircs}" type="clients" sslprofile="clients">
<connect name="all" allow="*" maxchans="100" timeout="60" pingfreq="120" hardsendq="1M"
  softsendq="1M" recvq="16K" threshold="1000000" commandrate="1000000000" fakelag="no"
  localmax="100000" globalmax="100000" maxconnwarn="no" useident="no" resolvehostnames="no"
  usednsbl="no" modes="+x">
<performance softlimit="{most_files}" somaxconn="4096" clonesonconnect="no" netbuffersize="10240"
  quietbursts="yes" nouserdns="yes">
<options defaultmodes="nt">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="{folder}/log">
"""


class NgIrcd(Daemon):
    title = "ngIRCd"
    AT_A_TIME = 8  # it has a backlog of 10
    COMMAND = ["ngircd", "--nodaemon", "--config"]
    CONF = """\
[Global]
Name = irc.here.test
Info = x
Listen = 127.0.0.1
Ports = {irc}
MotdPhrase = x
ServerUID = nobody
ServerGID = nogroup
PidFile = {folder}/pid
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxPenaltyTime = 0
MaxJoins = 0
[Options]
DNS = no
Ident = no
PAM = no
DefaultUserModes =
[SSL]
CertFile = {folder}/cert.pem
KeyFile = {folder}/key.pem
Ports = {ircs}
"""
