"""The closed vocabularies of the contract, as they are spelled on the wire.

The services have enums of their own for the same ideas; a test keeps the two alike, so that this
package depends on nothing of ours.
"""

from typing import Literal, TypeAlias

Channel: TypeAlias = Literal["sms", "email", "voice", "post"]
Role: TypeAlias = Literal["third_party", "debt_buyer", "first_party"]
Basis: TypeAlias = Literal["direct", "written", "consumer_used", "creditor_notice", "prior_collector"]
CheckResult: TypeAlias = Literal["not_reassigned", "reassigned"]
Direction: TypeAlias = Literal["outbound", "inbound"]
Weekday: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

TouchPurpose: TypeAlias = Literal[
    "introduction",
    "reminder",
    "check_in",
    "payment_failed",
    "promise_reminder",
    "hardship_follow_up",
    "payment_confirmation",
    "closure",
    "plan_confirmation",
    "dispute_acknowledgement",
    "consent_request",
    "conversation_reply",
    "help_reply",
    "opt_out_confirmation",
    "collection_terminated_notice",
]
"""Why a touch is planned."""

Purpose: TypeAlias = TouchPurpose | Literal["human_reply"]
"""Why a person is contacted, by a touch or by a human."""

ContactOutcome: TypeAlias = Literal[
    "delivered",
    "accepted",
    "undelivered",
    "unknown",
    "unanswered",
    "answered",
    "not_sent",
    "refused",
]

HoldKind: TypeAlias = Literal[
    "hold",
    "pause",
    "dispute",
    "attorney_represented",
    "cease_communication",
    "bankruptcy",
    "co_debtor_bankruptcy",
    "deceased",
    "moratorium",
    "forbearance",
    "hardship",
    "with_human",
    "unreachable",
    "wrong_party",
]

DebtStatus: TypeAlias = Literal["open", "on_hold"]
CloseReason: TypeAlias = Literal["paid", "settled", "recalled", "written_off"]
PhoneKind: TypeAlias = Literal["mobile", "landline", "unknown"]

#: Where an address, number or email came from.
Origin: TypeAlias = Literal["person", "creditor", "prior_collector", "skip_trace", "public_record", "unknown"]

#: Who made a statement about a person; `outreach` hears what vendors tell of an address.
SaidBy: TypeAlias = Literal["person", "agent", "system", "outreach"]
#: By which way a statement reached us.
Way: TypeAlias = Literal[
    "page", "text", "email", "call", "letter", "visit", "api", "event", "import", "command"
]
EvidenceKind: TypeAlias = Literal["message", "page", "call", "document"]
#: Who may act for a person.
ProxyRelation: TypeAlias = Literal["adviser", "attorney", "carer", "family", "guardian", "executor", "other"]
#: What makes it possible for a person to read, hear or answer us.
AccessibilityWish: TypeAlias = Literal[
    "large_print",
    "braille",
    "audio",
    "easy_read",
    "screen_reader",
    "text_relay",
    "sign_language",
    "no_voice",
    "interpreter",
    "more_time",
]

#: What a person may ask a human for by themselves, as outreach calls it among what replies say.
AskedKind: TypeAlias = Literal["call_me", "hardship", "dispute", "wrong_person"]
#: When in a day somebody wants to talk.
PartOfDay: TypeAlias = Literal["morning", "afternoon", "evening"]

#: How a reply was understood.
Understood: TypeAlias = Literal["opt_out", "opt_in", "help", "other"]

#: How soon a human has to see a reply.
Urgency: TypeAlias = Literal["crisis", "same_day", "normal"]

#: What a human took a reply for, when handing the person back.
Decided: TypeAlias = Literal["stop_this", "stop_all", "wrong_person", "hold", "none"]

#: Why an address is closed, and by which route we heard it.
SuppressionKind: TypeAlias = Literal["opted_out", "unreachable", "complained", "wrong_party"]
SuppressionOrigin: TypeAlias = Literal["reply", "unsubscribe", "provider"]
#: An opt-out kept by preferences may also come from a `consent.withdrawn`.
OptOutOrigin: TypeAlias = Literal["reply", "unsubscribe", "provider", "withdrawal"]

#: Why a record was kept aside.
MalformedReason: TypeAlias = Literal[
    "not_json",
    "bad_headers",
    "empty",
    "unknown_type",
    "wrong_schema",
    "future_version",
    "future_time",
    "wrong_key",
    "too_large",
    "wrong_topic",
]
