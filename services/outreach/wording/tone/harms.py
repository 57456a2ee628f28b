"""What can be said against a text, and how bad it is."""

from dataclasses import dataclass
from enum import StrEnum


class Harm(StrEnum):
    """What a text can do to somebody who owes money."""

    THREAT = "threat"
    THIRD_PARTY = "third_party"
    SHAME = "shame"
    FALSE_URGENCY = "false_urgency"
    COUNTDOWN = "countdown"
    PRETENCE = "pretence"
    OFFER_PRESSURE = "offer_pressure"
    DARK_PATTERN = "dark_pattern"
    REVIVAL = "revival"
    SHOUTING = "shouting"
    JARGON = "jargon"
    BLAME = "blame"
    DECEPTIVE_SUBJECT = "deceptive_subject"
    QUESTIONS = "questions"
    READING_AGE = "reading_age"
    MISSING_WHO = "missing_who"
    MISSING_FOR_WHOM = "missing_for_whom"
    MISSING_WHAT_YOU_CAN_DO = "missing_what_you_can_do"
    LENGTH = "length"


#: What nobody may be sent: it frightens, or it is not true.
UNBEARABLE = frozenset({Harm.THREAT, Harm.PRETENCE, Harm.DECEPTIVE_SUBJECT})


@dataclass(frozen=True, slots=True)
class Remark:
    """One harm, the words that show it as the author wrote them, and what to say instead.

    `weighed` are the words that made the model say so where no rule does; its remarks are advice alone.
    """

    harm: Harm
    words: str
    suggestion: str
    weighed: tuple[str, ...] = ()

    @property
    def is_error(self) -> bool:
        """True for what keeps a text from being used; the rest is advice."""
        return self.harm in UNBEARABLE and not self.weighed
