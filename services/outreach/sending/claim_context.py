"""What holds during one claim. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from outreach.guidance.guidance import Guidance
from outreach.model.breaker import Breaker
from outreach.model.known import PersonFacts
from outreach.model.pause import Pause
from outreach.model.playbook import ANSWERS
from outreach.model.touch import Touch
from outreach.model.words import Channel, Purpose
from outreach.sending.compose import Compose, language_of
from outreach.sending.dispatching import Dispatching
from outreach.sending.flow import Flow
from outreach.understanding.kinds import Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimContext:
    """What holds during one claim, whoever is decided.

    `failing` are the providers whose last calls failed; `waiting` says how urgent is what waits for a
    human, by person, of those who are to be answered; `flow` is the room that hourly caps leave.
    """

    now: datetime
    guidance: Guidance
    dispatching: Dispatching
    compose: Compose
    pauses: Sequence[Pause]
    failing: Mapping[str, Breaker]
    waiting: Mapping[str, frozenset[str]]
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

    def is_silent(self, touch: Touch) -> bool:
        """True for a machine's answer that came to be out of place since it was planned.

        No machine answers in a crisis, and none says that a human will read what a human has dealt with.
        """
        if touch.play != ANSWERS or "answer" in touch.details:
            return False
        waiting = self.waiting.get(touch.person_id, frozenset())
        return Urgency.CRISIS in waiting or (touch.purpose is Purpose.HUMAN_REPLY and not waiting)

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
