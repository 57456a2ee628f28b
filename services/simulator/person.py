"""What testers and demonstrators ask for: replies, clicks, faults, and a look at what arrived."""

import os
from dataclasses import asdict
from typing import TypeVar

import msgspec
from aiohttp import web

from simulator.arrivals import Arrival, Arrivals
from simulator.couriers import Couriers
from simulator.faults import Fault, Faults
from simulator.page import show_mail, show_page
from simulator.settings import Settings

_START = frozenset({"start", "unstop", "yes"})
_STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke"})
_HELP = frozenset({"help", "info"})
# Whatever an email brings along, it runs nothing and calls nobody.
_NO_SCRIPTS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}

T = TypeVar("T")


class Reply(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text that a person writes back."""

    to_number: str
    body: str


class Click(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A click on unsubscribe in the newest email of a mailbox."""

    to: str


class EmailEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something SendGrid tells later of the newest email of a mailbox, such as `spamreport`."""

    to: str
    event: str
    reason: str | None = None


class Person:
    """The person at the phone and the mailbox, and the tester behind them."""

    def __init__(self, *, settings: Settings, arrivals: Arrivals, faults: Faults, couriers: Couriers) -> None:
        self._settings = settings
        self._arrivals = arrivals
        self._faults = faults
        self._couriers = couriers

    async def reply(self, request: web.Request) -> web.StreamResponse:
        """`POST /simulate/reply`: write a text back; answer with how outreach answered."""
        reply = await _read(request, Reply)
        opt_out_type = self._keyword(reply) if self._settings.handles_stop else None
        self._arrivals.messages.append(
            Arrival(
                message_id=self._arrivals.next_id(),
                vendor="twilio",
                at=self._couriers.now(),
                to=self._settings.own_number,
                sender=reply.to_number,
                text=reply.body,
                inbound=True,
            )
        )
        status = await self._couriers.deliver_reply(
            from_number=reply.to_number, body=reply.body, opt_out_type=opt_out_type
        )
        return _done(request, status)

    async def unsubscribe(self, request: web.Request) -> web.StreamResponse:
        """`POST /simulate/unsubscribe`: click the one-click link; answer with how outreach answered."""
        click = await _read(request, Click)
        return _done(request, await self._couriers.click_unsubscribe(self._newest_email(click.to)))

    async def email_event(self, request: web.Request) -> web.StreamResponse:
        """`POST /simulate/event`: have SendGrid tell something of an email."""
        report = await _read(request, EmailEvent)
        await self._couriers.report_email(
            self._newest_email(report.to), [report.event], reason=report.reason, delay=0
        )
        return _done(request, 200)

    async def add_fault(self, request: web.Request) -> web.StreamResponse:
        """`POST /simulate/faults`: misbehave from now on."""
        self._faults.add(await _read(request, Fault))
        return web.json_response(msgspec.to_builtins(self._faults.standing()), status=201)

    async def list_faults(self, request: web.Request) -> web.StreamResponse:
        """`GET /simulate/faults`."""
        return web.json_response(msgspec.to_builtins(self._faults.standing()))

    async def clear_faults(self, request: web.Request) -> web.StreamResponse:
        """`DELETE /simulate/faults`: behave again."""
        self._faults.clear()
        return web.Response(status=204)

    async def received(self, request: web.Request) -> web.StreamResponse:
        """`GET /received`: everything that arrived, as JSON; `?to=` narrows it to one address."""
        to = request.query.get("to")
        messages = [asdict(message) for message in self._arrivals.messages if to in {None, message.to}]
        turned_away = [asdict(arrival) for arrival in self._arrivals.turned_away if to in {None, arrival.to}]
        body = msgspec.json.encode(
            {"messages": messages, "turned_away": turned_away, "violations": self._arrivals.violations}
        )
        return web.Response(body=body, content_type="application/json")

    async def forget(self, request: web.Request) -> web.StreamResponse:
        """`DELETE /received`: begin anew; ids go on."""
        self._arrivals.forget()
        return web.Response(status=204)

    async def page(self, request: web.Request) -> web.StreamResponse:
        """`GET /`: phones and mailboxes."""
        return web.Response(text=show_page(self._arrivals.messages), content_type="text/html")

    async def mail(self, request: web.Request) -> web.StreamResponse:
        """`GET /mail/{message_id}`: one email as a mail program shows it."""
        for message in self._arrivals.messages:
            if message.message_id == request.match_info["message_id"] and message.html is not None:
                return web.Response(text=show_mail(message), content_type="text/html", headers=_NO_SCRIPTS)
        raise web.HTTPNotFound

    async def alive(self, request: web.Request) -> web.StreamResponse:
        """`GET /health/live`."""
        return web.json_response({"status": "ok", "process": os.getpid()})

    def _newest_email(self, to: str) -> Arrival:
        email = self._arrivals.latest(vendor="sendgrid", to=to)
        if email is None:
            raise web.HTTPNotFound(text=f"{to} has no email\n")
        return email

    def _keyword(self, reply: Reply) -> str | None:
        """Do with a keyword what Twilio does where it keeps the list of who said stop."""
        word = reply.body.strip().casefold()
        if word in _STOP:
            self._arrivals.stopped.add(reply.to_number)
            return "STOP"
        if word in _START:
            self._arrivals.stopped.discard(reply.to_number)
            return "START"
        return "HELP" if word in _HELP else None


async def _read(request: web.Request, kind: type[T]) -> T:
    """Read JSON, or the form of our own page."""
    try:
        if request.content_type == "application/json":
            return msgspec.json.decode(await request.read(), type=kind)
        return msgspec.convert(dict(await request.post()), type=kind)
    except msgspec.MsgspecError as error:
        raise web.HTTPBadRequest(text=f"{error}\n") from error


def _done(request: web.Request, status: int | None) -> web.StreamResponse:
    """Answer a program with what happened, and a person with the page again."""
    if request.content_type == "application/json":
        return web.json_response({"status": status})
    raise web.HTTPSeeOther("/")
