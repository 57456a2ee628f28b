"""Who waits for a human: for an answer to their replies, or a look at a name that tells of a death.

With the conversation they stand in, what is closed and held, and what to do.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from foundation.database import Connection, Database
from outreach.listening.consequences import OfferedHold, offered_hold
from outreach.model.reply import PastMessage
from outreach.model.suppression import Suppression
from outreach.store import attempts, debts, hand_offs, replies, suppressions
from outreach.store.hand_offs import WaitingReply
from outreach.understanding.kinds import Urgency

#: As much of a conversation as somebody reads before they answer.
_REMEMBERED = 10
_CLOSING = frozenset({"opted_out", "wrong_party", "unsafe", "unreachable"})
_BY_URGENCY = tuple(Urgency)
#: What somebody waits for whose name tells of a death, among the kinds of what is said.
OF_AN_ESTATE = "name_of_an_estate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that was said: by us, or by them. `pictures` are where they are kept."""

    at: datetime
    by_us: bool
    channel: str
    text: str
    pictures: Sequence[str] = ()
    attachments: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPerson:
    """Somebody who waits for a human; `person_id` is None where nobody knows who wrote.

    `replies` wait, oldest first; `closed` are channels with addresses, `holds` kinds of what stops all.
    `named_since` tells since when nothing goes out because of their name, None where it is not that. Whoever
    waits for nothing else has no `answer_by`.
    """

    person_id: str | None
    urgency: Urgency
    since: datetime
    answer_by: datetime | None
    replies: Sequence[WaitingReply]
    conversation: Sequence[Line]
    creditors: Sequence[str]
    closed: Sequence[str]
    holds: Sequence[str]
    named_since: datetime | None = None

    @property
    def subject(self) -> str:
        """What commands call them by: the person's id, else the reply's."""
        return self.person_id or self.replies[0].reply_id

    @property
    def kinds(self) -> Sequence[str]:
        """What their replies say, each once, and what their name does."""
        named = () if self.named_since is None else (OF_AN_ESTATE,)
        return (*self._said, *named)

    @property
    def _said(self) -> Sequence[str]:
        return tuple(dict.fromkeys(kind for reply in self.replies for kind in reply.kinds))

    @property
    def offered_hold(self) -> OfferedHold | None:
        """The hold that fits what they say."""
        return offered_hold(self._said)

    @property
    def to_do(self) -> str | None:
        """What ends the wait that a name began; replies are answered, and released."""
        if self.named_since is None:
            return None
        return (
            "their name tells of a death, so nothing goes out: look who answers for them. If they live,"
            f" `outreach release {self.subject}`, or publish the right name (person.changed); if not, publish"
            " hold.placed of the kind deceased, then release"
        )


async def list_people_waiting(
    database: Database,
    *,
    urgency: Urgency | None = None,
    creditor: str | None = None,
    subject: str | None = None,
) -> list[WaitingPerson]:
    """Return who waits: a crisis first, then by age.

    `subject` is one person, or one reply where nobody knows whose it is.
    """
    async with database.reading() as connection:
        waiting = await hand_offs.list_waiting(connection, person=subject)
        named = await suppressions.list_waits_of_names(connection, person=subject)
        people = sorted({reply.person_id for reply in waiting if reply.person_id is not None} | named.keys())
        owed = await _creditors(connection, people)
        bound = await suppressions.read_suppressions(connection, people)
        found = [
            _waiting_person(
                person,
                group,
                named_since=named.get(person or ""),
                conversation=await _conversation(connection, group),
                creditors=owed.get(person or "", ()),
                bound=bound.get(person or "", ()),
            )
            for person, group in _by_person(waiting, named)
            if creditor is None or creditor in owed.get(person or "", ())
        ]
    asked_for = [person for person in found if urgency in (None, person.urgency)]
    return sorted(
        asked_for, key=lambda person: (_BY_URGENCY.index(person.urgency), person.since, person.subject)
    )


def waiting_json(person: WaitingPerson) -> dict[str, Any]:
    """Return somebody who waits as JSON values."""
    offered = person.offered_hold
    return {
        **msgspec.to_builtins(person),
        "kinds": list(person.kinds),
        "to_do": person.to_do,
        "offered_hold": None
        if offered is None
        else {
            "kind": offered.kind,
            "days": offered.lasts.days if offered.lasts is not None else None,
            "why": offered.why,
        },
    }


