"""Every event type of the contract: its name, its model, and the topic it travels on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from schemas import (
    contacts,
    debts,
    payments,
    people,
    quarantine,
    replies,
    topics,
    touches,
)
from schemas.values import EventData


@dataclass(frozen=True, kw_only=True)
class EventType:
    """One entry of the registry. `published` are the ones written by these services.

    A reader of a published event passes over fields it does not know, so that an older reader
    understands a newer writer; everything that comes from elsewhere is read to the letter.
    """

    name: str
    model: type[EventData]
    topic: str
    published: bool

    @cached_property
    def read(self) -> Callable[..., EventData]:
        """The model's own reader of JSON, without the checks of arguments around it: this is the hot path."""
        return self.model.__pydantic_validator__.validate_json


def _entries(topic: str, models: Mapping[str, type[EventData]], *, published: bool) -> list[EventType]:
    return [
        EventType(name=name, model=model, topic=topic, published=published) for name, model in models.items()
    ]


#: What forbids nothing that was allowed before it: nobody has to wait for one that is kept aside.
NEVER_CLOSE: Final = frozenset(
    {
        "debt.placed.v1",
        "debt.updated.v1",
        "debt.dispute_resolved.v1",
        "payment.failed.v1",
        "payment.reversed.v1",
        "plan.cancelled.v1",
        "promise.broken.v1",
        "consent.granted.v1",
        "hold.lifted.v1",
        "person.separated.v1",
        "person.returned.v1",
        "notice.posted.v1",
        "suppression.lifted.v1",
        "human.done.v1",
        "consent.recorded.v1",
        "address.opened.v1",
    }
)

_HEARD: Mapping[str, Mapping[str, type[EventData]]] = {
    topics.DEBTS: {
        "debt.placed.v1": debts.DebtPlaced,
        "debt.updated.v1": debts.DebtUpdated,
        "debt.disputed.v1": debts.DebtDisputed,
        "debt.dispute_resolved.v1": debts.DebtDisputeResolved,
        "debt.closed.v1": debts.DebtClosed,
    },
    topics.PAYMENTS: {
        "payment.started.v1": payments.PaymentStarted,
        "payment.received.v1": payments.PaymentReceived,
        "payment.failed.v1": payments.PaymentFailed,
        "payment.reversed.v1": payments.PaymentReversed,
        "plan.agreed.v1": payments.PlanAgreed,
        "plan.changed.v1": payments.PlanChanged,
        "plan.cancelled.v1": payments.PlanCancelled,
        "promise.made.v1": payments.PromiseMade,
        "promise.kept.v1": payments.PromiseKept,
        "promise.broken.v1": payments.PromiseBroken,
    },
    topics.PERSON_EVENTS: {
        "person.changed.v1": people.PersonChanged,
        "consent.granted.v1": people.ConsentGranted,
        "consent.withdrawn.v1": people.ConsentWithdrawn,
        "hold.placed.v1": people.HoldPlaced,
        "hold.lifted.v1": people.HoldLifted,
        "number.checked.v1": people.NumberChecked,
        "notice.posted.v1": people.NoticePosted,
        "links.revoked.v1": people.LinksRevoked,
        "statement.corrected.v1": people.StatementCorrected,
        "person.merged.v1": people.PersonMerged,
        "person.separated.v1": people.PersonSeparated,
        "person.returned.v1": people.PersonReturned,
    },
    topics.CONTACTS: {"contact.recorded.v1": contacts.ContactRecorded},
}

_PUBLISHED: Mapping[str, Mapping[str, type[EventData]]] = {
    topics.PEOPLE: {
        "person.snapshot.v1": people.PersonSnapshot,
        "person.erased.v1": people.PersonErased,
        "preferences.caught_up.v1": people.PreferencesCaughtUp,
    },
    topics.TOUCHES: {
        "touch.planned.v1": touches.TouchPlanned,
        "touch.deferred.v1": touches.TouchDeferred,
        "touch.suppressed.v1": touches.TouchSuppressed,
        "touch.accepted.v1": touches.TouchAccepted,
        "touch.refused.v1": touches.TouchRefused,
        "touch.delivered.v1": touches.TouchDelivered,
        "touch.undelivered.v1": touches.TouchUndelivered,
        "touch.unknown.v1": touches.TouchUnknown,
        "touch.cancelled.v1": touches.TouchCancelled,
        "touch.expired.v1": touches.TouchExpired,
    },
    topics.REPLIES: {
        "reply.received.v1": replies.ReplyReceived,
        "reply.received.v2": replies.ReplyReceivedV2,
        "human.needed.v1": replies.HumanNeeded,
        "human.done.v1": replies.HumanDone,
        "consent.recorded.v1": replies.ConsentRecorded,
        "suppression.recorded.v1": replies.SuppressionRecorded,
        "suppression.lifted.v1": replies.SuppressionLifted,
        "address.closed.v1": replies.AddressClosed,
        "address.opened.v1": replies.AddressOpened,
    },
    topics.QUARANTINE: {
        "record.quarantined.v1": quarantine.RecordQuarantined,
        "event.questioned.v1": quarantine.EventQuestioned,
    },
}

EVENT_TYPES: Final[Mapping[str, EventType]] = {
    entry.name: entry
    for published, family in ((False, _HEARD), (True, _PUBLISHED))
    for topic, models in family.items()
    for entry in _entries(topic, models, published=published)
}
