"""Whether a webhook comes from Twilio: its own helper, with what that leaves out."""

from collections.abc import Mapping

from multidict import MultiDict
from twilio.request_validator import RequestValidator, get_signature_algorithm

from outreach.providers.receipts import Form

TWILIO_SIGNATURE = "X-Twilio-Signature"


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
        try:
            return bool(
                validator.validate(url, MultiDict(form), signature, get_signature_algorithm(settings))
            )
        except ValueError:  # a lone surrogate, which no vendor sends
            return False


def _key(settings: str | None) -> str:
    for part in (settings or "").split(","):
        name, _, value = part.partition("=")
        if name.strip() == "key":
            return value.strip()
    return ""
