"""Listen, the vendors' receipts: durable before the answer, in any order, as often as the vendor likes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from foundation import outbox
from foundation.clock import Clock
from foundation.database import Connection, Database
from foundation.outbox import Outgoing
from outreach.model.playbook import Playbook
from outreach.model.touch import TouchStatus
from outreach.model.words import ContactOutcome
from outreach.providers.receipts import Receipt, ReceiptStatus
from outreach.steps import announce
from outreach.steps.settle import plan_next
from outreach.steps.spread import back_off
from outreach.steps.suppress import closed_addresses
from outreach.store import attempts, ledger, people, replies, suppressions, touches
from outreach.store.attempts import Settlement, StoredAttempt
from outreach.store.suppressions import Suppression

log = structlog.get_logger(__name__)

_RANK = {status: rank for rank, status in enumerate(ReceiptStatus)}


@dataclass(frozen=True, slots=True)
class _Told:
    """A receipt and the attempt it is about."""

    receipt: Receipt
    attempt: StoredAttempt


async def hear_receipts(
    receipts: Sequence[Receipt], *, provider: str, database: Database, clock: Clock, playbook: Playbook
) -> int:
    """Record what a provider tells us of its messages; return how many receipts were new.

    Only the highest rank of each attempt counts. A receipt that comes before the call was
    settled settles it. What a receipt says of an address binds before this returns.

    Raises:
        DatabaseUnavailable: nothing was recorded; the vendor must be told to try again.
    """
    now = clock.now()
    async with database.transaction() as connection:
        new = await replies.accept_webhook_events(
            connection, [each.event_id for each in receipts], provider=provider, now=now
        )
        told = await _resolve(connection, [each for each in receipts if each.event_id in new])
        await people.lock_people(connection, {each.attempt.person_id for each in told})
        final = _last_words(told)
        again = {each.attempt.attempt_id: each for each in told if each.receipt.may_send_again}
        onward = {key: each for key, each in final.items() if key not in again}
        await _note(connection, final, now=now)
        await _send_again(connection, again, now=now)
        moved = await touches.advance_touches(
            connection,
            {key: (TouchStatus(each.receipt.status), each.receipt.code) for key, each in onward.items()},
            now=now,
        )
        await ledger.settle_contacts(
            connection,
            {key: (ContactOutcome(each.receipt.status), None) for key, each in onward.items()},
        )
        news = await _close_addresses(connection, told, provider=provider, now=now)
        news += [
            announce.attempted(each, code=onward[each.attempt_id].receipt.code, segments=None, now=now)
            for each in moved
        ]
        await outbox.append(connection, news, source=announce.SOURCE)
        await plan_next(connection, moved, playbook=playbook, now=now)
    log.info("receipts", provider=provider, heard=len(receipts), new=len(new), known=len(told))
    return len(new)


async def _resolve(connection: Connection, receipts: Sequence[Receipt]) -> list[_Told]:
    """Find the attempts; a receipt of a message that was never ours is passed by."""
    by_receipt: dict[str, UUID] = {}
    for each in receipts:
        attempt_id = each.attempt_id
        if attempt_id is None and each.provider_message_id is not None:
            attempt_id = await attempts.find_attempt_by_message(connection, each.provider_message_id)
        if attempt_id is not None:
            by_receipt[each.event_id] = attempt_id
    found = await attempts.read_attempts(connection, set(by_receipt.values()))
    return [
        _Told(each, found[by_receipt[each.event_id]])
        for each in receipts
        # What was never called cannot have been received: somebody else's id, or a forged one.
        if by_receipt.get(each.event_id) in found and found[by_receipt[each.event_id]].called_at is not None
    ]


def _last_words(told: Sequence[_Told]) -> dict[UUID, _Told]:
    """Return the highest-ranking receipt of each attempt that is no lower than what is known."""
    last: dict[UUID, _Told] = {}
    for each in told:
        key = each.attempt.attempt_id
        known = last[key].receipt.status if key in last else each.attempt.receipt
        if known is None or _RANK[each.receipt.status] > _RANK[ReceiptStatus(known)]:
            last[key] = each
    return last


async def _note(connection: Connection, final: Mapping[UUID, _Told], *, now: datetime) -> None:
    await attempts.note_receipts(
        connection,
        {
            key: (each.receipt.status, each.receipt.at or now, each.receipt.provider_message_id)
            for key, each in final.items()
        },
    )
    # The provider had it, whatever became of it: a receipt settles a call whose answer was lost.
    await attempts.settle_attempts(
        connection,
        {
            key: Settlement("accepted", provider_message_id=each.receipt.provider_message_id)
            for key, each in final.items()
            if each.attempt.outcome in (None, "unknown")
        },
        now=now,
    )


async def _send_again(connection: Connection, again: Mapping[UUID, _Told], *, now: datetime) -> None:
    """It certainly reached nobody and the person is not to blame: free the reservation, decide again."""
    await touches.return_touches(
        connection,
        {key: (now + back_off(2), each.receipt.code or "not_delivered") for key, each in again.items()},
        now=now,
    )
    await ledger.settle_contacts(connection, {key: (ContactOutcome.NOT_SENT, None) for key in again})


async def _close_addresses(
    connection: Connection, told: Sequence[_Told], *, provider: str, now: datetime
) -> list[Outgoing]:
    found: dict[str, tuple[Suppression, str]] = {}
    for each in told:
        receipt, attempt = each.receipt, each.attempt
        if not (receipt.opted_out or receipt.complained or receipt.unreachable):
            continue
        stopped = receipt.opted_out or receipt.complained
        suppression = Suppression(
            suppression_id=f"{provider}:{receipt.event_id}",
            person_id=attempt.person_id if stopped else None,
            address=attempt.address,
            channel=attempt.channel,
            kind="opted_out" if stopped else "unreachable",
            at=receipt.at or now,
        )
        found[suppression.suppression_id] = (suppression, attempt.person_id)
    new = await suppressions.record_suppressions(
        connection, [suppression for suppression, _ in found.values()], origin="provider"
    )
    concerned = {
        person
        for key in new
        for person in (found[key][1], *await people.list_people_at(connection, found[key][0].address or ""))
    }
    await people.raise_revisions(connection, concerned)
    await touches.reconsider_touches(connection, sorted(concerned), now=now)
    return [
        closed_addresses(suppression, person_id=person, origin="provider", now=now)
        for key, (suppression, person) in found.items()
        if key in new
    ]
