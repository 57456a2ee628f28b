"""The light check before the preference center shows more than one address: facts, kept as keyed digests.

The agency's systems publish the digests, preferences compares them with the digests of what somebody
answers. Nobody without the key can try all years of birth there are.
"""

import hmac
import re
import unicodedata
from typing import Final, Literal, TypeAlias

Fact: TypeAlias = Literal["postal_code", "birth_year"]

#: A postal code of the United States as it is written in full; only its first five digits are compared.
_ZIP_PLUS_FOUR: Final = re.compile(r"([0-9]{5})[0-9]{4}", re.ASCII)


def digest_of_fact(key: str, person_id: str, fact: Fact, value: str) -> str:
    """Return the digest to publish of a fact about a person, however it is spelled.

    It is the HMAC-SHA-256, in hexadecimal, of the fact's name, the person's id and `as_compared(value)`,
    with line feeds between them.
    """
    said = f"{fact}\n{person_id}\n{as_compared(value)}"
    return hmac.digest(key.encode(), said.encode(), "sha256").hex()


def as_compared(value: str) -> str:
    """Return letters and digits alone, in upper case; of nine digits, a long postal code, the first five."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", value).upper() if sign.isalnum())
    long = _ZIP_PLUS_FOUR.fullmatch(plain)
    return long[1] if long else plain
