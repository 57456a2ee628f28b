"""Signatures as the vendors make them."""

import base64
import hmac
from collections.abc import Mapping
from hashlib import sha1

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def sign_form(url: str, fields: Mapping[str, str], *, auth_token: str) -> str:
    """Return `X-Twilio-Signature`: HMAC-SHA1 over the URL and each field with its value, in order of name."""
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.new(auth_token.encode(), signed.encode(), sha1).digest()).decode()


class EventKey:
    """The key that signs email events. Without one given, one of its own."""

    def __init__(self, private_key: str | None = None) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1()) if private_key is None else _read(private_key)

    @property
    def public(self) -> str:
        """The verification key, as SendGrid shows it."""
        der = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(der).decode()

    def sign(self, body: bytes, *, timestamp: str) -> str:
        return base64.b64encode(self._key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()


def _read(text: str) -> ec.EllipticCurvePrivateKey:
    """Read PKCS #8, as PEM or as the base64 inside it."""
    text = text.strip()
    if text.startswith("-----"):
        key = serialization.load_pem_private_key(text.encode(), password=None)
    else:
        key = serialization.load_der_private_key(base64.b64decode(text, validate=True), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("SendGrid signs with an elliptic curve key")  # noqa: TRY004 (a wrong value)
    return key
