# SPDX-License-Identifier: Apache-2.0
"""tools/packages.sh with a dpkg-query and an apt-get of our own: nothing is installed."""
import pathlib
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "tools/packages.sh"
FAKES = {
    # "there" is what is installed; apt-get writes it, unless the package is not to be had.
    "dpkg-query": 'for last; do :; done; grep -qx "$last" "$BOX/there" && printf installed || exit 1',
    "apt-get": '[ "$1" != -s ] || { echo "Remv ${REMOVES:-x-dev}"; exit 0; }\n'
               'echo "$@" >> "$BOX/calls"\n[ "$1" = install ] || exit 0\n'
               'for x; do case $x in -*|install|DPkg*|none) ;; *) echo "$x" >> "$BOX/there" ;; esac; done',
    "apt-cache": "exit ${LISTS:-0}",
    "id": "echo 0",
}


class Packages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.box = pathlib.Path(folder.name)
        (self.box / "there").write_text("one\n")
        for name, text in FAKES.items():
            path = self.box / name
            path.write_text("#!/bin/sh\n" + text + "\n")
            path.chmod(0o755)

    def run_with(self, text, **environment):
        (self.box / "list").write_text(text)
        # The script's folder for policies is the machine's: a copy writes into the box instead.
        script = self.box / "packages.sh"
        script.write_text(SCRIPT.read_text().replace("/usr/sbin/policy-rc.d", f"{self.box}/policy-rc.d"))
        done = subprocess.run(["bash", script, self.box / "list", self.box / "no-such-list"], capture_output=True,
                              text=True, env={"PATH": f"{self.box}:/usr/bin:/bin", "BOX": str(self.box), **environment})
        calls = self.box / "calls"
        return done, calls.read_text().splitlines() if calls.exists() else []

    def test_runs_nothing_when_nothing_is_missing(self):
        done, calls = self.run_with("one # a comment\n# two\n")
        self.assertEqual((0, []), (done.returncode, calls), done.stderr)

    def test_installs_all_that_is_missing_in_one_call(self):
        done, calls = self.run_with("one\ntwo\nthree\n")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(1, len(calls), calls)
        self.assertTrue(calls[0].endswith(" three two") and "--no-install-recommends" in calls[0], calls)

    def test_reads_the_lists_first_when_they_are_not_there(self):
        done, calls = self.run_with("two\n", LISTS="1")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(["update", "install"], [x.split()[0] for x in calls])

    def test_fails_when_a_package_is_not_to_be_had(self):
        done, _ = self.run_with("none\n")
        self.assertEqual(1, done.returncode)
        self.assertIn("could not install none", done.stderr)

    def test_removes_no_program_of_the_machine(self):
        done, calls = self.run_with("two\n", REMOVES="exim4-base [4.96]")
        self.assertEqual((1, []), (done.returncode, calls))
        self.assertIn("would remove exim4-base", done.stderr)

    def test_leaves_no_policy_behind(self):
        self.run_with("two\n")
        self.assertFalse((self.box / "policy-rc.d").exists())


if __name__ == "__main__":
    unittest.main()
