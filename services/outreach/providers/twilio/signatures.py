"""Whether a webhook comes from Twilio: its own helper, with what that leaves out."""

from collections.abc import Mapping
from typing import Final

from multidict import MultiDict
from twilio.request_validator import RequestValidator, get_signature_algorithm

from outreach.providers.receipts import Form

TWILIO_SIGNATURE = "X-Twilio-Signature"


#: Behind the URL of a callback it has Twilio call again, five times within 15 s, whatever we answered. Twilio
#: else takes a 503 for an answer, and what it reported is lost. It is never part of a request.
CALLS_AGAIN: Final = "#rc=5&rp=all"

TWILIO_SIGNATURE_SETTINGS = "X-Twilio-Webhooks-Signature-Settings"


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
        algorithm, fields = get_signature_algorithm(settings), MultiDict(form)
        try:
            # Nowhere is it said whether what asks for more calls is signed with the rest of the URL.
            return any(
                validator.validate(told, fields, signature, algorithm) for told in (url, url + CALLS_AGAIN)
            )
        except ValueError:  # a lone surrogate, which no vendor sends
            return False


def _key(settings: str | None) -> str:
    for part in (settings or "").split(","):
        name, _, value = part.partition("=")
        if name.strip() == "key":
            return value.strip()
    return ""
