"""The closed vocabularies. A member's value is its word on the wire, in SQL and in config."""

from enum import StrEnum


class Channel(StrEnum):
    """A way to reach a person. Outreach sends SMS and email; the others only enter the ledger or ask."""

    SMS = "sms"
    EMAIL = "email"
    VOICE = "voice"
    POST = "post"


class Role(StrEnum):
    """Who contacts: rules bind collectors, debt buyers and original creditors differently."""

    THIRD_PARTY = "third_party"
    DEBT_BUYER = "debt_buyer"
    FIRST_PARTY = "first_party"


class Purpose(StrEnum):
    """Why a person is contacted; some purposes pass some rules (`policy.exemptions`)."""

    INTRODUCTION = "introduction"
    REMINDER = "reminder"
    CHECK_IN = "check_in"
    PAYMENT_FAILED = "payment_failed"
    PROMISE_REMINDER = "promise_reminder"
    HARDSHIP_FOLLOW_UP = "hardship_follow_up"
    PAYMENT_CONFIRMATION = "payment_confirmation"
    CLOSURE = "closure"
    PLAN_CONFIRMATION = "plan_confirmation"
    DISPUTE_ACKNOWLEDGEMENT = "dispute_acknowledgement"
    CONSENT_REQUEST = "consent_request"
    CONVERSATION_REPLY = "conversation_reply"
    HUMAN_REPLY = "human_reply"
    HELP_REPLY = "help_reply"
    OPT_OUT_CONFIRMATION = "opt_out_confirmation"
    COLLECTION_TERMINATED_NOTICE = "collection_terminated_notice"


class Basis(StrEnum):
    """Where the right to use an address or number comes from. `written` implies `direct`."""

    DIRECT = "direct"
    WRITTEN = "written"
    CONSUMER_USED = "consumer_used"
    CREDITOR_NOTICE = "creditor_notice"
    PRIOR_COLLECTOR = "prior_collector"


class CheckResult(StrEnum):
    """What a reassigned-number check answered."""

    NOT_REASSIGNED = "not_reassigned"
    REASSIGNED = "reassigned"


class Direction(StrEnum):
    """Who spoke to whom."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


class ContactOutcome(StrEnum):
    """What became of a contact, as far as it is known."""

    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    UNDELIVERED = "undelivered"
    UNKNOWN = "unknown"
    UNANSWERED = "unanswered"
    ANSWERED = "answered"
    NOT_SENT = "not_sent"
    REFUSED = "refused"


class HoldKind(StrEnum):
    """A fact that stops contact. Each bears the name of its reason, save `dispute` and `pause`."""

    HOLD = "hold"
    PAUSE = "pause"
    DISPUTE = "dispute"
    ATTORNEY_REPRESENTED = "attorney_represented"
    CEASE_COMMUNICATION = "cease_communication"
    BANKRUPTCY = "bankruptcy"
    CO_DEBTOR_BANKRUPTCY = "co_debtor_bankruptcy"
    DECEASED = "deceased"
    MORATORIUM = "moratorium"
    FORBEARANCE = "forbearance"
    HARDSHIP = "hardship"
    WITH_HUMAN = "with_human"
    UNREACHABLE = "unreachable"
    WRONG_PARTY = "wrong_party"


class EventKind(StrEnum):
    """What a cooldown counts from."""

    PAYMENT = "payment"
    PLAN = "plan"
    CONVERSATION = "conversation"


class Reason(StrEnum):
    """Why a touch was not sent now. Codes are part of the published contract."""

    # An instant is known: the touch is deferred.
    OUTSIDE_CONTACT_WINDOW = "outside_contact_window"
    INCONVENIENT_TIME = "inconvenient_time"
    BLACKOUT_DAY = "blackout_day"
    FREQUENCY_CAP = "frequency_cap"
    SPACING = "spacing"
    COOLDOWN = "cooldown"
    HOLD = "hold"
    PAUSED = "paused"
    # The touch waits for a fact to change, until it expires.
    CONSENT_MISSING = "consent_missing"
    NOTICE_MISSING = "notice_missing"
    NUMBER_CHECK_STALE = "number_check_stale"
    CHANNEL_REFUSED = "channel_refused"
    WORK_ADDRESS = "work_address"
    UNREACHABLE = "unreachable"
    AGENCY_DECISION = "agency_decision"
    ATTORNEY_REPRESENTED = "attorney_represented"
    DISPUTED = "disputed"
    MORATORIUM = "moratorium"
    FORBEARANCE = "forbearance"
    HARDSHIP = "hardship"
    WITH_HUMAN = "with_human"
    LOCATION_UNKNOWN = "location_unknown"
    NO_COMMON_CONTACT_WINDOW = "no_common_contact_window"
    FACTS_UNAVAILABLE = "facts_unavailable"
    # The touch is closed.
    OPTED_OUT = "opted_out"
    NUMBER_REASSIGNED = "number_reassigned"
    WRONG_PARTY = "wrong_party"
    CEASE_COMMUNICATION = "cease_communication"
    BANKRUPTCY = "bankruptcy"
    CO_DEBTOR_BANKRUPTCY = "co_debtor_bankruptcy"
    DECEASED = "deceased"
    NOTHING_DUE = "nothing_due"
    DUPLICATE = "duplicate"
    EXPIRED = "expired"
    REPLY_TOO_LATE = "reply_too_late"


class ScheduleReason(StrEnum):
    """Why a touch was moved by something else than the policy: plan, neighbors, staff or provider."""

    # The plan no longer holds, so it was given up; it may be wanted again.
    NO_LONGER_WANTED = "no_longer_wanted"
    GIVES_WAY = "gives_way"
    PAUSED_BY_OPERATIONS = "paused_by_operations"
    CANCELLED_BY_OPERATIONS = "cancelled_by_operations"
    # The lease of a worker that ended ran out before it said what became of the call.
    LEASE_OVER = "lease_over"
    # The provider says that it reached nobody, and gives no code of its own.
    NOT_DELIVERED = "not_delivered"
    # The vendor failed again and again, and nobody calls it for a while.
    PROVIDER_RESTING = "provider_resting"
    # A machine says that somebody will read it only while somebody is at work.
    OFFICE_CLOSED = "office_closed"
    # The person has written of a crisis since a human answered: whoever did reads that before anything goes.
    CRISIS_SINCE = "crisis_since"
    # As many messages of its creditor or play began within an hour as staff let begin.
    HOURLY_CAP = "hourly_cap"


#: Reasons that close a touch for good.
CLOSING: frozenset[Reason] = frozenset(
    {
        Reason.OPTED_OUT,
        Reason.NUMBER_REASSIGNED,
        Reason.WRONG_PARTY,
        Reason.CEASE_COMMUNICATION,
        Reason.BANKRUPTCY,
        Reason.CO_DEBTOR_BANKRUPTCY,
        Reason.DECEASED,
        Reason.NOTHING_DUE,
        Reason.DUPLICATE,
        Reason.EXPIRED,
        Reason.REPLY_TOO_LATE,
    }
)
