"""Bearer tokens: named, scoped, kept as what recognizes them and never as they are."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from foundation.database import Connection
from foundation.sql import queries

_SQL = queries(__file__)

#: So that one that was left in a file or a log is known for what it is.
_PREFIX = "outreach_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as it is known here. `per_second` is how often it may ask."""

    name: str
    scopes: frozenset[str]
    per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredToken(Token):
    """A token with who minted it and who revoked it."""

    minted_at: datetime
    minted_by: str
    revoked_at: datetime | None
    revoked_by: str | None


class NameTaken(Exception):
    """A token of this name was minted before; names are never given twice, so that acts stay clear."""


async def mint(
    connection: Connection,
    *,
    name: str,
    scopes: Collection[str],
    per_second: float,
    by: str,
    now: datetime,
) -> str:
    """Mint a token and return it: it is shown this once.

    Raises:
        NameTaken: there is or was one of this name.
    """
    token = _PREFIX + secrets.token_urlsafe(32)
    minted = await _SQL.mint_token(
        connection,
        name=name,
        digest=_digest(token),
        scopes=sorted(scopes),
        per_second=per_second,
        by=by,
        now=now,
    )
    if not minted:
        raise NameTaken(f"there is, or was, a token called {name}")
    return token


async def find(connection: Connection, token: str) -> Token | None:
    """Return who this token is, or None where it was never minted or is revoked."""
    # Random and long, so one pass of a hash tells nothing of it; found by an index, so no text is compared.
    row = await _SQL.find_token(connection, digest=_digest(token))
    if row is None:
        return None
    return Token(name=row["name"], scopes=frozenset(row["scopes"]), per_second=row["per_second"])


async def list_tokens(connection: Connection) -> list[StoredToken]:
    """Return every token that was ever minted, by name."""
    return [
        StoredToken(**{**row, "scopes": frozenset(row["scopes"])})
        for row in await _SQL.list_tokens(connection)
    ]


async def revoke(connection: Connection, name: str, *, by: str, now: datetime) -> bool:
    """End a token at once; return whether there was one to end."""
    return bool(await _SQL.revoke_token(connection, name=name, by=by, now=now))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
