"""Email through SendGrid's Mail Send: its own helper builds the payload, our shared session sends it."""

import re
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import msgspec
from aiohttp import ClientResponse, ClientSession
from sendgrid.helpers.mail import (
    ClickTracking,
    CustomArg,
    From,
    Ganalytics,
    Header,
    Mail,
    OpenTracking,
    Personalization,
    ReplyTo,
    SubscriptionTracking,
    To,
    TrackingSettings,
)
from sendgrid.helpers.mail.exceptions import ApiKeyIncludedException

from outreach.model.message import Email, Message
from outreach.model.outcome import Accepted, NotSent, Outcome, Refused, Unknown
from outreach.model.words import Channel
from outreach.providers.connection import (
    FAILURES,
    call_timeout,
    outcome_of_failure,
    read_answer,
    read_object,
    says_no,
    wait_asked_for,
)
from outreach.providers.provider import WrongChannel
from outreach.providers.receipts import ATTEMPT_ARGUMENT

_DEFAULT_BASE_URL = "https://api.sendgrid.com"
#: The field SendGrid blames when the person's address is no good.
_ADDRESS_FIELD = re.compile(r"personalizations\.\d+\.to(\.\d+\.email)?", re.ASCII)


class SendGrid:
    """Sends email. One per account; every replica may have its own."""

    name = "sendgrid"
    channel = Channel.EMAIL

    def __init__(
        self,
        *,
        session: ClientSession,
        api_key: str,
        timeout: timedelta = timedelta(seconds=10),
        base_url: str | None = None,
    ) -> None:
        self._session = session
        self._url = (base_url or _DEFAULT_BASE_URL).rstrip("/") + "/v3/mail/send"
        self._headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}
        self._timeout = call_timeout(timeout)

    async def send(self, message: Message) -> Outcome:
        """Hand one email to SendGrid. It is never parked there for later."""
        if not isinstance(message, Email):
            raise WrongChannel(self.name, message)
        try:
            body = msgspec.json.encode(payload(message))
        except (ApiKeyIncludedException, UnicodeEncodeError):
            return Refused("not_sendable_text")
        try:
            async with self._session.post(
                self._url,
                data=body,
                headers=self._headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                return outcome_of_answer(
                    status=response.status,
                    message_id=response.headers.get("X-Message-Id"),
                    fields=_blamed_fields(await read_answer(response)),
                    retry_after=_wait(response),
                )
        except FAILURES as failure:
            return outcome_of_failure(failure)

    async def close(self) -> None:
        """Hold nothing: the session belongs to whoever opened it."""


def payload(message: Email) -> dict[str, object]:
    """Build the request: one person, one-click unsubscribe, nothing tracked, no suppression bypassed."""
    recipient, person = To(), Personalization()
    # Given to the constructor it would be parsed, and become what it is not.
    recipient.email = message.to
    person.add_to(recipient)
    # At this level on purpose: SendGrid's own specification mistypes the top-level one.
    person.add_custom_arg(CustomArg(ATTEMPT_ARGUMENT, str(message.attempt_id)))
    mail = Mail(
        from_email=From(message.sender, message.sender_name or None),
        subject=message.subject,
        plain_text_content=message.text,
        html_content=message.html,
    )
    mail.add_personalization(person)
    if message.reply_to is not None:
        mail.reply_to = ReplyTo(message.reply_to)
    mail.add_header(Header("List-Unsubscribe", f"<{message.unsubscribe_url}>"))
    mail.add_header(Header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    mail.add_header(Header("Content-Language", message.language))
    # Rewritten links look like phishing and tell on the reader.
    mail.tracking_settings = TrackingSettings(
        click_tracking=ClickTracking(enable=False, enable_text=False),
        open_tracking=OpenTracking(enable=False),
        subscription_tracking=SubscriptionTracking(enable=False),
        ganalytics=Ganalytics(enable=False),
    )
    built: dict[str, object] = mail.get()
    return built


def outcome_of_answer(
    *,
    status: int,
    message_id: str | None,
    fields: frozenset[str] = frozenset(),
    retry_after: timedelta | None = None,
) -> Outcome:
    """Say what may be done after SendGrid answered; `fields` are those it blames.

    A 4xx is the account's fault, so the touch is kept, unless the address or the size is blamed.
    """
    code = f"http_{status}"
    if status == HTTPStatus.ACCEPTED and message_id:
        return Accepted(message_id)
    if not says_no(status):
        return Unknown(code)
    if status == HTTPStatus.BAD_REQUEST and any(_ADDRESS_FIELD.fullmatch(field) for field in fields):
        return Refused(code, unreachable=True)
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return Refused(code)
    return NotSent(code, retry_after=retry_after)


def _blamed_fields(body: bytes) -> frozenset[str]:
    errors = read_object(body).get("errors")
    if not isinstance(errors, list):
        return frozenset()
    fields = (error.get("field") for error in errors if isinstance(error, dict))
    return frozenset(field for field in fields if isinstance(field, str))


def _wait(response: ClientResponse) -> timedelta | None:
    """Read how long SendGrid asks to wait: `X-RateLimit-Reset` names an instant by its own clock."""
    reset = response.headers.get("X-RateLimit-Reset")
    if response.status != HTTPStatus.TOO_MANY_REQUESTS or reset is None:
        return wait_asked_for(response.headers.get("Retry-After"))
    try:
        its_now = parsedate_to_datetime(response.headers.get("Date", "")).timestamp()
        seconds = int(reset) - int(its_now)
    except ValueError:
        return None
    return wait_asked_for(str(max(seconds, 0)))
