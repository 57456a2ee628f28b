"""How the commands of a service reach its database, and in whose name they do what they do."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol, TypeVar

from foundation import acts
from foundation.acts import Actor, NoOperator, find_operator
from foundation.command_line import fail, load_or_exit
from foundation.database import Database
from foundation.revisions import refuse_database_of_another
from foundation.settings import StoreSettings

T = TypeVar("T")


class RunOrExit(Protocol):
    """Does the work, or says plainly what stops it and exits."""

    def __call__(self, work: Coroutine[Any, Any, T], /) -> T: ...


class Commands:
    """What every command of `service` that asks or repairs through the database stands on."""

    def __init__(self, service: str, *, settings: type[StoreSettings], run: RunOrExit) -> None:
        self._service = service
        self._settings = settings
        self._run = run

    def on_database(self, work: Callable[[Database], Awaitable[T]]) -> T:
        """Do the work on the service's database, or say plainly why not and exit with 2."""

        async def connected() -> T:
            url = load_or_exit(self._settings).database_url.get_secret_value()
            async with Database.open(url, size=1, name=f"{self._service}-cli") as database:
                # Asked before anything is done: acts, tokens and the quarantine look alike in every service.
                async with database.reading() as connection:
                    await refuse_database_of_another(connection, package=self._service)
                return await work(database)

        return self._run(connected())

    def as_operator(self, work: Callable[[Database, Actor], Awaitable[T]]) -> T:
        """Do the work in the name of the operator's token, or without one in that of the system's user."""
        token = load_or_exit(self._settings).operator_token

        async def known(database: Database) -> T:
            async with database.transaction() as connection:
                actor = await find_operator(connection, token.get_secret_value() if token else None)
            return await work(database, actor)

        try:
            return self.on_database(known)
        except NoOperator as error:
            fail(f"{self._service.upper()}_OPERATOR_TOKEN: {error}")

    def asking_about(self, subject: str | None, act: str, work: Callable[[Database], Awaitable[T]]) -> T:
        """Do the work that shows a person, and record who asked about whom.

        What cannot be recorded is not shown. Without a `subject` it is about everybody.
        """

        async def recorded(database: Database, actor: Actor) -> T:
            await acts.record_alone(database, actor, act, subject=subject)
            return await work(database)

        return self.as_operator(recorded)
