"""What commands share that ask or repair through the database."""

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn, TypeVar

import typer

from foundation import command_line
from foundation.command_line import ExitCode, fail, load_or_exit
from foundation.commands import Commands
from foundation.database import Database
from foundation.settings import KafkaSettings
from outreach.config import KafkaConfig, StoreConfig
from outreach.guidance.files.folder import read_folder, read_guidance
from outreach.guidance.files.nearest import did_you_mean
from outreach.guidance.files.problems import ConfigError, Finding
from outreach.guidance.guidance import Guidance
from outreach.model.playbook import Playbook
from outreach.store import operations

if TYPE_CHECKING:
    from outreach.desk.brakes import NoSuchName

#: The sample config, where nobody names another.
SHIPPED_CONFIG: Final = Path(__file__).resolve().parents[3] / "deploy" / "config"

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


COMMANDS = Commands("outreach", settings=StoreConfig, run=run_or_exit)
on_database, as_operator, asking_about = COMMANDS.on_database, COMMANDS.as_operator, COMMANDS.asking_about


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


def refuse_name(error: "NoSuchName", what: str) -> NoReturn:
    """Say `what` comes of a name that nothing has, and which it may be meant for."""
    fix = did_you_mean(error.name, error.known, otherwise="`outreach check` counts those there are")
    fail(f"{what}: no {error.what} is called `{error.name}`; {fix}", code=ExitCode.NO)


def read_guidance_or_exit(folder: Path) -> Guidance:
    """Read a config folder, or print every problem with its line and exit with 2."""
    try:
        return read_guidance(read_folder(folder))
    except ConfigError as error:
        fail(*error.problems)
