"""PostgreSQL: transactions over a pool open from the start, and notifications that survive outages."""

import asyncio
import re
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self, TypeAlias, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
import msgspec
import structlog
from asyncpg.pool import PoolConnectionProxy

from foundation import session
from foundation.backoff import Backoff
from foundation.certificates import why_refused
from foundation.session import SessionNotOurs

Connection: TypeAlias = asyncpg.Connection | PoolConnectionProxy

Result = TypeVar("Result")

_ANSWERS_WITHIN = timedelta(seconds=10)
_LONGEST_STATEMENT = timedelta(seconds=60)
_HEARTBEAT = timedelta(seconds=20)
_CUT_CONNECTIONS_SHOW_WITHIN = timedelta(seconds=1)
_BETWEEN_TRIES = timedelta(milliseconds=50)
_IN_TROUBLE_FOR = timedelta(seconds=30)
_POOLED = "is behind a pooler that does not keep sessions; let it pool by session, or go past it"
_CUT = "ends the connection at once"
_SILENT = "cannot be reached: nothing listens there"

# An escaped NUL, which JSON allows and jsonb refuses: somebody else's text must not stop our work.
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")

log = structlog.get_logger(__name__)


class DatabaseUnavailable(Exception):
    """The database cannot be reached, or it ended the session or the transaction; try again later.

    The transaction is undone, unless its commit was the last thing sent: then nobody knows,
    so whatever is tried again must tolerate having been done.
    """


class StillLocked(DatabaseUnavailable):
    """Somebody held a lock for longer than this transaction was ready to wait; it is undone."""


#: What a server answers that is full, or cannot be written to.
_FULL = (asyncpg.InsufficientResourcesError, asyncpg.PostgresSystemError)
#: What it answers where the tables are not those of this release: around a migration, or after a restore.
_OTHER_SCHEMA = (
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedFunctionError,
    asyncpg.UndefinedObjectError,
    asyncpg.InvalidColumnReferenceError,
    asyncpg.InvalidSchemaNameError,
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
)
#: What PostgreSQL answers when the same transaction may succeed later.
_PASSING = (
    *_FULL,
    *_OTHER_SCHEMA,
    asyncpg.ReadOnlySQLTransactionError,  # a standby, or a primary that became one
    asyncpg.InsufficientPrivilegeError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shut down, starting up, session terminated
    asyncpg.TooManyConnectionsError,
    asyncpg.TransactionRollbackError,  # deadlock, serialization
    asyncpg.LockNotAvailableError,
    asyncpg.InternalClientError,  # asyncpg's answer when a query crosses the server's goodbye
    ConnectionError,
)


#: What it answers, or the driver for it, to a connection that no waiting will make.
_REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidSQLStatementNameError,
    asyncpg.DuplicatePreparedStatementError,
    SessionNotOurs,
)
#: And what it answers to a URL that is none.
_UNUSABLE = (asyncpg.InterfaceError, ValueError)


class Trouble:
    """What was last wrong with a database that takes connections, and answers: `SELECT 1` would not tell."""

    def __init__(self) -> None:
        self._said = ""
        self._at = float("-inf")

    def note(self, error: BaseException) -> None:
        """Keep in mind what a transaction came to, if it says that others would fare alike."""
        if reason := _trouble(error):
            self._said, self._at = reason, time.monotonic()

    def recent(self) -> str | None:
        """Return what was wrong within the last half minute, or None."""
        lately = time.monotonic() - self._at < _IN_TROUBLE_FOR.total_seconds()
        return self._said if lately else None


def _trouble(error: BaseException) -> str | None:
    match error:
        case asyncpg.ReadOnlySQLTransactionError():
            return "read-only"
        case _ if isinstance(error, _OTHER_SCHEMA):
            return "not the schema of this release"
        case _ if isinstance(error, _FULL) and not isinstance(error, asyncpg.TooManyConnectionsError):
            return f"full or failing ({_what(error)})"
        case asyncpg.InsufficientPrivilegeError():
            return "its user lacks a right"
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Connections:
    """The open connections to a database, and what it takes to open one more."""

    pool: asyncpg.Pool
    url: str
    name: str
    trouble: Trouble = field(default_factory=Trouble)


