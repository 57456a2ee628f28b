"""One round of claiming: verdicts become rows to write and calls to make. No IO."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from foundation.database import to_json
from foundation.outbox import OutgoingEvent
from outreach.announcing import touches as announce
from outreach.guidance.guidance import Guidance
from outreach.model.decision import Defer, Send, Suppress
from outreach.model.ids import new_attempt_id
from outreach.model.known import PersonFacts
from outreach.model.message import Message
from outreach.model.pause import Pause
from outreach.model.playbook import ANSWERS
from outreach.model.touch import Touch, TouchStatus
from outreach.model.words import Channel, Reason
from outreach.policy.situation import Situation
from outreach.sending.compose import CannotCompose, Compose
from outreach.sending.decide import GIVES_WAY, GivesWay, TouchDecision, reasons_of, reservation
from outreach.sending.dispatching import Dispatching
from outreach.sending.facts import address_for
from outreach.sending.spread import spread
from outreach.store.attempts import NewAttempt
from outreach.store.decisions import NewDecision
from outreach.store.ledger import Entry
from outreach.store.touches import NO_LONGER_WANTED, Postponement

log = structlog.get_logger(__name__)


class Call(Struct, frozen=True):
    """A message that was decided, reserved and written down, to be called while its lease holds."""

    attempt_id: UUID
    person_id: str
    provider: str
    message: Message
    play: str
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What holds during one claim, and what comes of it.

    `resting` maps providers to when their breaker closes.
    """

    now: datetime
    guidance: Guidance
    dispatching: Dispatching
    compose: Compose
    pauses: Sequence[Pause]
    resting: Mapping[str, datetime]
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

    def is_paused(self, touch: Touch, channel: Channel | None = None) -> bool:
        """True while operations staff hold such touches back."""
        return any(
            pause.covers(creditor=touch.creditor, play=touch.play, channel=channel) for pause in self.pauses
        )

    def holds_back(self, touch: Touch) -> bool:
        """Put off what is paused, or of a play that operations staff took out; say whether it was put off.

        Plans follow a new playbook one after the other. Until this person's turn comes nothing of an old
        play may go out, so they are planned now; what is past its time expires as ever.
        """
        if touch.play != ANSWERS and touch.play not in self.guidance.playbook.plays:
            if touch.expires_at <= self.now:
                return False
            self.replanned.add(touch.person_id)
            self._put_off(touch, self.now + self.dispatching.pause_check, NO_LONGER_WANTED, None)
            return True
        if self.is_paused(touch):
            self._put_off_paused(touch)
            return True
        return False

    def _put_off_paused(self, touch: Touch) -> None:
        """Look again in a while; resuming brings it forward."""
        check = self.dispatching.pause_check
        self._put_off(touch, spread(self.now + check, touch.touch_id, check), "paused_by_operations", None)

    def carry_out(self, decided: TouchDecision, known: PersonFacts, *, revision: int) -> None:
        """Gather what the verdict about one touch asks for."""
        touch, channel = decided.touch, decided.chosen.channel
        self.made.append(_made(decided))
        match decided.verdict:
            case Send() as send:
                self._send(touch, decided.chosen.situation, send, known, revision)
            case GivesWay(until=until):
                self._put_off(touch, until, GIVES_WAY, None)
            case Defer() as defer:
                self._defer(touch, channel, defer)
            case Suppress(reasons=reasons):
                self._suppress(touch, channel, reasons)

    @property
    def _policy(self) -> str:
        return self.guidance.policy.version

    @property
    def _last_minute(self) -> timedelta:
        """How long before its end a permitted stretch is too short for a call."""
        return self.dispatching.margin + self.dispatching.longest_call

    def _put_off(self, touch: Touch, due_at: datetime, reason: str, until: datetime | None) -> None:
        self.deferred.append(Postponement(touch.touch_id, due_at, reason, until, self._policy))

    def _defer(self, touch: Touch, channel: Channel, defer: Defer) -> None:
        until, reasons = defer.until, defer.reasons
        due_at = spread(until, touch.touch_id, self.dispatching.spread)
        self._put_off(touch, due_at if due_at < touch.expires_at else until, reasons[0], until)
        if (touch.until, touch.reason) != (until, reasons[0]):
            self.news.append(
                announce.deferred(
                    touch, until=until, reasons=reasons, channel=channel, policy=self._policy, now=self.now
                )
            )

    def _suppress(self, touch: Touch, channel: Channel, reasons: tuple[Reason, ...]) -> None:
        if Reason.EXPIRED in reasons:
            self.closed.append((touch.touch_id, TouchStatus.EXPIRED, Reason.EXPIRED))
            self.news.append(announce.expired(touch, policy=self._policy, now=self.now))
            self.replanned.add(touch.person_id)
            return
        suppress = Suppress(reasons)
        # Where facts cannot be read the other reasons are guesses.
        reason = Reason.FACTS_UNAVAILABLE if Reason.FACTS_UNAVAILABLE in reasons else reasons[0]
        if suppress.closes:
            self.closed.append((touch.touch_id, TouchStatus.SUPPRESSED, reason))
            self.replanned.add(touch.person_id)
        else:
            # Some facts end without an event, such as a moratorium: look again, at the latest at its end.
            again = min(self.now + self.dispatching.look_again, touch.expires_at)
            self.parked.append(Postponement(touch.touch_id, again, reason, None, self._policy))
        if suppress.closes or touch.reason != reason:
            self.news.append(
                announce.suppressed(
                    touch,
                    final=suppress.closes,
                    reasons=reasons,
                    channel=channel,
                    policy=self._policy,
                    now=self.now,
                )
            )

    def _send(
        self, touch: Touch, situation: Situation, send: Send, known: PersonFacts, revision: int
    ) -> None:
        channel = situation.subject.channel
        provider = self.compose.provider_for(channel)
        address = address_for(known, channel)
        if self.is_paused(touch, channel):
            self._put_off_paused(touch)
        elif provider in self.resting:
            self._put_off(touch, self.resting[provider], "provider_resting", None)
        elif min(send.valid_until, touch.expires_at) <= self.now + self._last_minute:
            # Too late to begin: decided again when the stretch is over.
            self._put_off(touch, min(send.valid_until, touch.expires_at), "closing", None)
        elif address is None:
            self._suppress(touch, channel, (Reason.UNREACHABLE,))
        elif (withheld := self._withheld(touch, address)) is not None:
            self.closed.append((touch.touch_id, TouchStatus.CANCELLED, withheld))
            self.news.append(announce.cancelled(touch, reason=withheld, now=self.now))
        else:
            self._begin(touch, situation, send, known, revision, address=address, provider=provider)

    def _withheld(self, touch: Touch, address: str) -> str | None:
        """Say why a permitted touch is not sent all the same: a dry run, or an address not allowed."""
        play = self.guidance.playbook.plays.get(touch.play)
        if self.dispatching.dry_run or (play is not None and play.dry_run):
            return "dry_run"
        if self.dispatching.allowed and address not in self.dispatching.allowed:
            return "not_on_the_allow_list"
        return None

    def _begin(
        self,
        touch: Touch,
        situation: Situation,
        send: Send,
        known: PersonFacts,
        revision: int,
        *,
        address: str,
        provider: str,
    ) -> None:
        channel = situation.subject.channel
        attempt_id, ends = new_attempt_id(), min(send.valid_until, touch.expires_at)
        try:
            message = self.compose.message(
                touch,
                situation=situation,
                address=address,
                attempt_id=attempt_id,
                known=known,
                guidance=self.guidance,
                valid_for=ends - self.now - self.dispatching.margin,
            )
        except CannotCompose as problem:
            log.warning(
                "cannot compose", touch_id=str(touch.touch_id), wording=touch.wording, cause=problem.cause
            )
            self._suppress(touch, channel, (Reason.FACTS_UNAVAILABLE,))
            return
        self.begun.append((touch.touch_id, attempt_id, channel))
        self.attempts.append(
            NewAttempt(
                attempt_id=attempt_id,
                touch_id=touch.touch_id,
                person_id=touch.person_id,
                person_revision=revision,
                channel=channel,
                provider=provider,
                address=address.casefold(),
                message=to_json(message),
                valid_until=ends,
            )
        )
        self.reserved.append(
            Entry(
                contact_id=str(attempt_id),
                person_id=touch.person_id,
                contact=reservation(touch, channel, self.now),
                address=address.casefold(),
                attempt_id=attempt_id,
            )
        )
        self.calls.append(Call(attempt_id, touch.person_id, provider, message, touch.play, touch.tries))


def _made(decided: TouchDecision) -> NewDecision:
    chosen, verdict = decided.chosen, decided.verdict
    situation = msgspec.json.encode(chosen.situation, order="deterministic")
    answers: dict[str, list[str]] = {
        answer.channel: [*reasons_of(answer.decision)] or ["send"] for answer in decided.asked
    }
    if isinstance(verdict, GivesWay):
        answers[chosen.channel] = [GIVES_WAY]
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
