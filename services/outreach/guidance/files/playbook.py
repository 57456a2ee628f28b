"""Reads `playbook.yaml`: who writes, and which touches follow which event."""

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import time, timedelta
from decimal import Decimal
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from outreach.guidance.files.problems import ConfigError, Problem
from outreach.guidance.files.spellings import parse_duration, parse_time
from outreach.guidance.files.yaml_text import Document, read_yaml
from outreach.model.directory import Agency, Creditor, Directory
from outreach.model.playbook import PRIORITIES, Conditions, Ending, Occasion, Play, Playbook, Repeat
from outreach.model.words import Channel, Purpose

T = TypeVar("T")

_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", re.ASCII)


def _spelled(read: Callable[[str], T]) -> BeforeValidator:
    def validate(value: object) -> T:
        if not isinstance(value, str):
            raise ValueError("must be text in quotes")  # noqa: TRY004 - pydantic reports ValueError only
        return read(value)

    return BeforeValidator(validate)


def _signed_duration(text: str) -> timedelta:
    return -parse_duration(text[1:]) if text.startswith("-") else parse_duration(text)


def _number(text: str) -> Decimal:
    if _NUMBER.fullmatch(text) is None:
        raise ValueError('is no number; write one such as "1.5"')
    return Decimal(text)


def _pay_url(text: str) -> str:
    """Take a link that is complete once it knows the account: found now, not while messages wait."""
    try:
        text.format(reference="NW-1")
    except (AttributeError, LookupError, ValueError):
        raise ValueError("names something else than {reference}") from None
    return text


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("is no time zone; write one such as America/New_York") from None


Duration = Annotated[timedelta, _spelled(parse_duration)]
SignedDuration = Annotated[timedelta, _spelled(_signed_duration)]
Seconds = Annotated[int, _spelled(parse_time)]
Zone = Annotated[ZoneInfo, _spelled(_zone)]
Number = Annotated[Decimal, _spelled(_number)]


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True
    )


class _Agency(_Part):
    name: str
    phone: str
    email: str
    website: str
    postal_address: str
    language: str = "en"


class _Creditor(_Part):
    name: str
    sms_sender: str | None = None
    email_from: str | None = None
    reply_to: str | None = None
    pay_url: Annotated[str, _spelled(_pay_url)] | None = None


class _Repeat(_Part):
    every: Duration
    # Beyond tenfold a second pause is longer than anybody owes, and a third one than calendars.
    backoff: Annotated[Number, Field(gt=0, le=10)] = Decimal(1)
    at_most: int = Field(ge=1, le=100)


class _Conditions(_Part):
    creditors: frozenset[str] = frozenset()
    portfolios: frozenset[str] = frozenset()
    minimum_balance: Number | None = None


class _Play(_Part):
    on: Occasion
    purpose: Purpose
    wording: str
    channels: tuple[Channel, ...] = Field(min_length=1)
    priority: int | None = Field(default=None, ge=0, le=100)
    after: SignedDuration | None = None
    at: Seconds = 10 * 3600
    expires: Duration = timedelta(days=7)
    patience: Duration = timedelta(hours=24)
    fallback: Duration | None = None
    repeat: _Repeat | None = None
    ends_on: frozenset[Ending] = frozenset()
    conditions: _Conditions = _Conditions()
    dry_run: bool = False


class _File(_Part):
    agency: _Agency
    creditors: Mapping[str, _Creditor] = {}
    zone: Zone
    plays: Mapping[str, _Play]


def read_playbook(text: str, *, file: str) -> tuple[Playbook, Directory]:
    """Return the playbook and the directory that a file says.

    Raises:
        ConfigError: with every problem, its line and the fix.
    """
    document = read_yaml(text, file=file)
    try:
        said = _File.model_validate(document.value)
    except ValidationError as error:
        raise ConfigError([_problem(document, each) for each in error.errors(include_url=False)]) from None
    problems = [each for name, play in said.plays.items() for each in _senseless(document, name, play)]
    if problems:
        raise ConfigError(problems)
    version = hashlib.sha256(text.encode()).hexdigest()
    plays = {name: _play(name, each, said.zone) for name, each in said.plays.items()}
    creditors = {name: Creditor(**each.model_dump()) for name, each in said.creditors.items()}
    directory = Directory(agency=Agency(**said.agency.model_dump()), creditors=creditors)
    return Playbook(plays=plays, version=version), directory


def _play(name: str, said: _Play, zone: ZoneInfo) -> Play:
    return Play(
        name=name,
        on=said.on,
        purpose=said.purpose,
        wording=said.wording,
        channels=said.channels,
        priority=PRIORITIES[said.purpose] if said.priority is None else said.priority,
        after=said.after or timedelta(0),
        at=_time(said.at),
        zone=zone,
        expires=said.expires,
        patience=said.patience,
        fallback=said.fallback,
        repeat=None
        if said.repeat is None
        else Repeat(every=said.repeat.every, backoff=said.repeat.backoff, at_most=said.repeat.at_most),
        ends_on=said.ends_on,
        conditions=Conditions(
            creditors=said.conditions.creditors,
            portfolios=said.conditions.portfolios,
            minimum_balance=said.conditions.minimum_balance,
        ),
        dry_run=said.dry_run,
    )


def _senseless(document: Document, name: str, play: _Play) -> list[Problem]:
    path = ("plays", name)
    found = []
    if name == "answer":
        found.append(
            document.problem(path, "`answer` is the name of replies to people", "call it something else")
        )
    if play.repeat is not None and play.on is not Occasion.DEBT_QUIET:
        found.append(
            document.problem((*path, "repeat"), f"a play on {play.on} happens once", "leave `repeat` out")
        )
    if Channel.VOICE in play.channels or Channel.POST in play.channels:
        found.append(
            document.problem((*path, "channels"), "only sms and email are sent", "name sms, email or both")
        )
    if len(set(play.channels)) != len(play.channels):
        found.append(document.problem((*path, "channels"), "a channel is named twice", "name each once"))
    dated = play.on in (Occasion.INSTALMENT_DUE, Occasion.PROMISE_DUE)
    if not dated and play.after is not None and play.after < timedelta(0):
        found.append(
            document.problem(
                (*path, "after"), f"{play.on} is not known beforehand", "write a duration without `-`"
            )
        )
    return found


def _time(seconds: int) -> time:
    return time(seconds // 3600 % 24, seconds // 60 % 60, seconds % 60)


def _problem(document: Document, error: Any) -> Problem:
    path = tuple(error["loc"])
    match error["type"]:
        case "extra_forbidden":
            return document.problem(
                path, f"`{path[-1]}` is not known here", "correct its spelling or leave it out"
            )
        case "missing":
            return document.problem(path, f"`{path[-1]}` is missing", "add it")
        case _:
            return document.problem(path, str(error["msg"]).removeprefix("Value error, "))
