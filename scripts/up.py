"""`make up`: the whole system on this machine, from nothing but Python, each part a process of its own.

Everything it keeps is in one folder; starting again goes on where it was.
"""

import argparse
import asyncio
import contextlib
import fcntl
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NoReturn, TextIO

from foundation.kafka import create_topics
from foundation.local.artifacts import find_jars
from foundation.local.kafka import launch_kafka
from foundation.local.postgres import create_database, start_postgres
from foundation.local.processes import ServerDied, ServerUnavailable, last_lines
from foundation.migrations import migrate
from foundation.settings import KafkaSettings
from schemas.topics import TOPICS
from scripts.parts import Ports, Wiring, secrets_in
from scripts.running import Running, RunningServer

_COLUMN = 14
#: How much of the log of a server that died is shown.
_LINES = 8


def main(arguments: list[str]) -> int:
    """Run everything until Ctrl-C or SIGTERM; return 1 after saying what went wrong."""
    parser = argparse.ArgumentParser(prog="make up", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(".local"), help="folder of all data, logs, secrets")
    parser.add_argument(
        "--config", type=Path, default=Path("deploy/config"), help="folder of policy, playbook and templates"
    )
    wanted = parser.parse_args(arguments)
    home, config = wanted.home.absolute(), wanted.config.absolute()
    if not config.is_dir():
        parser.error(f"--config: there is no folder {config}")
    home.mkdir(parents=True, exist_ok=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        with _alone(home), Ports.reserve() as ports, _stopped_in_order() as running:
            _start(home, config, ports=ports, running=running)
            running.watch()
    except ServerDied as died:
        ending = "".join(f"  {line}\n" for line in last_lines(died.log, _LINES))
        _say(f"\n{died}\n{ending}", to=sys.stderr)
    except ServerUnavailable as problem:
        _say(f"\n{problem}\n", to=sys.stderr)
    except KeyboardInterrupt:
        return 0
    return 1


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
    running = Running()
    try:
        yield running
    finally:
        # A second Ctrl-C would leave servers behind, and this takes seconds.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        running.stop(tell=lambda name: _step("stopping", name))
        _step("stopped", "the next `make up` goes on from here")
        _say("\n")


def _start(home: Path, config: Path, *, ports: Ports, running: Running) -> None:
    began = time.monotonic()
    logs = home / "logs"
    logs.mkdir(exist_ok=True)
    _step("starting", "Apache Kafka (fetched at the first start: 44 MB)")
    find_jars()
    kafka = launch_kafka(home / "kafka", port=ports.kafka)
    running.add(RunningServer(name="Kafka", process=kafka.process, log=kafka.log, stop=kafka.stop))
    _step("starting", "PostgreSQL")
    postgres = start_postgres(home / "postgres", durable=True)
    running.add(
        RunningServer(name="PostgreSQL", process=postgres.process, log=postgres.log, stop=postgres.stop)
    )
    urls = {name: asyncio.run(create_database(postgres.url, name)) for name in ("outreach", "preferences")}
    wiring = Wiring(
        ports=ports,
        secrets=secrets_in(home / "secrets.json"),
        urls=urls,
        kafka=kafka.address,
        home=home,
        config=config,
    )
    _step("migrating", "outreach and preferences")
    _migrate(urls)
    _step("creating", "topics")
    running.await_ready({"Kafka": kafka.answers}, within=90)
    asyncio.run(create_topics(KafkaSettings(bootstrap_servers=kafka.address), list(TOPICS.values())))
    _step("starting", ", ".join(part.name for part in wiring.parts()))
    asked = {part.name: running.launch(part, log=logs / f"{part.name}.log") for part in wiring.parts()}
    running.await_ready(asked, within=120)
    _step("ready", f"after {time.monotonic() - began:.0f} s")
    _say(f"\n\n{wiring.guide()}\n")


def _migrate(urls: Mapping[str, str]) -> None:
    # As `outreach migrate` does, without a second Python to start for each.
    for service, url in urls.items():
        asyncio.run(migrate(url, package=service))


def _step(verb: str, what: str) -> None:
    _say(f"\r\033[K{verb:<{_COLUMN}}{what}" if sys.stdout.isatty() else f"{verb:<{_COLUMN}}{what}\n")


def _say(text: str, *, to: TextIO = sys.stdout) -> None:
    print(text, end="", file=to, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
