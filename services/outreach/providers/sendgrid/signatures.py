"""Whether a webhook comes from SendGrid: its own helper, with what that leaves out."""

import base64
import binascii
import hashlib
import re
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from sendgrid.helpers.eventwebhook import EventWebhook

SENDGRID_SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"


SENDGRID_TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"


_DAY = timedelta(days=1)


_UNIX_TIME = re.compile(r"[0-9]{1,12}", re.ASCII)


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

    def verify_digest(self, *, digest: bytes, signature: str, timestamp: str, now: datetime) -> bool:
        """Return the same of a body that is too long to hold, by the digest that `begin_digest` began."""
        if not self._is_fresh(timestamp, now):
            return False
        try:
            self._webhook.public_key.verify(
                base64.b64decode(signature), digest, ec.ECDSA(Prehashed(hashes.SHA256()))
            )
        except (InvalidSignature, binascii.Error):
            return False
        return True

    def _is_fresh(self, timestamp: str, now: datetime) -> bool:
        if not _UNIX_TIME.fullmatch(timestamp):
            return False
        return abs(now.timestamp() - int(timestamp)) <= self._fresh_for.total_seconds()


def begin_digest(timestamp: str) -> "hashlib._Hash":
    """Begin the digest of what SendGrid signs: the timestamp, and behind it the body byte for byte."""
    return hashlib.sha256(timestamp.encode("latin-1", "replace"))
