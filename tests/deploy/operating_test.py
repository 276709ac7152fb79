# SPDX-License-Identifier: Apache-2.0
"""Steps of docs/operating.md where the settings are where the text puts them: /etc/hamlet, which is
closed to all but root and the user hamlet. Each test has an /etc of its own (a mount namespace);
where the root folder is no mount, which is so in a chroot, there can be none: it uses the /etc that
is there, and puts it back as it was."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["HAMLET_BIN"]
SECONDS = 60
# Nobody is allowed more than the owner of a file: also root of the namespace is not.
AS_NOBODY = 'exec setpriv --inh-caps=-all --bounding-set=-all -- "$@"'
MADE = ("/etc/hamlet", "/etc/chain.pem", "/etc/key.pem", "/etc/later", "/var/lib/hamlet")


def is_root_mounted():
    """Only then can a namespace keep its mounts to itself."""
    with open("/proc/self/mountinfo", encoding="utf-8") as all_mounts:
        return any(x.split()[4] == "/" for x in all_mounts)


HAS_OWN = is_root_mounted()
OWN_ETC = ("mount -t tmpfs none /etc && " if HAS_OWN else "") + "mkdir /etc/hamlet && "
OWN_DATA = ("mount -t tmpfs none /var/lib && " if HAS_OWN else "") + "mkdir /var/lib/hamlet && "


def in_own_etc(script, *words, net=False):
    apart = ["--net"] * net + ["--mount"] * HAS_OWN + ["--map-root-user"] * (os.geteuid() != 0)
    return [*(["unshare", *apart] if apart else []), "sh", "-c", OWN_ETC + script, "sh", *map(str, words)]


def run(script, *words):
    return subprocess.run(in_own_etc(script, *words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, timeout=SECONDS)


class OwnEtc(unittest.TestCase):
    def setUp(self):
        if not HAS_OWN:
            for x in MADE:
                self.assertFalse(os.path.lexists(x), f"{x} is somebody's")
            self.addCleanup(self.put_back)

    def put_back(self):
        for x in map(pathlib.Path, MADE):
            if x.is_dir():
                shutil.rmtree(x)
            else:
                x.unlink(missing_ok=True)


class SomebodyElse(OwnEtc):
    """Who is neither root nor hamlet."""
    closed = "echo '[node]' > /etc/hamlet/hamlet.toml && chmod 0 /etc/hamlet && " + AS_NOBODY

    def test_hears_who_may_read_the_settings(self):
        done = run(self.closed, PROGRAM, "domain", "list")
        self.assertEqual(1, done.returncode, done.stdout)
        self.assertIn("/etc/hamlet/hamlet.toml: Permission denied", done.stdout)
        self.assertIn("sudo -u hamlet hamlet", done.stdout)

    def test_may_ask_for_the_version(self):
        done = run(self.closed, PROGRAM, "version")
        self.assertEqual(0, done.returncode, done.stdout)

    def test_administers_another_machine(self):
        done = run(self.closed, PROGRAM, "ctl", "--address", "127.0.0.1:1", "--token-file", "/no-such-file", "health")
        self.assertNotIn("hamlet.toml", done.stdout)
        self.assertIn("/no-such-file", done.stdout)


class Settings(OwnEtc):
    def setUp(self):
        super().setUp()
        box = tempfile.TemporaryDirectory()
        self.addCleanup(box.cleanup)
        self.box = pathlib.Path(box.name)

    def test_check_names_files_that_cannot_be_read(self):
        (self.box / "settings").write_text('[[tls.certificate]]\nchain = "/etc/chain.pem"\nkey = "/etc/key.pem"\n')
        done = run("touch /etc/chain.pem /etc/key.pem && chmod 0 /etc/key.pem && " + AS_NOBODY,
                   PROGRAM, "config", "check", "--config", self.box / "settings")
        self.assertEqual(0, done.returncode, done.stdout)
        self.assertIn("cannot read /etc/key.pem: Permission denied", done.stdout)
        self.assertNotIn("cannot read /etc/chain.pem", done.stdout)

    def test_written_after_the_start_are_read_at_sighup(self):
        # All defaults: the mail ports of a network of its own, and a data folder that is not this machine's.
        script = ("ip link set lo up && " + OWN_DATA +
                  'cp "$2" /etc/later && "$1" serve & child=$!; read go; mv /etc/later /etc/hamlet/hamlet.toml; '
                  "kill -HUP $child; read go; kill -TERM $child; wait $child")
        (self.box / "later").write_text("[log]\nlevel = \"debug\"\n[smtp]\nmax_recipients = 117\n")
        words = in_own_etc(script, PROGRAM, self.box / "later", net=True)
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, bufsize=1) as child:
            try:
                self.until(child, " node ready")
                child.stdin.write("go\n")
                self.until(child, "settings read", "setting=smtp.max_recipients .*to=117")
                child.stdin.write("go\n")
                child.stdin.close()
                child.stdout.read()
            finally:
                child.kill()

    def until(self, child, last, wanted=None):
        seen = ""
        for line in child.stdout:
            seen += line
            if last in line:
                if wanted:
                    self.assertRegex(seen, wanted)
                return
        self.fail(f"it ended: {seen}")


if __name__ == "__main__":
    unittest.main()
