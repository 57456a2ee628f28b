"""Addresses by digest: how an address is told to those who may not know it, and recognized by us who may.

HMAC-SHA-256 under a key of the agency's, so that nobody else can try all numbers there are.
"""

import hmac
from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from secrets import token_bytes
from typing import Final

from foundation.database import Connection
from foundation.sql import queries
from outreach.model.suppression import Suppression

_SQL = queries(__file__)
_AT_ONCE: Final = 10_000
#: Before a digest that stands where an address would, while nobody known has the address.
_UNNAMED: Final = "digest:"


def key_from(secret: str) -> bytes:
    """Return the key that follows from a secret of the configuration; another secret gives another key."""
    return hmac.digest(secret.encode(), b"address digests", "sha256")


class KeyStillNeeded(Exception):
    """Something is kept by a digest alone: by another key it would be recognized no more."""


async def use_key(connection: Connection, key: bytes) -> bool:
    """Digest by this key from now on; return whether it is another than before.

    What was told under another key is not recognized any more. Raises `KeyStillNeeded` where a stop or a
    contact is kept so, as of somebody who was forgotten, and leaves the key as it is.
    """
    known = await _SQL.read_key(connection)
    if known and known[0]["key"] == key:
        return False
    if known and await _SQL.keeps_unnamed(connection):
        raise KeyStillNeeded
    changed = bool(await _SQL.use_key(connection, key=key))
    if changed and known:
        await _SQL.forget_digests(connection)
    return changed and bool(known)


async def digest_nobodys(connection: Connection, suppressions: Iterable[Suppression]) -> dict[str, str]:
    """Return the digest of each address that is closed or opened for nobody known."""
    return await digest_addresses(
        connection,
        {one.address for one in suppressions if one.person_id is None and one.address is not None},
    )


async def digest_missing(connection: Connection) -> int:
    """Digest addresses that have none yet, up to a bound; return how many there were."""
    missing = await _SQL.list_addresses_without_digest(connection, limit=_AT_ONCE)
    digests = await digest_addresses(connection, [row["address"] for row in missing])
    await _SQL.store_digests(connection, addresses=list(digests), digests=list(digests.values()))
    return len(missing)


async def digest_addresses(connection: Connection, addresses: Collection[str]) -> dict[str, str]:
    """Return the digests of these addresses in their canonical form, by address."""
    if not addresses:
        return {}
    key = await _read_key(connection)
    return {address: hmac.new(key, address.encode(), sha256).hexdigest() for address in addresses}


async def find_addresses(connection: Connection, digests: Collection[str]) -> dict[str, str]:
    """Return the addresses that somebody known has among these digests, by digest."""
    if not digests:
        return {}
    found = await _SQL.find_addresses(connection, digests=sorted(digests))
    return {row["digest"]: row["address"] for row in found}


def unnamed(digest: str) -> str:
    """Return what stands in place of an address that nobody known has."""
    return f"{_UNNAMED}{digest}"


async def name_addresses(connection: Connection, digests: Mapping[str, str]) -> None:
    """Write these addresses, given with their digests, wherever they were known by digest alone."""
    if digests:
        standing_in = [unnamed(digest) for digest in digests.values()]
        addresses = list(digests)
        await _SQL.name_contacts(connection, unnamed=standing_in, addresses=addresses)
        await _SQL.name_suppressions(connection, unnamed=standing_in, addresses=addresses)


async def _read_key(connection: Connection) -> bytes:
    if not (known := await _SQL.read_key(connection)):
        # Nothing was configured, as where a story is tried: any key will do.
        await _SQL.make_key(connection, key=token_bytes(32))
        known = await _SQL.read_key(connection)
    key: bytes = known[0]["key"]
    return key
