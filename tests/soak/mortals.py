"""PostgreSQL and Kafka as servers of our own, killed with all they hold and started again on their data."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from foundation.local.kafka import KafkaServer, start_kafka
from foundation.local.postgres import PostgresServer, start_postgres
from tests.soak.ports import quiet_ports
from tests.support.eventually import eventually


class Mortals:
    """Both servers. Call `stop` whatever happens: nothing is left behind."""

    def __init__(self, home: Path) -> None:
        """Keep their data in `home`, which whoever PostgreSQL runs as must be able to enter."""
        self._home = home
        # A server ends with the thread that started it, so that one lives as long as they do.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="servers")
        self._postgres: PostgresServer | None = None
        self._kafka: KafkaServer | None = None
        [self._port] = quiet_ports(1)

    async def start(self) -> None:
        await self._in_thread(self._start_postgres)
        await self._in_thread(self._start_kafka)

    @property
    def database_url(self) -> str:
        assert self._postgres is not None
        return self._postgres.url

    @property
    def kafka_address(self) -> str:
        assert self._kafka is not None
        return self._kafka.address

    async def kill_postgres(self) -> None:
        """Kill the server and every process of it at once, and start it again."""
        assert self._postgres is not None
        process = self._postgres.process
        family = children_of(process.pid)
        process.kill()
        for each in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        process.wait()
        await eventually(lambda: not any(map(_is_there, family)), within=60, what="PostgreSQL is gone")
        await self._in_thread(self._start_postgres)

    async def kill_a_session(self, choice: Callable[[list[int]], int]) -> None:
        """Kill one process of the server; it then ends every session and recovers by itself."""
        assert self._postgres is not None
        # Where the server is just dead, it has none.
        sessions = [each for each in children_of(self._postgres.process.pid) if b"outreach" in _title(each)]
        if sessions:
            with contextlib.suppress(ProcessLookupError):
                os.kill(choice(sessions), signal.SIGKILL)

    async def freeze_postgres(self, seconds: float) -> None:
        """Have the server and every process of it do nothing for so long: nobody is refused, or answered."""
        assert self._postgres is not None
        pid = self._postgres.process.pid
        await _freeze([pid], seconds, also=lambda: children_of(pid))

    async def freeze_kafka(self, seconds: float) -> None:
        assert self._kafka is not None
        await _freeze([self._kafka.process.pid], seconds, also=list)

    async def kill_kafka(self) -> None:
        """Kill the broker and start it again."""
        assert self._kafka is not None
        self._kafka.process.kill()
        self._kafka.process.wait()
        await self._in_thread(self._start_kafka)

    def stop(self) -> None:
        """End both, one that is being started too."""
        # Whatever was begun is done first, so that it is known what to stop.
        self._thread.submit(lambda: None).result()
        for each in (self._kafka, self._postgres):
            if each is not None:
                each.stop()
        self._thread.shutdown()

    def _start_postgres(self) -> None:
        # Durable: what was committed when a server is killed has to be there when it comes back.
        self._postgres = start_postgres(self._home / "pg", durable=True)

    def _start_kafka(self) -> None:
        self._kafka = start_kafka(self._home / "kafka", port=self._port)

    async def _in_thread(self, work: Callable[[], None]) -> None:
        await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, work))


def children_of(pid: int) -> list[int]:
    """Return the processes whose parent is `pid`, in the order they were started; none if it is gone."""
    with contextlib.suppress(OSError):
        return sorted(int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return []


async def _freeze(pids: list[int], seconds: float, *, also: Callable[[], list[int]]) -> None:
    """Stop these and then what `also` finds, which begets no more; wake all of them."""
    stopped: list[int] = []
    try:
        for pid in pids:
            _signal(pid, signal.SIGSTOP, stopped)
        for pid in also():
            _signal(pid, signal.SIGSTOP, stopped)
        await asyncio.sleep(seconds)
    finally:
        for pid in reversed(stopped):
            _signal(pid, signal.SIGCONT, [])


def _signal(pid: int, what: signal.Signals, done: list[int]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, what)
        done.append(pid)


def _is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _title(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
