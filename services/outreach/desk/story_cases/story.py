"""Story cases as values: people, what happens in the order in which it is read, and what is expected."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias, get_args

import msgspec

from outreach.desk.story_cases.names import unknown_names
from outreach.desk.story_cases.shapes import ExpectationShape, StoriesShape, StoryPerson, StoryShape
from outreach.guidance.files.nearest import did_you_mean
from outreach.guidance.files.policy import read_document
from outreach.guidance.files.problems import ConfigError, Finding
from outreach.guidance.files.shaped import shaped
from outreach.guidance.files.spellings import Misspelling, parse_duration, parse_instant
from outreach.guidance.files.yaml_text import Document
from outreach.model.words import Channel
from outreach.providers.twilio.webhooks import number_of
from schemas.registry import EVENT_TYPES
from schemas.values import Money

#: Whoever a story does not name: at home in Chicago, reached by text and email.
ADA: Final = StoryPerson(
    address={"country": "US", "region": "IL", "postal_code": "60614"},
    phones=["+13125550142"],
    emails=["ada@example.com"],
    names={"given": "Ada", "family": "Example"},
    language="en",
)

#: What an event says in addition to its data.
_ENVELOPE: Final = frozenset({"time", "read_at", "type", "person", "id", "source"})
_REPLY: Final = frozenset({"time", "read_at", "from", "text", "via", "at_address"})
_RECEIPT: Final = frozenset({"to", "play", "status", "code"})
_VENDOR: Final = frozenset({"channel", "answers", "code", "for"})
_ANSWERS: Final = ("accepted", "refused", "not_sent", "unknown")
_SENT_BY: Final = (Channel.SMS.value, Channel.EMAIL.value)
#: What a vendor writes before the number of a text that came so: ways of a text, not channels of ours.
_WAYS_OF_A_TEXT: Final = ("rcs", "whatsapp")
#: Commands of staff, who do by hand what follows from no record.
_BY_STAFF: Final = ("answer", "release", "stop", "unstop")
_MANUAL: Final = "docs/stories.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnEvent:
    """An event of the contract, as the structured CloudEvent that another system would publish."""

    at: datetime
    person_id: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AReply:
    """What somebody wrote back, by text or email, from one of their addresses or another one."""

    at: datetime
    person_id: str
    text: str
    channel: Channel
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AReceipt:
    """What the vendor tells of the last message to somebody of a play."""

    at: datetime
    person_id: str
    play: str | None
    status: str
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AVendor:
    """What a vendor answers from now on, for a while."""

    at: datetime
    channel: Channel
    answers: str
    code: str | None
    until: datetime


Happening: TypeAlias = AnEvent | AReply | AReceipt | AVendor


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story that can be played. `happenings` stand in the order in which they are read."""

    id: str
    title: str
    why: str | None
    people: Mapping[str, StoryPerson]
    happenings: Sequence[Happening]
    until: datetime
    expect: Sequence[ExpectationShape] = field(repr=False)

    @property
    def begins(self) -> datetime:
        """When the first thing happens."""
        return min(happening.at for happening in self.happenings)


def read_stories(file: Path, *, plays: Collection[str] | None = None) -> list[Story]:
    """Read a file of stories; the names of plays are held against `plays`, where these are known.

    Raises:
        ConfigError: it cannot be read, or a story is malformed; every problem is listed.
    """
    document = read_document(file, manual=_MANUAL)
    shape = shaped(document, StoriesShape)
    problems: list[Finding] = []
    stories = [
        _story(story, document, ("stories", number), problems, plays=plays)
        for number, story in enumerate(shape.stories)
    ]
    if problems:
        raise ConfigError(problems)
    return stories


def _said(error: KeyError | ValueError) -> tuple[str, str]:
    """Return what is wrong with a happening, and the fix where one is known."""
    match error:
        case Misspelling():
            return error.message, error.fix
        case KeyError():
            return f"`{error.args[0]}` is missing", f"add `{error.args[0]}:`"
        case _:
            message, _, fix = str(error).partition("; ")
            return message, fix


def find_repeated(stories: Iterable[Story]) -> str | None:
    """Return an id that two stories bear, or None."""
    known: set[str] = set()
    for story in stories:
        if story.id in known:
            return story.id
        known.add(story.id)
    return None


