"""What commands share that ask or repair through the database."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import typer

from foundation.database import Database, DatabaseUnavailable
from foundation.settings import BadSettings, load
from outreach.config import StoreConfig
from outreach.guidance.files.folder import read_folder, read_guidance
from outreach.guidance.files.problems import ConfigError
from outreach.guidance.guidance import Guidance
from outreach.model.playbook import Playbook
from outreach.store import operations

T = TypeVar("T")


def on_database(work: Callable[[Database], Awaitable[T]]) -> T:
    """Do the work on the database of OUTREACH_DATABASE_URL, or say plainly why not and exit with 2."""

    async def connected() -> T:
        url = load_or_exit(StoreConfig).database_url.get_secret_value()
        async with Database.open(url, size=1, name="outreach-cli") as database:
            return await work(database)

    try:
        return asyncio.run(connected())
    except DatabaseUnavailable as error:
        typer.echo(f"the database cannot be reached: {error}", err=True)
        sys.exit(2)


def load_or_exit(settings: type[Any]) -> Any:
    """Read settings, or say one clear line for each that is missing or wrong and exit with 2."""
    try:
        return load(settings)
    except BadSettings as error:
        for line in error.lines:
            typer.echo(line, err=True)
        sys.exit(2)


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
        typer.echo("OUTREACH_CONFIG_DIR: is required, because no config is in force yet", err=True)
        sys.exit(2)
    return read_guidance_or_exit(folder)


async def playbook_in_force(database: Database) -> Playbook:
    """Return the playbook that the running replicas follow."""
    return (await guidance_in_force(database)).playbook


def read_guidance_or_exit(folder: Path) -> Guidance:
    """Read a config folder, or print every problem with its line and exit with 2."""
    try:
        return read_guidance(read_folder(folder))
    except ConfigError as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        sys.exit(2)
