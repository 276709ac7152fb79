# SPDX-License-Identifier: Apache-2.0
"""The files of deploy/, read by the programs that they are for."""
import base64
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PROGRAM = os.environ["HAMLET_BIN"]
SECONDS = 60


def run(*words, **more):
    return subprocess.run([str(x) for x in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, timeout=SECONDS, **more)


class Deploy(unittest.TestCase):
    def setUp(self):
        box = tempfile.TemporaryDirectory()
        self.addCleanup(box.cleanup)
        self.box = pathlib.Path(box.name)

    def copy(self, name, *changes):
        """A file of deploy/ with what this machine does not have put right."""
        text = (DEPLOY / name).read_text(encoding="utf-8")
        for old, new in changes:
            self.assertIn(old, text, name)
            text = text.replace(old, new)
        path = self.box / pathlib.Path(name).name
        path.write_text(text, encoding="utf-8")
        return path

    def assert_runs(self, done):
        self.assertEqual(0, done.returncode, done.stdout)


class Settings(Deploy):
    def check(self, path):
        return run(PROGRAM, "config", "check", "--config", path)

    def certificate(self):
        done = run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                   "-subj", "/CN=mail.example.org", "-keyout", self.box / "key", "-out", self.box / "chain")
        self.assert_runs(done)

    def test_of_one_node(self):
        self.assert_runs(self.check(DEPLOY / "config/hamlet.toml"))

    def test_of_a_node_of_several(self):
        self.assert_runs(self.check(DEPLOY / "config/cluster.toml"))

    def test_a_wrong_one_is_found(self):
        path = self.copy("config/cluster.toml", ("proxy_from", "proxies_from"))
        self.assertNotEqual(0, self.check(path).returncode)

    def test_of_a_pod(self):
        found = [x for x in yaml.safe_load_all((DEPLOY / "kubernetes/hamlet.yaml").read_text(encoding="utf-8"))
                 if x["kind"] == "ConfigMap"]
        path = self.box / "hamlet.toml"
        path.write_text(found[0]["data"]["hamlet.toml"].replace("@NUMBER@", "3").replace("@NAME@", "hamlet-2"))
        self.assert_runs(self.check(path))


