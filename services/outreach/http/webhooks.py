"""What vendors call. Verified on what they signed, durable before the answer, and quick."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog
from fastapi import APIRouter, Request, Response
from starlette.datastructures import Headers

from foundation.clock import Clock
from foundation.database import Database, persistently
from foundation.metrics import Metrics
from outreach.listening.receipts import Listener
from outreach.listening.replies import hear_reply
from outreach.listening.reply import Reply
from outreach.model.playbook import Playbook
from outreach.model.words import Channel
from outreach.providers.receipts import ATTEMPT_PARAMETER, Form, Unreadable, parse_form
from outreach.providers.sendgrid.signatures import SENDGRID_SIGNATURE, SENDGRID_TIMESTAMP, SendGridSignatures
from outreach.providers.sendgrid.webhooks import parse_events
from outreach.providers.twilio.signatures import TWILIO_SIGNATURE, TWILIO_SIGNATURE_SETTINGS, TwilioSignatures
from outreach.providers.twilio.webhooks import parse_inbound, parse_status
from outreach.understanding.understand import understand

log = structlog.get_logger(__name__)

#: SendGrid batches are far smaller; whatever is larger is not from SendGrid.
LARGEST_BODY = 2 * 1024 * 1024
_EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


class Webhooks:
    """The routes of the vendors. `public_url` is the one they were given."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        playbook: Callable[[], Playbook],
        twilio: TwilioSignatures,
        sendgrid: SendGridSignatures,
        public_url: str,
        confirmed_by_vendor: bool,
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._clock = clock
        self._playbook = playbook
        self._listener = Listener(database=database, clock=clock, playbook=playbook)
        self._twilio = twilio
        self._sendgrid = sendgrid
        self._public_url = public_url
        self._confirmed_by_vendor = confirmed_by_vendor
        self._metrics = metrics
        understand("")  # reads its words now, not while the first stop waits

    def router(self) -> APIRouter:
        """Return the routes. FastAPI reads no body here: what is verified must be what was sent."""
        router = APIRouter(prefix="/webhooks", include_in_schema=False)
        router.add_api_route("/twilio/status", self.twilio_status, methods=["POST"])
        router.add_api_route("/twilio/inbound", self.twilio_inbound, methods=["POST"])
        router.add_api_route("/sendgrid/events", self.sendgrid_events, methods=["POST"])
        return router

    async def twilio_status(self, request: Request) -> Response:
        """Take a status callback of Twilio."""
        form = await self._twilio_form(request)
        if isinstance(form, Response):
            return form
        if not form:
            # Signed, and says nothing: `outreach doctor` asks whether the way here is right.
            return Response(status_code=204)
        receipt = parse_status(form, attempt=request.query_params.get(ATTEMPT_PARAMETER))
        if isinstance(receipt, Unreadable):
            # Signed, yet unknown: asking for it again would not help.
            self._pass_by(receipt, provider="twilio")
            return Response(status_code=204)
        await self._listener.hear([receipt], provider="twilio")
        return Response(status_code=204)

    async def twilio_inbound(self, request: Request) -> Response:
        """Take what a person wrote. What it says binds before Twilio has its answer."""
        form = await self._twilio_form(request)
        if isinstance(form, Response):
            return form
        inbound = parse_inbound(form)
        if isinstance(inbound, Unreadable):
            self._pass_by(inbound, provider="twilio")
            return _twiml()
        reply = Reply(
            reply_id=inbound.event_id,
            channel=Channel.SMS,
            address=inbound.from_number,
            text=inbound.body,
            received_at=self._clock.now(),
            # Twilio answers keywords itself unless told not to, and says so by naming the keyword.
            confirmed_by_vendor=self._confirmed_by_vendor and inbound.keyword is not None,
            stopped_at_vendor=inbound.keyword == "STOP",
            started_at_vendor=inbound.keyword == "START",
            pictures=inbound.pictures,
        )
        # Unless told to, Twilio does not call again after a 503: what was written would be lost.
        await persistently(partial(self._hear, reply))
        return _twiml()

    async def _hear(self, reply: Reply) -> None:
        await hear_reply(reply, database=self._database, clock=self._clock, playbook=self._playbook())

    async def sendgrid_events(self, request: Request) -> Response:
        """Take a batch of SendGrid's events."""
        if not _one(request.headers, SENDGRID_SIGNATURE):
            return _refused("sendgrid", self._clock.now())
        body = await _read(request)
        if body is None:
            return Response(status_code=413)
        verified = self._sendgrid.verify(
            body=body,
            signature=_one(request.headers, SENDGRID_SIGNATURE),
            timestamp=_one(request.headers, SENDGRID_TIMESTAMP),
            now=self._clock.now(),
        )
        if not verified:
            return _refused("sendgrid", self._clock.now())
        batch = parse_events(body)
        if isinstance(batch, Unreadable):
            self._pass_by(batch, provider="sendgrid")
            return Response(status_code=204)
        for item in batch.unreadable:
            self._pass_by(item, provider="sendgrid")
        await self._listener.hear(batch.receipts, provider="sendgrid")
        return Response(status_code=204)

    def _pass_by(self, unreadable: Unreadable, *, provider: str) -> None:
        """Tell staff of something signed that was not taken."""
        self._metrics.count("webhooks_passed_by_total", provider=provider, reason=unreadable.reason)
        log.error("unreadable webhook", provider=provider, reason=unreadable.reason)

    async def _twilio_form(self, request: Request) -> Form | Response:
        if not _one(request.headers, TWILIO_SIGNATURE):
            # Not a byte of the body is waited for.
            return _refused("twilio", self._clock.now())
        body = await _read(request)
        if body is None:
            return Response(status_code=413)
        form = parse_form(body)
        if isinstance(form, Unreadable):
            return Response(status_code=400)
        query = f"?{request.url.query}" if request.url.query else ""
        verified = self._twilio.verify(
            url=f"{self._public_url}{request.url.path}{query}",
            form=form,
            signature=_one(request.headers, TWILIO_SIGNATURE),
            settings=_one(request.headers, TWILIO_SIGNATURE_SETTINGS) or None,
        )
        return form if verified else _refused("twilio", self._clock.now())


async def _read(request: Request) -> bytes | None:
    """Return the body byte for byte, or None when it is larger than any vendor's."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _one(headers: Headers, name: str) -> str:
    """Return a header that came once; one that came twice could be read in two ways, so it is none."""
    values = headers.getlist(name)
    return values[0] if len(values) == 1 else ""


def _refused(provider: str, now: datetime) -> Response:
    log.warning("webhook refused: not signed by the vendor", provider=provider, at=now.isoformat())
    return Response(status_code=403)


def _twiml() -> Response:
    return Response(_EMPTY_TWIML, media_type="text/xml")