def _story(
    shape: StoryShape,
    document: Document,
    path: tuple[str | int, ...],
    problems: list[Finding],
    *,
    plays: Collection[str] | None,
) -> Story:
    people = shape.people or {"ada": ADA}
    happenings = []
    for number, entry in enumerate(shape.heard):
        place = (*path, "heard", number)
        try:
            happenings.append(_happening(entry, people, f"{shape.id}-{number + 1}"))
        except (KeyError, ValueError) as error:
            problems.append(document.problem(place, *_said(error)))
    problems += [
        document.problem((*path, *place), message, fix)
        for place, message, fix in unknown_names(shape, people, plays=plays)
    ]
    first = min((happening.at for happening in happenings), default=None)
    if first is not None and shape.until < first:
        message, fix = "the story ends before anything happens", f'write "{_written(first)}" or later'
        problems.append(document.problem((*path, "until"), message, fix))
    # What is read at one instant keeps the order of the file.
    return Story(
        id=shape.id,
        title=shape.title,
        why=shape.why,
        people=people,
        happenings=sorted(happenings, key=lambda happening: happening.at),
        until=shape.until,
        expect=shape.expect,
    )


def _happening(entry: Mapping[str, Any], people: Mapping[str, StoryPerson], name: str) -> Happening:
    """Return one thing that happens.

    Raises:
        KeyError: something is missing.
        ValueError: something is not as it must be.
    """
    time = _instant(entry["time"])
    at = max(time, _instant(entry["read_at"])) if "read_at" in entry else time
    if "type" in entry:
        return _event(entry, time=time, at=at, name=name)
    if "from" in entry:
        return _reply(entry, people, at)
    if "receipt" in entry:
        receipt = _keys_of(entry, "receipt", _RECEIPT)
        person_id = _known(_text(receipt, "to"), people)
        play = _text(receipt, "play") if "play" in receipt else None
        code = _text(receipt, "code") if "code" in receipt else None
        return AReceipt(at=at, person_id=person_id, play=play, status=_text(receipt, "status"), code=code)
    if "vendor" in entry:
        vendor = _keys_of(entry, "vendor", _VENDOR)
        return AVendor(
            at=at,
            channel=Channel(_one_of(_text(vendor, "channel"), _SENT_BY)),
            answers=_one_of(_text(vendor, "answers"), _ANSWERS),
            code=_text(vendor, "code") if "code" in vendor else None,
            until=at + parse_duration(_text(vendor, "for"))
            if "for" in vendor
            else datetime.max.replace(tzinfo=UTC),
        )
    if by_staff := [key for key in _BY_STAFF if key in entry]:
        message = f"what staff do (`{by_staff[0]}`) cannot be told in a story"
        raise Misspelling(message, "end the story before it, and begin another one with what comes after it")
    raise ValueError("nothing happens here; write an event (`type`), a reply (`from`), `receipt` or `vendor`")


def _event(entry: Mapping[str, Any], *, time: datetime, at: datetime, name: str) -> AnEvent:
    named = _text(entry, "type")
    type_ = EVENT_TYPES.get(named)
    if type_ is None or type_.published:
        heard = [name for name, known in EVENT_TYPES.items() if not known.published]
        fix = did_you_mean(named, heard, otherwise="write one such as payment.received.v1")
        raise Misspelling(f"no event of another system is called `{named}`", fix)
    person = _text(entry, "person") if "person" in entry else "ada"
    data = {key: value for key, value in entry.items() if key not in _ENVELOPE}
    required = {key for key, shape in type_.model.model_fields.items() if shape.is_required()}
    if "debt_id" in required:
        data.setdefault("debt_id", "d1")
    for key, value in {"creditor": "northwind", "role": "third_party"}.items():
        if key in required:
            data.setdefault(key, value)
    if "reference" in required:
        data.setdefault("reference", data["debt_id"])
    event = {
        "specversion": "1.0",
        "id": _text(entry, "id") if "id" in entry else name,
        "source": _text(entry, "source") if "source" in entry else "story",
        "type": named,
        "subject": person,
        "time": time.isoformat(),
        "datacontenttype": "application/json",
        "data": _with_money(data, type_.model),
    }
    return AnEvent(at=at, person_id=person, type=named, content=msgspec.json.encode(event))


