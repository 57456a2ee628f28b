"""What is done with each due touch of one person. Pure; a touch sees the reservations of those before it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from outreach.model.contact import Contact
from outreach.model.decision import Decision, Defer, Send, Suppress
from outreach.model.known import PersonFacts
from outreach.model.playbook import GATHERS_FOR, GATHERS_FOR_A_DAY
from outreach.model.touch import Touch
from outreach.model.words import Channel, Reason
from outreach.planning.whereabouts import evidence_of
from outreach.policy.engine import decide
from outreach.policy.policy import Policy
from outreach.policy.situation import Situation, Subject
from outreach.sending.facts import facts_of, wishes_of
from outreach.wording.errors import TextTooLong
from outreach.wording.render import RenderedSms

#: How far ahead a more important touch makes a less important one give way: the longest usual cap.
GIVES_WAY_WITHIN = timedelta(days=7)
#: What the record says of a channel that has no room for the message.
TOO_LONG = "too_long"

#: Writes the text of a touch as it may go; None where it need not be known, and `TextTooLong` without room.
Drafts: TypeAlias = Callable[[Touch, Situation], RenderedSms | None]


class PolicyAnswer(Struct, frozen=True, kw_only=True):
    """One question to the policy and its answer. `too_long`: it may, but there is no room for the message.

    `draft` is the text that was written to see that there is.
    """

    channel: Channel
    situation: Situation
    decision: Decision
    too_long: bool = False
    draft: RenderedSms | None = None


class GivesWay(Struct, frozen=True, kw_only=True):
    """It could go now, but then a more important touch could not go when it is due."""

    until: datetime


Verdict: TypeAlias = Decision | GivesWay


class TouchDecision(Struct, frozen=True, kw_only=True):
    """What is done with a touch: the question that decided, all that were asked, and the verdict.

    `together` are decisions about other debts that may go in the same message.
    """

    touch: Touch
    chosen: PolicyAnswer
    asked: Sequence[PolicyAnswer]
    verdict: Verdict
    together: Sequence["TouchDecision"] = ()


#: Says whether touches of a play may share a message on a channel.
Merges: TypeAlias = Callable[[Touch, Channel], bool]
#: Says whether messages about two touches come from the same sender, with the same addresses and links.
LookAlike: TypeAlias = Callable[[Touch, Touch], bool]


def _never_merges(_touch: Touch, _channel: Channel) -> bool:
    return False


def _always_alike(_one: Touch, _other: Touch) -> bool:
    return True


def _no_draft(_touch: Touch, _situation: Situation) -> None:
    return None


def decide_touches(
    due: Sequence[Touch],
    *,
    later: Sequence[Touch],
    known: PersonFacts,
    policy: Policy,
    now: datetime,
    merges: Merges = _never_merges,
    look_alike: LookAlike = _always_alike,
    draft: Drafts = _no_draft,
) -> Iterator[TouchDecision]:
    """Decide one person's due touches in order of importance.

    `later` are touches of the same person that are planned but not due yet. Touches of one play, creditor and
    role that may all go now, on one channel, go together where `merges` says so and they `look_alike`, with
    those that are due in a minute: the person hears once.
    What is too long for one channel goes by the next.
    """
    inquirer = _Inquirer(known=known, policy=policy, draft=draft)
    ledger = tuple(known.ledger)
    waiting = sorted(due, key=lambda candidate: (candidate.priority, candidate.due_at, candidate.touch_id))
    soon = [candidate for candidate in later if candidate.due_at <= now + _gathers_for(candidate)]
    while waiting:
        touch = waiting.pop(0)
        decided = inquirer.decide(touch, ledger, now)
        if isinstance(decided.verdict, Send):
            channel = decided.chosen.channel
            others = [other for other in _to_go_along(touch, [*waiting, *soon]) if look_alike(touch, other)]
            if others and not merges(touch, channel):
                others = []
            answers = [inquirer.decide(other, ledger, now) for other in others]
            together = [
                answer
                for answer in answers
                if isinstance(answer.verdict, Send) and answer.chosen.channel is channel
            ]
            reserved = (*ledger, reservation(touch, channel, now, others=[other.touch for other in together]))
            gone = {other.touch.touch_id for other in together}
            left = [candidate for candidate in later if candidate.touch_id not in gone]
            way = inquirer.give_way(touch, left, before=ledger, after=reserved, now=now)
            if way is None:
                ledger, later = reserved, left
                waiting = [candidate for candidate in waiting if candidate.touch_id not in gone]
                soon = [candidate for candidate in soon if candidate.touch_id not in gone]
                decided = replace(decided, together=together)
            else:
                decided = replace(decided, verdict=way)
        yield decided


def _gathers_for(touch: Touch) -> timedelta:
    return timedelta(days=1) if touch.purpose in GATHERS_FOR_A_DAY else GATHERS_FOR


def _to_go_along(touch: Touch, waiting: Sequence[Touch]) -> list[Touch]:
    """Return the touches that are about the same with the same creditor, in the same capacity."""
    return [
        other
        for other in waiting
        if (other.play, other.creditor, other.role, other.wording, other.in_reply_to)
        == (touch.play, touch.creditor, touch.role, touch.wording, touch.in_reply_to)
    ]


def choose(asked: Sequence[PolicyAnswer], *, patience: timedelta, now: datetime) -> PolicyAnswer:
    """Choose among the channels, given in order of preference.

    The first that may send now; if none may, the one that may soonest. A more preferred channel
    that opens within `patience` is waited for. A channel that only a fact could open is chosen
    before one that is closed for good.
    """
    for answer in asked:
        match answer.decision:
            case Send():
                return answer
            case Defer(until=until) if until <= now + patience:
                return answer
            case _:
                pass
    deferred = [answer for answer in asked if isinstance(answer.decision, Defer)]
    if deferred:
        return min(deferred, key=lambda answer: answer.decision.until)  # type: ignore[union-attr]
    waiting = [
        answer for answer in asked if isinstance(answer.decision, Suppress) and not answer.decision.closes
    ]
    return (waiting or list(asked))[0]


def situation_of(
    touch: Touch, channel: Channel, *, known: PersonFacts, ledger: tuple[Contact, ...], now: datetime
) -> Situation:
    """Gather what the policy may look at for one touch on one channel."""
    return Situation(
        now=now,
        role=touch.role,
        subject=Subject(
            channel=channel,
            purpose=touch.purpose,
            debt=touch.debt_id or None,
            in_reply_to=touch.in_reply_to,
            expires_at=touch.expires_at,
            key=touch.key,
            agreed_at=_agreed_at(touch),
            by_machine=touch.is_acknowledgment,
            creditor=touch.creditor,
            portfolio=touch.portfolio,
            play=touch.play,
        ),
        evidence=evidence_of(known.snapshot),
        wishes=wishes_of(known.snapshot),
        facts=facts_of(known, known.debts.get(touch.debt_id), channel),
        ledger=ledger,
    )


def _agreed_at(touch: Touch) -> datetime | None:
    """Return when the plan or promise was agreed that a touch reminds of."""
    agreed_at = touch.details.get("agreed_at")
    return None if agreed_at is None else datetime.fromisoformat(agreed_at)


def reservation(touch: Touch, channel: Channel, at: datetime, *, others: Sequence[Touch] = ()) -> Contact:
    """Return the ledger entry that a touch takes before it is sent; one for all that go in its message."""
    return Contact(
        at=at,
        channel=channel,
        debts=frozenset(one.debt_id for one in (touch, *others) if one.debt_id),
        purpose=touch.purpose,
        in_reply_to=touch.in_reply_to,
        key=touch.key,
        creditor=touch.creditor,
    )


def channels_of(touch: Touch, known: PersonFacts) -> tuple[Channel, ...]:
    """Return the play's channels, the person's preferred ones first."""
    preferred: Mapping[str, int] = (
        {
            preferred_channel: place
            for place, preferred_channel in enumerate(known.snapshot.preferred_channels)
        }
        if known.snapshot
        else {}
    )
    return tuple(sorted(touch.channels, key=lambda channel: preferred.get(channel, len(preferred))))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inquirer:
    """Asks the policy about one person."""

    known: PersonFacts
    policy: Policy
    draft: Drafts

    def decide(self, touch: Touch, ledger: tuple[Contact, ...], at: datetime) -> TouchDecision:
        """Return what the policy answers for the channel that is chosen."""
        asked = self.ask(touch, ledger, at)
        chosen = choose(asked, patience=touch.patience, now=at)
        return TouchDecision(touch=touch, chosen=chosen, asked=asked, verdict=chosen.decision)

    def ask(self, touch: Touch, ledger: tuple[Contact, ...], at: datetime) -> list[PolicyAnswer]:
        """Return the answer for each channel, the preferred first, up to one that may send now."""
        asked: list[PolicyAnswer] = []
        channels = channels_of(touch, self.known)
        for channel in channels:
            situation = situation_of(touch, channel, known=self.known, ledger=ledger, now=at)
            decision = decide(situation, self.policy)
            answer = PolicyAnswer(channel=channel, situation=situation, decision=decision)
            if isinstance(decision, Send) and channel is not channels[-1]:
                answer = self._with_room(touch, answer)
            asked.append(answer)
            if isinstance(answer.decision, Send):
                break  # whatever a less preferred channel may do, this one or one before it is chosen
        return asked

    def _with_room(self, touch: Touch, answer: PolicyAnswer) -> PolicyAnswer:
        try:
            return replace(answer, draft=self.draft(touch, answer.situation))
        except TextTooLong:
            return replace(answer, decision=Suppress((Reason.FACTS_UNAVAILABLE,)), too_long=True)

    def give_way(
        self,
        touch: Touch,
        later: Sequence[Touch],
        *,
        before: tuple[Contact, ...],
        after: tuple[Contact, ...],
        now: datetime,
    ) -> GivesWay | None:
        """Say so when sending this touch would delay a more important one that falls due soon."""
        for other in later:
            if other.priority >= touch.priority or other.due_at > now + GIVES_WAY_WITHIN:
                continue
            at = max(other.due_at, now)
            without, with_it = self._earliest(other, before, at), self._earliest(other, after, at)
            delayed = without is not None and (with_it is None or with_it > without)
            if delayed and without is not None and without < touch.expires_at:
                return GivesWay(until=without + timedelta(seconds=1))
        return None

    def _earliest(self, touch: Touch, ledger: tuple[Contact, ...], at: datetime) -> datetime | None:
        """Return when the touch could first go, looking from `at`; None if no instant is known."""
        decisions = [answer.decision for answer in self.ask(touch, ledger, at)]
        if any(isinstance(decision, Send) for decision in decisions):
            return at
        return min((decision.until for decision in decisions if isinstance(decision, Defer)), default=None)


def reasons_of(decision: Decision) -> tuple[Reason, ...]:
    """Return why it was not a plain send."""
    return () if isinstance(decision, Send) else decision.reasons
