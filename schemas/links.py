"""The links to the preference center, which outreach writes and preferences reads; both hold their key.

A link names a person and an address by a keyed digest, the last day on which it works, and a proof that
it was made by whoever has the key. It holds nothing that tells who they are, and is short enough for a text.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from schemas.addresses import comparable

#: How many characters a token has: those of 21 bytes.
LENGTH: Final = 28
_NAME: Final = 9
_DAY: Final = 2
_PROOF: Final = 10
_FIRST_DAY: Final = date(2020, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a token says before anybody has checked it: `expires_on` is the last day, in UTC, of its life."""

    name: bytes
    expires_on: date
    proof: bytes


#: What stands for a text that is no token, so that it is looked up like one.
NO_TOKEN: Final = Token(name=bytes(_NAME), expires_on=_FIRST_DAY, proof=bytes(_PROOF))


class LinkKey:
    """Makes and proves tokens; `revoked_at` is the person's `links_revoked_at`, before which all are void."""

    def __init__(self, key: str) -> None:
        self.names_key: Final = hmac.digest(key.encode(), b"names of links", "sha256")
        self._proofs_key: Final = hmac.digest(key.encode(), b"proofs of links", "sha256")

    def sign(self, person_id: str, address: str, *, revoked_at: datetime | None, expires_on: date) -> str:
        """Return the token of a person and one of their addresses, in any spelling of it."""
        name, day = name_of(self.names_key, person_id, address), _day(expires_on)
        proof = self._proof(day, person_id, address, revoked_at=revoked_at)
        return base64.urlsafe_b64encode(name + day + proof).decode()

    def proves(self, token: Token, person_id: str, address: str, *, revoked_at: datetime | None) -> bool:
        """Tell whether a token was made here for these, since links were last revoked.

        Whether it has expired is not looked at. Takes as long for the one answer as for the other.
        """
        name = name_of(self.names_key, person_id, address)
        proof = self._proof(_day(token.expires_on), person_id, address, revoked_at=revoked_at)
        return hmac.compare_digest(name + proof, token.name + token.proof)

    def _proof(self, day: bytes, person_id: str, address: str, *, revoked_at: datetime | None) -> bytes:
        epoch = "" if revoked_at is None else f"{revoked_at:%Y%m%d%H%M%S%f}"
        proven = f"{epoch}\n{person_id}\n{comparable(address)}".encode()
        return hmac.digest(self._proofs_key, day + proven, "sha256")[:_PROOF]


def name_of(names_key: bytes, person_id: str, address: str) -> bytes:
    """Return the digest by which tokens name a person and an address."""
    return hmac.digest(names_key, f"{person_id}\n{comparable(address)}".encode(), "sha256")[:_NAME]


def read_token(text: str) -> Token | None:
    """Return what a token says; None where a text has not the form of one."""
    if len(text) != LENGTH or not text.isascii():
        return None
    try:
        content = base64.b64decode(text, altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    name, day, proof = content[:_NAME], content[_NAME : _NAME + _DAY], content[_NAME + _DAY :]
    return Token(name=name, expires_on=_FIRST_DAY + timedelta(days=int.from_bytes(day, "big")), proof=proof)


def _day(day: date) -> bytes:
    return (day - _FIRST_DAY).days.to_bytes(_DAY, "big")
