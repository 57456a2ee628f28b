"""What forbids a message, since when that is certainly known to whoever sends, and what it covers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from tests.soak.record import Heard, Told
from tests.soak.referee.facts import Facts, data
from tests.soak.referee.occasions import ANSWERS, Occasion

#: Known before anything was sent, and not known for certain at any instant of the run.
FROM_THE_START: Final = datetime.min.replace(tzinfo=UTC)
NEVER_KNOWN: Final = datetime.max.replace(tzinfo=UTC)

Covers = Callable[[Occasion, str], bool]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that forbids messages on occasions that it `covers`, on a channel.

    By `known_by` it had been taken in: from then on no message that it covers may be begun. A `stop` is
    what somebody said, or had said for them, to be left alone.
    """

    why: str
    known_by: datetime
    covers: Covers
    stop: bool = False


def obstacles_of(facts: Facts, heard: Sequence[Heard]) -> list[Obstacle]:
    """Return all that ever stood in the way of writing to a person."""
    snapshots = [each for each in heard if each.topic == "people.v1" and each.key == facts.person]
    return [
        *_of_channels(facts, snapshots),
        *_holds(facts, snapshots),
        *_of_debts(facts),
        *_rests(facts),
        *_replies(facts),
        *_unreadable(facts),
    ]


def _of_channels(facts: Facts, snapshots: Sequence[Heard]) -> Iterator[Obstacle]:
    for channel in ("sms", "email"):
        granted = _about(facts, "consent.granted.v1", channel)
        if facts.address(channel) is None:
            yield Obstacle(f"no address for {channel}", FROM_THE_START, _on(channel))
        elif not granted:
            yield Obstacle(f"no consent to {channel}", FROM_THE_START, _on(channel))
        for each in _about(facts, "consent.withdrawn.v1", channel):
            if all(grant.time < each.time for grant in granted):
                known_by = _known(each, granted, snapshots, _closes(channel))
                yield Obstacle(f"{channel} withdrawn", known_by, _on(channel), stop=True)


def _holds(facts: Facts, snapshots: Sequence[Heard]) -> Iterator[Obstacle]:
    granted = facts.of("consent.granted.v1")
    for each in facts.of("hold.placed.v1"):
        kind, hold_id = data(each)["kind"], data(each)["hold_id"]
        known_by = _known(each, granted, snapshots, _holds_it(str(hold_id)))
        yield Obstacle(f"hold {kind}", known_by, _everything, stop=True)


def _of_debts(facts: Facts) -> Iterator[Obstacle]:
    for each in facts.of("debt.closed.v1"):
        yield _of_debt(each, "the debt is closed", except_for=frozenset({"thanks", "closure"}))
    for each in facts.of("payment.received.v1"):
        balance = data(each).get("balance")
        if isinstance(balance, dict) and float(balance["amount"]) <= 0:
            yield _of_debt(each, "nothing is due", except_for=frozenset({"thanks", "closure"}))
    for each in facts.of("debt.disputed.v1"):
        yield _of_debt(each, "the debt is disputed", except_for=frozenset({"dispute"}))


def _of_debt(told: Told, why: str, *, except_for: frozenset[str]) -> Obstacle:
    debt = data(told)["debt_id"]
    return Obstacle(
        why, _read(told), lambda occasion, _: occasion.debt == debt and occasion.kind not in except_for
    )


def _rests(facts: Facts) -> Iterator[Obstacle]:
    """After a payment, a plan or a conversation there is quiet; what confirms them may still be said."""
    for kind in ("payment.received.v1", "plan.agreed.v1"):
        for each in facts.of(kind):
            yield Obstacle(f"quiet after {kind}", _read(each), _what_is_unasked)
    for each in facts.of("contact.recorded.v1"):
        if data(each)["outcome"] == "answered" and data(each)["channel"] == "voice":
            yield Obstacle("quiet after a conversation", _read(each), _what_is_unasked)


def _replies(facts: Facts) -> Iterator[Obstacle]:
    for each in facts.replies:
        match each.meaning:
            case "stop":
                yield Obstacle("they said stop", each.heard_at, _texts, stop=True)
            case "unsubscribe":
                yield Obstacle("they unsubscribed", each.heard_at, _on("email"), stop=True)
            case "human":
                yield Obstacle("they wait for a human", each.heard_at, _everything)
            case _:
                pass


def _unreadable(facts: Facts) -> Iterator[Obstacle]:
    for each in facts.told:
        if each.data is None:
            # What is published before it under the same key is read before it.
            placed = facts.of("debt.placed.v1")
            first = all(each.sent_at < one.sent_at for one in placed) and each.topic == "debts.v1"
            known_by = FROM_THE_START if first else _read(each)
            yield Obstacle("a record about them cannot be read", known_by, _everything)


def _read(told: Told) -> datetime:
    return told.consumed_by or NEVER_KNOWN


def _known(
    told: Told, granted: Sequence[Told], snapshots: Sequence[Heard], shows: Callable[[Heard], bool]
) -> datetime:
    """Return when what preferences was told was known: at once, where nothing was permitted before it."""
    if granted and all(told.sent_at < each.sent_at for each in granted):
        return FROM_THE_START
    showing = (each.consumed_by for each in snapshots if shows(each) and each.consumed_by is not None)
    return min(showing, default=NEVER_KNOWN)


def _about(facts: Facts, kind: str, channel: str) -> list[Told]:
    return [each for each in facts.of(kind) if data(each)["channel"] == channel]


def _closes(channel: str) -> Callable[[Heard], bool]:
    return lambda snapshot: any(each["channel"] == channel for each in snapshot.data.get("opt_outs", ()))


def _holds_it(hold_id: str) -> Callable[[Heard], bool]:
    return lambda snapshot: any(each["hold_id"] == hold_id for each in snapshot.data.get("holds", ()))


def _on(channel: str) -> Covers:
    return lambda _, each: each == channel


def _texts(occasion: Occasion, channel: str) -> bool:
    """A stop covers texts, but for one answer to each stop and each call for help."""
    return channel == "sms" and occasion.kind not in ANSWERS


def _everything(_occasion: Occasion, _channel: str) -> bool:
    return True


def _what_is_unasked(occasion: Occasion, _channel: str) -> bool:
    return occasion.kind not in {"thanks", "closure", "plan", *ANSWERS}
