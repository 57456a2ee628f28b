"""What a template may name. The vocabulary is closed, so a misspelt fact is found when templates are read."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from outreach.model.money import Money
from outreach.wording.formats import Manner
from outreach.wording.given_names import name_to_call
from outreach.wording.self_made_links import is_an_address, kept_apart

Prepared: TypeAlias = Mapping[str, Any]
_Reader: TypeAlias = Callable[[Any], Any]

#: Values stay on one line and can form no markup of ours: no control, format or private-use characters,
#: no lone surrogates.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\uf8ff\ufeff\ufff9-\ufffb]+"
)
_LONGEST = 200
#: Of what a human writes in answer to somebody.
LONGEST_PROSE = 4_000
#: Of an amount, before its point: more than anybody owes, and few enough to be written out.
_MOST_DIGITS = 15
_LOCAL = frozenset({"127.0.0.1", "localhost"})
#: What nearly every link looks like; such a one need not be taken apart.
_ORDINARY_LINK = re.compile(r"https://[A-Za-z0-9.-]+/[!-~]*")


@lru_cache(maxsize=4096)  # names of agencies and creditors come with every message
def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        raise TypeError("not text")
    return _UNPRINTABLE.sub(" ", value).strip()[:_LONGEST] or None


def _reference(value: Any) -> str | None:
    """Take what a debt is called by, so that no phone makes a link of it; an address is none."""
    text = _text(value)
    return None if text is None or is_an_address(text) else kept_apart(text)


def _prose(value: Any) -> str | None:
    """Take what a human wrote, paragraphs and all."""
    if not isinstance(value, str):
        raise TypeError("not text")
    lines = value[:LONGEST_PROSE].replace("\r\n", "\n").split("\n")
    return "\n".join(_UNPRINTABLE.sub(" ", line) for line in lines).strip() or None


def _given_name(value: Any) -> str | None:
    text = _text(value)
    return None if text is None else name_to_call(text)


def _money(value: Any) -> Money:
    if isinstance(value, Money):
        return value
    if isinstance(value["amount"], Mapping):
        return _money(value["amount"])
    try:
        amount = Decimal(value["amount"])
    except InvalidOperation as error:
        raise ValueError("not a number") from error
    if not amount.is_finite() or amount.adjusted() > _MOST_DIGITS:
        raise ValueError("no amount")
    return Money(amount, str(value["currency"]))


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _link(value: Any) -> str:
    """Take https only, and http to this machine; a link is nothing that a person could have typed in."""
    if _ORDINARY_LINK.fullmatch(value):
        return str(value)
    parts = urlsplit(value)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
    if not is_safe or " " in value or _UNPRINTABLE.search(value):
        raise ValueError("not a web address")
    return str(value)


def _owed(value: Any) -> Money | None:
    """Take what somebody owes; nothing, or money owed to them, is nothing that is left to pay."""
    money = _money(value)
    return money if money.amount > 0 else None


def _flag(value: Any) -> bool | None:
    """Take what is so; what is not is as good as not known, and `if` asks for both at once."""
    if not isinstance(value, bool):
        raise TypeError("neither true nor false")
    return value or None


def _items(readers: Mapping[str, _Reader], *, needs: str | None = "amount") -> _Reader:
    """Return what reads a list of things with these parts: None for what one lacks, save what it `needs`."""

    def read(value: Any) -> Sequence[Mapping[str, Any]] | None:
        items = tuple(
            MappingProxyType(
                {
                    part: None if item.get(part) is None else reader(item[part])
                    for part, reader in readers.items()
                }
            )
            for item in value
        )
        if needs is not None and any(item[needs] is None for item in items):
            raise ValueError(f"an item without its {needs}")
        return items or None

    return read


_DATED_AMOUNTS = _items({"amount": _money, "due_on": _day})

#: Everything a template may name. `together` is of several debts at once, whose parts are `reference`.
VOCABULARY: Mapping[str, Mapping[str, _Reader]] = {
    "person": {"given_name": _given_name},
    "creditor": {"name": _text},
    "answer": {"text": _prose},
    "agency": {
        "name": _text,
        "phone": _text,
        "email": _text,
        "website": _text,
        "postal_address": _text,
        "complaints": _text,
    },
    "debt": {"reference": _reference, "balance": _owed, "is_paid": _flag, "since": _day},
    "instalment": {"amount": _money, "due_on": _day, "is_rest": _flag, "agreed": _money},
    "payment": {"amount": _money, "on": _day},
    "promise": {"amount": _money, "due_on": _day, "is_rest": _flag, "agreed": _money},
    "plan": {"instalments": _DATED_AMOUNTS},
    "together": {
        "debts": _items({"reference": _reference, "balance": _owed, "since": _day}, needs=None),
        "plans": _items({"reference": _reference, "instalments": _DATED_AMOUNTS}, needs="instalments"),
        "payments": _items({"amount": _money, "on": _day, "reference": _reference}),
        "instalments": _items({"amount": _money, "due_on": _day, "reference": _reference}),
        "promises": _items({"amount": _money, "due_on": _day, "reference": _reference}),
        "total": _money,
        "day": _day,
    },
    # `preferences_first` is that of the first text to somebody, which later ones do without.
    "links": {"pay": _link, "preferences": _link, "preferences_first": _link, "unsubscribe": _link},
}
#: A wording that names one of these can speak of several debts at once.
SEVERAL = frozenset(
    {
        "together.payments",
        "together.instalments",
        "together.promises",
        "together.plans",
        "together.debts",
    }
)


def prepare(facts: Mapping[str, Any], *, names: Iterable[str], manner: Manner) -> Prepared:
    """Return the facts of these dotted names as templates see them: cleaned, written out, None if not known.

    Nothing else is looked at. Amounts come as `Money` or as on the wire
    (`{"amount": "40.00", "currency": "USD"}`), days as dates or ISO text.

    Raises:
        ValueError: a value is not what its name says; the message never shows it.
    """
    prepared: dict[str, dict[str, Any]] = {}
    for subject, parts in _by_subject(frozenset(names)):
        given = facts.get(subject) or {}
        if not isinstance(given, Mapping):
            raise ValueError(f"{subject} is not usable")  # noqa: TRY004 (one error for all that is unusable)
        prepared[subject] = {
            part: None if (value := given.get(part)) is None else manner.write(_read(subject, part, value))
            for part in parts
        }
    return prepared


@lru_cache(maxsize=1024)
def _by_subject(names: frozenset[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: dict[str, list[str]] = {}
    for name in names:
        subject, _, part = name.partition(".")
        found.setdefault(subject, []).append(part)
    return tuple((subject, tuple(parts)) for subject, parts in found.items())


def _read(subject: str, part: str, value: Any) -> Any:
    try:
        return VOCABULARY[subject][part](value)
    except (AttributeError, ArithmeticError, LookupError, TypeError, ValueError):
        raise ValueError(f"{subject}.{part} is not usable") from None
