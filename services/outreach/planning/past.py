"""What events of ours say of the past, as rows to put back: a pure function of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from outreach.model.contact import Contact
from outreach.model.playbook import PRIORITIES
from outreach.model.reply import HandOff, KeptReply
from outreach.model.suppression import UNSAFE, Suppression
from outreach.model.touch import RememberedTouch, TouchStatus
from outreach.model.words import (
    Channel,
    ContactOutcome,
    Direction,
    HoldKind,
    Purpose,
    Role,
    ScheduleReason,
)
from outreach.store.digests import unnamed
from outreach.store.ledger import Entry
from schemas.addresses import comparable
from schemas.envelope import Event
from schemas.replies import (
    AddressClosed,
    AddressOpened,
    HumanDone,
    HumanNeeded,
    ReplyReceived,
    ReplyReceivedV2,
    SuppressionLifted,
    SuppressionRecorded,
)
from schemas.touches import Attempted, Touch, TouchCancelled, TouchExpired, TouchSuppressed

_AFTER_A_CALL: Final = {
    "touch.accepted.v1": TouchStatus.ACCEPTED,
    "touch.refused.v1": TouchStatus.REFUSED,
    "touch.delivered.v1": TouchStatus.DELIVERED,
    "touch.undelivered.v1": TouchStatus.UNDELIVERED,
    "touch.unknown.v1": TouchStatus.UNKNOWN,
}
#: Later ones stand: what a provider says of a message only adds to what was known.
_RANK: Final = (TouchStatus.UNKNOWN, TouchStatus.ACCEPTED, TouchStatus.UNDELIVERED, TouchStatus.DELIVERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedAddress:
    """A suppression and where it came from."""

    suppression: Suppression
    origin: str


@dataclass(frozen=True, slots=True)
class PublishedPast:
    """What these events say became of touches, whom we contacted, what people wrote, closed and opened.

    What was `lifted` may have been closed by none of these. `waiting` are replies that were given to a human,
    by reply and person, and `dealt_with` those that a human has seen since.
    """

    touches: dict[UUID, RememberedTouch] = field(default_factory=dict)
    contacts: dict[str, Entry] = field(default_factory=dict)
    replies: dict[str, KeptReply] = field(default_factory=dict)
    closed: dict[str, ClosedAddress] = field(default_factory=dict)
    lifted: set[str] = field(default_factory=set)
    waiting: dict[tuple[str, str], HandOff] = field(default_factory=dict)
    dealt_with: set[tuple[str, str]] = field(default_factory=set)

    @property
    def people(self) -> set[str]:
        """Everybody whom it is about."""
        bound = {closed.suppression.person_id for closed in self.closed.values()}
        return (
            {touch.person_id for touch in self.touches.values()}
            | {entry.person_id for entry in self.contacts.values()}
            | {person for person in bound if person is not None}
        )


def past_told_by(events: Iterable[Event], *, addresses: Mapping[str, str]) -> PublishedPast:
    """Return what events say, in the order of their publishing; `addresses` are known by digest."""
    past = PublishedPast()
    for event in events:
        data = event.data
        if isinstance(data, Touch):
            _fold_touch(past, event, data, addresses=addresses)
        elif isinstance(data, ReplyReceived):
            _fold_reply(past, data, addresses=addresses)
        elif isinstance(data, ReplyReceivedV2):
            _fold_danger(past, data, addresses=addresses)
        elif isinstance(data, HumanNeeded):
            _fold_wait(past, data)
        elif isinstance(data, HumanDone):
            past.dealt_with.update((reply, data.person_id) for reply in data.replies)
            past.lifted.update(_wait_of(reply, data.person_id) for reply in data.replies)
        elif isinstance(data, SuppressionRecorded | AddressClosed):
            closed = _closed(data, addresses=addresses)
            past.closed[closed.suppression.suppression_id] = closed
        elif isinstance(data, SuppressionLifted | AddressOpened):
            past.lifted.add(data.suppression_id)
    return past


def digests_in(events: Iterable[Event]) -> Iterator[str]:
    """Yield the digests by which events name addresses."""
    for event in events:
        digest = getattr(event.data, "address_digest", None)
        if digest is not None:
            yield digest


def _fold_touch(past: PublishedPast, event: Event, data: Touch, *, addresses: Mapping[str, str]) -> None:
    status = _status_of(event)
    if status is None:
        return
    told = _touch(event, data, status)
    known = past.touches.get(told.touch_id)
    if known is None or known.attempt_id != told.attempt_id or _is_later(told.status, known.status):
        past.touches[told.touch_id] = told
    if isinstance(data, Attempted):
        _fold_contact(past, _contact(event, data, status, addresses=addresses))


def _status_of(event: Event) -> TouchStatus | None:
    """Return what became of the touch for good; None while it may still be sent."""
    match event.data:
        case Attempted():
            return _AFTER_A_CALL[event.type]
        case TouchSuppressed(final=True):
            return TouchStatus.SUPPRESSED
        case TouchExpired():
            return TouchStatus.EXPIRED
        case TouchCancelled(reasons=reasons) if ScheduleReason.NO_LONGER_WANTED not in reasons:
            return TouchStatus.CANCELLED
        case _:
            return None


def _is_later(told: TouchStatus, known: TouchStatus) -> bool:
    return told in _RANK and known in _RANK and _RANK.index(told) > _RANK.index(known)


def _touch(event: Event, data: Touch, status: TouchStatus) -> RememberedTouch:
    code = getattr(data, "code", None)
    return RememberedTouch(
        touch_id=UUID(data.touch_id),
        person_id=event.person_id,
        debt_id=_debt_of(data),
        play=data.play,
        occasion=data.occasion or "",
        purpose=data.purpose,
        wording=data.wording or "",
        channels=(data.channel,) if data.channel is not None else (),
        priority=PRIORITIES[Purpose(data.purpose)],
        creditor=data.creditor or "",
        role=data.role or Role.THIRD_PARTY,
        in_reply_to=data.in_reply_to,
        at=event.time,
        status=status,
        reason=data.reasons[0]
        if data.reasons
        else code or ("not told" if status is TouchStatus.SUPPRESSED else None),
        channel=data.channel,
        attempt_id=UUID(data.attempt_id) if isinstance(data, Attempted) else None,
        policy=data.policy_version,
    )


def _debt_of(data: Touch) -> str:
    return data.debts[0] if data.debts else ""


def _contact(event: Event, data: Attempted, status: TouchStatus, *, addresses: Mapping[str, str]) -> Entry:
    digest = data.address_digest
    return Entry(
        contact_id=data.attempt_id,
        person_id=event.person_id,
        contact=Contact(
            at=event.time,
            channel=Channel(data.channel),
            debts=frozenset(data.debts),
            creditor=data.creditor,
            purpose=Purpose(data.purpose),
            outcome=ContactOutcome(status),
            in_reply_to=data.in_reply_to,
            key=f"{_debt_of(data)}/{data.play}/{data.occasion}" if data.occasion is not None else None,
        ),
        address=addresses.get(digest, unnamed(digest)) if digest is not None else None,
        attempt_id=UUID(data.attempt_id),
    )


def _fold_contact(past: PublishedPast, entry: Entry) -> None:
    """Add a contact to what is told of its attempt: a message for several debts is one."""
    known = past.contacts.get(entry.contact_id)
    if known is None:
        past.contacts[entry.contact_id] = entry
        return
    told, before = entry.contact, known.contact
    outcome = before.outcome
    if told.outcome is not None and before.outcome is not None:
        later = _is_later(TouchStatus(told.outcome), TouchStatus(before.outcome))
        outcome = told.outcome if later else before.outcome
    merged = replace(before, debts=before.debts | told.debts, outcome=outcome)
    past.contacts[entry.contact_id] = replace(known, contact=merged)


def _fold_reply(past: PublishedPast, data: ReplyReceived, *, addresses: Mapping[str, str]) -> None:
    assert data.person_id is not None
    digest, person = data.address_digest, data.person_id
    kept = KeptReply(
        reply_id=data.reply_id,
        person_id=person,
        channel=Channel(data.channel),
        address=addresses.get(digest, unnamed(digest)) if digest is not None else "",
        text=data.text,
        understood=data.understood,
        needs_human=data.needs_human,
        received_at=data.received_at,
    )
    # One reply may come from several people: it is kept once, and is a contact with each.
    past.replies.setdefault(data.reply_id, kept)
    contact = Contact(at=data.received_at, channel=Channel(data.channel), direction=Direction.INBOUND)
    contact_id = f"{data.reply_id}:{person}"
    # Not with its address: that proves something only where one person alone may have written.
    past.contacts[contact_id] = Entry(contact_id=contact_id, person_id=person, contact=contact)
    if data.needs_human:
        hold = Suppression.with_human(_wait_of(data.reply_id, person), person_id=person, at=data.received_at)
        past.closed[hold.suppression_id] = ClosedAddress(suppression=hold, origin="reply")


def _wait_of(reply_id: str, person: str) -> str:
    """Return the id of the wait for a human that a reply of this person began."""
    return f"{reply_id}:{person}:{HoldKind.WITH_HUMAN}"


def _fold_danger(past: PublishedPast, data: ReplyReceivedV2, *, addresses: Mapping[str, str]) -> None:
    """Close for good the address of somebody who said that others read what comes there."""
    digest = data.address_digest
    if "safety" not in data.kinds or data.automatic is not None or digest is None:
        return
    unsafe = Suppression.unsafe(
        f"{data.reply_id}:{data.person_id}:{UNSAFE}",
        person_id=data.person_id,
        address=addresses.get(digest, unnamed(digest)),
        channel=Channel(data.channel),
        at=data.received_at,
    )
    past.closed[unsafe.suppression_id] = ClosedAddress(suppression=unsafe, origin="safety")


def _fold_wait(past: PublishedPast, data: HumanNeeded) -> None:
    past.waiting[(data.reply_id, data.person_id)] = HandOff(
        reply_id=data.reply_id,
        person_id=data.person_id,
        urgency=data.urgency,
        since=data.since,
        answer_by=data.answer_by,
    )


def _closed(data: SuppressionRecorded | AddressClosed, *, addresses: Mapping[str, str]) -> ClosedAddress:
    if isinstance(data, AddressClosed):
        person = None
        address: str | None = addresses.get(data.address_digest, unnamed(data.address_digest))
    else:
        person = data.person_id
        address = None if data.address is None else comparable(data.address)
    suppression = Suppression(
        suppression_id=data.suppression_id,
        person_id=person,
        address=address,
        channel=Channel(data.channel),
        # A complaint closes as an opt-out does.
        kind="opted_out" if data.kind == "complained" else data.kind,
        at=data.at,
    )
    return ClosedAddress(suppression=suppression, origin=data.origin)
