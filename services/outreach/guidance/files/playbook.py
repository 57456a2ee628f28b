"""Reads `playbook.yaml`: who writes, and which touches follow which event."""

import re
from collections.abc import Iterator, Mapping
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from outreach.guidance.files.directory import (
    CreditorShape,
    PortfolioShape,
    build_directory,
    build_office_hours,
)
from outreach.guidance.files.nearest import did_you_mean
from outreach.guidance.files.playbook_shapes import (
    ConditionsShape,
    DatedWordingShape,
    PlaybookShape,
    PlayShape,
)
from outreach.guidance.files.problems import ConfigError, Finding
from outreach.guidance.files.shaped import shaped
from outreach.guidance.files.yaml_text import Document, Path, read_yaml
from outreach.model.directory import Directory
from outreach.model.flow import FlowCaps
from outreach.model.playbook import (
    GATHERS_FOR,
    PRIORITIES,
    Conditions,
    DatedWording,
    Occasion,
    Play,
    Playbook,
    Repeat,
)
from outreach.model.words import Channel

#: What replies to people are called among the plays.
_REPLIES = "answer"
_NAMED_BEFOREHAND = frozenset({Occasion.INSTALMENT_DUE, Occasion.PROMISE_DUE})
#: How long a play waits that does not say. Who pays in parts, or for several debts, is thanked for all of it.
_WAIT = {Occasion.PAYMENT_RECEIVED: GATHERS_FOR}
_NAME = re.compile(r"[\w.-]{1,100}")
_SENT = frozenset({Channel.SMS, Channel.EMAIL})


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
    problems = [*_senseless(document, shape.plays), *_unknown_conditions(document, shape)]
    if problems:
        raise ConfigError(problems)
    plays = {
        name: _play(name, play, zone=shape.zone, named=shape.conditions) for name, play in shape.plays.items()
    }
    playbook = Playbook(
        plays=plays,
        version=document.digest,
        creditors=frozenset(shape.creditors),
        our_names=(shape.agency.name, *(creditor.name for creditor in shape.creditors.values())),
        office_hours=build_office_hours(shape.agency, zone=shape.zone),
        acknowledges=shape.agency.acknowledge_replies,
        flow_caps=FlowCaps(creditors=_hourly(shape.creditors), plays=_hourly(shape.plays)),
    )
    portfolios = {name: portfolio or PortfolioShape() for name, portfolio in shape.portfolios.items()}
    return playbook, build_directory(shape.agency, shape.creditors, portfolios)


def _play(name: str, shape: PlayShape, *, zone: ZoneInfo, named: Mapping[str, ConditionsShape]) -> Play:
    return Play(
        name=name,
        on=shape.on,
        purpose=shape.purpose,
        wording=shape.wording,
        channels=tuple(shape.channels),
        priority=PRIORITIES[shape.purpose] if shape.priority is None else shape.priority,
        after=_WAIT.get(shape.on, timedelta(0)) if shape.after is None else shape.after,
        at=_time(shape.at),
        zone=zone,
        expires=shape.expires,
        patience=shape.patience,
        fallback=shape.fallback,
        repeat=None if shape.repeat is None else Repeat(**dict(shape.repeat)),
        ends_on=frozenset(shape.ends_on),
        conditions=tuple(_conditions(part) for part in _all_conditions(shape, named)),
        begins=shape.begins,
        until=shape.until,
        instead=tuple(_dated(wording) for wording in shape.instead),
        dry_run=shape.dry_run,
        merge=shape.merge,
    )


def _hourly(shapes: Mapping[str, CreditorShape] | Mapping[str, PlayShape]) -> dict[str, int]:
    """Return the hourly caps, by name, of those that have one."""
    return {
        name: shape.messages_an_hour for name, shape in shapes.items() if shape.messages_an_hour is not None
    }


def _names(shape: PlayShape) -> list[str]:
    """Return the names of conditions that a play asks for, if it asks by name."""
    asked = shape.conditions
    if isinstance(asked, ConditionsShape):
        return []
    return [asked] if isinstance(asked, str) else asked


def _all_conditions(shape: PlayShape, named: Mapping[str, ConditionsShape]) -> list[ConditionsShape]:
    asked = shape.conditions
    return [asked] if isinstance(asked, ConditionsShape) else [named[name] for name in _names(shape)]


def _conditions(shape: ConditionsShape) -> Conditions:
    return Conditions(
        creditors=frozenset(shape.creditors),
        portfolios=frozenset(shape.portfolios),
        kinds=frozenset(shape.kinds),
        minimum_balance=shape.minimum_balance,
        maximum_balance=shape.maximum_balance,
        older_than=shape.older_than,
        younger_than=shape.younger_than,
    )


def _dated(shape: DatedWordingShape) -> DatedWording:
    return DatedWording(wording=shape.wording, begins=shape.begins, until=shape.until)


def _unknown_conditions(document: Document, shape: PlaybookShape) -> Iterator[Finding]:
    for name, play in shape.plays.items():
        for asked in _names(play):
            if asked not in shape.conditions:
                fix = did_you_mean(
                    asked, shape.conditions, otherwise="write them under `conditions` at the top"
                )
                message = f"there are no conditions called `{asked}`"
                yield document.problem(("plays", name, "conditions"), message, fix)


def _time(seconds: int) -> time:
    return time(seconds // 3600 % 24, seconds // 60 % 60, seconds % 60)


def _senseless(document: Document, plays: Mapping[str, PlayShape]) -> Iterator[Finding]:
    """Find what is spelled right and says nothing that could be done."""
    for name, play in plays.items():
        path: Path = ("plays", name)
        if _NAME.fullmatch(name) is None:
            message = f"`{name}` is no name that rules and commands could give a play"
            yield document.problem(path, message, "use letters, digits, - and _, and no spaces")
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
