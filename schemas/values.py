"""The small values that events are made of, and the manner in which all of them are read.

Everything is strict: a number is not accepted for a string, nor a string for a number, an instant
names its offset, and an unknown field is refused. Text may not hold NUL, which PostgreSQL cannot
keep. Refusals never repeat the value that was refused.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from operator import methodcaller
from typing import Annotated, Any, ClassVar, Final, Self, TypeAlias
from unicodedata import category

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetPydanticSchema,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import core_schema

#: Far enough for any debt, near enough that adding days or changing zones never overflows.
EARLIEST = date(1900, 1, 1)
LATEST = date(2200, 1, 1)


_WITHOUT_NAMES: Final = frozenset({str, type(None), bool, int, datetime, date, Decimal})


class Value(BaseModel):
    """A frozen, strict part of an event."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)


def count_names(value: Value) -> int:
    """Return how many field names were spelled out where this value was read from."""
    names = len(value.__pydantic_fields_set__)
    for held in value.__dict__.values():
        kind = held.__class__
        if kind in _WITHOUT_NAMES:  # most are; asking whether they are a Value is ten times as dear
            continue
        if kind is tuple:
            for part in held:
                if isinstance(part, Value):
                    names += count_names(part)
        elif isinstance(held, Value):
            names += count_names(held)
    return names


class EventData(Value):
    """The data of one event. `person_id` may be repeated here; it must then be the subject.

    `past` names the fields that say when something happened: no such instant lies ahead.
    """

    past: ClassVar[tuple[str, ...]] = ()

    person_id: "Id | None" = None


_ID = r"^[^\x00-\x20\x7f]+$"
_LINE = r"^[^\x00-\x1f\x7f]+$"
_TEXT = r"^[^\x00]*$"
_WORD = r"^[a-z][a-z0-9_]*$"
_LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
_COUNTRY = r"^[A-Z]{2}$"
_REGION = r"^[A-Z0-9]{1,3}$"
_POSTAL_CODE = r"^[A-Za-z0-9][A-Za-z0-9 -]*$"
_PHONE_NUMBER = r"^\+[1-9][0-9]{6,14}$"
_EMAIL_ADDRESS = r"^[^@\s<>,;:\x00-\x1f\x7f]+@[^@\s<>,;:\x00-\x1f\x7f]+$"
_REACH = r"^[^\s\x00-\x1f\x7f]+$"
_CURRENCY = r"^[A-Z]{3}$"
_AMOUNT = r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,4})?$"

#: Categories of Unicode that an id has nothing of; what is not assigned yet is a letter some day.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs"})

#: What to tell somebody whose text does not match, by pattern.
REMEDIES: Final[Mapping[str, str]] = {
    _ID: "must have no spaces and no control characters",
    _LINE: "must be one line without control characters",
    _TEXT: "must not hold the character NUL",
    _WORD: "must be a word such as frequency_cap",
    _LANGUAGE: "must be a BCP 47 tag such as en or es-US",
    _COUNTRY: "must be an ISO 3166 country such as US",
    _REGION: "must be the part of an ISO 3166-2 code after the country, such as NY",
    _POSTAL_CODE: "must be a postal code: letters, digits, spaces and hyphens",
    _PHONE_NUMBER: "must be an E.164 number such as +12025550143",
    _EMAIL_ADDRESS: "must be a bare email address such as ada@example.com",
    _REACH: "must be an E.164 number or an email address",
    _CURRENCY: "must be an ISO 4217 currency such as USD",
}


def is_seen_whole(name: str) -> bool:
    """Tell whether whoever reads the name sees all of it: nothing steers, turns around or hides in it.

    Two ids that look alike on a screen are then the same, but for letters that look like others.
    """
    return name.isascii() or _UNSEEN.isdisjoint(map(category, name))


def printable(name: str) -> str:
    """Return the name.

    Raises:
        ValueError: not all of it is seen.
    """
    if not is_seen_whole(name):
        raise ValueError("must be printable: it holds spaces, controls or signs that nobody sees")
    return name


#: The context in which we read what we wrote or know ourselves.
OURS: Final[Mapping[str, Any]] = {"ours": True}


def _printable_if_read(name: str, reading: ValidationInfo) -> str:
    # What comes in is refused. Whoever was known by such an id before, or waits under it, is still told of.
    return printable(name) if reading.mode == "json" and reading.context != OURS else name


Id: TypeAlias = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=_ID),
    AfterValidator(_printable_if_read),
]
"""An opaque name given by another system: no spaces, no control characters, nothing that is not seen."""

