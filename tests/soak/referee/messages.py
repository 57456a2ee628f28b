"""What people were sent: nothing twice, nothing forbidden, nothing left out."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from tests.soak.record import Heard, Record, Request
from tests.soak.referee import hours
from tests.soak.referee.facts import Facts, data, read_facts
from tests.soak.referee.obstacles import Obstacle, obstacles_of
from tests.soak.referee.occasions import ANSWERS, PLAYS, Occasion, Reader, channel_of
from tests.soak.referee.violation import Violation

#: The agency's own cap: so many messages of any kind in a day; answers do not count.
CAP = 4
#: Where a sender may die, or lose what it was told, after its last check and before its call.
_LOSES_CALLS = frozenset({("kill", "dispatch"), ("kill", "PostgreSQL"), ("kill a session", "PostgreSQL")})


@dataclass(kw_only=True)
class Case:
    """A record, read once."""

    record: Record
    facts: Mapping[str, Facts] = field(init=False)
    reader: Reader = field(init=False)

    def __post_init__(self) -> None:
        self.facts = read_facts(self.record)
        self.reader = Reader(self.facts)

    @cached_property
    def read(self) -> Sequence[tuple[Request, Occasion | None]]:
        """Every request with what it is about, in the order the vendors read them."""
        return self.reader.read(self.record.requests)

    @cached_property
    def by_occasion(self) -> Mapping[Occasion, Sequence[Request]]:
        found: defaultdict[Occasion, list[Request]] = defaultdict(list)
        for request, occasion in self.read:
            if occasion is not None:
                # Of people who share a number, one is answered for both.
                key = self.first_of(occasion) if occasion.kind in ANSWERS else occasion
                found[key].append(request)
        return found

    @cached_property
    def obstacles(self) -> Mapping[str, Sequence[Obstacle]]:
        return {name: obstacles_of(each, self.record.heard) for name, each in self.facts.items()}

    @property
    def margin(self) -> timedelta:
        """How long after its last check a message may still reach the vendor."""
        return timedelta(seconds=self.record.longest_call)

    def restored_between(self, first: Request, last: Request) -> bool:
        """Whether what was known of the first may have been lost before the last."""
        return any(
            deed.kind == "restore" and first.at < deed.ended_at and last.at > deed.began_at
            for deed in self.record.deeds
        )

    def is_too_old(self, answer: Occasion) -> bool:
        """Whether an answer was lost with a database, unsent: hours later it is none any more."""
        return any(
            deed.kind == "restore" and deed.began_at <= answer.since <= deed.ended_at
            for deed in self.record.deeds
        )

    def counted(self, person: str, *, before: datetime | None = None) -> int:
        """Return how many contacts a person has had, all of them within a day, answers left out.

        What others got at a number that they share counts too: all of it, or what came `before`.
        """
        facts = self.facts[person]
        mine = {facts.address("sms"), facts.address("email")}
        sent = [
            request
            for request, occasion in self.counting
            if request.to in mine and (occasion.person == person or before is None or request.at < before)
        ]
        others = [each for each in facts.of("contact.recorded.v1") if data(each)["direction"] == "outbound"]
        return len(sent) + len(others)

    @cached_property
    def lost(self) -> Sequence[Heard]:
        """What was last told of touches of unknown fate that certainly did not go out.

        Whoever called died before the call, or before it heard the vendor say no.
        """
        seen = {each.attempt_id for each in self.record.requests if not _certainly_not_sent(each)}
        return [
            each
            for each in last_told(self.record.heard)
            if each.type == "touch.unknown.v1" and each.data["attempt_id"] not in seen
        ]

    def may_have_had(self, person: str) -> int:
        """Return how many contacts a person has had as far as the system can know: lost ones count."""
        facts = self.facts[person]
        mine = {each for each in (facts.address("sms"), facts.address("email")) if each}
        sharing = {
            name
            for name, each in self.facts.items()
            if name == person or mine & {each.address("sms"), each.address("email")}
        }
        return self.counted(person) + sum(each.key in sharing for each in self.lost)

    @cached_property
    def counting(self) -> Sequence[tuple[Request, Occasion]]:
        """The requests that may have gone out and that count against caps."""
        return [
            (request, occasion)
            for request, occasion in self.read
            if occasion is not None and occasion.kind not in ANSWERS and not _certainly_not_sent(request)
        ]

    def first_of(self, answer: Occasion) -> Occasion:
        same = (each for each in self.reader.occasions() if each.detail == answer.detail)
        return min(same, key=lambda each: each.person)


def judge_messages(case: Case) -> Iterator[Violation]:
    """Yield whatever is wrong with what people were sent."""
    yield from _unasked(case)
    yield from _twice(case)
    yield from _forbidden(case)
    yield from _over_the_cap(case)


def _unasked(case: Case) -> Iterator[Violation]:
    for request, occasion in case.read:
        if occasion is None:
            yield Violation("unasked", request.to, f"nothing asked for {request.text[:80]!r}")


def _twice(case: Case) -> Iterator[Violation]:
    for occasion, requests in case.by_occasion.items():
        sent = [each for each in requests if each.went_out]
        if len(sent) > 1:
            kind = "again after a restore" if case.restored_between(sent[0], sent[-1]) else "twice"
            yield Violation(kind, occasion.person, f"{occasion} went out {len(sent)} times")
        maybe = [place for place, each in enumerate(requests) if not _certainly_not_sent(each)]
        if maybe and maybe[0] < len(requests) - 1:
            kind = (
                "again after a restore"
                if case.restored_between(requests[maybe[0]], requests[-1])
                else "repeated"
            )
            yield Violation(kind, occasion.person, f"{occasion} was called again, and may have gone")


def _forbidden(case: Case) -> Iterator[Violation]:
    for request, occasion in case.read:
        if occasion is None or not request.went_out:
            continue
        facts, channel = case.facts[occasion.person], channel_of(request)
        for each in case.obstacles[occasion.person]:
            if each.covers(occasion, channel):
                # What nobody could know of before cannot have been under way; else a call may have been.
                kind = "after a stop" if each.stop else "forbidden"
                if occasion.since > each.known_by:
                    yield Violation(kind, occasion.person, f"{occasion} by {channel}: {each.why}")
                elif request.at - case.margin > each.known_by:
                    late = (request.at - each.known_by).total_seconds()
                    what = f"{occasion} by {channel} {late:.1f} s late: {each.why}"
                    yield Violation(kind, occasion.person, what)
        if occasion.kind not in ANSWERS and (why := hours.forbid(facts, request.at)) is not None:
            yield Violation("hours", occasion.person, f"{occasion} at {why}")
        granted = [each for each in facts.of("consent.granted.v1") if data(each)["channel"] == channel]
        if granted and occasion.kind not in ANSWERS and request.at < min(each.sent_at for each in granted):
            yield Violation("forbidden", occasion.person, f"{occasion} before there was a consent")


def _over_the_cap(case: Case) -> Iterator[Violation]:
    """Each message is within its person's cap, and no address gets more than a cap, whoever is meant.

    What others got at a shared number shortly before may have been decided after.
    """
    for person, facts in case.facts.items():
        own = [request.at for request, occasion in case.counting if occasion.person == person]
        count = case.counted(person, before=max(own) - case.margin) if own else 0
        if count > max(CAP, len(facts.of("contact.recorded.v1"))):
            yield Violation("cap", person, f"{count} contacts in a day, {CAP} are permitted")
    for address, count in Counter(request.to for request, _ in case.counting).items():
        if count > CAP:
            yield Violation("cap", address, f"{count} messages to one address in a day")


def unsent(case: Case) -> list[Violation]:
    """Return what was due and permitted, and that nobody was sent."""
    lost = _lost(case)
    found = []
    for occasion in case.reader.occasions():
        if occasion.kind in ANSWERS and (occasion != case.first_of(occasion) or case.is_too_old(occasion)):
            continue
        requests = case.by_occasion.get(occasion, ())
        if any(not _certainly_not_sent(each) for each in requests) or not _is_permitted(case, occasion):
            continue
        key = (occasion.person, PLAYS[occasion.kind], occasion.debt)
        if lost.get(key):
            lost[key] -= 1
            continue
        found.append(Violation("unsent", occasion.person, f"{occasion} is due and permitted"))
    return found


def _is_permitted(case: Case, occasion: Occasion) -> bool:
    facts = case.facts[occasion.person]
    channels = ("sms",) if occasion.kind in ANSWERS else ("sms", "email")
    obstacles = case.obstacles[occasion.person]
    if not any(not any(each.covers(occasion, channel) for each in obstacles) for channel in channels):
        return False
    if occasion.kind in ANSWERS:
        return True
    when = (occasion.since, case.record.ended_at)
    return case.may_have_had(occasion.person) < CAP and not any(hours.forbid(facts, each) for each in when)


def _lost(case: Case) -> dict[tuple[str, str, str], int]:
    """Count touches of unknown fate that certainly did not go out, by person, play and debt."""
    found: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for each in case.lost:
        found[each.key, each.data["play"], next(iter(each.data["debts"]), "")] += 1
    return found


def judge_losses(case: Case) -> Iterator[Violation]:
    """Yield a violation where more calls are of unknown fate than senders that died can have left so."""
    lost = len(case.lost)
    deaths = sum((each.kind, each.target) in _LOSES_CALLS for each in case.record.deeds)
    if lost > deaths * case.record.at_once:
        what = f"{lost} calls of unknown fate that no vendor saw, after {deaths} deaths"
        yield Violation("lost", "everybody", what)


def last_told(heard: Sequence[Heard]) -> list[Heard]:
    """Return the last thing told of each touch; what comes again under its id was told before."""
    last: dict[str, Heard] = {}
    seen: set[str] = set()
    for each in heard:
        if each.topic == "outreach.touches.v1" and each.id not in seen:
            last[each.data["touch_id"]] = each
            seen.add(each.id)
    return list(last.values())


def _certainly_not_sent(request: Request) -> bool:
    """True where the vendor said that it will not send it: a 4xx. Anything else leaves it open."""
    return not request.went_out and (request.fault or "").startswith("status 4")
