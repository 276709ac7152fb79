# SPDX-License-Identifier: Apache-2.0
"""A terminal of its own for a program: a person's keys go in, what a person sees comes out."""
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time

PATIENCE = 40  # seconds; only a failing test waits so long


class Terminal:
    """@param command What to run; {home} in its words is a folder of its own, which goes with it.
    @param files What stands in that folder: {"config": "text"}."""

    def __init__(self, *command, files=None, width=150, height=45):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="hamlet-terminal-"))
        for name, text in (files or {}).items():
            (self.home / name).write_text(text)
            (self.home / name).chmod(0o600)
        words = [str(x).replace("{home}", str(self.home)) for x in command]
        self._tmux("new-session", "-d", "-x", str(width), "-y", str(height),
                   # The screen stays to be read when the program has ended.
                   f"{shlex.join(words)}; exec sleep 1000000",
                   environment={"HOME": str(self.home), "LC_ALL": "C.UTF-8"})

    def _tmux(self, *words, environment=None):
        done = subprocess.run(["tmux", "-f", "/dev/null", "-S", str(self.home / "tmux"), *words],
                              capture_output=True, timeout=60,
                              env={**os.environ, "TERM": "screen-256color", **(environment or {})})
        if done.returncode != 0:
            raise AssertionError(f"tmux {words}: {done.stderr.decode()}")
        return done.stdout.decode(errors="replace")

    def say(self, text):
        """Types a line, as it stands, and Enter."""
        self._tmux("send-keys", "-l", "--", text)
        self.press("Enter")

    def press(self, *keys):
        self._tmux("send-keys", *keys)

    def screen(self):
        """What is to be seen now; wrapped lines are one."""
        return self._tmux("capture-pane", "-p", "-J")

    def wait_for(self, pattern, patience=PATIENCE):
        """The match of a regular expression, in the lines of the screen."""
        return self._wait(lambda seen: re.search(pattern, seen, re.M), pattern, patience)

    def wait_gone(self, pattern, patience=PATIENCE):
        self._wait(lambda seen: not re.search(pattern, seen, re.M), f"no {pattern}", patience)

    def _wait(self, found_in, what, patience):
        end = time.monotonic() + patience
        while True:
            seen = self.screen()
            if found := found_in(seen):
                return found
            if time.monotonic() > end:
                raise AssertionError(f"not on the screen: {what}\n{seen}")
            time.sleep(0.05)

    def close(self):
        """Ends the program as a power cut would, so that it writes no more into its folder."""
        if self.home.exists():
            os.killpg(int(self._tmux("list-panes", "-F", "#{pane_pid}")), signal.SIGKILL)
            # Its last session is gone, so tmux ends by itself.
            shutil.rmtree(self.home, ignore_errors=True)
