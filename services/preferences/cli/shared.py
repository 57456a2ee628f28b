"""What commands of preferences share: its database, and answers that are no."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from foundation import acts
from foundation.acts import Actor, NoOperator, find_operator
from foundation.command_line import ExitCode, fail, load_or_exit, run_or_exit
from foundation.database import Database
from foundation.grants import RoleNotFound
from foundation.quarantine import Undecidable
from foundation.settings import KafkaSettings
from preferences.config import StoreConfig
from preferences.desk.changing import ChangeRefused
from preferences.desk.history import PersonNotFound
from preferences.ledger.circles import Erased
from schemas.envelope import Malformed

T = TypeVar("T")


def on_database(work: Callable[[Database], Awaitable[T]]) -> T:
    """Do the work on the database of PREFERENCES_DATABASE_URL, or say plainly why not and exit with 2."""
    url = load_or_exit(StoreConfig).database_url.get_secret_value()

    async def connected() -> T:
        async with Database.open(url, size=1, name="preferences-cli") as database:
            return await work(database)

    return answer_or_exit(connected())


def as_operator(work: Callable[[Database, Actor], Awaitable[T]]) -> T:
    """Do the work in the name of PREFERENCES_OPERATOR_TOKEN, without it in that of the system's user."""
    token = load_or_exit(StoreConfig).operator_token

    async def known(database: Database) -> T:
        async with database.transaction() as connection:
            actor = await find_operator(connection, token.get_secret_value() if token else None)
        return await work(database, actor)

    try:
        return on_database(known)
    except NoOperator as error:
        fail(f"PREFERENCES_OPERATOR_TOKEN: {error}")


def asking_about(subject: str | None, act: str, work: Callable[[Database], Awaitable[T]]) -> T:
    """Do the work that shows a person, and record who asked about whom.

    What cannot be recorded is not shown. Without a `subject` it is about everybody.
    """

    async def recorded(database: Database, actor: Actor) -> T:
        await acts.record_alone(database, actor, act, subject=subject)
        return await work(database)

    return as_operator(recorded)


def answer_or_exit(work: Coroutine[Any, Any, T], *, kafka: KafkaSettings | None = None) -> T:
    """Do the work; where the answer is no exit with 1, where something stops it with 2, each in one line."""
    try:
        return run_or_exit(work, prefix="PREFERENCES_", kafka=kafka)
    except Malformed as error:
        fail(f"it still cannot be read: {error.reason}: {error.problem}", code=ExitCode.NO)
    except (Undecidable, ChangeRefused, PersonNotFound, RoleNotFound, Erased) as error:
        fail(error, code=ExitCode.NO)