Line: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=_LINE)]
"""One line of text."""

Text: TypeAlias = Annotated[str, StringConstraints(max_length=10_000, pattern=_TEXT)]
"""Text of any lines."""

Word: TypeAlias = Annotated[str, StringConstraints(max_length=60, pattern=_WORD)]
"""A code from a vocabulary that may grow, such as a reason: readers keep the ones they do not know."""

Instant: TypeAlias = Annotated[
    AwareDatetime,
    Field(ge=datetime(EARLIEST.year, 1, 2, tzinfo=UTC), lt=datetime(LATEST.year, 1, 1, tzinfo=UTC)),
    AfterValidator(methodcaller("astimezone", UTC)),
]
"""A moment with its offset from UTC, such as `2026-03-02T22:30:00Z`; kept in UTC."""

Day: TypeAlias = Annotated[date, Field(ge=EARLIEST, lt=LATEST)]
"""A date. As an edge it means local midnight at its start, in the latest of the person's zones."""

InstantOrDay: TypeAlias = Annotated[Instant | Day, Field(union_mode="left_to_right")]

Language: TypeAlias = Annotated[str, StringConstraints(max_length=35, pattern=_LANGUAGE)]
"""A BCP 47 tag such as `en` or `es-US`."""

Country: TypeAlias = Annotated[str, StringConstraints(pattern=_COUNTRY)]
"""ISO 3166-1 alpha-2."""

Region: TypeAlias = Annotated[str, StringConstraints(pattern=_REGION)]
"""The part of an ISO 3166-2 code after the country, such as `NY`."""

RegionAsWritten: TypeAlias = (
    Region | Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=_LINE)]
)
"""A state or province by its code or by its name, read as the code."""

PostalCode: TypeAlias = Annotated[str, StringConstraints(max_length=12, pattern=_POSTAL_CODE)]

PhoneNumber: TypeAlias = Annotated[str, StringConstraints(pattern=_PHONE_NUMBER)]
"""E.164, such as `+12025550143`."""

EmailAddress: TypeAlias = Annotated[
    str,
    StringConstraints(max_length=254, pattern=_EMAIL_ADDRESS),
]

AsSaid: TypeAlias = Annotated[str, StringConstraints(max_length=400)]
"""What stands for an address, however it is written."""

Reach: TypeAlias = Annotated[
    str,
    StringConstraints(min_length=3, max_length=254, pattern=_REACH),
]
"""Whatever a channel is addressed by: an E.164 number or an email address."""


@cache
def known_zones() -> frozenset[str]:
    """Return the names of the IANA zones in the pinned tzdata, whatever the machine carries."""
    names = (files("tzdata") / "zones").read_text(encoding="utf-8").split()
    return frozenset(names) - {"Factory"}


def _a_known_zone(name: str) -> str:
    if name not in known_zones():
        raise ValueError("must be the name of an IANA time zone such as America/New_York")
    return name


Zone: TypeAlias = Annotated[str, StringConstraints(max_length=64), AfterValidator(_a_known_zone)]
"""The name of an IANA time zone."""

_is_amount = re.compile(_AMOUNT, re.ASCII).fullmatch


def _take_amount(value: Any) -> Decimal:
    if isinstance(value, Decimal) and _is_amount(format(value, "f")):
        return value
    raise ValueError


def _read_amounts(_source: Any, _handler: Any) -> core_schema.CoreSchema:
    # A JSON number is refused: 19.99 has no exact binary form, so it may already be wrong.
    on_the_wire = core_schema.no_info_after_validator_function(
        Decimal, core_schema.str_schema(pattern=_AMOUNT, strict=True)
    )
    return core_schema.custom_error_schema(
        core_schema.json_or_python_schema(
            json_schema=on_the_wire,
            python_schema=core_schema.no_info_plain_validator_function(_take_amount),
        ),
        custom_error_type="amount",
        custom_error_message='must be a decimal string such as "123.45", not a number',
    )


Amount: TypeAlias = Annotated[
    Decimal,
    GetPydanticSchema(_read_amounts),
    PlainSerializer(lambda amount: format(amount, "f"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _AMOUNT, "examples": ["123.45"]}),
]


class Money(Value):
    """An exact amount; below zero where the person is owed. `currency` is ISO 4217."""

    amount: Amount
    currency: Annotated[str, StringConstraints(pattern=_CURRENCY)]


class PositiveMoney(Money):
    """An exact amount above zero."""

    @model_validator(mode="after")
    def _above_zero(self) -> Self:
        if self.amount <= 0:
            raise ValueError("amount must be above zero")
        return self
