"""What comes of a claim: decisions become rows to write, events to announce and calls to make. No IO."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from foundation.database import to_json
from foundation.outbox import OutgoingEvent
from outreach.announcing import touches as announce
from outreach.model.decision import Defer, Send, Suppress
from outreach.model.ids import new_attempt_id
from outreach.model.known import PersonFacts
from outreach.model.message import Message
from outreach.model.playbook import GATHERS_FOR
from outreach.model.touch import Touch, TouchStatus
from outreach.model.words import Channel, Reason, ScheduleReason
from outreach.sending.claim_context import ClaimContext
from outreach.sending.compose import CannotCompose
from outreach.sending.decide import TOO_LONG, GivesWay, TouchDecision, reasons_of, reservation
from outreach.sending.facts import address_for
from outreach.sending.spread import spread
from outreach.store.attempts import NewAttempt
from outreach.store.decisions import NewDecision
from outreach.store.ledger import Entry
from outreach.store.touches import Postponement
from schemas.addresses import comparable

log = structlog.get_logger(__name__)


class Call(Struct, frozen=True):
    """A message that was decided, reserved and written down, to be called while its lease holds."""

    attempt_id: UUID
    person_id: str
    provider: str
    message: Message
    play: str
    tries: int = 0


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """Collects what comes of one claim, touch by touch, to be written at once.

    `replanned` are the people whose plan must be made anew.
    """

    context: ClaimContext
    made: list[NewDecision] = field(default_factory=list)
    deferred: list[Postponement] = field(default_factory=list)
    parked: list[Postponement] = field(default_factory=list)
    closed: list[tuple[UUID, TouchStatus, str]] = field(default_factory=list)
    begun: list[tuple[UUID, UUID, Channel]] = field(default_factory=list)
    attempts: list[NewAttempt] = field(default_factory=list)
    reserved: list[Entry] = field(default_factory=list)
    news: list[OutgoingEvent] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    replanned: set[str] = field(default_factory=set)

    def holds_back(self, touch: Touch) -> bool:
        """Put off what is paused, or of a play that staff took out, and close what came to be out of place.

        Return whether it is held back.

        Plans follow a new playbook one after the other. Until this person's turn comes nothing of an old
        play may go out, so they are planned now; what is past its time expires as ever.
        """
        now = self.context.now
        if (reason := self.context.why_out_of_place(touch)) is not None:
            self.closed.append((touch.touch_id, TouchStatus.CANCELLED, reason))
            self.news.append(announce.cancelled(touch, reason=reason, now=now))
            return True
        if self.context.is_of_an_old_play(touch):
            if touch.expires_at <= now:
                return False
            self.replanned.add(touch.person_id)
            self._put_off(
                touch, now + self.context.dispatching.pause_check, reason=ScheduleReason.NO_LONGER_WANTED
            )
            return True
        if self.context.is_paused(touch):
            self._put_off_paused(touch)
            return True
        return self._waits_for_the_office(touch) or self._finds_no_room(touch)

    def _waits_for_the_office(self, touch: Touch) -> bool:
        """Put off what goes within office hours only, and return whether nobody is at work."""
        if touch.expires_at <= self.context.now or (opens_at := self.context.office_opens_at(touch)) is None:
            return False
        self._put_off(touch, min(opens_at, touch.expires_at), reason=ScheduleReason.OFFICE_CLOSED)
        return True

    def _finds_no_room(self, touch: Touch) -> bool:
        """Put off what an hourly cap leaves no room for, and return whether that is so."""
        if touch.expires_at <= self.context.now or (full := self.context.flow.full(touch)) is None:
            return False
        again = min(self.context.flow.queue(full), touch.expires_at)
        self._put_off(touch, again, reason=ScheduleReason.HOURLY_CAP, until=full.until)
        return True

    def carry_out(self, decided: TouchDecision, known: PersonFacts, *, revision: int) -> None:
        """Gather what the verdict about one touch asks for."""
        touch, channel = decided.touch, decided.chosen.channel
        self.made.extend(_made(decision) for decision in (decided, *decided.together))
        match decided.verdict:
            case Send() as send:
                self._send(decided, send, known=known, revision=revision)
            case GivesWay(until=until):
                self._put_off(touch, until, reason=ScheduleReason.GIVES_WAY)
            case Defer() as defer:
                self._defer(touch, defer, channel=channel)
            case Suppress(reasons=reasons):
                self._suppress(touch, reasons, channel=channel)

    def _send(self, decided: TouchDecision, send: Send, *, known: PersonFacts, revision: int) -> None:
        """Begin what is permitted, unless something besides the policy stands against it now."""
        context, touch, channel = self.context, decided.touch, decided.chosen.channel
        # What stands against one stands against all that go with it: play, creditor and channel are one.
        together = (touch, *(other.touch for other in decided.together))
        provider = context.compose.provider_for(channel)
        address = address_for(known, channel)
        ends = min(send.valid_until, *(one.expires_at for one in together))
        if address is None or context.is_paused(touch, channel) or self._rest_of(provider) is not None:
            for one in together:
                self._hold_up(one, channel=channel, provider=provider)
        elif ends <= context.now + context.last_minute:
            # Too late to begin: decided again when the stretch is over.
            for one in together:
                self._put_off(one, ends, reason="closing")
        elif self._finds_no_room(touch):
            # What would have gone along is decided again with it.
            for one in together[1:]:
                self._put_off(one, self.deferred[-1].due_at, reason=ScheduleReason.HOURLY_CAP)
        elif (withheld := context.why_withheld(touch, address)) is not None:
            for one in together:
                self.closed.append((one.touch_id, TouchStatus.CANCELLED, withheld))
                self.news.append(announce.cancelled(one, reason=withheld, now=context.now))
        else:
            ends = context.ends_at(touch, ends)
            self._begin(decided, known, revision=revision, address=address, provider=provider, ends=ends)

    def _rest_of(self, provider: str) -> datetime | None:
        called = provider in self.context.failing and any(call.provider == provider for call in self.calls)
        return self.context.rests_until(provider, called=called)

    def _hold_up(self, touch: Touch, *, channel: Channel, provider: str) -> None:
        """Put off what operations staff or a vendor's rest hold up; else nobody knows an address for it."""
        context = self.context
        if context.is_paused(touch, channel):
            self._put_off_paused(touch)
        elif (rests_until := self._rest_of(provider)) is not None:
            self._put_off(touch, rests_until, reason=ScheduleReason.PROVIDER_RESTING)
        else:
            self._suppress(touch, (Reason.UNREACHABLE,), channel=channel)

    def _begin(
        self,
        decided: TouchDecision,
        known: PersonFacts,
        *,
        revision: int,
        address: str,
        provider: str,
        ends: datetime,
    ) -> None:
        context, touch, attempt_id = self.context, decided.touch, new_attempt_id()
        others = [other.touch for other in decided.together]
        try:
            message = context.compose.message(
                touch,
                others=others,
                situation=decided.chosen.situation,
                address=address,
                attempt_id=attempt_id,
                known=known,
                guidance=context.guidance,
                valid_for=ends - context.now - context.dispatching.margin,
                is_first=comparable(address) not in known.texted,
                draft=decided.chosen.draft,
            )
        except CannotCompose as problem:
            log.warning(
                "cannot compose", touch_id=str(touch.touch_id), wording=touch.wording, cause=problem.cause
            )
            if not others:
                self._suppress(touch, (Reason.FACTS_UNAVAILABLE,), channel=decided.chosen.channel)
                return
            # What cannot be said of all of them, or has no room together, may be said of one after the other.
            for other in others:
                self._put_off(other, context.now + GATHERS_FOR, reason=ScheduleReason.GIVES_WAY)
            alone = replace(decided, together=())
            self._begin(alone, known, revision=revision, address=address, provider=provider, ends=ends)
            return
        attempt = NewAttempt(
            attempt_id=attempt_id,
            touch_id=touch.touch_id,
            person_id=touch.person_id,
            person_revision=revision,
            channel=decided.chosen.channel,
            provider=provider,
            address=comparable(address),
            message=to_json(message),
            valid_until=ends,
            others=tuple(other.touch_id for other in others),
        )
        self._reserve(touch, attempt, others=others, message=message)

    def _reserve(
        self, touch: Touch, attempt: NewAttempt, *, others: Sequence[Touch], message: Message
    ) -> None:
        self.context.flow.add(touch)
        self.begun.extend((one.touch_id, attempt.attempt_id, attempt.channel) for one in (touch, *others))
        self.attempts.append(attempt)
        self.reserved.append(
            Entry(
                contact_id=str(attempt.attempt_id),
                person_id=touch.person_id,
                contact=reservation(touch, attempt.channel, self.context.now, others=others),
                address=attempt.address,
                attempt_id=attempt.attempt_id,
            )
        )
        self.calls.append(
            Call(attempt.attempt_id, touch.person_id, attempt.provider, message, touch.play, touch.tries)
        )

    def _defer(self, touch: Touch, defer: Defer, *, channel: Channel) -> None:
        until, reasons = defer.until, defer.reasons
        due_at = spread(until, touch.touch_id, self.context.dispatching.spread)
        due_at = due_at if due_at < touch.expires_at else until
        self._put_off(touch, due_at, reason=reasons[0], until=until)
        if (touch.until, touch.reason) != (until, reasons[0]):
            self.news.append(
                announce.deferred(
                    touch,
                    until=until,
                    reasons=reasons,
                    channel=channel,
                    policy=self.context.policy,
                    now=self.context.now,
                )
            )

    def _suppress(self, touch: Touch, reasons: tuple[Reason, ...], *, channel: Channel) -> None:
        policy, now = self.context.policy, self.context.now
        if Reason.EXPIRED in reasons:
            self.closed.append((touch.touch_id, TouchStatus.EXPIRED, Reason.EXPIRED))
            self.news.append(announce.expired(touch, policy=policy, now=now))
            self.replanned.add(touch.person_id)
            return
        closes = Suppress(reasons).closes
        # Where facts cannot be read the other reasons are guesses.
        reason = Reason.FACTS_UNAVAILABLE if Reason.FACTS_UNAVAILABLE in reasons else reasons[0]
        if closes:
            self.closed.append((touch.touch_id, TouchStatus.SUPPRESSED, reason))
            self.replanned.add(touch.person_id)
        else:
            # Some facts end without an event, such as a moratorium: look again, at the latest at its end.
            again = min(now + self.context.dispatching.look_again, touch.expires_at)
            self.parked.append(Postponement(touch.touch_id, again, reason, None, policy))
        if closes or touch.reason != reason:
            self.news.append(
                announce.suppressed(
                    touch, final=closes, reasons=reasons, channel=channel, policy=policy, now=now
                )
            )

    def _put_off_paused(self, touch: Touch) -> None:
        """Look again in a while; resuming brings it forward."""
        check = self.context.dispatching.pause_check
        due_at = spread(self.context.now + check, touch.touch_id, check)
        self._put_off(touch, due_at, reason=ScheduleReason.PAUSED_BY_OPERATIONS)

    def _put_off(self, touch: Touch, due_at: datetime, *, reason: str, until: datetime | None = None) -> None:
        self.deferred.append(Postponement(touch.touch_id, due_at, reason, until, self.context.policy))


def _made(decided: TouchDecision) -> NewDecision:
    chosen, verdict = decided.chosen, decided.verdict
    situation = msgspec.json.encode(chosen.situation, order="deterministic")
    answers: dict[str, list[str]] = {
        answer.channel: [TOO_LONG] if answer.too_long else [*reasons_of(answer.decision)] or ["send"]
        for answer in decided.asked
    }
    if isinstance(verdict, GivesWay):
        answers[chosen.channel] = [ScheduleReason.GIVES_WAY]
    until = verdict.until if isinstance(verdict, Defer | GivesWay) else None
    return NewDecision(
        touch_id=decided.touch.touch_id,
        person_id=decided.touch.person_id,
        channel=chosen.channel,
        decision="defer" if isinstance(verdict, GivesWay) else type(verdict).__name__.lower(),
        reasons=reasons_of(chosen.decision),
        until=until,
        digest=blake2b(situation, digest_size=16).hexdigest(),
        answers=msgspec.json.encode(answers).decode(),
        situation=situation,
    )
