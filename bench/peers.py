# SPDX-License-Identifier: Apache-2.0
"""The servers of a comparison, each with `port`, `pids()`, `start()`, `stop()`; all of their files
are in a temporary folder on the same disk, and they listen on 127.0.0.1 alone.

Peer is Postfix, which hands over to Dovecot by LMTP, as private instances: the host's own
configuration and services are neither read nor touched. What decides about durability is left at
its default (Postfix: fsync before the 250; Dovecot: mail_fsync=optimized). Limits that would slow
down one client with many connections are raised, Dovecot keeps its passwords as {PLAIN} with the
cache on, and its mail as Maildir."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.append(str(pathlib.Path(__file__).parent.parent / "tests" / "support"))
import live_node  # noqa: E402

DOMAIN, PASSWORD = live_node.DOMAIN, "secret"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port, seconds=20, greeting=b""):
    end = time.time() + seconds
    while time.time() < end:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as s:
                s.sendall(greeting)
                if s.recv(100):
                    return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"nothing greets on port {port}")


def descendants(pid):
    """`pid` and all below it."""
    children = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += children.get(found[-1], [])
    return found


def cpu_seconds(pids):
    """User and system time of the processes and of their children that have ended."""
    ticks = 0
    for pid in pids:
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += sum(int(x) for x in fields[11:15])
        except OSError:
            pass
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_kib(pids):
    """RSS of the processes: what they share counts for each."""
    total = 0
    for pid in pids:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1])
    return total


def memory_kib(pids):
    """Memory of the processes; what they share counts once (PSS)."""
    total = 0
    for pid in pids:
        try:
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        except OSError:
            pass
    return total


class QuietNode(live_node.Node):
    """With its log in a file, as its peers have: nobody reads along while it is measured."""

    def _write_settings(self, more):
        log = {"log": [f'file = "{self.folder}/node.log"']}
        super()._write_settings(live_node.merged(log, more))

    def start(self):
        log = self.folder / "node.log"
        log.unlink(missing_ok=True)
        self.process = subprocess.Popen([self.program, "serve", "--config", str(self.settings)],
                                        stderr=subprocess.DEVNULL)
        while not log.exists() or " node ready" not in log.read_text():
            if self.process.poll() is not None:
                raise RuntimeError("the node did not start")
            time.sleep(0.01)
        for line in log.read_text().splitlines():
            if found := live_node.LISTENING.search(line):
                self.port[found[1]] = int(found[2])
        return self

    def pids(self):
        return [self.process.pid]

    def settle(self):
        """Nothing goes on behind the back of the next run."""

    def stop(self, patience=60):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(patience)
            self.process = None

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Hamlet(QuietNode):
    title = "Hamlet"

    def __init__(self, accounts, folder=None, settings=None):
        super().__init__({"pop3": ["needs_tls_for_login = false"], **(settings or {})},
                         folder=folder)
        for n in range(accounts):
            self.add_account(f"user{n}", PASSWORD)


MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/postfix-data
mail_owner = postfix
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
myhostname = mail.here.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = texthash:{folder}/users
virtual_transport = lmtp:unix:{folder}/lmtp
default_process_limit = 300
in_flow_delay = 0
smtpd_tls_cert_file = {folder}/cert.pem
smtpd_tls_key_file = {folder}/key.pem
"""

MASTER_CF = """\
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{submissions} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""

DOVECOT_CONF = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = pop3 lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_cache_size = 16M
auth_cache_ttl = 1 hour
mail_max_userip_connections = 100000
mail_location = maildir:{folder}/mail/%n
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = passwd-file
  args = {folder}/passwd
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}/mail/%n
}}
service pop3-login {{
  service_count = 0
  client_limit = 11000
  vsz_limit = 4G
  process_min_avail = 2
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service pop3 {{
  process_limit = 1000
  service_count = 1000
}}
service lmtp {{
  unix_listener {folder}/lmtp {{
    mode = 0666
  }}
}}
service anvil {{
  client_limit = 30000
}}
service auth {{
  client_limit = 50000
}}
"""


class Peer:
    title = "Postfix + Dovecot"

    def __init__(self, accounts):
        if os.geteuid() != 0:
            raise PermissionError("Postfix and Dovecot start only as root")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="peers-"))
        self.folder.chmod(0o755)
        self.port = {x: free_port() for x in ("smtp", "submissions", "pop3", "pop3s")}
        users = [f"user{n}@{DOMAIN}" for n in range(accounts)]
        self._write("config/main.cf", MAIN_CF)
        self._write("config/master.cf", MASTER_CF)
        self._write("users", "".join(f"{x} x\n" for x in users))
        self._write("dovecot.conf", DOVECOT_CONF)
        self._write("passwd", "".join(f"{x}:{{{{PLAIN}}}}{PASSWORD}\n" for x in users))
        for name, owner in (("spool", "root"), ("postfix-data", "postfix"), ("mail", "nobody")):
            (self.folder / name).mkdir()
            shutil.chown(self.folder / name, owner)
        self._call("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                   "-subj", "/CN=mail.here.test", "-out", f"{self.folder}/cert.pem",
                   "-keyout", f"{self.folder}/key.pem")

    def _write(self, name, text):
        file = self.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text.format(folder=self.folder, domain=DOMAIN, **self.port))

    def _call(self, *words, check=True):
        """Into a file: a daemon holds on to a pipe."""
        with open(self.folder / "calls.log", "a") as log:
            status = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                    cwd="/").returncode
        if check and status != 0:
            raise RuntimeError(f"{' '.join(words)}: {(self.folder / 'calls.log').read_text()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        self._call("dovecot", "-c", f"{self.folder}/dovecot.conf")
        self._call("postfix", "-c", f"{self.folder}/config", "start")
        for port in (self.port["smtp"], self.port["pop3"]):
            wait_for(port)
        return self

    def stop(self):
        self._call("postfix", "-c", f"{self.folder}/config", "abort", check=False)
        self._call("doveadm", "-c", f"{self.folder}/dovecot.conf", "stop", check=False)

    def pids(self):
        masters = (self.folder / "spool/pid/master.pid", self.folder / "run/master.pid")
        return [x for file in masters for x in descendants(int(file.read_text()))]

    def settle(self):
        """Returns when all that was acknowledged is delivered."""
        queues = [self.folder / "spool" / x for x in ("incoming", "active", "deferred")]
        while any(files for queue in queues for _, _, files in os.walk(queue)):
            time.sleep(0.05)
