"""Takes the email that people write back, as SendGrid's Inbound Parse posts it."""

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import structlog
from fastapi import APIRouter, Request, Response
from starlette.datastructures import Headers

from foundation.clock import Clock
from foundation.database import persistently
from foundation.http_limits import Limits
from foundation.metrics import Metrics
from outreach.http.links import ReplyAddresses
from outreach.listening.mail import ArrivedMail
from outreach.providers.receipts import Unreadable
from outreach.providers.sendgrid.inbound import parse_inbound
from outreach.providers.sendgrid.multipart import MultipartForm
from outreach.providers.sendgrid.signatures import (
    SENDGRID_SIGNATURE,
    SENDGRID_TIMESTAMP,
    SendGridSignatures,
    begin_digest,
)

log = structlog.get_logger(__name__)

PATH = "/webhooks/sendgrid/inbound"
#: The vendor posts emails of up to 30 MB, and none that is refused comes again. They are read as they come.
LIMITS = Limits(body_within=timedelta(seconds=60), largest_body=64 * 1024 * 1024, is_kept=False)
#: The query parameter of the URL that SendGrid is given.
SECRET = "secret"  # noqa: S105 - its name


class InboundMail:
    """The route of email. Without a secret of its own it takes nothing; `signatures` are asked if given."""

    def __init__(
        self,
        *,
        hear: Callable[[ArrivedMail], Awaitable[object]],
        secret: str,
        signatures: SendGridSignatures | None,
        addresses: ReplyAddresses | None,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._hear = hear
        self._secret = secret
        self._signatures = signatures
        self._addresses = addresses
        self._clock = clock
        self._metrics = metrics

    def router(self) -> APIRouter:
        """Return the route."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route(PATH, self.take, methods=["POST"])
        return router

    async def take(self, request: Request) -> Response:
        """Take an email of any size. What it says binds before SendGrid has its answer.

        A longer one than anybody writes is heard by its headers and its first parts.
        """
        if not self._knows_the_secret(request):
            return self._refuse()
        form = MultipartForm(request.headers.get("Content-Type", ""))
        timestamp = request.headers.get(SENDGRID_TIMESTAMP, "")
        digest = begin_digest(timestamp)
        async for chunk in request.stream():
            form.feed(chunk)
            digest.update(chunk)
        if self._signatures is not None and not self._signatures.verify_digest(
            digest=digest.digest(),
            signature=request.headers.get(SENDGRID_SIGNATURE, ""),
            timestamp=timestamp,
            now=self._clock.now(),
        ):
            return self._refuse()
        inbound = parse_inbound(form)
        if isinstance(inbound, Unreadable):
            self._metrics.count("webhooks_passed_by_total", provider="sendgrid", reason=inbound.reason)
            log.error("unreadable webhook", provider="sendgrid", reason=inbound.reason)
            return Response(status_code=204)
        answers = self._addresses.read(inbound.recipients) if self._addresses is not None else None
        mail = ArrivedMail(inbound=inbound, answers=answers, received_at=self._clock.now())
        await persistently(partial(self._hear, mail))
        return Response(status_code=204)

    def _knows_the_secret(self, request: Request) -> bool:
        """Tell whether the secret stands in the URL: as its parameter, or as a password before the host."""
        given = [*request.query_params.getlist(SECRET), *_passwords(request.headers)]
        return bool(self._secret) and any(
            hmac.compare_digest(secret.encode(), self._secret.encode()) for secret in given
        )

    def _refuse(self) -> Response:
        log.warning(
            "webhook refused: not posted by the vendor",
            provider="sendgrid",
            at=self._clock.now().isoformat(),
        )
        return Response(status_code=403)


def _passwords(headers: Headers) -> list[str]:
    """Return the password of basic authentication, as which callers send what a URL says before its host."""
    kind, _, content = headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return []
    try:
        return [base64.b64decode(content).decode().partition(":")[2]]
    except (binascii.Error, ValueError):
        return []
