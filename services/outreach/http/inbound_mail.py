"""Takes the email that people write back, as SendGrid's Inbound Parse posts it."""

import hmac
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers

from foundation.clock import Clock
from foundation.database import persistently
from foundation.http_limits import Limits
from foundation.metrics import Metrics
from outreach.http.links import ReplyAddresses
from outreach.listening.mail import ArrivedMail
from outreach.providers.receipts import Unreadable
from outreach.providers.sendgrid.access import LASTS, InboundAccess, basic
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
#: Where the vendor asks for the token that it shows there.
TOKEN_PATH = "/webhooks/sendgrid/token"  # noqa: S105 - a path
#: The vendor posts emails of up to 30 MB, and none that is refused comes again. They are read as they come.
LIMITS = Limits(body_within=timedelta(seconds=60), largest_body=64 * 1024 * 1024, is_kept=False)
#: The query parameter of the URL that SendGrid is given.
SECRET = "secret"  # noqa: S105 - its name
_MOST_FIELDS = 20
_NOT_KEPT = {"Cache-Control": "no-store"}


class InboundMail:
    """The route of email, and that of the token which the vendor shows there.

    Without a secret of its own it takes nothing; `signatures` and `access` are asked for if given.
    """

    def __init__(
        self,
        *,
        hear: Callable[[ArrivedMail], Awaitable[object]],
        secret: str,
        signatures: SendGridSignatures | None,
        access: InboundAccess | None = None,
        addresses: ReplyAddresses | None,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._hear = hear
        self._secret = secret
        self._signatures = signatures
        self._access = access
        self._addresses = addresses
        self._clock = clock
        self._metrics = metrics

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route(PATH, self.take, methods=["POST"])
        if self._access is not None:
            router.add_api_route(TOKEN_PATH, self.give_token, methods=["POST"])
        return router

    async def take(self, request: Request) -> Response:
        """Take an email of any size. What it says binds before SendGrid has its answer.

        A longer one than anybody writes is heard by its headers and its first parts.
        """
        if not self._knows_the_secret(request):
            return self._refuse()
        if not self._shows_a_token(request):
            return Response(status_code=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
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

    async def give_token(self, request: Request) -> Response:
        """Give a token to the client of RFC 6749, whose id and secret stand in a header or in the form."""
        assert self._access is not None, "there is no such route without"
        content = await request.body()
        form = dict(parse_qsl(content.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS))
        shown = basic(request.headers.get("Authorization", "")) or (
            form.get("client_id", ""),
            form.get("client_secret", ""),
        )
        if form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, status_code=400, headers=_NOT_KEPT)
        if not self._access.is_client(*shown):
            headers = {"WWW-Authenticate": 'Basic realm="inbound mail"', **_NOT_KEPT}
            return JSONResponse({"error": "invalid_client"}, status_code=401, headers=headers)
        given = {
            "access_token": self._access.token(now=self._clock.now()),
            "token_type": "Bearer",
            "expires_in": int(LASTS.total_seconds()),
        }
        return JSONResponse(given, headers=_NOT_KEPT)

    def _shows_a_token(self, request: Request) -> bool:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        return self._access is None or (
            kind.lower() == "bearer" and self._access.knows(token.strip(), now=self._clock.now())
        )

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
    given = basic(headers.get("Authorization", ""))
    return [] if given is None else [given[1]]
