"""One-click unsubscribe (RFC 8058): POST closes email, GET only asks."""

from fastapi import APIRouter, Response
from starlette.responses import HTMLResponse

from foundation.clock import Clock
from foundation.database import Database
from outreach.http.links import Links
from outreach.listening.unsubscribe import unsubscribe

PATH = "/unsubscribe/"

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{title}</title>
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto}}
button{{font:inherit;padding:.6rem 1.2rem}}</style>
<h1>{title}</h1>{body}</html>"""

_ASK = _PAGE.format(
    title="Stop emails to this address?",
    body='<form method="post"><p>We will not email this address again.</p>'
    "<button>Stop emails</button></form>",
)
_DONE = _PAGE.format(title="Done", body="<p>We will not email this address again.</p>")
_UNKNOWN = _PAGE.format(
    title="This link does not work",
    body="<p>Please reply to the email you got, or call us, and we will stop.</p>",
)


class Unsubscribe:
    """The links in every email. Mail scanners follow links, with HEAD first, so neither changes anything."""

    def __init__(self, *, links: Links, database: Database, clock: Clock) -> None:
        self._links = links
        self._database = database
        self._clock = clock

    def router(self) -> APIRouter:
        router = APIRouter(include_in_schema=False)
        router.add_api_route(PATH + "{token}", self.ask, methods=["GET", "HEAD"])
        router.add_api_route(PATH + "{token}", self.stop, methods=["POST"])
        return router

    async def ask(self, token: str) -> Response:
        """Show a page with one button; change nothing."""
        if self._links.read(token) is None:
            return HTMLResponse(_UNKNOWN, status_code=404)
        return HTMLResponse(_ASK)

    async def stop(self, token: str) -> Response:
        """Close email for the person and the address that the link was made for, before answering."""
        target = self._links.read(token)
        if target is None:
            return HTMLResponse(_UNKNOWN, status_code=404)
        person, address = target
        await unsubscribe(
            person_id=person,
            address=address,
            database=self._database,
            clock=self._clock,
        )
        return HTMLResponse(_DONE)
