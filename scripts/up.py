"""`make up`: the whole system on this machine, from nothing but Python, each part a process of its own.

Everything it keeps is in one folder; starting again goes on where it was.
"""

import argparse
import asyncio
import contextlib
import fcntl
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TextIO

from foundation.kafka import create_topics
from foundation.local.artifacts import find_jars
from foundation.local.kafka import KafkaServer, launch_kafka
from foundation.local.postgres import create_database, start_postgres
from foundation.local.processes import (
    ServerDied,
    ServerUnavailable,
    await_ready,
    start_server,
    stop_server,
)
from foundation.migrations import migrate
from foundation.settings import KafkaSettings
from schemas.topics import TOPICS
from scripts.parts import Part, Ports, Wiring, secrets_in

_COLUMN = 14


@dataclass(slots=True)
class Running:
    """The parts that run, in the order they were started, and how to stop each."""

    processes: dict[str, subprocess.Popen[bytes]]
    stops: list[tuple[str, Callable[[], None]]]

    def add(self, name: str, process: subprocess.Popen[bytes], stop: Callable[[], None]) -> None:
        self.processes[name] = process
        self.stops.append((name, stop))

    def first_dead(self) -> str | None:
        return next((name for name, each in self.processes.items() if each.poll() is not None), None)


def main(arguments: list[str]) -> int:
    """Run everything until Ctrl-C or SIGTERM; return 1 after one line that says what went wrong."""
    parser = argparse.ArgumentParser(prog="make up", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(".local"), help="folder of all data, logs, secrets")
    home = parser.parse_args(arguments).home.absolute()
    home.mkdir(parents=True, exist_ok=True)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _interrupt)
    try:
        with _alone(home), _stopped_in_order() as running:
            _start(home, running)
            return _watch(home, running)
    except ServerUnavailable as problem:
        _say(f"\n{problem}\n", to=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ServerUnavailable(f"another `make up` runs on {home} already") from None
        yield


@contextlib.contextmanager
def _stopped_in_order() -> Iterator[Running]:
    """Stop the last started first: who sends before who stores, and Kafka and PostgreSQL last."""
    running = Running({}, [])
    try:
        yield running
    finally:
        # A second Ctrl-C would leave servers behind, and this takes seconds.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for name, stop in reversed(running.stops):
            _step("stopping", name)
            stop()
        _step("stopped", "the next `make up` goes on from here")
        _say("\n")


def _start(home: Path, running: Running) -> None:
    began = time.monotonic()
    logs = home / "logs"
    logs.mkdir(exist_ok=True)
    ports = Ports.choose()
    _step("starting", "Apache Kafka (fetched at the first start: 44 MB)")
    find_jars()
    kafka = launch_kafka(home / "kafka", port=ports.kafka)
    running.add("Kafka", kafka.process, kafka.stop)
    _step("starting", "PostgreSQL")
    postgres = start_postgres(home / "postgres", durable=True)
    running.add("PostgreSQL", postgres.process, postgres.stop)
    urls = {name: asyncio.run(create_database(postgres.url, name)) for name in ("outreach", "preferences")}
    wiring = Wiring(
        ports=ports, secrets=secrets_in(home / "secrets.json"), urls=urls, kafka=kafka.address, home=home
    )
    _step("migrating", "outreach and preferences")
    _migrate(urls)
    _make_topics(kafka)
    for part in wiring.parts():
        _step("starting", part.name)
        _launch(part, logs, running)
    for part in wiring.parts():
        _await(part, logs, running)
    _step("ready", f"after {time.monotonic() - began:.0f} s")
    _say(f"\n\n{wiring.guide()}\n")


def _migrate(urls: Mapping[str, str]) -> None:
    # As `outreach migrate` does, without a second Python to start for each.
    for service, url in urls.items():
        asyncio.run(migrate(url, package=service))


def _make_topics(kafka: KafkaServer) -> None:
    _step("creating", "topics")
    kafka.await_ready()
    asyncio.run(create_topics(KafkaSettings(bootstrap_servers=kafka.address), list(TOPICS.values())))


def _launch(part: Part, logs: Path, running: Running) -> None:
    process = start_server(part.command, log=logs / f"{part.name}.log", env=part.env, cwd=Path.cwd())
    running.add(part.name, process, lambda: stop_server(process, end_with=signal.SIGTERM, within=30))


def _await(part: Part, logs: Path, running: Running) -> None:
    process, log = running.processes[part.name], logs / f"{part.name}.log"
    asked = Readiness(part.ready)
    try:
        await_ready(process, asked.answers, name=part.name, log=log, within=120)
    except ServerDied as died:
        raise ServerDied(
            f"{died}. Asked whether it is ready, it said last: {asked.said or 'nothing'}"
        ) from None


class Readiness:
    """Asks a part whether it is ready, and remembers what it said is missing."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.said = ""

    def answers(self) -> bool:
        try:
            # As long as the part itself takes to give up on the slowest of its checks, and a second.
            with urllib.request.urlopen(self._url, timeout=4):  # noqa: S310 (our own URL)
                return True
        except urllib.error.HTTPError as not_ready:
            self.said = not_ready.read().decode(errors="replace")
        except OSError:
            pass
        return False


def _watch(home: Path, running: Running) -> int:
    """Wait for Ctrl-C; a part that ends by itself ends everything, since nothing works without it."""
    never = threading.Event()
    while (dead := running.first_dead()) is None:
        never.wait(0.5)
    code = running.processes[dead].returncode
    _say(f"{dead} ended by itself with {code}; see {home / 'logs'}\n", to=sys.stderr)
    return 1


def _step(verb: str, what: str) -> None:
    _say(f"\r\033[K{verb:<{_COLUMN}}{what}" if sys.stdout.isatty() else f"{verb:<{_COLUMN}}{what}\n")


def _say(text: str, *, to: TextIO = sys.stdout) -> None:
    print(text, end="", file=to, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
