"""Servers as child processes: started with a log file, stopped by signal, never left behind."""

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1


class ServerUnavailable(Exception):
    """A server cannot be had on this machine; the text is one line that says why and what to do."""


class ServerDied(ServerUnavailable):
    """A server ended, or never answered, while it was being started; the text names its log."""

    def __init__(self, text: str, *, log: Path) -> None:
        super().__init__(f"{text}; its log is {log}")
        self.log = log


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAs:
    """Whom a child runs as, where that is not who we are."""

    uid: int
    gid: int


def start_server(
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str],
    cwd: Path,
    run_as: RunAs | None = None,
    end_with: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, its output appended to `log`.

    A Ctrl-C in the terminal does not reach it, so that its owner can stop servers in order. On Linux it gets
    `end_with` when the *thread* that called this ends, however that happens: call it from the main thread.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            user=run_as.uid if run_as else None,
            group=run_as.gid if run_as else None,
            extra_groups=[] if run_as else None,
            # It only calls prctl, looked up before the fork.
            preexec_fn=_dies_with_its_parent(end_with),  # noqa: PLW1509
        )


def _dies_with_its_parent(end_with: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask_the_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, int(end_with))

    return ask_the_kernel


def stop_server(process: subprocess.Popen[bytes], *, end_with: signal.Signals, within: float) -> None:
    """Ask `process` to end, and kill it when it has not ended `within` seconds. Twice is once."""
    if process.poll() is not None:
        return
    process.send_signal(end_with)
    try:
        process.wait(within)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def await_ready(
    process: subprocess.Popen[bytes], ready: Callable[[], bool], *, name: str, log: Path, within: float
) -> None:
    """Return when `ready()`; raise `ServerDied`, with the process gone, when it ends or takes too long."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if ready():
            return
        time.sleep(0.03)  # noqa: TID251 (a starting server says nothing that could be awaited)
    stop_server(process, end_with=signal.SIGKILL, within=5)
    raise ServerDied(f"{name} did not start ({last_line(log)})", log=log)


def last_line(log: Path) -> str:
    """Return the last line of `log` that says anything, for a one-line error."""
    return next(iter(last_lines(log, 1)), "it said nothing")


def last_lines(log: Path, count: int) -> list[str]:
    """Return the last `count` lines of `log` that say anything, for somebody who asks why a server ended."""
    with contextlib.suppress(OSError):
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
        return [line[:300] for line in lines[-count:]]
    return []


def free_ports(count: int) -> list[int]:
    """Return `count` different ports of 127.0.0.1 that nobody listens on at this moment."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for unbound in sockets:
            unbound.bind(("127.0.0.1", 0))
        return [int(bound.getsockname()[1]) for bound in sockets]


def free_port(preferred: int | None = None) -> int:
    """Return `preferred` if nobody listens there, else any port of 127.0.0.1 that is free."""
    return preferred if preferred and is_free(preferred) else free_ports(1)[0]


def is_free(port: int) -> bool:
    """Say whether nobody listens on `port` of 127.0.0.1 at this moment."""
    with socket.socket() as attempt:
        # A server that ended a moment ago leaves the port in a state that servers may take over.
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def reserve_port(held: contextlib.ExitStack, preferred: int | None = None) -> int:
    """Return a free port, `preferred` if it can be had, that nobody else is given while `held` lasts.

    A server binds its port seconds after it was chosen, so that two who choose at once would choose the same.
    Until then a lock on a file speaks for it to whoever reserves; the kernel ends the lock with its holder.
    """
    while True:
        port = free_port(preferred)
        if _lock(port, held):
            return port
        preferred = None


def _lock(port: int, held: contextlib.ExitStack) -> bool:
    # Opened for appending: a file of this name that is not ours is left as it is.
    path = Path(tempfile.gettempdir()) / f"reserved-port-{port}-{os.getuid()}.lock"
    with contextlib.ExitStack() as opened:
        lock = opened.enter_context(path.open("a"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        held.push(opened.pop_all())
    return True
