"""The two endpoints that outreach calls, with whatever misbehavior is in force."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from aiohttp import encode_basic_auth, hdrs, web

from foundation.clock import Clock
from simulator import sendgrid, twilio
from simulator.arrivals import Arrival, Arrivals, TurnedAway, Vendor
from simulator.contracts import Contracts
from simulator.couriers import Couriers
from simulator.faults import Fault, Faults
from simulator.settings import Settings

_GARBAGE = b"\x00\x01 this is not HTTP \xff\xfe\r\n\r\n"
_DELIVERED: Mapping[Vendor, Sequence[str]] = {
    "twilio": ("queued", "sent", "delivered"),
    "sendgrid": ("processed", "delivered"),
}


class Vendors:
    """Takes messages, keeps them, and has their receipts sent."""

    def __init__(
        self, *, settings: Settings, arrivals: Arrivals, faults: Faults, couriers: Couriers, clock: Clock
    ) -> None:
        self._settings = settings
        self._arrivals = arrivals
        self._faults = faults
        self._couriers = couriers
        self._clock = clock
        self._contracts = Contracts(settings.specs) if settings.specs else None

    async def create_message(self, request: web.Request) -> web.Response:
        """`POST /2010-04-01/Accounts/{sid}/Messages.json`."""
        account = request.match_info["account"]
        fields = dict(parse_qsl(await request.text(), keep_blank_values=True))
        to = fields.get("To", "")
        no = self._text_refused(request, account, fields)
        fault = None if no else self._faults.take(vendor="twilio", to=to)
        if fault is not None and fault.kind == "refuse":
            no = twilio.No(fault.status if fault.status in range(400, 500) else 400, int(fault.code or 21211))
        if no is not None:
            return self._turn_away("twilio", to, no.status, str(no.code), no.body, fields)
        text = twilio.arrived(
            fields, account_sid=account, message_id=self._arrivals.next_id(), now=self._clock.now()
        )
        return await self._take(request, fault, text, web.json_response(twilio.created(text), status=201))

    async def send_mail(self, request: web.Request) -> web.Response:
        """`POST /v3/mail/send`."""
        try:
            mail = msgspec.json.decode(await request.read())
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            mail = None
        to = sendgrid.address_of(mail)
        no = self._mail_refused(request, mail)
        fault = None if no else self._faults.take(vendor="sendgrid", to=to)
        if fault is not None and fault.kind == "refuse":
            status = fault.status if fault.status in range(400, 500) else 400
            no = sendgrid.No(status, "Does not contain a valid address.", "personalizations.0.to.0.email")
        if no is not None:
            return self._turn_away("sendgrid", to, no.status, no.message, no.body, {"mail": mail})
        message_id = self._arrivals.next_id(length=22)
        email = sendgrid.arrived(mail, message_id=message_id, now=self._clock.now())
        return await self._take(
            request, fault, email, web.Response(status=202, headers={"X-Message-Id": message_id})
        )

    def _text_refused(
        self, request: web.Request, account: str, fields: Mapping[str, str]
    ) -> twilio.No | None:
        token = self._settings.auth_token
        if token is not None and request.headers.get(hdrs.AUTHORIZATION) != encode_basic_auth(
            self._settings.account_sid or account, token
        ):
            return twilio.No(401, 20003)
        if self._settings.account_sid not in {None, account}:
            return twilio.No(404, 20404)
        if self._contracts is not None and (problems := self._contracts.problems_of_form(fields)):
            self._arrivals.violations.extend(problems)
            return twilio.No(400, 20001)
        if fields.get("To") in self._arrivals.stopped:
            return twilio.No(400, 21610)
        return twilio.refusal_of(fields)

    def _mail_refused(self, request: web.Request, mail: Any) -> sendgrid.No | None:
        key = self._settings.api_key
        if key is not None and request.headers.get(hdrs.AUTHORIZATION) != f"Bearer {key}":
            return sendgrid.No(401, "The provided authorization grant is invalid, expired, or revoked")
        if not sendgrid.address_of(mail):
            return sendgrid.No(400, "Bad Request")
        if self._contracts is not None and (problems := self._contracts.problems_of_mail(mail)):
            self._arrivals.violations.extend(problems)
            return sendgrid.No(400, problems[0])
        return sendgrid.refusal_of(mail)

    def _turn_away(  # noqa: PLR0917 (all of an answer)
        self,
        vendor: Vendor,
        to: str,
        status: int,
        why: str,
        body: Mapping[str, Any],
        asked: Mapping[str, Any],
    ) -> web.Response:
        self._arrivals.turned_away.append(
            TurnedAway(vendor=vendor, at=self._clock.now(), to=to, status=status, why=why, request=asked)
        )
        return web.json_response(body, status=status)

    async def _take(
        self, request: web.Request, fault: Fault | None, message: Arrival, yes: web.Response
    ) -> web.Response:
        """Keep the message and answer, as far as the fault lets it."""
        message.accepted = fault is None or fault.kind in {"delay", "undelivered", "receipts"}
        message.fault = None if fault is None else _name(fault)
        if fault is not None and not fault.lets_it_out:
            self._arrivals.swallowed.append(message)
        else:
            self._arrivals.messages.append(message)
            reporting = self._report(message, fault)
            if fault is not None and fault.early:
                await reporting
            else:
                self._couriers.start(reporting)
        if fault is None:
            return yes
        if fault.kind != "receipts":
            await asyncio.sleep(fault.seconds)
        match fault.kind:
            case "status":
                no = self._turn_away(
                    message.vendor, message.to, fault.status, fault.kind, {"status": fault.status}, {}
                )
                if fault.retry_after is not None:
                    no.headers[hdrs.RETRY_AFTER] = str(fault.retry_after)
                return no
            case "cut" | "garbage":
                return _break_off(request, _GARBAGE if fault.kind == "garbage" else b"")
            case _:
                return yes

    async def _report(self, message: Arrival, fault: Fault | None) -> None:
        if not self._settings.receipts or (fault is not None and fault.silent):
            return
        statuses, code = _DELIVERED[message.vendor], None
        delay = self._settings.receipt_delay.total_seconds()
        if fault is not None and fault.kind == "receipts":
            statuses, delay = fault.statuses, fault.seconds
            code = None if fault.code is None else str(fault.code)
        if fault is not None and fault.kind == "undelivered":
            code = str(fault.code or ("30003" if message.vendor == "twilio" else "bounce"))
            statuses = ("sent", "undelivered") if message.vendor == "twilio" else ("processed", code)
        if message.vendor == "twilio":
            await self._couriers.report_text(message, statuses, code=code, delay=delay)
        else:
            await self._couriers.report_email(message, statuses, delay=delay)


def _name(fault: Fault) -> str:
    if fault.kind == "delay":
        return f"delay {fault.seconds:g} s"
    return f"status {fault.status}" if fault.kind == "status" else fault.kind


def _break_off(request: web.Request, last_words: bytes) -> web.Response:
    """Hang up on the caller; what is returned reaches nobody."""
    if request.transport is not None:
        if last_words:
            request.transport.write(last_words)
        request.transport.close()
    return web.Response()
