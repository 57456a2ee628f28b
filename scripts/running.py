"""What `make up` has running: waited for together, named when it dies, stopped in order."""

import json
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from foundation.local.processes import ServerDied, start_server, stop_server
from scripts.parts import Part

_BETWEEN_LOOKS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningServer:
    """A child process, the file it logs to, and how it is stopped."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    stop: Callable[[], None]


class Readiness:
    """Asks a part whether it is ready, and remembers what it said is missing.

    Its port may be another process's: only an answer that names the process we started counts.
    """

    def __init__(self, url: str, *, pid: int) -> None:
        self.last_answer = "nothing"
        self._url = url
        self._pid = pid

    def __call__(self) -> bool:
        status, body = self._ask()
        if body is None:
            return False
        self.last_answer = body
        if _process_in(body) != self._pid:
            self.last_answer = f"another process answers at {self._url}"
            return False
        return status == HTTPStatus.OK

    def _ask(self) -> tuple[int, str | None]:
        try:
            # As long as the part itself takes to give up on the slowest of its checks, and a second.
            with urllib.request.urlopen(self._url, timeout=4) as answer:  # noqa: S310 (our own URL)
                return answer.status, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as not_ready:
            return not_ready.code, not_ready.read().decode(errors="replace")
        except OSError:
            return 0, None


def _process_in(body: str) -> Any:
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    return answer.get("process") if isinstance(answer, dict) else None


class Running:
    """The servers that run, in the order they were started."""

    def __init__(self) -> None:
        self._servers: list[RunningServer] = []

    def add(self, server: RunningServer) -> None:
        self._servers.append(server)

    def launch(self, part: Part, *, log: Path) -> Readiness:
        """Start a part; return what asks it whether it is ready."""
        process = start_server(part.command, log=log, env=part.env, cwd=Path.cwd())

        def stop() -> None:
            stop_server(process, end_with=signal.SIGTERM, within=30)

        self.add(RunningServer(name=part.name, process=process, log=log, stop=stop))
        return Readiness(part.ready, pid=process.pid)

    def await_ready(self, asked: Mapping[str, Callable[[], bool]], *, within: float) -> None:
        """Return when all of `asked`, by the names of their servers, have answered yes.

        Raises:
            ServerDied: one of all that run has ended, asked or not, or one that was asked took too long.
        """
        waiting = dict(asked)
        deadline = time.monotonic() + within
        while True:
            self.check()
            waiting = {name: ready for name, ready in waiting.items() if not ready()}
            if not waiting:
                return
            if time.monotonic() > deadline:
                raise self._never_ready(*next(iter(waiting.items())))
            time.sleep(_BETWEEN_LOOKS)  # noqa: TID251 (a starting server says nothing that could be awaited)

    def watch(self) -> None:
        """Wait until one ends by itself, which ends everything, since nothing works without it.

        Raises:
            ServerDied: always, in the end.
        """
        never = threading.Event()
        while True:
            self.check()
            never.wait(_BETWEEN_LOOKS)

    def check(self) -> None:
        """Raise `ServerDied` when one has ended by itself."""
        for server in self._servers:
            if (code := server.process.poll()) is not None:
                raise ServerDied(f"{server.name} ended by itself with {code}", log=server.log)

    def stop(self, *, tell: Callable[[str], None]) -> None:
        """Stop the last started first: who sends before who stores, and Kafka and PostgreSQL last."""
        for server in reversed(self._servers):
            tell(server.name)
            server.stop()

    def _never_ready(self, name: str, ready: Callable[[], bool]) -> ServerDied:
        [log] = [server.log for server in self._servers if server.name == name]
        answer = f": asked, it said last {ready.last_answer}" if isinstance(ready, Readiness) else ""
        return ServerDied(f"{name} is not ready{answer}", log=log)
