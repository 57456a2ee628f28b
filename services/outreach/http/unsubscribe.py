"""One-click unsubscribe (RFC 8058): POST closes email, GET only asks.

A mail provider posts for all of its people from few addresses, so whoever comes with a link that we made is
never counted by address: only what no link of ours is.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

import structlog
from fastapi import APIRouter, Request, Response

from foundation.clock import Clock
from foundation.database import Database, DatabaseUnavailable
from foundation.pages.answers import asset_routes, page_answer
from foundation.pages.environment import environment
from foundation.pages.look import Look
from foundation.pages.words import pick_language, read_words
from foundation.rates import Rates
from outreach.http.links import Links
from outreach.listening.unsubscribe import unsubscribe
from outreach.model.snapshot import Snapshot, parse_snapshot
from outreach.sending.compose import CenterLinks
from outreach.store.people import read_snapshots
from schemas.addresses import is_same_address

PATH = "/unsubscribe/"
_FOLDER: Final = Path(__file__).parent / "templates"
_STATUS: Final = {"ask": 200, "done": 200, "unknown": 404}
_TOO_MANY: Final = 429
_WAIT: Final = {"Retry-After": "10"}
_OFFERED_FOR: Final = timedelta(days=1)
#: In a second, of one link: how often the database is asked for its reader, and to close its address.
_PER_LINK: Final = 2
#: In a second, of one network address: links that we did not make.
_UNKNOWN_PER_ADDRESS: Final = 5

#: From whom a page is for, and what is known of them, to the link to all their choices; None without one.
Choices = Callable[[str, str, Snapshot], str | None]
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who opens a page: their language, and where all their choices are, as far as anybody knows."""

    language: str | None = None
    choices: str | None = None


def choices_behind(center: CenterLinks, *, clock: Clock) -> Choices:
    """Return who is offered all their choices below the button that stops, and by which link.

    An unsubscribe link is never too old and cannot be revoked. Whoever found one in an old email gets nothing
    by it that the email's own link would refuse: it is offered for an address that the person still has, to
    nobody whose links were revoked once, and works no longer than until tomorrow.
    """
    brief = replace(center, last=_OFFERED_FOR)

    def link_of(person: str, address: str, snapshot: Snapshot) -> str | None:
        is_theirs = any(is_same_address(email.address, address) for email in snapshot.emails)
        if not is_theirs or snapshot.links_revoked_at is not None:
            return None
        return brief.of(person, address, revoked_at=None, now=clock.now())

    return link_of


State = Literal["ask", "done", "unknown"]


class UnsubscribePage:
    """The page behind an unsubscribe link, in each state and language."""

    def __init__(self, look: Look) -> None:
        """Read the words and the page, once.

        Raises:
            WordsIncomplete: a language says less than English does.
        """
        self._look = look
        self._words = read_words(files("outreach.http") / "words")
        self._page = environment(_FOLDER).get_template("unsubscribe.html")

    def language_of(self, request: Request, known: str | None) -> str:
        """Return the language of the page's address, else the reader's, else the browser's."""
        accepted = request.headers.get("accept-language")
        return pick_language(self._words, request.query_params.get("lang"), known, accepted=accepted)

    def html(self, state: State, *, language: str, choices: str | None = None) -> str:
        """Return the page; `choices` is the link to all that the reader may choose."""
        words = self._words[language]
        return self._page.render(
            state=state,
            look=self._look,
            assets=PATH,
            words=words,
            say=words.say,
            choices=choices,
            others=[other for other in self._words.values() if other is not words],
        )


class Unsubscribe:
    """The links in every email. Mail scanners follow links, with HEAD first, so neither changes anything."""

    def __init__(
        self, *, links: Links, database: Database, clock: Clock, look: Look, choices: Choices | None = None
    ) -> None:
        self._links = links
        self._database = database
        self._clock = clock
        self._look = look
        self._choices = choices
        self._page = UnsubscribePage(look)
        self._looks = Rates(_PER_LINK)
        self._stops = Rates(_PER_LINK)
        self._unknown_links = Rates(_UNKNOWN_PER_ADDRESS)

    def router(self) -> APIRouter:
        router = APIRouter(include_in_schema=False)
        router.routes.extend(asset_routes(self._look, prefix=PATH))
        router.add_api_route(PATH + "{token}", self.ask, methods=["GET", "HEAD"])
        router.add_api_route(PATH + "{token}", self.stop, methods=["POST"])
        return router

    async def ask(self, token: str, request: Request) -> Response:
        """Show a page with one button on top; change nothing.

        However often somebody looks, there is the button: in the end without what the database knows of them.
        """
        target = self._links.read(token)
        if target is None:
            return await self._unknown(request)
        is_seldom = await self._looks.allow(_whose(target))
        return self._answer("ask", request, await self._reader(*target) if is_seldom else _Reader())

    async def stop(self, token: str, request: Request) -> Response:
        """Close email for the person and the address that the link was made for, before answering.

        Refused is only who has just closed it twenty times, and what could not be done counts as nothing.
        """
        target = self._links.read(token)
        if target is None:
            return await self._unknown(request)
        if not await self._stops.allow(_whose(target)):
            return self._answer("ask", request, _Reader(), is_too_often=True)
        person, address = target
        try:
            await unsubscribe(person_id=person, address=address, database=self._database, clock=self._clock)
        except DatabaseUnavailable:
            self._stops.forget(_whose(target))
            raise
        return self._answer("done", request, _Reader())

    async def _unknown(self, request: Request) -> Response:
        """Answer whoever comes by no link of ours, and whoever tries many that they come too often."""
        address = "" if request.client is None else request.client.host
        is_too_often = not await self._unknown_links.allow(address)
        return self._answer("unknown", request, _Reader(), is_too_often=is_too_often)

    async def _reader(self, person: str, address: str) -> _Reader:
        """Return what is known of the reader; the page is there for whoever nothing can be asked about."""
        try:
            async with self._database.reading() as connection:
                found = await read_snapshots(connection, [person])
        except DatabaseUnavailable:
            log.warning("an unsubscribe page is shown without the reader's language")
            return _Reader()
        if person not in found:
            return _Reader()
        snapshot = parse_snapshot(found[person])
        choices = None if self._choices is None else self._choices(person, address, snapshot)
        return _Reader(snapshot.language, choices)

    def _answer(
        self, state: State, request: Request, reader: _Reader, *, is_too_often: bool = False
    ) -> Response:
        language = self._page.language_of(request, reader.language)
        html = self._page.html(state, language=language, choices=reader.choices)
        if is_too_often:
            return page_answer(html, status=_TOO_MANY, headers=_WAIT)
        return page_answer(html, status=_STATUS[state])


def _whose(target: tuple[str, str]) -> str:
    # Not the token: the same signature can be written in more than one way.
    return "\n".join(target)
