"""How the demo says in plain words what the product says in codes."""

from collections.abc import Mapping
from typing import Final

WAITED: Final[Mapping[str, str]] = {
    "outside_contact_window": "not at this hour",
    "inconvenient_time": "a time they asked us to avoid",
    "blackout_day": "a holiday where they live",
    "frequency_cap": "enough messages for now",
    "spacing": "two days of quiet between messages",
    "cooldown": "quiet after they paid, agreed or spoke with us",
    "hold": "on hold",
    "paused": "they asked for a pause",
    "consent_missing": "no consent for this channel",
    "notice_missing": "a written notice has to come first",
    "number_check_stale": "nobody has lately made sure that the number is still theirs",
    "channel_refused": "they do not want this channel",
    "work_address": "their employer might read it",
    "unreachable": "no address to reach them at",
    "agency_decision": "the agency decided not to",
    "attorney_represented": "their attorney speaks for them",
    "disputed": "they dispute the debt",
    "hardship": "they are in hardship",
    "with_human": "a human is to read what they wrote",
    "location_unknown": "nobody knows what time it is for them",
    "facts_unavailable": "something about them could not be read",
    "opted_out": "they asked us to stop",
    "wrong_party": "it is somebody else's address",
    "cease_communication": "they told us to cease",
    "bankruptcy": "they are bankrupt",
    "nothing_due": "nothing is due any more",
    "expired": "too late for its purpose",
    "gives_way": "something more important comes first",
    "too_long": "there is no room for it in a text",
}

PURPOSES: Final[Mapping[str, str]] = {
    "introduction": "introduction",
    "reminder": "reminder",
    "check_in": "check-in",
    "payment_failed": "word about the failed payment",
    "promise_reminder": "reminder of their promise",
    "payment_confirmation": "thank-you",
    "closure": "goodbye",
    "plan_confirmation": "confirmation of the plan",
    "dispute_acknowledgement": "answer to their dispute",
    "conversation_reply": "answer",
    "help_reply": "help",
    "opt_out_confirmation": "confirmation that we stop",
}

TROUBLES: Final[Mapping[str, str]] = {
    "not_sent": "not taken by a busy provider, tried again later",
    "refused": "refused for good: the number is no good",
    "undelivered": "bounced",
    "unknown": "answer lost, so never repeated",
}

CHOICES: Final[Mapping[str, str]] = {
    "stop": "stopped what came to one address",
    "stop-all": "stopped everything",
    "not-me": "said “this is not me”",
    "talk": "asked to talk",
    "hardship": "said that times are hard",
    "pause": "took a break",
    "hours": "chose days and hours",
    "channels": "chose how they are reached",
    "language": "chose their language",
}

ANSWERED: Final[Mapping[str, str]] = {
    "sms": "by text",
    "email": "by email",
    "auto_reply": "by their mail program, for they are away",
}

ORIGINS: Final[Mapping[str, str]] = {
    "reply": "by a text or an email",
    "unsubscribe": "by the button in an email",
    "provider": "through the provider",
    "safety": "because others read their phone",
    "preference_center": "at the preference center",
}


def waited(reason: str) -> str:
    """Say why something waited or was not sent."""
    return WAITED.get(reason, reason.replace("_", " "))


def purpose(code: str) -> str:
    """Say what a message was for."""
    return PURPOSES.get(code, code.replace("_", " "))
