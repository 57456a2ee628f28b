"""Receipts, inbound texts and clicks on their way to outreach: signed, in order, tried again until taken."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout

from foundation.clock import Clock
from simulator.arrivals import Arrival, Arrivals
from simulator.settings import Settings
from simulator.signing import EventKey, sign_form

_TRIES = 60
_BETWEEN_TRIES = 0.5
_TIMEOUT = ClientTimeout(total=10)
_AT_ONCE = 50
_FORM = "application/x-www-form-urlencoded"


class Couriers:
    """Carries what the vendors tell outreach. Nothing it carries is lost while outreach restarts."""

    def __init__(
        self, *, settings: Settings, arrivals: Arrivals, key: EventKey, session: ClientSession, clock: Clock
    ) -> None:
        self._settings = settings
        self._arrivals = arrivals
        self._key = key
        self._session = session
        self._clock = clock
        self._under_way: set[asyncio.Task[None]] = set()
        # Whoever waits for a turn is not timed out meanwhile: a slow receiver gets a queue and no storm.
        self._turns = asyncio.Semaphore(_AT_ONCE)

    def now(self) -> datetime:
        """Return the present instant, by the simulator's clock."""
        return self._clock.now()

    def start(self, errand: Coroutine[Any, Any, None]) -> None:
        """Run an errand beside the answer that caused it."""
        task = asyncio.create_task(errand)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def finish(self) -> None:
        """Wait for every errand under way."""
        while self._under_way:
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def abandon(self) -> None:
        """Stop every errand under way."""
        for task in self._under_way:
            task.cancel()
        await self.finish()

    async def report_text(
        self, text: Arrival, statuses: Sequence[str], *, code: str | None, delay: float
    ) -> None:
        """Send a status callback for each status; the last may carry an error code."""
        for status in statuses:
            await asyncio.sleep(delay)
            text.status = status
            if text.status_url is None:
                continue
            fields = {
                "MessageSid": text.message_id,
                "SmsSid": text.message_id,
                "MessageStatus": status,
                "SmsStatus": status,
                "AccountSid": text.request.get("AccountSid", ""),
                "MessagingServiceSid": text.request.get("MessagingServiceSid", ""),
                "From": self._settings.own_number,
                "To": text.to,
                "ApiVersion": "2010-04-01",
            }
            if code is not None and status in {"failed", "undelivered"}:
                fields["ErrorCode"] = code
            text.reported.append((status, await self._post_form(text.status_url, fields)))

    async def report_email(
        self, email: Arrival, events: Sequence[str], *, reason: str | None = None, delay: float
    ) -> None:
        """Send a signed batch for each event."""
        for event in events:
            await asyncio.sleep(delay)
            email.status = event
            body = msgspec.json.encode([self._event(email, event, reason)])
            email.reported.append((event, await self._post_events(body)))

    async def deliver_reply(self, *, from_number: str, body: str, opt_out_type: str | None) -> int | None:
        """Send an inbound text as if the person had written it; return how outreach answered."""
        fields = {
            "MessageSid": f"SM{self._arrivals.next_id()}",
            "AccountSid": self._settings.account_sid or "",
            "From": from_number,
            "To": self._settings.own_number,
            "Body": body,
            "NumMedia": "0",
            "NumSegments": "1",
            "ApiVersion": "2010-04-01",
        }
        if opt_out_type is not None:
            fields["OptOutType"] = opt_out_type
        return await self._post_form(f"{self._settings.outreach_url}/webhooks/twilio/inbound", fields)

    async def click_unsubscribe(self, email: Arrival) -> int | None:
        """Post what a mail program posts when somebody clicks unsubscribe (RFC 8058)."""
        link = email.headers.get("List-Unsubscribe", "").strip("<>")
        return await self._post(link, b"List-Unsubscribe=One-Click", {"Content-Type": _FORM})

    def _event(self, email: Arrival, event: str, reason: str | None) -> dict[str, Any]:
        """Build an event. `blocked` is a bounce of that type, as SendGrid tells it."""
        payload = {
            "email": email.to,
            "timestamp": int(self._clock.now().timestamp()),
            "smtp-id": f"<{email.message_id}@simulator.example.com>",
            "event": "bounce" if event == "blocked" else event,
            "sg_event_id": self._arrivals.next_id(length=22),
            "sg_message_id": f"{email.message_id}.recvd-simulator-1-0.0",
        }
        if event in {"bounce", "blocked"}:
            payload["type"] = event
        if reason is not None:
            payload["reason"] = reason
        return payload if email.attempt_id is None else {**payload, "attempt_id": email.attempt_id}

    async def _post_form(self, url: str, fields: Mapping[str, str]) -> int | None:
        headers = {"Content-Type": _FORM}
        if self._settings.auth_token is not None:
            token = self._settings.auth_token
            headers["X-Twilio-Signature"] = sign_form(url, fields, auth_token=token)
        return await self._post(url, urlencode(fields).encode(), headers)

    async def _post_events(self, body: bytes) -> int | None:
        if self._settings.outreach_url is None:
            return None
        timestamp = str(int(self._clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Twilio-Email-Event-Webhook-Signature": self._key.sign(body, timestamp=timestamp),
            "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
        }
        return await self._post(f"{self._settings.outreach_url}/webhooks/sendgrid/events", body, headers)

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int | None:
        """Post until somebody takes it; None when nobody did. A refusal (4xx) is an answer."""
        for attempt in range(_TRIES):
            if attempt:
                await asyncio.sleep(_BETWEEN_TRIES)
            try:
                async with (
                    self._turns,
                    self._session.post(url, data=body, headers=headers, timeout=_TIMEOUT) as answer,
                ):
                    if answer.status < 500:  # noqa: PLR2004 (the server errors)
                        return answer.status
            except (ClientError, TimeoutError):
                continue
        return None
