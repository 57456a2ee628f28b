"""Listen, the vendors' receipts: durable before the answer, in any order, as often as the vendor likes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog

from foundation import outbox
from foundation.backoff import back_off
from foundation.batches import Batches
from foundation.clock import Clock
from foundation.database import Connection, Database
from foundation.outbox import OutgoingEvent
from outreach.announcing import touches as announce
from outreach.announcing.suppressions import closed_addresses, closed_nobodys_address
from outreach.model.playbook import Playbook
from outreach.model.suppression import Suppression
from outreach.model.touch import TouchStatus
from outreach.model.words import Channel, ContactOutcome
from outreach.planning.follow_up import plan_next
from outreach.providers.receipts import Receipt, ReceiptStatus
from outreach.store import attempts, ledger, people, replies, suppressions, touches
from outreach.store.attempts import Settlement, StoredAttempt
from outreach.store.changes import people_changed
from outreach.store.digests import digest_addresses
from schemas.addresses import comparable

log = structlog.get_logger(__name__)

_RANK = {status: rank for rank, status in enumerate(ReceiptStatus)}


@dataclass(frozen=True, slots=True)
class _Told:
    """A receipt and the attempt it is about."""

    receipt: Receipt
    attempt: StoredAttempt


class Listener:
    """Hears what many requests bring at once: vendors send receipts by the one."""

    def __init__(self, *, database: Database, clock: Clock, playbook: Callable[[], Playbook]) -> None:
        self._database = database
        self._clock = clock
        self._playbook = playbook
        self._heard: dict[str, Batches[Sequence[Receipt], None]] = {}

    async def hear(self, receipts: Sequence[Receipt], *, provider: str) -> None:
        """Record these receipts, with all that came meanwhile; they are recorded when it returns.

        Raises:
            DatabaseUnavailable: nothing was recorded; the vendor must be told to try again.
        """
        if provider not in self._heard:
            self._heard[provider] = Batches(partial(self._hear_together, provider))
        await self._heard[provider].submit(receipts)

    async def _hear_together(self, provider: str, waiting: Sequence[Sequence[Receipt]]) -> Sequence[None]:
        await hear_receipts(
            [receipt for batch in waiting for receipt in batch],
            provider=provider,
            database=self._database,
            clock=self._clock,
            playbook=self._playbook(),
        )
        return [None] * len(waiting)


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
            connection, [receipt.event_id for receipt in receipts], provider=provider, now=now
        )
        fresh = list({receipt.event_id: receipt for receipt in receipts if receipt.event_id in new}.values())
        about = await _find_attempts(connection, fresh)
        await _lock_people(connection, fresh, about)
        # Read under the locks: another webhook may have said something higher meanwhile.
        found = await attempts.read_attempts(connection, set(about.values()))
        told = _tell(fresh, about, found)
        final = _last_words(told)
        again = {key: known for key, known in final.items() if known.receipt.may_send_again}
        onward = {key: known for key, known in final.items() if key not in again}
        await _note(connection, final, now=now)
        returned = await _send_again(connection, again, now=now)
        moved = await touches.advance_touches(
            connection,
            {key: (TouchStatus(known.receipt.status), known.receipt.code) for key, known in onward.items()},
            now=now,
        )
        await ledger.settle_contacts(
            connection,
            {key: (ContactOutcome(known.receipt.status), None) for key, known in onward.items()},
        )
        news = await _close_addresses(connection, _closing(fresh, told, provider, now), now=now)
        news += [
            announce.attempted(
                progress, code=onward[progress.attempt_id].receipt.code, segments=None, now=now
            )
            for progress in moved
        ]
        await outbox.append(connection, news, source=announce.SOURCE)
        await plan_next(connection, moved, returned=returned, playbook=playbook, now=now)
    log.info("receipts", provider=provider, heard=len(receipts), new=len(new), known=len(told))
    return len(new)


async def _find_attempts(connection: Connection, receipts: Sequence[Receipt]) -> dict[str, UUID]:
    """Return the attempt that each receipt names, by the receipt's event id."""
    nameless = {
        receipt.provider_message_id
        for receipt in receipts
        if receipt.attempt_id is None and receipt.provider_message_id is not None
    }
    by_message = await attempts.find_attempts_by_message(connection, nameless)
    about: dict[str, UUID] = {}
    for receipt in receipts:
        attempt_id = receipt.attempt_id or by_message.get(receipt.provider_message_id or "")
        if attempt_id is not None:
            about[receipt.event_id] = attempt_id
    return about


async def _lock_people(
    connection: Connection, receipts: Sequence[Receipt], about: Mapping[str, UUID]
) -> None:
    """Lock everybody concerned at once, in order: those written to, and those who share a closed address."""
    found = await attempts.read_attempts(connection, set(about.values()))
    closed = {
        address for receipt in receipts if _closes(receipt) for address in _addresses(receipt, about, found)
    }
    whose = {attempt.person_id for attempt in found.values()}
    await people.lock_people(connection, whose | set(await people.list_people_at(connection, closed)))


