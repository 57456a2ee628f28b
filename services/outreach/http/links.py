"""Signed links. A token names the person and the address; nobody can make one without the secret."""

import msgspec
from itsdangerous import BadSignature, URLSafeSerializer
from itsdangerous.encoding import base64_encode

_SALT = "unsubscribe"


class Links:
    """Makes and reads unsubscribe tokens. They never expire: the law wants them to work for long."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeSerializer(secret, salt=_SALT)
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