class Database:
    """A pool of connections, all opened at once: the first busy moment meets no slow handshakes."""

    def __init__(self, connections: Connections) -> None:
        """Work on connections that another may work on too; whoever opened them closes them."""
        self.connections = connections

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, *, size: int = 8, name: str) -> AsyncIterator[Self]:
        """Open `size` connections that show as `name` in `pg_stat_activity`; close them at the end.

        Raises:
            DatabaseUnavailable: no connection could be made.
        """
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=size,
                max_size=size,
                init=_begin_session,
                reset=_leave_as_it_is,
                server_settings={"application_name": name},
                timeout=_ANSWERS_WITHIN.total_seconds(),
                command_timeout=_LONGEST_STATEMENT.total_seconds(),
            )
            await _insist_on_sessions(pool, url)
        except (*_PASSING, *_REFUSED, *_UNUSABLE, OSError, TimeoutError) as error:
            raise DatabaseUnavailable(why_unreachable(error, url)) from error
        try:
            yield cls(Connections(pool, url, name))
        finally:
            await _close(pool)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Run the block in one READ COMMITTED transaction: all of it, or nothing.

        It says so itself, whatever the default of the server, the database or the user is. The block must
        leave nothing in the session behind it: no setting, no lock of the session's.

        `json` and `jsonb` columns take and give Python values. A list is taken for an array of PostgreSQL,
        so the elements of a `jsonb[]` parameter must not be lists themselves.

        Raises:
            DatabaseUnavailable: the database is out of reach or ended the transaction; it is read-only, full
                or failing, or its tables are not those of this release.
            StillLocked: a lock was held for longer than `wait_for_locks` allows.
        """
        async with self._transaction() as connection:
            yield connection

    @asynccontextmanager
    async def _transaction(self, *, readonly: bool = False) -> AsyncIterator[Connection]:
        connection = await self._acquire()
        try:
            async with connection.transaction(isolation="read_committed", readonly=readonly):
                yield connection
        except asyncpg.LockNotAvailableError as error:
            raise StillLocked(_what(error)) from error
        except asyncpg.ReadOnlySQLTransactionError as error:
            if readonly:
                raise
            # The server may have become a standby; a connection made anew finds the primary.
            connection.terminate()
            self.connections.trouble.note(error)
            raise DatabaseUnavailable(_what(error)) from error
        except (*_PASSING, TimeoutError) as error:
            self.connections.trouble.note(error)
            raise DatabaseUnavailable(_what(error)) from error
        except asyncpg.InterfaceError as error:
            if _is_gone(connection):
                raise DatabaseUnavailable(_what(error)) from error
            raise
        finally:
            await self._release(connection)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Run the block in one READ ONLY transaction: it locks no row, and cannot write by mistake.

        Raises:
            DatabaseUnavailable: the database is out of reach or ended the transaction.
        """
        async with self._transaction(readonly=True) as connection:
            yield connection

    @asynccontextmanager
    async def dedicated(self) -> AsyncIterator[asyncpg.Connection]:
        """Open one connection outside the pool, for what outlives a transaction; close it at the end.

        Raises:
            DatabaseUnavailable: no connection could be made, or it broke.
        """
        connection: asyncpg.Connection | None = None
        try:
            connection = await asyncpg.connect(
                self.connections.url,
                server_settings={"application_name": self.connections.name},
                timeout=_ANSWERS_WITHIN.total_seconds(),
                command_timeout=_LONGEST_STATEMENT.total_seconds(),
            )
            await _begin_session(connection)
            yield connection
        except (*_PASSING, *_REFUSED, OSError, TimeoutError) as error:
            self.connections.trouble.note(error)
            raise DatabaseUnavailable(_what(error)) from error
        except asyncpg.InterfaceError as error:
            if connection is None or _is_gone(connection):
                raise DatabaseUnavailable(_what(error)) from error
            raise
        except asyncpg.PostgresError as error:
            if connection is None:
                raise DatabaseUnavailable(_what(error)) from error
            raise
        finally:
            if connection is not None:
                await _close(connection)

    async def listen(self, channel: str, callback: Callable[[str], None]) -> None:
        """Call back with the payload of every notification on `channel`, until cancelled.

        Uses a connection of its own and makes a new one after an outage. Each time listening
        begins it calls back once with an empty payload, since something may have been missed.
        """
        backoff = Backoff()
        while True:
            with suppress(DatabaseUnavailable):
                await self._listen_once(channel, callback, backoff)
            pause = backoff.next_pause()
            log.warning("listening interrupted", channel=channel, next_attempt_in=pause.total_seconds())
            await asyncio.sleep(pause.total_seconds())

    async def _listen_once(self, channel: str, callback: Callable[[str], None], backoff: Backoff) -> None:
        ended = asyncio.Event()
        async with self.dedicated() as connection:
            connection.add_termination_listener(lambda _: ended.set())
            await connection.add_listener(
                channel, lambda _connection, _pid, _channel, payload: callback(payload)
            )
            callback("")
            backoff.reset()
            while not ended.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), _HEARTBEAT.total_seconds())
                    return
                # A connection cut by a network that says nothing looks idle; only asking shows it.
                await connection.execute("SELECT 1", timeout=_ANSWERS_WITHIN.total_seconds())

    async def _acquire(self) -> PoolConnectionProxy:
        try:
            return await self.connections.pool.acquire(timeout=_ANSWERS_WITHIN.total_seconds())
        except (asyncpg.PostgresError, *_PASSING, *_REFUSED, OSError, TimeoutError) as error:
            # Whatever the reason for which nobody is let in, it is none of the work's.
            raise DatabaseUnavailable(_what(error)) from error

    async def _release(self, connection: PoolConnectionProxy) -> None:
        # A connection that broke is replaced by the pool; that must not hide what broke it.
        with suppress(*_PASSING, asyncpg.InterfaceError):
            await self.connections.pool.release(connection, timeout=_ANSWERS_WITHIN.total_seconds())