def _with_money(data: Mapping[str, Any], model: Any) -> dict[str, Any]:
    """Write a bare amount as money in US dollars, wherever the contract has money."""
    written = dict(data)
    for key, shape in model.model_fields.items():
        if key not in written:
            continue
        parts = [part for part in _parts_of(shape.annotation) if isinstance(part, type)]
        if any(issubclass(part, Money) for part in parts) and isinstance(written[key], str):
            written[key] = {"amount": written[key], "currency": "USD"}
        elif isinstance(written[key], list):
            nested = next((part for part in parts if hasattr(part, "model_fields")), None)
            if nested is not None:
                written[key] = [
                    _with_money(item, nested) if isinstance(item, Mapping) else item for item in written[key]
                ]
    return written


def _parts_of(annotation: Any) -> Iterator[Any]:
    """Yield every type that an annotation is made of."""
    yield annotation
    for part in get_args(annotation):
        yield from _parts_of(part)


def _reply(entry: Mapping[str, Any], people: Mapping[str, StoryPerson], at: datetime) -> AReply:
    if odd := entry.keys() - _REPLY:
        raise Misspelling(f"a reply has no `{min(odd)}`", did_you_mean(min(odd), sorted(_REPLY - {"time"})))
    person_id = _known(_text(entry, "from"), people)
    via = _text(entry, "via") if "via" in entry else Channel.SMS.value
    person = people[person_id]
    if via in _WAYS_OF_A_TEXT:
        number = next(iter(addresses(person.phones)), "+13125550142")
        fix = f'leave `via` out, and write `at_address: "{via}:{number}"`'
        raise Misspelling(f"`{via}` is no channel of its own, but a text", fix)
    channel = Channel(_one_of(via, _SENT_BY))
    known = addresses(person.phones if channel is Channel.SMS else person.emails)
    address = _text(entry, "at_address") if "at_address" in entry else (known[0] if known else None)
    if address is not None and channel is Channel.SMS:
        address = number_of(address)
    if address is None:
        raise ValueError(f"{person_id} has no address for {channel}; say at_address")
    return AReply(at=at, person_id=person_id, text=_text(entry, "text"), channel=channel, address=address)


def addresses(entries: Iterable[str | Mapping[str, Any]]) -> list[str]:
    """Return phones or emails as plain strings, whichever way they are written."""
    return [
        entry if isinstance(entry, str) else str(entry.get("number") or entry.get("address"))
        for entry in entries
    ]


def _written(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _instant(value: object) -> datetime:
    if not isinstance(value, str):
        raise Misspelling("an instant is needed here", 'write one such as "2026-03-02T15:00:00Z"')
    return parse_instant(value)


def _text(entry: Mapping[str, Any], key: str) -> str:
    """Return what stands under a key, as text; a number is as good, nothing at all is not.

    Raises:
        KeyError: the key is missing.
        Misspelling: nothing stands behind it, or more than a word.
    """
    value = entry[key]
    if value is None or value == "":
        raise Misspelling(f"`{key}` is empty", f"write something behind `{key}:`, or leave the line out")
    if isinstance(value, dict | list | bool):
        raise Misspelling(f"`{key}` is no text", "write one value, in quotes")
    return str(value)


def _keys_of(entry: Mapping[str, Any], key: str, known: frozenset[str]) -> Mapping[str, Any]:
    """Return the keys below a key.

    Raises:
        Misspelling: there are none, or one that is not known.
    """
    inside = entry[key]
    if not isinstance(inside, dict):
        names = ", ".join(sorted(known))
        raise Misspelling(f"`{key}` needs keys of its own", f"write those of {names} that you need")
    if odd := inside.keys() - known:
        first = min(map(str, odd))
        raise Misspelling(f"a {key} has no `{first}`", did_you_mean(first, sorted(known)))
    return inside


def _known(person_id: str, people: Mapping[str, StoryPerson]) -> str:
    if person_id not in people:
        raise Misspelling(f"nobody is called `{person_id}`", did_you_mean(person_id, list(people)))
    return person_id


def _one_of(word: str, allowed: Sequence[str]) -> str:
    if word not in allowed:
        raise Misspelling(f"`{word}` is not known here", did_you_mean(word, list(allowed)))
    return word
