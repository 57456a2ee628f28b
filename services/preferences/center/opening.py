"""Whose link it is: from the text in an address to a person and one of their addresses, or to nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from foundation.database import Connection
from preferences.store import links
from preferences.store.links import NamedPlace, Place
from schemas.links import NO_TOKEN, LinkKey, Token, read_token
from schemas.vocabulary import Channel

_NOBODY = NamedPlace(place=Place("", ""), revoked_at=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLink:
    """A link that works: the person and the address it was made for, in its canonical form."""

    token: str
    place: Place

    @property
    def person_id(self) -> str:
        return self.place.person_id

    @property
    def address(self) -> str:
        return self.place.address

    @property
    def channel(self) -> Channel:
        """The channel that a message with this link came by."""
        return "email" if "@" in self.address else "sms"


async def open_link(
    connection: Connection, text: str, *, keys: Sequence[LinkKey], now: datetime
) -> OpenLink | None:
    """Return the link; None where none of these keys made it, or it is too old, or was revoked.

    The same is done for each of them, so that the time it takes tells nothing: one statement, and as many
    proofs as there are keys.
    """
    token = read_token(text)
    named = await links.find_named(connection, (token or NO_TOKEN).name)
    proven = [place for place in named or (_NOBODY,) if _is_proven(place, token or NO_TOKEN, keys=keys)]
    if token is None or token.expires_on < now.date() or not proven:
        return None
    return OpenLink(token=text, place=proven[0].place)


def _is_proven(named: NamedPlace, token: Token, *, keys: Sequence[LinkKey]) -> bool:
    # Not `any` of them as they come: whichever key made it, each of them is tried.
    proofs = [key.proves(token, *named.place, revoked_at=named.revoked_at) for key in keys]
    return any(proofs) and named is not _NOBODY
