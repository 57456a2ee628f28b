"""What stops a command, in one line each: where, what, and never a password or what a record holds."""

from collections.abc import Iterator
from typing import Final

import asyncpg
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    TopicAuthorizationFailedError,
)
from sqlalchemy.exc import DBAPIError

from foundation.database import DatabaseUnavailable
from foundation.kafka import TopicNotMade
from foundation.migrations import BadMigrations
from foundation.pages.dress import DressRefused
from foundation.pages.words import WordsIncomplete
from foundation.serving import NotServing

_NOT_ALLOWED: Final = (
    TopicAuthorizationFailedError,
    GroupAuthorizationFailedError,
    ClusterAuthorizationFailedError,
)


def explain_failure(error: BaseException, *, prefix: str, kafka: str = "") -> str | None:
    """Say what stopped a command and which setting to look at; None for a fault of our own.

    `prefix` is that of the service's settings, `kafka` the address that it uses.
    """
    for leaf in leaves(error):
        if line := _explain(leaf, prefix=prefix, kafka=kafka):
            return line
    return None


def leaves(error: BaseException) -> Iterator[BaseException]:
    """Yield the errors in a group of errors, or the one error that is no group.

    Where SQLAlchemy wraps what PostgreSQL said, that is yielded as the driver raised it.
    """
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from leaves(part)
    elif isinstance(error, DBAPIError) and error.orig is not None and error.orig.__cause__ is not None:
        yield error.orig.__cause__
    else:
        yield error


def _explain(error: BaseException, *, prefix: str, kafka: str) -> str | None:
    service = prefix.rstrip("_").lower()
    match error:
        case DressRefused() | WordsIncomplete():
            return str(error)
        case NotServing():
            return f"{prefix}{error.setting}: {error}; is something else running there?"
        case DatabaseUnavailable():
            cause = error.__cause__
            known = isinstance(cause, asyncpg.PostgresError)
            told = _explain(cause, prefix=prefix, kafka=kafka) if known and cause else None
            return told or f"{prefix}DATABASE_URL: {error}"
        case asyncpg.UndefinedTableError() | asyncpg.UndefinedColumnError():
            return f"{prefix}DATABASE_URL: the database is not up to date; run `{service} migrate`"
        case asyncpg.InsufficientPrivilegeError():
            return f"{prefix}DATABASE_URL: the database's user lacks a right: {error}"
        case asyncpg.ReadOnlySQLTransactionError():
            return f"{prefix}DATABASE_URL: the database is read-only; is it a standby?"
        case asyncpg.LockNotAvailableError():
            return f"{prefix}DATABASE_URL: a table stayed in use, so nothing was changed; run it again"
        case BadMigrations():
            return str(error)
        case KafkaError() | TopicNotMade() | OSError():
            return (
                f"{prefix}KAFKA__BOOTSTRAP_SERVERS: Kafka{f' at {kafka}' if kafka else ''} {_of_kafka(error)}"
            )
        case _:
            return None


def _of_kafka(error: BaseException) -> str:
    match error:
        case TopicNotMade():
            return f"refused: {error}"
        case _ if isinstance(error, _NOT_ALLOWED):
            named = ", ".join(sorted(str(argument) for argument in error.args)) or type(error).__name__
            return f"does not let this user at it ({named}); grant the ACL"
        case KafkaConnectionError():
            return "cannot be reached, or refuses the credentials or the certificate"
        case _:
            return f"is out of reach ({type(error).__name__})"
