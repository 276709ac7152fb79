# SPDX-License-Identifier: Apache-2.0
"""For tests that start programs: when they end, however they end, no program of theirs and no folder
is left.

    if __name__ == "__main__":
        sys.exit(guardian.watch(main))

watch() runs main in a process of its own. What that one leaves behind becomes our child, and is
ended; all temporary files are in one folder, which is deleted. If we are killed ourselves, main gets
SIGTERM and cleans up."""
import contextlib
import ctypes
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
PATIENCE = 20  # seconds, for what was told to end
_libc = ctypes.CDLL(None, use_errno=True)


def watch(main):
    """@returns the exit status of main, which returns one itself."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="hamlet-run-"))
    folder.chmod(0o711)  # PostgreSQL is another user
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    worker = os.fork()
    if worker == 0:
        _work(main, folder)
    told = []
    for word in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(word, lambda *_: (told.append(1), _send(worker, signal.SIGTERM)))
    try:
        status = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
    finally:
        left = _end_children()
        shutil.rmtree(folder, ignore_errors=True)
    if left and not told:
        print(f"FAULT {left} programs were still running at the end")
    return 1 if told or left else min(abs(status), 255)


def _work(main, folder):
    parent = os.getppid()
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    for word in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(word, lambda *_: sys.exit(1))
    status = 1
    try:
        if os.getppid() == parent:
            tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
            status = main()
    except SystemExit as end:
        if end.code is not None and not isinstance(end.code, int):
            print(end.code, file=sys.stderr)
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:  # pylint: disable=broad-except
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(Exception):
            import atexit
            atexit._run_exitfuncs()  # pylint: disable=protected-access
        sys.stdout.flush()
        sys.stderr.flush()
        if os.getppid() != parent:  # nobody else will
            _end_children()
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(status or 0)


def _send(pid, word):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, word)


def _children():
    text = pathlib.Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    return [int(x) for x in text.split()]


def _state(pid):
    """@returns its name, and whether it is still running; not one that only waits to be buried."""
    with contextlib.suppress(OSError):
        text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        name, _, rest = text.partition("(")[2].rpartition(")")
        return name, rest.split()[0] not in "ZX"
    return "", False


def _end_children():
    """@returns how many there were."""
    seen, count = set(), 0
    end = time.monotonic() + PATIENCE
    while (left := _children()) and time.monotonic() < end:
        for pid in left:
            name, runs = _state(pid)
            if pid in seen or not runs:
                continue
            _send(pid, signal.SIGCONT)
            # A PostgreSQL that is killed leaves shared memory behind.
            _send(pid, signal.SIGQUIT if name == "postgres" else signal.SIGKILL)
            seen.add(pid)
            count += 1
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0] != 0:
                pass
        time.sleep(0.02)
    return count