class Systemd(Deploy):
    def test_the_unit(self):
        unit = self.copy("systemd/hamlet.service", ("/usr/bin/hamlet", PROGRAM))
        done = run("systemd-analyze", "verify", "--man=no", unit, env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"})
        self.assert_runs(done)
        ours = [x for x in done.stdout.splitlines() if "hamlet" in x]
        self.assertEqual([], ours)  # settings that it does not know are warnings

    def test_a_node_whose_certificate_was_revoked_is_not_started_again(self):
        source = (ROOT / "node/revocations.hpp").read_text()
        status = re.search(r"exit_revoked = (\d+);", source)[1]
        self.assertIn(f"\nRestartPreventExitStatus={status}\n",
                      (DEPLOY / "systemd/hamlet.service").read_text())

    def test_the_unit_gives_little_away(self):
        unit = self.copy("systemd/hamlet.service")
        done = run("systemd-analyze", "security", "--offline=yes", "--threshold=19", "--no-pager", unit)
        self.assert_runs(done)  # 1.9 of 10

    def test_user_and_folders(self):
        root = self.box / "root"
        (root / "etc").mkdir(parents=True)
        self.assert_runs(run("systemd-sysusers", f"--root={root}", DEPLOY / "systemd/hamlet.sysusers"))
        users = (root / "etc/passwd").read_text()
        self.assertRegex(users, r"(?m)^hamlet:[^:]*:\d+:\d+:Hamlet:/var/lib/hamlet:")
        if os.geteuid() != 0:
            return  # nobody else may give folders away
        done = run("systemd-tmpfiles", f"--root={root}", "--create", DEPLOY / "systemd/hamlet.tmpfiles")
        self.assert_runs(done)
        self.assertEqual(0o700, (root / "var/lib/hamlet").stat().st_mode & 0o777)
        self.assertEqual(0o750, (root / "etc/hamlet").stat().st_mode & 0o777)

    def test_they_are_installed_where_systemd_looks(self):
        to = self.box / "made"
        done = run("cmake", "--install", pathlib.Path(os.environ["HAMLET_BUILD"]) / "deploy", "--prefix", to)
        self.assert_runs(done)
        for name in ("bin/hamlet", "lib/systemd/system/hamlet.service", "lib/sysusers.d/hamlet.conf",
                     "lib/tmpfiles.d/hamlet.conf"):
            self.assertTrue((to / name).is_file(), name)
        unit = (to / "lib/systemd/system/hamlet.service").read_text()
        self.assertIn("ExecStart=/usr/bin/hamlet serve", unit)


class Others(Deploy):
    def test_haproxy(self):
        changes = [] if os.geteuid() == 0 else [("    chroot /var/lib/haproxy\n", "")]
        path = self.copy("haproxy/haproxy.cfg", *changes)
        for file in (path, DEPLOY / "redis/haproxy.cfg"):
            self.assert_runs(run("haproxy", "-c", "-dW", "-f", file))  # -dW: a warning is an error
        path.write_text(path.read_text().replace("send-proxy-v2", "send-proxy-v9"))
        self.assertNotEqual(0, run("haproxy", "-c", "-f", path).returncode)

    def test_haproxy_knows_every_door_of_the_nodes(self):
        text = (DEPLOY / "haproxy/haproxy.cfg").read_text(encoding="utf-8")
        settings = (DEPLOY / "config/cluster.toml").read_text(encoding="utf-8")
        doors = set(re.findall(r'^\w+ = \["10\.0\.0\.1:(\d+)"\]', settings, re.M)) - {"7650", "9080"}
        self.assertEqual(doors, set(re.findall(r"bind :(\d+)", text)))
        for port in doors:
            self.assertEqual([f"10.0.0.{n}:{port}" for n in (1, 2, 3)], re.findall(rf"10\.0\.0\.\d+:{port}\b", text))

    def test_patroni(self):
        with socket.socket() as api, socket.socket() as server:
            for s in (api, server):
                s.bind(("127.0.0.1", 0))
            free = {name: s.getsockname()[1] for name, s in (("8008", api), ("5432", server))}
        with socket.create_server(("127.0.0.1", 0)) as etcd:  # it looks whether somebody is there
            text = (DEPLOY / "patroni/patroni.yml").read_text(encoding="utf-8")
            path = self.box / "patroni.yml"
            path.write_text(re.sub(r"hosts: .*", f"hosts: 127.0.0.1:{etcd.getsockname()[1]}", text)
                            .replace("listen: 10.0.0.21:8008", f"listen: 127.0.0.1:{free['8008']}")
                            .replace("listen: 10.0.0.21:5432", f"listen: 127.0.0.1:{free['5432']}")
                            .replace("/var/lib/postgresql/15/hamlet", str(self.box / "data")))
            done = run("patroni", "--validate-config", path)
        self.assert_runs(done)
        self.assertNotRegex(done.stdout, r"(?i)didn't pass|not defined|error")

    def test_redis_and_sentinel_start(self):
        ports = {}
        for name in ("redis", "sentinel"):
            with socket.create_server(("127.0.0.1", 0)) as s:
                ports[name] = s.getsockname()[1]
        users = self.copy("redis/users.acl")
        redis = self.copy("redis/redis.conf", ("bind 10.0.0.31", "bind 127.0.0.1"), ("dir /var/lib/redis",
                          f"dir {self.box}"), ("port 6379", f"port {ports['redis']}"),
                          ("/etc/redis/users.acl", str(users)))
        sentinel = self.copy("redis/sentinel.conf", ("bind 10.0.0.1", "bind 127.0.0.1"),
                             ("dir /var/lib/redis", f"dir {self.box}"), ("port 26379", f"port {ports['sentinel']}"),
                             ("monitor hamlet 10.0.0.31 6379", f"monitor hamlet 127.0.0.1 {ports['redis']}"))
        # What the nodes do, and what they may not.
        self.talk(["redis-server", redis], ports["redis"], b"PING\r\n", b"-NOAUTH")
        self.talk(["redis-server", redis], ports["redis"], b"AUTH hamlet CHANGE-ME-1\r\nXADD s 1-1 a b\r\n", b"1-1")
        script = b"AUTH hamlet CHANGE-ME-1\r\nEVAL \"redis.call('XADD',KEYS[1],'1-1','b','x') return " \
                 b"redis.call('EXPIRE',KEYS[1],9) + redis.call('PUBLISH','c','x')\" 1 t\r\n"
        self.talk(["redis-server", redis], ports["redis"], script, b":1")
        self.talk(["redis-server", redis], ports["redis"], b"AUTH hamlet CHANGE-ME-1\r\nFLUSHALL\r\n", b"-NOPERM")
        self.talk(["redis-server", redis], ports["redis"], b"AUTH balancer CHANGE-ME-4\r\nROLE\r\n", b"master")
        self.talk(["redis-sentinel", sentinel], ports["sentinel"], b"SENTINEL GET-MASTER-ADDR-BY-NAME hamlet\r\n",
                  str(ports["redis"]).encode())

    def talk(self, words, port, ask, wanted):
        with subprocess.Popen([str(x) for x in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as child:
            try:
                for line in child.stdout:
                    if b"Ready to accept connections" in line or b"Sentinel ID is" in line:
                        break
                else:
                    self.fail(f"{words[0]} did not start")
                with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as client:
                    client.sendall(ask)
                    said = b""
                    while wanted not in said:
                        more = client.recv(4096)
                        self.assertTrue(more, said)
                        said += more
            finally:
                child.kill()


def pods(documents):
    return [x["spec"]["template"]["spec"] for x in documents if x["kind"] == "StatefulSet"]


class Kubernetes(Deploy):
    """Not the schema of Kubernetes, which is not on this machine: that names meet their names."""
    APIS = {"ConfigMap": "v1", "Service": "v1", "PodDisruptionBudget": "policy/v1", "StatefulSet": "apps/v1",
            "NetworkPolicy": "networking.k8s.io/v1"}

    def setUp(self):
        super().setUp()
        self.all = list(yaml.safe_load_all((DEPLOY / "kubernetes/hamlet.yaml").read_text(encoding="utf-8")))
        self.pod = pods(self.all)[0]
        self.ports = {x["name"]: x["containerPort"] for x in self.pod["containers"][0]["ports"]}

    def test_each_is_of_its_api(self):
        for x in self.all:
            self.assertEqual(self.APIS[x["kind"]], x["apiVersion"])
            self.assertRegex(x["metadata"]["name"], r"^[a-z][a-z0-9-]*$")

    def test_selectors_find_the_pods(self):
        state = next(x for x in self.all if x["kind"] == "StatefulSet")
        labels = state["spec"]["template"]["metadata"]["labels"]
        self.assertEqual(labels, state["spec"]["selector"]["matchLabels"])
        for x in self.all:
            spec = x.get("spec", {})
            chosen = {"Service": lambda s: s["selector"],
                      "PodDisruptionBudget": lambda s: s["selector"]["matchLabels"],
                      "NetworkPolicy": lambda s: s["podSelector"]["matchLabels"]}.get(x["kind"])
            if chosen:
                self.assertEqual(labels, chosen(spec), x["metadata"]["name"])
        self.assertIn(state["spec"]["serviceName"], [x["metadata"]["name"] for x in self.all if x["kind"] == "Service"])

    def test_ports_are_those_of_the_settings(self):
        text = next(x for x in self.all if x["kind"] == "ConfigMap")["data"]["hamlet.toml"]
        for name, port in re.findall(r'^(\w+) = \["0\.0\.0\.0:(\d+)"\]', text, re.M):
            self.assertEqual(int(port), self.ports["link" if name == "listen" else name.replace("_", "-")])
        for x in self.all:
            for port in x.get("spec", {}).get("ports", []):
                self.assertIn(port["targetPort"], self.ports)
        for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
            probe = self.pod["containers"][0][kind]
            self.assertIn((probe.get("tcpSocket") or probe["httpGet"])["port"], self.ports)
        for rule in next(x for x in self.all if x["kind"] == "NetworkPolicy")["spec"]["ingress"]:
            for port in rule["ports"]:
                self.assertIn(port["port"], self.ports)

    def test_mounts_have_their_volumes(self):
        volumes = {x["name"] for x in self.pod["volumes"]}
        used = {y["name"] for x in self.pod["containers"] + self.pod["initContainers"] for y in x["volumeMounts"]}
        self.assertEqual(volumes, used)

    def test_nodes_get_what_the_secret_has(self):
        done = subprocess.run([sys.executable, DEPLOY / "kubernetes/papers.py", self.box / "papers", "2"], check=True,
                              stdout=subprocess.PIPE, timeout=SECONDS, env={**os.environ, "HAMLET_BIN": PROGRAM})
        files = json.loads(done.stdout)["data"]
        script = self.pod["initContainers"][0]["args"][0]
        for name in re.findall(r"/from/nodes/([\w.$]+)", script):
            self.assertIn(name.replace("$name", "hamlet-1"), files)
        # As the script lays them out, they are a node that knows its cluster.
        data = self.box / "data"
        (data / "cluster").mkdir(parents=True, mode=0o700)
        for target, name in (("node.pem", "hamlet-1.pem"), ("authority.pem", "authority.pem"),
                             ("revoked.pem", "revoked.pem")):
            (data / "cluster" / target).touch(0o600)
            (data / "cluster" / target).write_bytes(base64.b64decode(files[name]))
        settings = self.box / "hamlet.toml"
        settings.write_text(f'[node]\nhostname = "mail.example.org"\ndata_folder = "{data}"\n')
        shown = run(PROGRAM, "cluster", "ca", "show", "--config", settings)
        self.assert_runs(shown)
        self.assertIn("this node hamlet-1", shown.stdout)
        self.assertEqual({32}, {len(base64.b64decode(files[x])) for x in ("server.key", "cloak.key")})


if __name__ == "__main__":
    for needed in ("haproxy", "patroni", "redis-server", "systemd-analyze"):
        if not shutil.which(needed, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            sys.exit(f"{needed} is not installed: tests/deploy/packages.txt")
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    unittest.main()
