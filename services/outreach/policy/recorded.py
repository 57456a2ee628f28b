"""Situations as data: what a decision was made on can be kept, read again and decided again.

`parse_situation(render_situation(situation))` is the same situation.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, get_type_hints

import msgspec

from outreach.model.contact import Contact
from outreach.model.person import Evidence, Facts, Hold, Wishes
from outreach.model.words import HoldKind, Role
from outreach.policy.situation import Situation, Subject

_FACTS: Final = {name: kind for name, kind in get_type_hints(Facts).items() if name != "holds"}
_DATE_LENGTH: Final = len("2026-06-15")


def render_situation(situation: Situation) -> dict[str, Any]:
    """Return a situation as JSON-ready data; what is left at its default is left out.

    Sets and mappings have one order, so that equal situations are the same text.
    """
    rendered: dict[str, Any] = msgspec.to_builtins(situation, order="deterministic")
    return {name: value for name, value in rendered.items() if value not in ({}, [], None) or name == "packs"}


def parse_situation(data: Mapping[str, Any]) -> Situation:
    """Read a situation that was rendered.

    Raises:
        ValueError: it is not one; the text says where.
    """
    try:
        return Situation(
            now=msgspec.convert(data["now"], datetime),
            role=msgspec.convert(data["role"], Role),
            subject=msgspec.convert(data["subject"], Subject),
            evidence=msgspec.convert(data.get("evidence", {}), Evidence),
            wishes=msgspec.convert(data.get("wishes", {}), Wishes),
            facts=_facts(data.get("facts", {})),
            ledger=msgspec.convert(data.get("ledger", ()), tuple[Contact, ...]),
            packs=msgspec.convert(data.get("packs"), tuple[str, ...] | None),
        )
    except (KeyError, TypeError, AttributeError, msgspec.ValidationError) as error:
        raise ValueError(f"not a situation: {error}") from error


def _facts(data: Mapping[str, Any]) -> Facts:
    # A hold may begin and end at an instant or on a date, and only their spelling tells which.
    known = {name: msgspec.convert(data[name], kind) for name, kind in _FACTS.items() if name in data}
    return Facts(holds=tuple(_hold(item) for item in data.get("holds", ())), **known)


def _hold(data: Mapping[str, Any]) -> Hold:
    return Hold(
        kind=msgspec.convert(data["kind"], HoldKind),
        since=_moment(data.get("since")),
        until=_moment(data.get("until")),
        days=msgspec.convert(data.get("days"), int | None),
    )


def _moment(text: str | None) -> datetime | date | None:
    if text is None:
        return None
    return msgspec.convert(text, date if len(text) == _DATE_LENGTH else datetime)
