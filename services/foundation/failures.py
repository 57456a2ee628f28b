"""What stops a command, in one line each: where, what, and never a password or what a record holds."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import asyncpg
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    TopicAuthorizationFailedError,
)

from foundation.database import DatabaseUnavailable
from foundation.kafka import TopicNotMade
from foundation.kafka_reach import why_out_of_reach
from foundation.kafka_rights import RightsMissing
from foundation.pages.dress import DressRefused
from foundation.pages.words import WordsIncomplete
from foundation.revisions import BadMigrations, DatabaseOfAnother
from foundation.serving import NotServing
from foundation.settings import BadSettings, KafkaSettings

_NOT_ALLOWED: Final = (
    TopicAuthorizationFailedError,
    GroupAuthorizationFailedError,
    ClusterAuthorizationFailedError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaFails:
    """Where Kafka was looked for, as whom, and why it does not work, if trying it again told."""

    at: str
    user: str | None = None
    why: str | None = None


_NO_KAFKA: Final = KafkaFails(at="")


def why_kafka_fails(error: BaseException, settings: KafkaSettings | None) -> KafkaFails:
    """Try Kafka once more where it was what stopped a command: the client keeps to itself what it met."""
    if settings is None:
        return _NO_KAFKA
    lost = any(isinstance(leaf, (KafkaError, OSError)) and not _is_forbidden(leaf) for leaf in leaves(error))
    why = asyncio.run(why_out_of_reach(settings)) if lost else None
    return KafkaFails(at=settings.bootstrap_servers, user=settings.sasl_username, why=why)


def explain_failure(error: BaseException, *, prefix: str, kafka: KafkaFails = _NO_KAFKA) -> str | None:
    """Say what stopped a command and which setting to look at; None for a fault of our own.

    `prefix` is that of the service's settings, `kafka` what `why_kafka_fails` told.
    """
    for leaf in leaves(error):
        if line := _explain(leaf, prefix=prefix, kafka=kafka):
            return line
    return None


def leaves(error: BaseException) -> Iterator[BaseException]:
    """Yield the errors in a group of errors, or the one error that is no group."""
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from leaves(part)
    else:
        yield error


def _explain(error: BaseException, *, prefix: str, kafka: KafkaFails) -> str | None:
    service = prefix.rstrip("_").lower()
    match error:
        case BadSettings() | DressRefused() | WordsIncomplete():
            return str(error)
        case NotServing():
            return f"{prefix}{error.setting}: {error}; is something else running there?"
        case DatabaseUnavailable() | DatabaseOfAnother():
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
        case KafkaError() | TopicNotMade() | RightsMissing() | OSError():
            at = f" at {kafka.at}" if kafka.at else ""
            return f"{prefix}KAFKA__BOOTSTRAP_SERVERS: Kafka{at} {_of_kafka(error, kafka)}"
        case _:
            return None


def _is_forbidden(error: BaseException) -> bool:
    return isinstance(error, (*_NOT_ALLOWED, TopicNotMade))


def _of_kafka(error: BaseException, kafka: KafkaFails) -> str:
    match error:
        case TopicNotMade():
            return f"refused: {error}"
        case RightsMissing():
            return f"does not allow {kafka.user or 'this user'} {error}; grant what README lists under Kafka"
        case _ if isinstance(error, _NOT_ALLOWED):
            named = ", ".join(sorted(str(argument) for argument in error.args)) or type(error).__name__
            user = kafka.user or "this user"
            return f"does not let {user} at it ({named}); grant what README lists under Kafka"
        case _ if kafka.why is not None:
            return kafka.why
        case KafkaConnectionError():
            return "cannot be reached, or refuses the credentials or the certificate"
        case _:
            return f"is out of reach ({type(error).__name__})"
