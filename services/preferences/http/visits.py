"""A request to a page of the preference center: whose link, in which language, with which cookie and form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes
from typing import Final
from urllib.parse import parse_qs

from starlette.requests import Request

from foundation.database import Connection
from preferences.center.checking import closed_until, facts_asked
from preferences.center.choosing import known_of
from preferences.center.opening import OpenLink, open_link
from preferences.center.seeing import Looking
from preferences.center.session import NONCE, Session, Sessions
from preferences.ledger.circles import read_whole_circles
from preferences.pages.forms import Fields
from preferences.pages.render import PREFIX
from preferences.pages.views import Frame
from preferences.store import people
from schemas.light_check import Fact
from schemas.links import LinkKey
from schemas.people import PersonSnapshot

_FORM: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 50
_LONGEST_HEADER: Final = 200


def cookie_name(*, is_private: bool) -> str:
    """Return the name of the one cookie there is; `is_private`: browsers come by https.

    Then browsers take it from nobody who speaks without. `__Host-` would not let it be of one link alone.
    """
    return "__Secure-form" if is_private else "form"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request by a link that works. `has_cookie`: the session is that of an earlier page.

    `asks` are the facts that the light check asks for, none where there is no check; no answer to it is
    looked at before `closed_until`.
    """

    link: OpenLink
    session: Session
    has_cookie: bool
    looking: Looking
    asks: tuple[Fact, ...] = ()
    closed_until: datetime | None = None

    @property
    def is_known(self) -> bool:
        """Whether the light check was passed not long ago."""
        return self.session.is_unlocked(now=self.looking.now)

    @property
    def frame(self) -> Frame:
        return self.looking.frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Reads requests by links of these keys; of `languages`, those of the pages, the first is the usual one.

    `has_checks`: the key is there by which answers to the light check are compared. `is_private`: browsers
    come by https, as all do but those of this machine.
    """

    keys: Sequence[LinkKey]
    sessions: Sessions
    languages: Sequence[str]
    has_checks: bool = False
    is_private: bool = True

    async def read(self, request: Request, connection: Connection, *, now: datetime) -> Visit | None:
        """Return the visit; None where the link is not one that works."""
        link = await open_link(connection, request.path_params["token"], keys=self.keys, now=now)
        person = None if link is None else await people.find_person(connection, link.person_id, now=now)
        if link is None or person is None:
            return None
        circle = await read_whole_circles(connection, [person], now=now)
        known = known_of(person.person_id, circle, now=now)
        given = request.cookies.get(cookie_name(is_private=self.is_private), "")
        cookie = self.sessions.read(given, token=link.token)
        session = cookie or Session(nonce=token_bytes(NONCE))
        frame = Frame(
            path=f"{PREFIX}{link.token}",
            form_key=self.sessions.form_key(session, token=link.token),
            language=self.language_of(request, known=known),
        )
        asks = facts_asked(person.record) if self.has_checks else ()
        return Visit(
            link=link,
            session=session,
            has_cookie=cookie is not None,
            looking=Looking(link=link, frame=frame, known=known, now=now),
            asks=asks,
            closed_until=await closed_until(connection, link.person_id, now=now) if asks else None,
        )

    def language_of(self, request: Request, *, known: PersonSnapshot | None = None) -> str:
        """Return the language to answer in: the page's, else the person's, else the browser's."""
        wished = [
            request.query_params.get("lang", ""),
            (known.language or "") if known is not None else "",
            *request.headers.get("accept-language", "")[:_LONGEST_HEADER].split(","),
        ]
        tongues = (wish.strip().partition(";")[0].partition("-")[0].lower() for wish in wished)
        return next((tongue for tongue in tongues if tongue in self.languages), self.languages[0])


async def read_fields(request: Request) -> Fields:
    """Return what a form posted; nothing of what is no form, or has more fields than any of ours."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        return {}
    body = await request.body()
    try:
        # Each sign of a form is ASCII; what is not is the browser's own way of writing, and harmless.
        fields: Mapping[str, Sequence[str]] = parse_qs(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        return {}
    # PostgreSQL keeps no NUL, and UTF-8 no half of a surrogate pair.
    return {name: [_storable(text) for text in texts] for name, texts in fields.items()}


def _storable(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
