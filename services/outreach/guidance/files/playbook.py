"""Reads `playbook.yaml`: who writes, and which touches follow which event."""

from collections.abc import Iterator, Mapping
from datetime import time, timedelta
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from outreach.guidance.files.directory import AgencyShape, CreditorShape, PortfolioShape, build_directory
from outreach.guidance.files.problems import ConfigError, Finding
from outreach.guidance.files.shaped import shaped
from outreach.guidance.files.shapes import WORD, AChannel, APurpose, Duration, Shape, Spelled, TimeOfDay
from outreach.guidance.files.spellings import parse_number, parse_signed_duration, parse_zone
from outreach.guidance.files.yaml_text import Document, Path, read_yaml
from outreach.model.directory import Directory
from outreach.model.playbook import PRIORITIES, Conditions, Ending, Occasion, Play, Playbook, Repeat
from outreach.model.words import Channel

#: What replies to people are called among the plays.
_REPLIES = "answer"
_NAMED_BEFOREHAND = frozenset({Occasion.INSTALMENT_DUE, Occasion.PROMISE_DUE})
_SENT = frozenset({Channel.SMS, Channel.EMAIL})

_TEXT = {"type": "string"}
SignedDuration = Annotated[timedelta, Spelled(parse_signed_duration, _TEXT)]
Zone = Annotated[ZoneInfo, Spelled(parse_zone, _TEXT)]
Number = Annotated[Decimal, Spelled(parse_number, _TEXT)]


class RepeatShape(Shape):
    """How a play repeats."""

    every: Duration
    # Beyond tenfold a second pause is longer than anybody owes, and a third one than calendars.
    backoff: Annotated[Number, Field(gt=0, le=10)] = Decimal(1)
    at_most: int = Field(ge=1, le=100)


class ConditionsShape(Shape):
    """What must be true of the debt."""

    creditors: list[str] = Field(default_factory=list)
    portfolios: list[str] = Field(default_factory=list)
    minimum_balance: Number | None = None


class PlayShape(Shape):
    """A rule for planning touches."""

    on: Annotated[Occasion, WORD]
    purpose: APurpose
    wording: str
    channels: list[AChannel] = Field(min_length=1)
    priority: int | None = Field(default=None, ge=0, le=100)
    after: SignedDuration | None = None
    at: TimeOfDay = 10 * 3600
    expires: Duration = timedelta(days=7)
    patience: Duration = timedelta(hours=24)
    fallback: Duration | None = None
    repeat: RepeatShape | None = None
    ends_on: list[Annotated[Ending, WORD]] = Field(default_factory=list)
    conditions: ConditionsShape = Field(default_factory=ConditionsShape)
    dry_run: bool = False
    merge: bool = True


class PlaybookShape(Shape):
    """An agency's playbook.yaml."""

    agency: AgencyShape
    creditors: dict[str, CreditorShape] = Field(default_factory=dict)
    portfolios: dict[str, PortfolioShape | None] = Field(default_factory=dict)
    zone: Zone
    plays: dict[str, PlayShape]


def build_playbook(text: str, *, file: str) -> tuple[Playbook, Directory]:
    """Return the playbook and the directory that a text says.

    Raises:
        ConfigError: with every problem, its line and the fix.
    """
    return playbook_of(read_yaml(text, file=file))


def playbook_of(document: Document) -> tuple[Playbook, Directory]:
    """Return the playbook and the directory that a file says.

    Raises:
        ConfigError: with every problem, its line and the fix.
    """
    shape = shaped(document, PlaybookShape)
    problems = list(_senseless(document, shape.plays))
    if problems:
        raise ConfigError(problems)
    plays = {name: _play(name, play, zone=shape.zone) for name, play in shape.plays.items()}
    playbook = Playbook(plays=plays, version=document.digest, creditors=frozenset(shape.creditors))
    portfolios = {name: portfolio or PortfolioShape() for name, portfolio in shape.portfolios.items()}
    return playbook, build_directory(shape.agency, shape.creditors, portfolios)


def _play(name: str, shape: PlayShape, *, zone: ZoneInfo) -> Play:
    return Play(
        name=name,
        on=shape.on,
        purpose=shape.purpose,
        wording=shape.wording,
        channels=tuple(shape.channels),
        priority=PRIORITIES[shape.purpose] if shape.priority is None else shape.priority,
        after=shape.after or timedelta(0),
        at=_time(shape.at),
        zone=zone,
        expires=shape.expires,
        patience=shape.patience,
        fallback=shape.fallback,
        repeat=None if shape.repeat is None else Repeat(**dict(shape.repeat)),
        ends_on=frozenset(shape.ends_on),
        conditions=Conditions(
            creditors=frozenset(shape.conditions.creditors),
            portfolios=frozenset(shape.conditions.portfolios),
            minimum_balance=shape.conditions.minimum_balance,
        ),
        dry_run=shape.dry_run,
        merge=shape.merge,
    )


def _time(seconds: int) -> time:
    return time(seconds // 3600 % 24, seconds // 60 % 60, seconds % 60)


def _senseless(document: Document, plays: Mapping[str, PlayShape]) -> Iterator[Finding]:
    """Find what is spelled right and says nothing that could be done."""
    for name, play in plays.items():
        path: Path = ("plays", name)
        if name == _REPLIES:
            message = f"`{_REPLIES}` is the name of replies to people"
            yield document.problem(path, message, "call it something else")
        if play.repeat is not None and play.on is not Occasion.DEBT_QUIET:
            message = f"a play on {play.on} happens once"
            yield document.problem((*path, "repeat"), message, "leave `repeat` out")
        if not _SENT.issuperset(play.channels):
            message = "only sms and email are sent"
            yield document.problem((*path, "channels"), message, "name sms, email or both")
        if len(set(play.channels)) != len(play.channels):
            yield document.problem((*path, "channels"), "a channel is named twice", "name each once")
        if play.on not in _NAMED_BEFOREHAND and (play.after or timedelta(0)) < timedelta(0):
            message = f"{play.on} is not known beforehand"
            yield document.problem((*path, "after"), message, "write a duration without `-`")
