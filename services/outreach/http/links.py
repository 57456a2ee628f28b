"""Signed links. A token names the person and the address; nobody can make one without the secret."""

from itsdangerous import BadSignature, URLSafeSerializer

_SALT = "unsubscribe"


class Links:
    """Makes and reads unsubscribe tokens. They never expire: the law wants them to work for long."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeSerializer(secret, salt=_SALT)

    def sign(self, target: list[str]) -> str:
        """Return a token for (person, address)."""
        return str(self._serializer.dumps(target))

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
