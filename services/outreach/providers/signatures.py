"""Whether a webhook comes from the vendor: their own helpers, with what those leave out."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from multidict import MultiDict
from sendgrid.helpers.eventwebhook import EventWebhook
from twilio.request_validator import RequestValidator, get_signature_algorithm

from outreach.providers.receipts import Form

TWILIO_SIGNATURE = "X-Twilio-Signature"
TWILIO_SIGNATURE_SETTINGS = "X-Twilio-Webhooks-Signature-Settings"
SENDGRID_SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
SENDGRID_TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"

_DAY = timedelta(days=1)
_UNIX_TIME = re.compile(r"[0-9]{1,12}", re.ASCII)


class TwilioSignatures:
    """Checks Twilio's webhooks. `shared_keys` are further secrets, by the id Twilio gives them."""

    def __init__(self, *, auth_token: str, shared_keys: Mapping[str, str] | None = None) -> None:
        self._by_token = RequestValidator(auth_token)
        self._by_key = {key: RequestValidator(secret) for key, secret in (shared_keys or {}).items()}

    def verify(self, *, url: str, form: Form, signature: str, settings: str | None = None) -> bool:
        """Return whether Twilio signed this form for this URL.

        `url` is the public one, with its query, as Twilio was told it; what our own server saw
        differs behind a proxy. `settings` is the header that names algorithm and key, if it came.
        """
        validator = self._by_key.get(_key(settings), self._by_token)
        try:
            return bool(
                validator.validate(url, MultiDict(form), signature, get_signature_algorithm(settings))
            )
        except ValueError:  # a lone surrogate, which no vendor sends
            return False


class SendGridSignatures:
    """Checks SendGrid's event webhooks.

    A batch is fresh for a day on either side of its timestamp, so that SendGrid's own
    retries count and an old capture does not.
    """

    def __init__(self, *, public_key: str, fresh_for: timedelta = _DAY) -> None:
        try:
            # An empty key would make it a check that needs one per call.
            self._webhook = EventWebhook(public_key or "none")
        except ValueError as error:
            raise ValueError("not a SendGrid verification key") from error
        self._fresh_for = fresh_for

    def verify(self, *, body: bytes, signature: str, timestamp: str, now: datetime) -> bool:
        """Return whether SendGrid signed these very bytes, no longer ago than they stay fresh."""
        if not self._is_fresh(timestamp, now):
            return False
        try:
            return bool(self._webhook.verify_signature(body.decode(), signature, timestamp))
        except ValueError:  # not base64, or not UTF-8
            return False

    def _is_fresh(self, timestamp: str, now: datetime) -> bool:
        if not _UNIX_TIME.fullmatch(timestamp):
            return False
        return abs(now.timestamp() - int(timestamp)) <= self._fresh_for.total_seconds()


def _key(settings: str | None) -> str:
    for part in (settings or "").split(","):
        name, _, value = part.partition("=")
        if name.strip() == "key":
            return value.strip()
    return ""
