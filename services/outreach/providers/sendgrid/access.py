"""What SendGrid shows where a security policy of OAuth 2.0 covers Inbound Parse: a token that we gave it.

Source: RFC 6749, section 4.4, by client id and secret; `/v3/user/webhooks/security/policies` of the vendor,
whose `oauth.token_url` then is ours.
"""

import base64
import binascii
import hmac
from datetime import datetime, timedelta
from typing import Final

#: The vendor asks for another one when this is over, or when one is refused.
LASTS: Final = timedelta(hours=1)


class InboundAccess:
    """Gives tokens to whoever knows the client's secret, and knows them again; nothing of them is kept."""

    def __init__(self, *, client_id: str, client_secret: str) -> None:
        self._client = f"{client_id}\n{client_secret}".encode()
        self._key = hmac.digest(client_secret.encode(), b"tokens of inbound mail", "sha256")

    def is_client(self, client_id: str, client_secret: str) -> bool:
        """Tell whether these are the client's id and secret."""
        given = f"{client_id}\n{client_secret}".encode("utf-8", "replace")
        return hmac.compare_digest(given, self._client)

    def token(self, *, now: datetime) -> str:
        """Return a token that is known for an hour."""
        ends = f"{int((now + LASTS).timestamp())}"
        return f"{ends}.{self._proof(ends)}"

    def knows(self, token: str, *, now: datetime) -> bool:
        """Tell whether a token was given here, and has not ended."""
        ends, _, proof = token.partition(".")
        is_ours = hmac.compare_digest(proof.encode("utf-8", "replace"), self._proof(ends).encode())
        return is_ours and now.timestamp() < int(ends)

    def _proof(self, ends: str) -> str:
        digest = hmac.digest(self._key, ends.encode("utf-8", "replace"), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def basic(authorization: str) -> tuple[str, str] | None:
    """Return user and password of basic authentication; None where a header has none."""
    kind, _, content = authorization.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(content).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return user, password
