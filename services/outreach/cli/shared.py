"""What commands share that ask or repair through the database."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer

from foundation import acts, command_line
from foundation.acts import Actor, NoOperator, find_operator
from foundation.command_line import fail, load_or_exit
from foundation.database import Database
from foundation.settings import KafkaSettings
from outreach.config import KafkaConfig, StoreConfig
from outreach.guidance.files.folder import read_folder, read_guidance
from outreach.guidance.files.problems import ConfigError, Finding
from outreach.guidance.guidance import Guidance
from outreach.model.playbook import Playbook
from outreach.store import operations

T = TypeVar("T")

_BOOTSTRAP: Final = "OUTREACH_KAFKA__BOOTSTRAP_SERVERS"
_USUAL_KAFKA: Final = "127.0.0.1:9092"


KafkaAddress = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT",
        help="Kafka's bootstrap servers, if not OUTREACH_KAFKA__BOOTSTRAP_SERVERS; else 127.0.0.1:9092.",
    ),
]


def on_database(work: Callable[[Database], Awaitable[T]]) -> T:
    """Do the work on the database of OUTREACH_DATABASE_URL, or say plainly why not and exit with 2."""

    async def connected() -> T:
        url = load_or_exit(StoreConfig).database_url.get_secret_value()
        async with Database.open(url, size=1, name="outreach-cli") as database:
            return await work(database)

    return run_or_exit(connected())


def as_operator(work: Callable[[Database, Actor], Awaitable[T]]) -> T:
    """Do the work in the name of OUTREACH_OPERATOR_TOKEN, without it in that of the system's user."""
    token = load_or_exit(StoreConfig).operator_token

    async def known(database: Database) -> T:
        async with database.transaction() as connection:
            actor = await find_operator(connection, token.get_secret_value() if token else None)
        return await work(database, actor)

    try:
        return on_database(known)
    except NoOperator as error:
        fail(f"OUTREACH_OPERATOR_TOKEN: {error}")


def asking_about(subject: str | None, act: str, work: Callable[[Database], Awaitable[T]]) -> T:
    """Do the work that shows a person, and record who asked about whom.

    What cannot be recorded is not shown. Without a `subject` it is about everybody.
    """

    async def recorded(database: Database, actor: Actor) -> T:
        await acts.record_alone(database, actor, act, subject=subject)
        return await work(database)

    return as_operator(recorded)


def run_or_exit(
    work: Coroutine[Any, Any, T],
    *,
    kafka: KafkaSettings | None = None,
    runner: Callable[[Coroutine[Any, Any, T]], T] = asyncio.run,
) -> T:
    """Do the work, or say plainly what stops it and exit with 2."""
    return command_line.run_or_exit(work, prefix="OUTREACH_", kafka=kafka, problems=_problems, runner=runner)


def _problems(error: BaseException) -> Sequence[Finding]:
    return error.problems if isinstance(error, ConfigError) else ()


def kafka_or_exit(address: str | None) -> KafkaSettings:
    """Return how Kafka is reached: as OUTREACH_KAFKA__* say, at `address` where one is given."""
    # What stops a command is said in its own line; the client would say it first, in its own words.
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())
    given = {_BOOTSTRAP: address} if address is not None else {}
    return load_or_exit(KafkaConfig, {_BOOTSTRAP: _USUAL_KAFKA, **os.environ, **given}).kafka


async def guidance_in_force(database: Database) -> Guidance:
    """Return the version that the running replicas follow.

    Before the first replica ran there is none; then the files of OUTREACH_CONFIG_DIR speak.
    """
    async with database.transaction() as connection:
        named = await operations.find_config_in_force(connection)
    if named is not None:
        return read_guidance(named.content)
    folder: Path | None = load_or_exit(StoreConfig).config_dir
    if folder is None:
        fail("OUTREACH_CONFIG_DIR: is required, because no config is in force yet")
    return read_guidance_or_exit(folder)


async def find_guidance(database: Database) -> Guidance | None:
    """Return the version in force, else what the files of OUTREACH_CONFIG_DIR say, if they can be read."""
    async with database.transaction() as connection:
        named = await operations.find_config_in_force(connection)
    folder: Path | None = load_or_exit(StoreConfig).config_dir
    try:
        if named is not None:
            return read_guidance(named.content)
        return None if folder is None else read_guidance(read_folder(folder))
    except ConfigError:
        return None


async def playbook_in_force(database: Database) -> Playbook:
    """Return the playbook that the running replicas follow."""
    return (await guidance_in_force(database)).playbook


def read_guidance_or_exit(folder: Path) -> Guidance:
    """Read a config folder, or print every problem with its line and exit with 2."""
    try:
        return read_guidance(read_folder(folder))
    except ConfigError as error:
        fail(*error.problems)
