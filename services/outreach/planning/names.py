"""A name that tells of a death has a human look first, who may say that the person lives. Pure."""

from collections.abc import Sequence
from hashlib import blake2s

from outreach.wording.given_names import tells_of_death


def wait_of_names(person_id: str, fields: Sequence[str | None]) -> str | None:
    """Return what the wait is called that a person's names begin; None where they tell of no death.

    Other names begin another wait: whoever ended the first had not seen them.
    """
    if not tells_of_death(*fields):
        return None
    written = "\n".join(field or "" for field in fields)
    return f"names:{blake2s(written.encode(), digest_size=8).hexdigest()}:{person_id}"