def _by_person(
    waiting: Sequence[WaitingReply], named: Iterable[str]
) -> list[tuple[str | None, list[WaitingReply]]]:
    """Return who waits with their replies, oldest first; a reply of nobody known stands by itself."""
    groups: defaultdict[str, list[WaitingReply]] = defaultdict(list)
    strangers: list[tuple[str | None, list[WaitingReply]]] = []
    for reply in waiting:
        if reply.person_id is None:
            strangers.append((None, [reply]))
        else:
            groups[reply.person_id].append(reply)
    known = {**{person: [] for person in named}, **groups}
    return [
        *(
            (person, sorted(group, key=lambda reply: (reply.since, reply.reply_id)))
            for person, group in known.items()
        ),
        *strangers,
    ]


def _waiting_person(
    person: str | None,
    waiting: Sequence[WaitingReply],
    *,
    named_since: datetime | None,
    conversation: Sequence[Line],
    creditors: Sequence[str],
    bound: Sequence[Suppression],
) -> WaitingPerson:
    urgencies = [Urgency(reply.urgency) for reply in waiting] or [Urgency.NORMAL]
    begins = [reply.since for reply in waiting[:1]] + [since for since in (named_since,) if since is not None]
    return WaitingPerson(
        person_id=person,
        urgency=min(urgencies, key=_BY_URGENCY.index),
        since=min(begins),
        answer_by=min((reply.answer_by for reply in waiting), default=None),
        replies=waiting,
        conversation=conversation,
        creditors=creditors,
        closed=sorted(
            {
                f"{suppression.channel or 'everything'} ({suppression.kind})"
                for suppression in bound
                if suppression.kind in _CLOSING
            }
        ),
        holds=sorted({suppression.kind for suppression in bound if suppression.kind not in _CLOSING}),
        named_since=named_since,
    )


async def _creditors(connection: Connection, people: Sequence[str]) -> Mapping[str, Sequence[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for debt in await debts.read_debts(connection, people):
        if debt.placement is not None:
            found[debt.person_id].add(debt.placement.value.creditor)
    return {person: sorted(creditors) for person, creditors in found.items()}


async def _conversation(connection: Connection, waiting: Sequence[WaitingReply]) -> list[Line]:
    """Return what was said last, by us and by them, oldest first; nothing where no reply waits."""
    if not waiting:
        return []
    person = waiting[0].person_id
    if person is None:
        return [_said(msgspec.structs.asdict(reply)) for reply in waiting]
    ours = await attempts.list_past_messages(connection, [person], limit=_REMEMBERED)
    theirs = [_said(reply) for reply in await replies.list_replies_of(connection, person)]
    known = {(line.at, line.text) for line in theirs}
    # A reply from an address that several people have is kept under the first of them.
    theirs += [
        line
        for line in (_said(msgspec.structs.asdict(reply)) for reply in waiting)
        if (line.at, line.text) not in known
    ]
    lines = sorted([*map(_sent, ours), *theirs], key=lambda line: line.at)
    oldest_waiting = waiting[0].since
    return [line for line in lines if line.at >= oldest_waiting or line in lines[-_REMEMBERED:]]


def _sent(message: PastMessage) -> Line:
    return Line(at=message.at, by_us=True, channel=message.channel, text=message.text)


def _said(reply: Mapping[str, Any]) -> Line:
    return Line(
        at=reply["received_at"],
        by_us=False,
        channel=str(reply["channel"]),
        text=reply["text"],
        pictures=tuple(reply["pictures"]),
        attachments=tuple(reply["attachments"]),
    )


def waiting_rows(people: Iterable[WaitingPerson]) -> list[tuple[str, ...]]:
    """Return who waits as rows of a table, without what was said."""
    return [
        (
            person.urgency,
            person.subject,
            f"{person.since:%Y-%m-%d %H:%M}Z",
            "" if person.answer_by is None else f"{person.answer_by:%Y-%m-%d %H:%M}Z",
            ", ".join(person.kinds),
            ", ".join(person.creditors),
            ", ".join(person.closed),
            str(len(person.replies)),
        )
        for person in people
    ]


#: The columns of `waiting_rows`.
COLUMNS = ("urgency", "person", "since", "answer by", "kinds", "creditors", "closed", "replies")
