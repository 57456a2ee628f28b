"""What the published events say of each person, read apart from the product."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from tests.soak.record import Record, Spoken, Told

#: What people write, and what it means: a stop, a call for help, or a matter for a human.
MEANINGS: Mapping[str, str] = {
    "stop": "stop",
    "stop please": "stop",
    "unsubscribe": "stop",
    "help": "help",
    "please call me": "human",
    "what is this about?": "human",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody wrote or clicked, each once; `heard_at` is when it was first answered."""

    reply_id: str
    address: str
    meaning: str
    sent_at: datetime
    heard_at: datetime


@dataclass(kw_only=True)
class Facts:
    """All that was told of one person, each event once, in the order it was published."""

    person: str
    told: list[Told] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)

    def of(self, kind: str) -> list[Told]:
        return [each for each in self.told if each.type == kind]

    @cached_property
    def who(self) -> Mapping[str, object]:
        """The latest of what was said about the person themselves."""
        said = sorted(self.of("person.changed.v1"), key=lambda each: each.time)
        found: dict[str, object] = {}
        for each in said:
            found |= each.data or {}
        return found

    @cached_property
    def given(self) -> str:
        names = self.who.get("names")
        return str(names["given"]) if isinstance(names, Mapping) else ""

    def address(self, channel: str) -> str | None:
        """Return where the channel reaches the person; None if nowhere."""
        name, part = ("phones", "number") if channel == "sms" else ("emails", "address")
        found = self.who.get(name)
        return str(found[0][part]) if isinstance(found, Sequence) and found else None

    def placed(self, debt: str) -> Told | None:
        found = (each for each in self.of("debt.placed.v1") if data(each)["debt_id"] == debt)
        return next(found, None)


def data(told: Told) -> Mapping[str, object]:
    assert told.data is not None
    return told.data


def read_facts(record: Record) -> dict[str, Facts]:
    """Return the facts of everybody of whom anything was told."""
    found: dict[str, Facts] = {}
    seen: set[str] = set()
    for each in sorted(record.told, key=lambda told: told.sent_at):
        facts = found.setdefault(each.person, Facts(person=each.person))
        if each.id not in seen:
            facts.told.append(each)
        seen.add(each.id)
    for reply in _replies(record.spoken):
        for facts in found.values():
            if reply.address in (facts.address("sms"), facts.address("email")):
                facts.replies.append(reply)
    return found


def _replies(spoken: Iterable[Spoken]) -> list[Reply]:
    first: dict[str, Reply] = {}
    for each in sorted(spoken, key=lambda one: one.heard_at):
        if not each.forged and each.status < 300 and each.reply_id not in first:
            meaning = "unsubscribe" if each.text is None else MEANINGS[each.text.casefold().strip()]
            first[each.reply_id] = Reply(each.reply_id, each.address, meaning, each.sent_at, each.heard_at)
    return list(first.values())
