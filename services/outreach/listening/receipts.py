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
from outreach.announcing.suppressions import closed_addresses
from outreach.model.playbook import Playbook
from outreach.model.suppression import Suppression
from outreach.model.touch import TouchStatus
from outreach.model.words import Channel, ContactOutcome
from outreach.planning.follow_up import plan_next
from outreach.providers.receipts import Receipt, ReceiptStatus
from outreach.store import attempts, ledger, people, replies, suppressions, touches
from outreach.store.attempts import Settlement, StoredAttempt

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
            [receipt for each in waiting for receipt in each],
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
            connection, [each.event_id for each in receipts], provider=provider, now=now
        )
        fresh = list({each.event_id: each for each in receipts if each.event_id in new}.values())
        about = await _find_attempts(connection, fresh)
        await _lock_people(connection, fresh, about)
        # Read under the locks: another webhook may have said something higher meanwhile.
        found = await attempts.read_attempts(connection, set(about.values()))
        told = _tell(fresh, about, found)
        final = _last_words(told)
        again = {key: each for key, each in final.items() if each.receipt.may_send_again}
        onward = {key: each for key, each in final.items() if key not in again}
        await _note(connection, final, now=now)
        returned = await _send_again(connection, again, now=now)
        moved = await touches.advance_touches(
            connection,
            {key: (TouchStatus(each.receipt.status), each.receipt.code) for key, each in onward.items()},
            now=now,
        )
        await ledger.settle_contacts(
            connection,
            {key: (ContactOutcome(each.receipt.status), None) for key, each in onward.items()},
        )
        news = await _close_addresses(connection, _closing(fresh, told, provider, now), now=now)
        news += [
            announce.attempted(each, code=onward[each.attempt_id].receipt.code, segments=None, now=now)
            for each in moved
        ]
        await outbox.append(connection, news, source=announce.SOURCE)
        await plan_next(connection, moved, returned=returned, playbook=playbook, now=now)
    log.info("receipts", provider=provider, heard=len(receipts), new=len(new), known=len(told))
    return len(new)


async def _find_attempts(connection: Connection, receipts: Sequence[Receipt]) -> dict[str, UUID]:
    """Return the attempt that each receipt names, by the receipt's event id."""
    about: dict[str, UUID] = {}
    for each in receipts:
        attempt_id = each.attempt_id
        if attempt_id is None and each.provider_message_id is not None:
            attempt_id = await attempts.find_attempt_by_message(connection, each.provider_message_id)
        if attempt_id is not None:
            about[each.event_id] = attempt_id
    return about


async def _lock_people(
    connection: Connection, receipts: Sequence[Receipt], about: Mapping[str, UUID]
) -> None:
    """Lock everybody concerned at once, in order: those written to, and those who share a closed address."""
    found = await attempts.read_attempts(connection, set(about.values()))
    closed = {address for each in receipts if _closes(each) for address in _addresses(each, about, found)}
    whose = {each.person_id for each in found.values()}
    await people.lock_people(connection, whose | set(await people.list_people_at(connection, closed)))


def _tell(
    receipts: Sequence[Receipt], about: Mapping[str, UUID], found: Mapping[UUID, StoredAttempt]
) -> list[_Told]:
    """Join receipts with attempts; a receipt of a message that was never ours is passed by."""
    return [
        _Told(each, found[about[each.event_id]])
        for each in receipts
        # What was never called cannot have been received: somebody else's id, or a forged one.
        if about.get(each.event_id) in found and found[about[each.event_id]].called_at is not None
    ]


def _closes(receipt: Receipt) -> bool:
    return receipt.opted_out or receipt.complained or receipt.unreachable


def _addresses(
    receipt: Receipt, about: Mapping[str, UUID], found: Mapping[UUID, StoredAttempt]
) -> Iterable[str]:
    attempt = found.get(about[receipt.event_id]) if receipt.event_id in about else None
    if attempt is not None:
        yield attempt.address
    elif receipt.address is not None:
        yield receipt.address.casefold()


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


async def _send_again(connection: Connection, again: Mapping[UUID, _Told], *, now: datetime) -> set[str]:
    """It certainly reached nobody and the person is not to blame: free the reservation, decide again."""
    returned = await touches.return_touches(
        connection,
        {
            key: (now + back_off(each.attempt.tries + 1), each.receipt.code or "not_delivered")
            for key, each in again.items()
        },
        now=now,
    )
    await ledger.settle_contacts(connection, dict.fromkeys(again, (ContactOutcome.NOT_SENT, None)))
    return returned


def _closing(
    receipts: Sequence[Receipt], told: Sequence[_Told], provider: str, now: datetime
) -> list[Suppression]:
    """Return what the receipts close: by person and address, or the address where that is all we know."""
    attempt_of = {each.receipt.event_id: each.attempt for each in told}
    return [
        Suppression(
            suppression_id=f"{provider}:{each.event_id}",
            person_id=attempt.person_id if attempt is not None and _is_stop(each) else None,
            address=attempt.address if attempt is not None else (each.address or "").casefold(),
            # Only email's receipts name the address.
            channel=attempt.channel if attempt is not None else Channel.EMAIL,
            kind="opted_out" if _is_stop(each) else "unreachable",
            at=each.at or now,
        )
        for each in receipts
        if _closes(each)
        for attempt in [attempt_of.get(each.event_id)]
        if attempt is not None or each.address
    ]


def _is_stop(receipt: Receipt) -> bool:
    return receipt.opted_out or receipt.complained


async def _close_addresses(
    connection: Connection, closing: Sequence[Suppression], *, now: datetime
) -> list[OutgoingEvent]:
    """Close these; the caller has locked everybody at these addresses."""
    new = await suppressions.record_suppressions(connection, closing, origin="provider")
    fresh = [each for each in closing if each.suppression_id in new]
    at_address = {
        each.suppression_id: await people.list_people_at(connection, [each.address or ""]) for each in fresh
    }
    concerned = {each.person_id for each in fresh if each.person_id} | {
        person for each in at_address.values() for person in each
    }
    await people.raise_revisions(connection, concerned)
    await touches.reconsider_touches(connection, sorted(concerned), now=now)
    return [
        closed_addresses(each, person_id=person, origin="provider", now=now)
        for each in fresh
        for person in ([each.person_id] if each.person_id else at_address[each.suppression_id])
    ]
