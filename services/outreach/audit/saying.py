"""Whether each amount and day in a message was so: recomputed from the facts, and looked for in its text."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision, list_currencies

from outreach.audit.amounts import Amount, DebtThen, amount, instant

_FIGURES: Final = r"\d{1,3}(?:[ ,.'\u2019\u00a0\u202f]\d{2,3})*(?:[.,]\d{1,4})?(?!\d)|\d+(?:[.,]\d{1,4})?"
#: Three letters alone may begin a reference or a code: only those of a currency stand for one.
_CODES: Final = "|".join(sorted(list_currencies("en")))
_SIGN: Final = rf"(?:[A-Z]{{1,3}}[$\u00a3\u20b9]|(?:{_CODES})|[$\u00a3\u20ac\u00a5\u20b9])"
_AMOUNT: Final = re.compile(
    rf"(?<![A-Za-z0-9]){_SIGN}[ \u00a0\u202f]?(?P<after>{_FIGURES})"
    rf"|(?<![\w.,])(?P<before>{_FIGURES})[ \u00a0\u202f]?(?:\u20ac|(?:EUR|MXN|USD|CAD)\b)"
)
#: What stands in a link is read by machines, and its letters come as they fall.
_WEB_ADDRESS: Final = re.compile(r"https?://\S+")
_MONTHS: Final[Sequence[str]] = (
    "january|enero", "february|febrero", "march|marzo", "april|abril", "may|mayo", "june|junio", "july|julio",
    "august|agosto", "september|septiembre", "october|octubre", "november|noviembre", "december|diciembre",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidTouch:
    """A touch that went out in a message: its debt, what it was about, and what it was told to say."""

    debt_id: str
    occasion: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message as it was written, the touches in it, and what was known of their debts then."""

    text: str
    touches: Sequence[SaidTouch]
    debts: Mapping[str, DebtThen]
    zones: frozenset[str]


def untrue(said: Said) -> Iterator[str]:
    """Say which amount or day was not so, or stands in the text and follows from nothing."""
    for touch in said.touches:
        debt = said.debts.get(touch.debt_id)
        if debt is not None:
            yield from _wrong_amounts(touch, debt)
            yield from _wrong_days(touch, debt, said.zones)
    amounts = {_digits(known) for known in _amounts_known(said)}
    read = _WEB_ADDRESS.sub("", said.text)
    for match in _AMOUNT.finditer(read):
        figures = match["after"] or match["before"]
        if re.sub(r"\D", "", figures) not in amounts:
            yield "an amount in the text follows from no fact"
    days = {(day.month, day.day) for day in _days_known(said)}
    for month, day in _days_in(read):
        if (month, day) not in days:
            yield "a day in the text follows from no fact"


def _wrong_amounts(touch: SaidTouch, debt: DebtThen) -> Iterator[str]:
    details = touch.details
    recomputed: dict[str, Amount | None] = {}
    if "instalment" in details:
        part = details["instalment"]
        recomputed["instalment"] = debt.left_of_instalment(part["number"], part["due_on"])
    if "promise" in details:
        recomputed["promise"] = debt.left_of_promise(touch.occasion.rpartition(":")[0])
    if "amount" in details.get("payment", {}):
        recomputed["payment"] = debt.paid(touch.occasion.partition("~")[0])
    for subject, was in recomputed.items():
        told = amount(details[subject])
        if was is not None and was != told:
            said, left = f"{told.of} {told.currency}", f"{was.of} {was.currency}"
            yield f"{subject} of debt {touch.debt_id}: {said} said, it was {left}"


def _wrong_days(touch: SaidTouch, debt: DebtThen, zones: frozenset[str]) -> Iterator[str]:
    told = touch.details.get("payment", {}).get("on")
    payment = debt.facts.get("payments", {}).get(touch.occasion.partition("~")[0])
    if told is None or payment is None or not debt.knew(payment):
        return
    days = _local_days(instant(payment["at"]), zones)
    if days != {date.fromisoformat(told)}:
        yield f"payment of debt {touch.debt_id}: said to be of {told}, it was of {sorted(map(str, days))}"


def _amounts_known(said: Said) -> Iterator[Amount]:
    for debt in said.debts.values():
        if (balance := debt.balance()) is not None:
            yield balance
    by_subject: dict[tuple[str, str], Decimal] = {}
    for touch in said.touches:
        yield from _amounts_in(touch.details)
        for subject, told in touch.details.items():
            if isinstance(told, Mapping) and "amount" in told:
                one = amount(told)
                by_subject[subject, one.currency] = (
                    by_subject.get((subject, one.currency), Decimal(0)) + one.of
                )
    yield from (Amount(total, currency) for (_, currency), total in by_subject.items())


def _amounts_in(value: Any) -> Iterator[Amount]:
    if isinstance(value, Mapping):
        if isinstance(value.get("amount"), str) and "currency" in value:
            yield amount(value)
        for part in value.values():
            yield from _amounts_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from _amounts_in(part)


def _days_known(said: Said) -> Iterator[date]:
    for touch in said.touches:
        yield from _days_of(touch.details)
    for debt in said.debts.values():
        if (placed := debt.facts.get("first_placed")) is not None:
            yield from _local_days(instant(placed), said.zones)
        if (placed_on := debt.facts.get("placed_on")) is not None:
            yield date.fromisoformat(placed_on)


def _days_of(value: Any) -> Iterator[date]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            if key in ("due_on", "on") and isinstance(part, str):
                yield date.fromisoformat(part)
            else:
                yield from _days_of(part)
    elif isinstance(value, list):
        for part in value:
            yield from _days_of(part)


def _days_in(text: str) -> Iterator[tuple[int, int]]:
    for month, names in enumerate(_MONTHS, 1):
        for match in re.finditer(
            rf"\b(?:{names}) (\d{{1,2}})\b|(?<!\d)(\d{{1,2}}) (?:de )?(?:{names})\b", text, re.IGNORECASE
        ):
            yield month, int(match[1] or match[2])


def _local_days(at: datetime, zones: Iterable[str]) -> set[date]:
    return {at.astimezone(ZoneInfo(zone)).date() for zone in zones}


def _digits(known: Amount) -> str:
    """Return an amount's figures as any language writes them, but for what stands between them."""
    usual = get_currency_precision(known.currency)
    exact = -int(known.of.normalize().as_tuple().exponent)
    places = usual if exact <= usual else min(max(exact, 2), 4)
    return re.sub(r"\D", "", f"{known.of:.{places}f}")
