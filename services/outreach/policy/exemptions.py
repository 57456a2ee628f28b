"""What a purpose passes, and when. Nothing else loosens anything."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from outreach.model.words import Purpose, Reason
from outreach.policy.situation import Subject
from outreach.policy.spans import ALWAYS, Span, after

#: How long after a person's message an answer to it may pass what holds other messages.
REPLY_WITHIN: Final = timedelta(hours=24)
#: How long after an opt-out its one confirmation may still go out.
CONFIRM_WITHIN: Final = timedelta(minutes=5)

#: How long a human may answer a message past what waits for a human, and past caps.
HUMAN_WITHIN: Final = timedelta(days=7)

#: Purposes that answer the person by machine, once.
REPLIES: Final = frozenset({Purpose.CONVERSATION_REPLY, Purpose.HELP_REPLY, Purpose.OPT_OUT_CONFIRMATION})

#: What holds a message back at this hour or after so many others; an answer passes it once.
TIMING: Final = frozenset(
    {
        Reason.OUTSIDE_CONTACT_WINDOW,
        Reason.INCONVENIENT_TIME,
        Reason.BLACKOUT_DAY,
        Reason.FREQUENCY_CAP,
        Reason.SPACING,
        Reason.COOLDOWN,
    }
)

#: The hours among it, which an answer passes for a day only.
_HOURS: Final = frozenset({Reason.OUTSIDE_CONTACT_WINDOW, Reason.INCONVENIENT_TIME, Reason.BLACKOUT_DAY})
#: What waits for a human, whom a human need not wait for.
_FOR_A_HUMAN: Final = frozenset({Reason.WITH_HUMAN, Reason.HARDSHIP, Reason.DISPUTED})

_PASSES: Final[Mapping[Purpose, Mapping[Reason, Span]]] = {
    Purpose.PAYMENT_CONFIRMATION: {Reason.NOTHING_DUE: ALWAYS, Reason.COOLDOWN: ALWAYS},
    Purpose.CLOSURE: {Reason.NOTHING_DUE: ALWAYS, Reason.COOLDOWN: ALWAYS},
    Purpose.PLAN_CONFIRMATION: {Reason.COOLDOWN: ALWAYS},
    Purpose.CONSENT_REQUEST: {Reason.CONSENT_MISSING: ALWAYS, Reason.NUMBER_CHECK_STALE: ALWAYS},
    Purpose.COLLECTION_TERMINATED_NOTICE: {Reason.CEASE_COMMUNICATION: ALWAYS, Reason.NOTHING_DUE: ALWAYS},
}
_NOTHING: Final[Mapping[Reason, Span]] = {}


def passes(subject: Subject, *, answered: bool) -> Mapping[Reason, Span]:
    """Return the reasons this message passes, each with the stretch of time in which it does.

    `answered`: the person's message has already had its one answer. That a dispute may be
    acknowledged once is for the rule about holds, which knows each dispute.
    """
    if subject.purpose is Purpose.HUMAN_REPLY:
        if subject.in_reply_to is None:
            return _NOTHING
        passed = _of_a_human(subject.in_reply_to)
        # What a machine says for a human can wait until nobody is woken by it.
        return {reason: passed[reason] for reason in passed.keys() - _HOURS} if subject.by_machine else passed
    if subject.purpose not in REPLIES:
        return _PASSES.get(subject.purpose, _NOTHING)
    if subject.in_reply_to is None or answered:
        return _NOTHING
    spoken = subject.in_reply_to
    reply = Span(spoken, after(spoken + REPLY_WITHIN))
    match subject.purpose:
        case Purpose.HELP_REPLY:
            return dict.fromkeys((*TIMING, Reason.OPTED_OUT), reply)
        case Purpose.OPT_OUT_CONFIRMATION:
            confirmation = Span(spoken, after(spoken + CONFIRM_WITHIN))
            return dict.fromkeys(TIMING, reply) | {Reason.OPTED_OUT: confirmation}
        case _:
            return dict.fromkeys(TIMING, reply)


def _of_a_human(spoken: datetime) -> Mapping[Reason, Span]:
    """Return what the answer of a named human to a message passes, however many there are."""
    answer, at_any_hour = (Span(spoken, after(spoken + within)) for within in (HUMAN_WITHIN, REPLY_WITHIN))
    return dict.fromkeys((TIMING - _HOURS) | _FOR_A_HUMAN, answer) | dict.fromkeys(_HOURS, at_any_hour)