def _tell(
    receipts: Sequence[Receipt], about: Mapping[str, UUID], found: Mapping[UUID, StoredAttempt]
) -> list[_Told]:
    """Join receipts with attempts; a receipt of a message that was never ours is passed by."""
    return [
        _Told(receipt, found[about[receipt.event_id]])
        for receipt in receipts
        # What was never called cannot have been received: somebody else's id, or a forged one.
        if about.get(receipt.event_id) in found and found[about[receipt.event_id]].called_at is not None
    ]


def _closes(receipt: Receipt) -> bool:
    return receipt.opted_out or receipt.complained or receipt.unreachable


def _addresses(
    receipt: Receipt, about: Mapping[str, UUID], found: Mapping[UUID, StoredAttempt]
) -> Iterable[str]:
    attempt = found.get(about[receipt.event_id]) if receipt.event_id in about else None
    if attempt is not None:
        yield comparable(attempt.address)
    elif receipt.address is not None:
        yield comparable(receipt.address)


def _last_words(told: Sequence[_Told]) -> dict[UUID, _Told]:
    """Return the highest-ranking receipt of each attempt that is no lower than what is known."""
    last: dict[UUID, _Told] = {}
    for told_of in told:
        key = told_of.attempt.attempt_id
        known = last[key].receipt.status if key in last else told_of.attempt.receipt
        if known is None or _RANK[told_of.receipt.status] > _RANK[ReceiptStatus(known)]:
            last[key] = told_of
    return last


async def _note(connection: Connection, final: Mapping[UUID, _Told], *, now: datetime) -> None:
    await attempts.note_receipts(
        connection,
        {
            key: (known.receipt.status, known.receipt.at or now, known.receipt.provider_message_id)
            for key, known in final.items()
        },
    )
    # The provider had it, whatever became of it: a receipt settles a call whose answer was lost.
    await attempts.settle_attempts(
        connection,
        {
            key: Settlement("accepted", provider_message_id=known.receipt.provider_message_id)
            for key, known in final.items()
            if known.attempt.outcome in (None, "unknown")
        },
        now=now,
    )


async def _send_again(connection: Connection, again: Mapping[UUID, _Told], *, now: datetime) -> set[str]:
    """It certainly reached nobody and the person is not to blame: free the reservation, decide again."""
    returned = await touches.return_touches(
        connection,
        {
            key: (now + back_off(known.attempt.tries + 1), known.receipt.code or "not_delivered")
            for key, known in again.items()
        },
        now=now,
    )
    await ledger.settle_contacts(connection, dict.fromkeys(again, (ContactOutcome.NOT_SENT, None)))
    return returned


def _closing(
    receipts: Sequence[Receipt], told: Sequence[_Told], provider: str, now: datetime
) -> list[Suppression]:
    """Return what the receipts close: by person and address, or the address where that is all we know."""
    attempt_of = {told_of.receipt.event_id: told_of.attempt for told_of in told}
    closing: list[Suppression] = []
    for receipt in receipts:
        attempt = attempt_of.get(receipt.event_id)
        if not _closes(receipt) or (attempt is None and not receipt.address):
            continue
        suppression_id, at = f"{provider}:{receipt.event_id}", receipt.at or now
        address = comparable(attempt.address if attempt is not None else receipt.address or "")
        # Only email's receipts name the address.
        channel = attempt.channel if attempt is not None else Channel.EMAIL
        if _is_stop(receipt):
            person = attempt.person_id if attempt is not None else None
            closing.append(
                Suppression.opt_out(suppression_id, person_id=person, address=address, channel=channel, at=at)
            )
        else:
            closing.append(Suppression.unreachable(suppression_id, address=address, channel=channel, at=at))
    return closing


def _is_stop(receipt: Receipt) -> bool:
    return receipt.opted_out or receipt.complained


async def _close_addresses(
    connection: Connection, closing: Sequence[Suppression], *, now: datetime
) -> list[OutgoingEvent]:
    """Close these; the caller has locked everybody at these addresses."""
    new = await suppressions.record_suppressions(connection, closing, origin="provider", now=now)
    fresh = [suppression for suppression in closing if suppression.suppression_id in new]
    at_address = {
        suppression.suppression_id: await people.list_people_at(connection, [suppression.address or ""])
        for suppression in fresh
    }
    concerned = {suppression.person_id for suppression in fresh if suppression.person_id} | {
        person for suppression in at_address.values() for person in suppression
    }
    await people_changed(connection, concerned, now=now, wake=False)
    nobodys = [
        suppression
        for suppression in fresh
        if not suppression.person_id and not at_address[suppression.suppression_id]
    ]
    return [
        closed_addresses(suppression, person_id=person, origin="provider", now=now)
        for suppression in fresh
        for person in (
            [suppression.person_id] if suppression.person_id else at_address[suppression.suppression_id]
        )
    ] + await _close_for_nobody(connection, nobodys, now=now)


async def _close_for_nobody(
    connection: Connection, closing: Sequence[Suppression], *, now: datetime
) -> list[OutgoingEvent]:
    """Return what others hear of closed addresses that nobody known has."""
    addresses = {suppression.suppression_id: suppression.address or "" for suppression in closing}
    digests = await digest_addresses(connection, set(addresses.values()))
    return [
        closed_nobodys_address(
            suppression, digest=digests[addresses[suppression.suppression_id]], origin="provider", now=now
        )
        for suppression in closing
    ]
