"""Signed links and addresses: nobody can make one without the secret."""

import base64
import binascii
import hmac
from collections.abc import Iterable
from hashlib import sha256
from typing import Final
from uuid import UUID

import msgspec
from itsdangerous import BadSignature, URLSafeSerializer
from itsdangerous.encoding import base64_encode

_SALT = "unsubscribe"


class Links:
    """Makes and reads unsubscribe tokens, which name a person and an address.

    They never expire: the law wants them to work for long. So those that were signed with one of the
    `others`, the secrets of before, are read as well.
    """

    def __init__(self, secret: str, *others: str) -> None:
        # The serializer signs with the last of its secrets, and reads what any of them signed.
        self._serializer = URLSafeSerializer([*others, secret], salt=_SALT)
        self._signer = self._serializer.make_signer(_SALT)

    def sign(self, target: list[str]) -> str:
        """Return a token for (person, address)."""
        # As the serializer does, save that it tries first whether so short a text could be packed.
        return self._signer.sign(base64_encode(msgspec.json.encode(target))).decode()

    def read(self, token: str) -> tuple[str, str] | None:
        """Return (person, address), or None for anything that was not signed here."""
        try:
            target = self._serializer.loads(token)
        except BadSignature:
            return None
        match target:
            case [str(person), str(address)]:
                return person, address
            case _:
                return None


class ReplyAddresses:
    """Makes and reads the addresses that answers to our emails go to; each names the email it is for.

    Mail servers may turn an address into lower case, and no name in one is longer than 64 characters. Those
    that were signed with one of the `others`, the secrets of before, are read as well.
    """

    _BEGINS: Final = "r."
    _SALT: Final = b"reply address:"
    _SIGNED: Final = 10

    def __init__(self, secret: str, *others: str, domain: str) -> None:
        self._keys = [sha256(self._SALT + known.encode()).digest() for known in (secret, *others)]
        self._domain = domain.lower()

    def of(self, attempt_id: UUID) -> str:
        """Return where an answer to this email goes."""
        signature = self._signature(attempt_id.bytes, self._keys[0])
        token = base64.b32encode(attempt_id.bytes + signature).decode()
        return f"{self._BEGINS}{token.rstrip('=').lower()}@{self._domain}"

    def read(self, recipients: Iterable[str]) -> UUID | None:
        """Return which email one of these addresses is an answer to; None where none was made here."""
        return next((found for address in recipients if (found := self._attempt_of(address))), None)

    def _attempt_of(self, address: str) -> UUID | None:
        name, _, domain = address.strip().lower().rpartition("@")
        if domain != self._domain or not name.startswith(self._BEGINS):
            return None
        token = name.removeprefix(self._BEGINS).upper()
        try:
            content = base64.b32decode(token + "=" * (-len(token) % 8))
        except (binascii.Error, ValueError):
            return None
        named, signature = content[: -self._SIGNED], content[-self._SIGNED :]
        if len(named) != len(UUID(int=0).bytes):
            return None
        signed = [hmac.compare_digest(signature, self._signature(named, key)) for key in self._keys]
        return UUID(bytes=named) if any(signed) else None

    def _signature(self, content: bytes, key: bytes) -> bytes:
        return hmac.digest(key, content, "sha256")[: self._SIGNED]
