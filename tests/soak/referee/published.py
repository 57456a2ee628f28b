"""What the system says of itself: in order, complete, and in step with what the vendors saw."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from tests.soak.record import Heard, Record
from tests.soak.referee.messages import Case
from tests.soak.referee.violation import Violation

_SEQUENCED = ("outreach.touches.v1", "outreach.replies.v1")
#: What becomes of a call, by rank: what is told later is never less.
_RANKS: Mapping[str, int] = {
    "touch.unknown.v1": 0,
    "touch.accepted.v1": 1,
    "touch.undelivered.v1": 2,
    "touch.delivered.v1": 3,
}
_SAYS_DELIVERED = frozenset({"delivered"})


def judge_published(case: Case) -> Iterator[Violation]:
    """Yield whatever is wrong with what was published."""
    yield from _out_of_order(case.record)
    yield from _backwards(case.record.heard)
    yield from _unpublished(case.record)
    yield from _made_up(case.record)
    yield from _moved_back(case.record)
    yield from _replies(case)


def _first_times(heard: Sequence[Heard], topic: str) -> Mapping[str, list[Heard]]:
    """Return what was published of each key, each event once: again under the same id is the same."""
    found: defaultdict[str, list[Heard]] = defaultdict(list)
    seen: set[str] = set()
    for each in heard:
        if each.topic == topic and each.id not in seen:
            seen.add(each.id)
            found[each.key].append(each)
    return found


def _out_of_order(record: Record) -> Iterator[Violation]:
    """Yield what is not numbered after the one before it.

    What a webhook tells before a restored database has read back its own past may have a used number.
    """
    heard = record.heard
    restored = any(deed.kind == "restore" and deed.target == "outreach" for deed in record.deeds)
    for topic in _SEQUENCED:
        for key, told in _first_times(heard, topic).items():
            numbers = [each.sequence for each in told]
            in_order = sorted({each for each in numbers if each}) if restored else numbers
            if in_order != list(range(1, len(in_order) + 1)):
                yield Violation("order", key, f"{topic} has {numbers}")
    first: dict[str, Heard] = {}
    for each in heard:
        before = first.setdefault(each.id, each)
        if (before.sequence, before.type, before.data) != (each.sequence, each.type, each.data):
            yield Violation("order", each.key, f"{each.topic} has two events under the id {each.id}")


def _backwards(heard: Sequence[Heard]) -> Iterator[Violation]:
    for key, told in _first_times(heard, "people.v1").items():
        versions = [each.data["version"] for each in told]
        if versions != sorted(versions):
            yield Violation("order", key, f"people.v1 has versions {versions}")


def _unpublished(record: Record) -> Iterator[Violation]:
    told = _told_of_attempts(record)
    for each in record.requests:
        kinds = {one.type for one in told.get(each.attempt_id or "", ())}
        delivered = any(status in _SAYS_DELIVERED and answer in _TAKEN for status, answer in each.receipts)
        if each.went_out and not kinds & _RANKS.keys():
            yield Violation("unpublished", each.to, f"a message of attempt {each.attempt_id}")
        elif delivered and "touch.delivered.v1" not in kinds:
            yield Violation("unpublished", each.to, f"the receipt of attempt {each.attempt_id}")


_TAKEN = frozenset({200, 202, 204})


def _made_up(record: Record) -> Iterator[Violation]:
    """What is told to be accepted or delivered, a vendor took; nothing was refused."""
    requests = {each.attempt_id: each for each in record.requests}
    for attempt, told in _told_of_attempts(record).items():
        request = requests.get(attempt)
        for each in told:
            confirmed = request is not None and (request.answered_yes or request.receipts)
            if each.type == "touch.accepted.v1" and not (confirmed and request and request.went_out):
                yield Violation("made up", each.key, f"attempt {attempt} is told to be accepted")
            if each.type == "touch.delivered.v1" and not (
                request and any(status in _SAYS_DELIVERED for status, _ in request.receipts)
            ):
                yield Violation("made up", each.key, f"attempt {attempt} is told to be delivered")
            if each.type in ("touch.refused.v1", "touch.undelivered.v1"):
                yield Violation("made up", each.key, f"attempt {attempt}: {each.type}")


def _told_of_attempts(record: Record) -> Mapping[str, list[Heard]]:
    found: defaultdict[str, list[Heard]] = defaultdict(list)
    for each in record.heard:
        if each.topic == "outreach.touches.v1" and "attempt_id" in each.data:
            found[str(each.data["attempt_id"])].append(each)
    return found


def _moved_back(record: Record) -> Iterator[Violation]:
    """A touch that was called is never told to be anything less, and only one call of it went out."""
    attempts: defaultdict[str, set[str]] = defaultdict(set)
    out = {each.attempt_id for each in record.requests if each.went_out}
    rank: dict[str, int] = {}
    for key, told in _first_times(record.heard, "outreach.touches.v1").items():
        for each in told:
            touch = str(each.data["touch_id"])
            now = _RANKS.get(each.type)
            if touch in rank and (now is None or now < rank[touch]):
                yield Violation("moved back", key, f"touch {touch} is {each.type} after it was called")
            if now is not None:
                rank[touch] = max(now, rank.get(touch, now))
                attempts[touch].add(str(each.data["attempt_id"]))
    for touch, made in attempts.items():
        if len(made & out) > 1:
            yield Violation("twice", touch, f"{len(made & out)} calls of one touch went out")


def _replies(case: Case) -> Iterator[Violation]:
    """Every word that a webhook took is told once, for everybody at the number; no forged one was taken."""
    record = case.record
    for each in record.spoken:
        if each.forged and each.status < 400:
            yield Violation("forged", each.address, f"a forged {each.text!r} was answered {each.status}")
    told = [each for found in _first_times(record.heard, "outreach.replies.v1").values() for each in found]
    genuine = {each.reply_id for each in record.spoken if not each.forged}
    for one in told:
        if one.type == "reply.received.v1" and one.data["reply_id"] not in genuine:
            yield Violation("forged", one.key, "a reply is told that nobody sent")
    for person, facts in case.facts.items():
        mine = [each for each in told if each.key == person]
        for reply in facts.replies:
            count = sum(
                each.type == "reply.received.v1" and each.data["reply_id"] == reply.reply_id for each in mine
            )
            if reply.meaning != "unsubscribe" and count != 1:
                yield Violation("reply", person, f"a {reply.meaning} was told {count} times")
            channel = {"stop": "sms", "unsubscribe": "email"}.get(reply.meaning)
            closed = [each for each in mine if each.type == "suppression.recorded.v1"]
            if channel is not None and not any(each.data["channel"] == channel for each in closed):
                yield Violation("reply", person, f"nobody was told that {channel} is closed")
