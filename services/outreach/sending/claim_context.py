"""What holds during one claim. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from outreach.guidance.guidance import Guidance
from outreach.listening.answer import is_to_be_acknowledged
from outreach.model.breaker import Breaker
from outreach.model.known import PersonFacts
from outreach.model.pause import Pause
from outreach.model.playbook import ANSWERS
from outreach.model.reply import Wait
from outreach.model.touch import Touch
from outreach.model.words import Channel, ScheduleReason
from outreach.sending.compose import Compose, language_of
from outreach.sending.dispatching import Dispatching
from outreach.sending.flow import Flow
from outreach.understanding.kinds import Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimContext:
    """What holds during one claim, whoever is decided.

    `failing` are the providers whose last calls failed; `waiting` are the replies that wait for a human,
    by person, of those who are to be answered; `flow` is the room that hourly caps leave.
    """

    now: datetime
    guidance: Guidance
    dispatching: Dispatching
    compose: Compose
    pauses: Sequence[Pause]
    failing: Mapping[str, Breaker]
    waiting: Mapping[str, Sequence[Wait]]
    flow: Flow

    @property
    def policy(self) -> str:
        """The version of the policy that decides."""
        return self.guidance.policy.version

    @property
    def last_minute(self) -> timedelta:
        """How long before its end a permitted stretch is too short for a call."""
        return self.dispatching.margin + self.dispatching.longest_call

    def rests_until(self, provider: str, *, called: bool) -> datetime | None:
        """Return until when a provider is left alone, or None where it may be called.

        After its rest one call tries it; where that is `called`, the others wait for what comes of it.
        """
        breaker = self.failing.get(provider)
        if breaker is None or breaker.open_till is None:
            return None
        if breaker.rests(self.now):
            return breaker.open_till
        return self.now + self.dispatching.trial if called else None

    def is_of_an_old_play(self, touch: Touch) -> bool:
        """True where operations staff took out the play that planned it."""
        return touch.play != ANSWERS and touch.play not in self.guidance.playbook.plays

    def why_out_of_place(self, touch: Touch) -> ScheduleReason | None:
        """Say why an answer came to be out of place since it was planned; None where it is not.

        No machine answers in a crisis, and none says that a human will read what a human has dealt with. A
        human's answer to what was written before a crisis waits for that human to read of it.
        """
        if touch.play != ANSWERS:
            return None
        waits = self.waiting.get(touch.person_id, ())
        crises = [wait for wait in waits if wait.urgency == Urgency.CRISIS]
        if "answer" in touch.details:
            is_news = any(_came_after(touch, crisis) for crisis in crises)
            return ScheduleReason.CRISIS_SINCE if is_news else None
        if crises or (touch.is_acknowledgment and not is_to_be_acknowledged(touch.occasion, waits)):
            return ScheduleReason.NO_LONGER_WANTED
        return None

    def office_opens_at(self, touch: Touch) -> datetime | None:
        """Return when a touch may go that goes within office hours only; None where it may go now."""
        hours = self.guidance.playbook.office_hours
        opens_at = hours.opens_at(self.now) if touch.is_acknowledgment else self.now
        return opens_at if opens_at > self.now else None

    def ends_at(self, touch: Touch, ends: datetime) -> datetime:
        """Return until when a call may begin whose permission ends then: no later than the office closes.

        The margin before the end, which the gate keeps from what is unlawful, may be used up by then.
        """
        if not touch.is_acknowledgment:
            return ends
        return min(ends, self.guidance.playbook.office_hours.end_of_day(self.now) + self.dispatching.margin)

    def is_paused(self, touch: Touch, channel: Channel | None = None) -> bool:
        """True while operations staff hold such touches back."""
        return any(
            pause.covers(creditor=touch.creditor, play=touch.play, channel=channel) for pause in self.pauses
        )

    def merges(self, touch: Touch, channel: Channel, *, known: PersonFacts) -> bool:
        """True where touches of this play about several debts may be one message in the person's language."""
        play = self.guidance.playbook.plays.get(touch.play)
        return (
            play is not None
            and play.merge
            and self.guidance.wordings.knows_several(
                touch.wording, channel, language_of(known, self.guidance)
            )
        )

    def look_alike(self, one: Touch, other: Touch) -> bool:
        """True where both have the same sender, phone, address and links: one message may speak of both."""
        appears = self.guidance.directory.creditor
        return appears(one.creditor, one.portfolio) == appears(other.creditor, other.portfolio)

    def why_withheld(self, touch: Touch, address: str) -> str | None:
        """Say why a permitted touch is not sent all the same: a dry run, or an address not allowed."""
        play = self.guidance.playbook.plays.get(touch.play)
        if self.dispatching.dry_run or (play is not None and play.dry_run):
            return "dry_run"
        if not self.dispatching.allows(address):
            return "not_on_the_allow_list"
        return None


def _came_after(touch: Touch, wait: Wait) -> bool:
    """True where whoever answered had not read what waits.

    They answered the last that was proven to be the person's; anything else was there if it came before.
    """
    read_until = touch.in_reply_to if wait.is_proven and touch.in_reply_to is not None else touch.planned_for
    return wait.since > read_until
