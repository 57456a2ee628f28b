"""The one cookie of a page: its forms belong to it, and it remembers a light check that was passed. Pure."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

#: How long the page shows the rest after the light check; then it asks again.
UNLOCKED_FOR: Final = timedelta(minutes=30)
#: How many bytes of chance a session has.
NONCE: Final = 12
_INSTANT: Final = 5
_PROOF: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a cookie says. `nonce` is anew for each; until `unlocked_until` the check counts as passed."""

    nonce: bytes
    unlocked_until: datetime | None = None

    def is_unlocked(self, *, now: datetime) -> bool:
        """Tell whether the light check was passed, not too long ago."""
        return self.unlocked_until is not None and now < self.unlocked_until

    def unlocked(self, *, now: datetime) -> Self:
        """Return the session of whoever has just passed the light check."""
        return type(self)(nonce=self.nonce, unlocked_until=now + UNLOCKED_FOR)


class Sessions:
    """Writes and reads cookies, each for one link alone, and the keys of the forms that belong to them."""

    def __init__(self, secret: str) -> None:
        self._cookies_key = hmac.digest(secret.encode(), b"cookies of pages", "sha256")
        self._forms_key = hmac.digest(secret.encode(), b"forms of pages", "sha256")

    def write(self, session: Session, *, token: str) -> str:
        """Return the cookie's value, for the page of this link."""
        until = session.unlocked_until
        seconds = 0 if until is None else int(until.timestamp())
        content = session.nonce + seconds.to_bytes(_INSTANT, "big")
        return base64.urlsafe_b64encode(content + self._proof(content, token=token)).decode()

    def read(self, cookie: str, *, token: str) -> Session | None:
        """Return what a cookie says; None where it was not written here, or for another link."""
        try:
            written = base64.b64decode(cookie.encode("ascii"), altchars=b"-_", validate=True)
        except (binascii.Error, UnicodeEncodeError):
            return None
        content, proof = written[:-_PROOF], written[-_PROOF:]
        if len(content) != NONCE + _INSTANT or not hmac.compare_digest(
            proof, self._proof(content, token=token)
        ):
            return None
        seconds = int.from_bytes(content[NONCE:], "big")
        until = datetime.fromtimestamp(seconds, tz=UTC) if seconds else None
        return Session(nonce=content[:NONCE], unlocked_until=until)

    def form_key(self, session: Session, *, token: str) -> str:
        """Return what the forms of a page send back beside the cookie."""
        digest = hmac.digest(self._forms_key, session.nonce + token.encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:_PROOF]).decode().rstrip("=")

    def is_of(self, form_key: str, session: Session, *, token: str) -> bool:
        """Tell whether a form came from a page of this session."""
        given = form_key.encode("utf-8", "replace")
        return hmac.compare_digest(given, self.form_key(session, token=token).encode())

    def _proof(self, content: bytes, *, token: str) -> bytes:
        return hmac.digest(self._cookies_key, content + token.encode(), "sha256")[:_PROOF]
