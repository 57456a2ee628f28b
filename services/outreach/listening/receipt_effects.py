"""What a vendor's receipts lead to. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from foundation.backoff import back_off
from outreach.model.attempt import Settlement, StoredAttempt
from outreach.model.suppression import Suppression
from outreach.model.touch import TouchStatus
from outreach.model.words import Channel, ContactOutcome, ScheduleReason
from outreach.providers.receipts import Receipt, ReceiptStatus
from schemas.addresses import comparable

_RANKS = {status: rank for rank, status in enumerate(ReceiptStatus)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFacts:
    """What is known when receipts come, read under the locks of everybody concerned.

    `receipts` are those never heard before, `attempts` the calls that they are about, by the
    receipt's event id. A receipt of a message that was never ours, or never called, is about none.
    """

    receipts: Sequence[Receipt]
    attempts: Mapping[str, StoredAttempt]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptEffects:
    """What receipts lead to, all of which is recorded at once.

    `last` is the receipt that counts of each attempt. `settled` are calls whose answer was lost,
    `returned` says when the touches of which attempts are tried again and why, `advanced` where those of the
    others stand and by which code, and `closed` are the suppressions that begin.
    """

    last: Mapping[UUID, Receipt]
    settled: Mapping[UUID, Settlement]
    returned: Mapping[UUID, tuple[datetime, str]]
    advanced: Mapping[UUID, tuple[TouchStatus, str | None]]
    closed: Sequence[Suppression]

    @property
    def contacts(self) -> dict[UUID, tuple[ContactOutcome, datetime | None]]:
        """What the ledger says of each attempt; the call itself is when it was."""
        advanced = {attempt: (ContactOutcome(status), None) for attempt, (status, _) in self.advanced.items()}
        return {**advanced, **dict.fromkeys(self.returned, (ContactOutcome.NOT_SENT, None))}


def receipt_effects(facts: ReceiptFacts, *, provider: str, now: datetime) -> ReceiptEffects:
    """Return all that these receipts lead to.

    Only the highest rank of each attempt counts. A receipt that comes before the call was settled
    settles it: the provider had the message, whatever became of it. What certainly reached nobody
    through no fault of the person's goes back to be decided again.
    """
    last = _last_receipts(facts)
    attempts = {attempt.attempt_id: attempt for attempt in facts.attempts.values()}
    return ReceiptEffects(
        last=last,
        settled={
            key: Settlement("accepted", provider_message_id=receipt.provider_message_id)
            for key, receipt in last.items()
            if attempts[key].outcome in (None, "unknown")
        },
        returned={
            key: (now + back_off(attempts[key].tries + 1), receipt.code or ScheduleReason.NOT_DELIVERED)
            for key, receipt in last.items()
            if receipt.may_send_again
        },
        advanced={
            key: (TouchStatus(receipt.status), receipt.code)
            for key, receipt in last.items()
            if not receipt.may_send_again
        },
        closed=[*_suppressions(facts, provider=provider, now=now)],
    )


def closing_addresses(receipts: Sequence[Receipt], attempts: Mapping[str, StoredAttempt]) -> set[str]:
    """Return the addresses that receipts may close, given the attempts by the receipt's event id."""
    named = {
        address
        for receipt in receipts
        if _closes(receipt)
        for address in (_address(receipt, None), _address(receipt, attempts.get(receipt.event_id)))
    }
    return {address for address in named if address is not None}


def _last_receipts(facts: ReceiptFacts) -> dict[UUID, Receipt]:
    """Return the highest-ranking receipt of each attempt, where it says more than was known."""
    last: dict[UUID, Receipt] = {}
    for receipt in facts.receipts:
        attempt = facts.attempts.get(receipt.event_id)
        if attempt is None:
            continue
        key = attempt.attempt_id
        known = last[key].status if key in last else attempt.receipt
        if known is None or _RANKS[receipt.status] > _RANKS[ReceiptStatus(known)]:
            last[key] = receipt
    return last


def _suppressions(facts: ReceiptFacts, *, provider: str, now: datetime) -> Iterator[Suppression]:
    """Yield what the receipts close: by person and address, or the address where that is all we know."""
    for receipt in facts.receipts:
        attempt = facts.attempts.get(receipt.event_id)
        address = _address(receipt, attempt)
        if not _closes(receipt) or address is None:
            continue
        suppression_id, at = f"{provider}:{receipt.event_id}", receipt.at or now
        # Only email's receipts name the address.
        channel = attempt.channel if attempt is not None else Channel.EMAIL
        if receipt.opted_out or receipt.complained:
            person = attempt.person_id if attempt is not None else None
            yield Suppression.opt_out(
                suppression_id, person_id=person, address=address, channel=channel, at=at
            )
        else:
            yield Suppression.unreachable(suppression_id, address=address, channel=channel, at=at)


def _closes(receipt: Receipt) -> bool:
    return receipt.opted_out or receipt.complained or receipt.unreachable


def _address(receipt: Receipt, attempt: StoredAttempt | None) -> str | None:
    address = attempt.address if attempt is not None else receipt.address
    return comparable(address) if address else None
