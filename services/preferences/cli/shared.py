"""What commands of preferences share: its database, and answers that are no."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from foundation.command_line import ExitCode, fail, run_or_exit
from foundation.commands import Commands
from foundation.grants import RoleNotFound
from foundation.settings import KafkaSettings
from preferences.config import StoreConfig
from preferences.desk.changing import ChangeRefused
from preferences.desk.history import PersonNotFound
from preferences.ledger.circles import Erased

T = TypeVar("T")


def answer_or_exit(work: Coroutine[Any, Any, T], *, kafka: KafkaSettings | None = None) -> T:
    """Do the work; where the answer is no exit with 1, where something stops it with 2, each in one line."""
    try:
        return run_or_exit(work, prefix="PREFERENCES_", kafka=kafka)
    except (ChangeRefused, PersonNotFound, RoleNotFound, Erased) as error:
        fail(error, code=ExitCode.NO)


COMMANDS = Commands("preferences", settings=StoreConfig, run=answer_or_exit)
on_database, as_operator, asking_about = COMMANDS.on_database, COMMANDS.as_operator, COMMANDS.asking_about
