"""One-click unsubscribe (RFC 8058): POST closes email, GET only asks."""

from collections.abc import Callable
from dataclasses import dataclass
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
from outreach.http.links import Links
from outreach.listening.unsubscribe import unsubscribe
from outreach.model.snapshot import Snapshot, parse_snapshot
from outreach.store.people import read_snapshots

PATH = "/unsubscribe/"
_FOLDER: Final = Path(__file__).parent / "templates"
_STATUS: Final = {"ask": 200, "done": 200, "unknown": 404}

#: From whom a page is for, and what is known of them, to the link to all their choices; None without one.
Choices = Callable[[str, str, Snapshot], str | None]
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who opens a page: their language, and where all their choices are, as far as anybody knows."""

    language: str | None = None
    choices: str | None = None


class Unsubscribe:
    """The links in every email. Mail scanners follow links, with HEAD first, so neither changes anything."""

    def __init__(
        self, *, links: Links, database: Database, clock: Clock, look: Look, choices: Choices | None = None
    ) -> None:
        """Read the words and the page, once.

        Raises:
            WordsIncomplete: a language says less than English does.
        """
        self._links = links
        self._database = database
        self._clock = clock
        self._look = look
        self._choices = choices
        self._words = read_words(files("outreach.http") / "words")
        self._page = environment(_FOLDER).get_template("unsubscribe.html")

    def router(self) -> APIRouter:
        router = APIRouter(include_in_schema=False)
        router.routes.extend(asset_routes(self._look, prefix=PATH))
        router.add_api_route(PATH + "{token}", self.ask, methods=["GET", "HEAD"])
        router.add_api_route(PATH + "{token}", self.stop, methods=["POST"])
        return router

    async def ask(self, token: str, request: Request) -> Response:
        """Show a page with one button on top; change nothing."""
        target = self._links.read(token)
        if target is None:
            return self._answer("unknown", request, _Reader())
        person, address = target
        return self._answer("ask", request, await self._reader(person, address))

    async def stop(self, token: str, request: Request) -> Response:
        """Close email for the person and the address that the link was made for, before answering."""
        target = self._links.read(token)
        if target is None:
            return self._answer("unknown", request, _Reader())
        person, address = target
        await unsubscribe(
            person_id=person,
            address=address,
            database=self._database,
            clock=self._clock,
        )
        return self._answer("done", request, _Reader())

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
        self, state: Literal["ask", "done", "unknown"], request: Request, reader: _Reader
    ) -> Response:
        """Return a page in the language of its address, else the reader's, else the browser's."""
        asked = request.query_params.get("lang")
        accepted = request.headers.get("accept-language")
        words = self._words[pick_language(self._words, asked, reader.language, accepted=accepted)]
        html = self._page.render(
            state=state,
            look=self._look,
            assets=PATH,
            words=words,
            say=words.say,
            choices=reader.choices,
            others=[other for other in self._words.values() if other is not words],
        )
        return page_answer(html, status=_STATUS[state])