async def persistently(work: Callable[[], Awaitable[Result]]) -> Result:
    """Do work that may safely be done twice, at once again where its connection has just been cut.

    A failover cuts all connections of the pool, and the server takes new ones at once. A database
    that is away for longer is not waited for.

    Raises:
        DatabaseUnavailable: it was not to be done.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    while True:
        try:
            return await work()
        except DatabaseUnavailable:
            if loop.time() - began > _CUT_CONNECTIONS_SHOW_WITHIN.total_seconds():
                raise
            await asyncio.sleep(_BETWEEN_TRIES.total_seconds())


async def wait_for_locks(connection: Connection, *, at_most: timedelta) -> None:
    """Have the rest of this transaction wait no longer than this for a lock that somebody else holds."""
    milliseconds = max(1, round(at_most.total_seconds() * 1000))
    await connection.execute(f"SET LOCAL lock_timeout = {milliseconds}")


def _is_gone(connection: Connection) -> bool:
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        # The pool has taken the broken connection back while it was in use, and ours is an empty shell.
        return True


async def _begin_session(connection: asyncpg.Connection) -> None:
    """Make ready a connection just opened.

    Raises:
        SessionNotOurs: the session does not keep what it is begun with.
    """
    await _speak_json(connection)
    await session.begin(connection)


async def _insist_on_sessions(pool: asyncpg.Pool, url: str) -> None:
    try:
        async with pool.acquire() as connection:
            await session.insist_on_our_own(connection, url)
    except BaseException:
        pool.terminate()
        raise


async def _leave_as_it_is(_connection: asyncpg.Connection) -> None:
    """Spare each transaction a round trip; the driver itself has undone one that was left open."""


async def _speak_json(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_encode_jsonb, decoder=_decode_jsonb, format="binary"
    )
    await connection.set_type_codec(
        "json", schema="pg_catalog", encoder=as_json, decoder=msgspec.json.decode, format="text"
    )


def as_json(value: Any) -> str:
    """Write a value as JSON that every column can hold: an escaped NUL becomes U+FFFD."""
    return _encode(value).decode()


def _encode(value: Any) -> bytes:
    text = msgspec.json.encode(value)
    if b"u0000" in text:  # much faster to rule out than the expression
        text = _NUL.sub(rb"\1\\ufffd", text)
    return text


def _encode_jsonb(value: Any) -> bytes:
    return b"\x01" + _encode(value)  # version 1 of jsonb's binary form: the text follows


def _decode_jsonb(wire: bytes) -> Any:
    return msgspec.json.decode(memoryview(wire)[1:])


async def _close(closable: asyncpg.Pool | asyncpg.Connection) -> None:
    try:
        async with asyncio.timeout(_ANSWERS_WITHIN.total_seconds()):
            await closable.close()
    except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        closable.terminate()


def why_unreachable(error: BaseException, url: str) -> str:
    """Say which server and database cannot be used and why, without user, password or the driver's words."""
    return f"PostgreSQL at {_place(url)} {_reason(error)}"


