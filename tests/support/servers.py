"""Parts of the system as real processes: started, waited for, killed and restarted by a test."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from foundation.local.processes import start_server, stop_server
from tests.support.eventually import eventually

# A URL that answers 200 once all is well, or a question of the test's own.
Ready = str | Callable[[], bool | Awaitable[bool]]

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A child process of a test, and the file that it writes its log to."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def written(self) -> str:
        """Return all it has written so far, by every process that used this log."""
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """End it as a power cut does: nothing is finished, nothing is said."""
        self.process.kill()
        self.process.wait()

    async def stop(self, *, within: float = 60) -> int:
        """Ask it to end; return its code, which is negative when it had to be killed."""
        await asyncio.to_thread(stop_server, self.process, end_with=signal.SIGTERM, within=within)
        return int(self.process.returncode)


class Servers:
    """The processes of one test, each with its log in `folder`; `stop_all` leaves none behind."""

    def __init__(self, folder: Path) -> None:
        """Keep the logs in `folder`."""
        self._folder = folder
        self._started: list[Server] = []

    async def start(
        self,
        name: str,
        *arguments: str,
        env: Mapping[str, str],
        ready: Ready | None = None,
        within: float = 60,
    ) -> Server:
        """Start one of our commands (`outreach`, `preferences`, `simulator`), or any other program on PATH.

        `env` is added to the environment, less what this process has of OUTREACH_*, PREFERENCES_* and
        SIMULATOR_*. Return when `ready`; fail with the end of its log when it ends or takes too long.
        """
        log = self._folder / f"{Path(name).name}-{len(self._started) + 1}.log"
        process = start_server([_program(name), *arguments], log=log, env=_clean() | dict(env), cwd=_ROOT)
        server = Server(name=name, process=process, log=log)
        self._started.append(server)
        if ready is not None:
            await self.wait_for(server, ready, within=within)
        return server

    async def wait_for(self, server: Server, ready: Ready, *, within: float = 60) -> None:
        """Return when `server` is ready; fail with the end of its log when it ends or takes too long."""

        async def is_ready() -> bool:
            if not server.is_running:
                return True
            answer = await _answers(ready) if isinstance(ready, str) else ready()
            return await answer if isinstance(answer, Awaitable) else answer

        with contextlib.suppress(AssertionError):
            await eventually(is_ready, within=within)
            if server.is_running:
                return
        state = "is not ready" if server.is_running else f"ended with {server.process.returncode}"
        raise AssertionError(f"{server.name} {state}; it wrote:\n{_end_of(server)}")

    def stop_all(self, *, shows_logs: bool = True) -> None:
        """End what still runs, the last started first; print the logs, which pytest shows on failure."""
        for server in reversed(self._started):
            stop_server(server.process, end_with=signal.SIGTERM, within=10)
        for server in self._started if shows_logs else ():
            sys.stdout.write(f"--- {server.log.name} ({server.process.returncode})\n{_end_of(server)}\n")


def _program(name: str) -> str:
    ours = Path(sys.executable).parent / name
    return str(ours) if ours.exists() else name


def _clean() -> dict[str, str]:
    ours = ("OUTREACH_", "PREFERENCES_", "SIMULATOR_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def _end_of(server: Server, lines: int = 30) -> str:
    return "\n".join(server.written().splitlines()[-lines:])


async def _answers(url: str) -> bool:
    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
        timeout = aiohttp.ClientTimeout(total=2)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
            return answer.status == 200
    return False
