"""What is left of a decision about somebody who was erased: enough to decide it again. Pure."""

from hashlib import blake2b
from typing import Any, Final

import msgspec

from outreach.model.person import Evidence
from outreach.policy.evidence import locate

_encode = msgspec.json.Encoder(order="sorted").encode
#: How many digits of a number may go; what is left tells where it was issued.
_CUTS: Final = (7, 6, 5, 4)


def without_numbers(situation: bytes) -> bytes:
    """Return a situation without its telephone numbers, and without what the person wrote.

    Of each number stays where it was issued, which the law of the hour follows from.
    """
    asked = msgspec.json.decode(situation)
    evidence = asked.get("evidence", {})
    if "phones" in evidence:
        evidence["phones"] = [_without_subscriber(phone) for phone in evidence["phones"]]
    for said in asked.get("facts", {}).get("inbound", ()):
        _forget_text(said)
    return _encode(asked) + b"\n"


def name_of(situation: bytes) -> str:
    """Return the digest that names a stored situation."""
    return blake2b(situation, digest_size=16).hexdigest()


def _without_subscriber(phone: str) -> str:
    """Return the number with its last digits nought, as many as say nothing of the place."""
    where = locate(Evidence(phones=(phone,)))
    for cut in _CUTS:
        left = phone[:-cut] + "0" * cut
        if len(phone) > cut + 1 and locate(Evidence(phones=(left,))) == where:
            return left
    return phone[: -_CUTS[-1]] + "0" * _CUTS[-1]


def _forget_text(said: Any) -> None:
    if isinstance(said, dict) and "text" in said:
        said["text"] = ""