def _place(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that cannot be read"
    options = parse_qs(parts.query)
    host = parts.netloc.rpartition("@")[2] or options.get("host", ["its default address"])[0]
    name = parts.path.removeprefix("/") or options.get("dbname", options.get("database", ["(default)"]))[0]
    return f"{unquote(host)}, database {unquote(name)},"


#: The first that an error is an instance of says the reason.
_REASONS: Mapping[type[BaseException], str] = {
    asyncpg.InvalidAuthorizationSpecificationError: "refuses the user or the password",
    asyncpg.InvalidCatalogNameError: "is not there: the server has no such database",
    asyncpg.InsufficientPrivilegeError: "does not let this user connect",
    asyncpg.TooManyConnectionsError: "has no connection to spare",
    asyncpg.ProtocolViolationError: _POOLED,
    asyncpg.InvalidSQLStatementNameError: _POOLED,
    asyncpg.DuplicatePreparedStatementError: _POOLED,
    SessionNotOurs: _POOLED,
    asyncpg.ReadOnlySQLTransactionError: "is read-only; is it a standby?",
    asyncpg.TargetServerAttributeNotMatched: "has no server there that takes writes; are they all standbys?",
    ssl.SSLError: "does not agree on TLS",
    socket.gaierror: "has a host name that cannot be resolved",
    ConnectionRefusedError: _SILENT,
    FileNotFoundError: _SILENT,
    ConnectionResetError: _CUT,
    ConnectionAbortedError: _CUT,
    BrokenPipeError: _CUT,
    ConnectionError: "does not offer the TLS that its URL asks for",  # the driver's own words for that
    TimeoutError: f"does not answer within {_ANSWERS_WITHIN.total_seconds():.0f} s",
    asyncpg.InterfaceError: "cannot be used as its URL says",
    ValueError: "cannot be used as its URL says",
}


def _reason(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return why_refused(error, ca_setting="sslrootcert")
    for kind, reason in _REASONS.items():
        if isinstance(error, kind):
            return reason
    return f"cannot be reached ({_what(error)})"


def _what(error: BaseException) -> str:
    """Name an error without its text, which may quote rows or the address with its password."""
    return type(error).__name__


def to_json(value: object) -> str:
    """Write a value as JSON text, for a `jsonb` column."""
    return msgspec.json.encode(value).decode()
