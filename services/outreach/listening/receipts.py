"""Listen, the vendors' receipts: durable before the answer, in any order, as often as the vendor likes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog

from foundation import outbox
from foundation.batches import Batches
from foundation.clock import Clock
from foundation.database import Connection, Database, wait_for_locks
from outreach.announcing import touches as announce
from outreach.listening.close_addresses import close_addresses
from outreach.listening.receipt_effects import (
    ReceiptEffects,
    ReceiptFacts,
    closing_addresses,
    receipt_effects,
)
from outreach.listening.replies import LONGEST_WAIT_FOR_A_LOCK
from outreach.model.attempt import StoredAttempt
from outreach.model.playbook import Playbook
from outreach.planning.follow_up import plan_next
from outreach.providers.receipts import Receipt
from outreach.store import attempts as stored_attempts
from outreach.store import ledger, people, replies, touches

log = structlog.get_logger(__name__)


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

    What a receipt says of an address binds before this returns.

    Raises:
        DatabaseUnavailable: nothing was recorded; the vendor must be told to try again.
    """
    now = clock.now()
    async with database.transaction() as connection:
        # Whoever is held for longer than a vendor waits: it hears no, and calls again.
        await wait_for_locks(connection, at_most=LONGEST_WAIT_FOR_A_LOCK)
        new = await replies.accept_webhook_events(
            connection, [receipt.event_id for receipt in receipts], provider=provider, now=now
        )
        fresh = list({receipt.event_id: receipt for receipt in receipts if receipt.event_id in new}.values())
        facts = await _read_facts(connection, fresh)
        effects = receipt_effects(facts, provider=provider, now=now)
        await _record(connection, effects, playbook=playbook, now=now)
    log.info("receipts", provider=provider, heard=len(receipts), new=len(new), known=len(facts.attempts))
    return len(new)


async def _read_facts(connection: Connection, receipts: Sequence[Receipt]) -> ReceiptFacts:
    """Lock everybody concerned at once, in order: those written to, and those who share a closed address."""
    about = await _find_attempts(connection, receipts)
    attempts = await _read_attempts(connection, about)
    sharing = await people.list_people_at(connection, closing_addresses(receipts, attempts))
    written_to = {attempt.person_id for attempt in attempts.values()}
    await people.lock_people(connection, {*written_to, *sharing})
    # Read again under the locks: another webhook may have said something higher meanwhile.
    current = await _read_attempts(connection, about)
    # What was never called cannot have been received: somebody else's id, or a forged one.
    called = {event: attempt for event, attempt in current.items() if attempt.called_at is not None}
    return ReceiptFacts(receipts=receipts, attempts=called)


async def _find_attempts(connection: Connection, receipts: Sequence[Receipt]) -> dict[str, UUID]:
    """Return the attempt that each receipt names, by the receipt's event id."""
    nameless = {
        receipt.provider_message_id
        for receipt in receipts
        if receipt.attempt_id is None and receipt.provider_message_id is not None
    }
    by_message = await stored_attempts.find_attempts_by_message(connection, nameless)
    about: dict[str, UUID] = {}
    for receipt in receipts:
        attempt_id = receipt.attempt_id or by_message.get(receipt.provider_message_id or "")
        if attempt_id is not None:
            about[receipt.event_id] = attempt_id
    return about


async def _read_attempts(connection: Connection, about: Mapping[str, UUID]) -> dict[str, StoredAttempt]:
    """Return the attempts that exist, by the id of the event that is about them."""
    attempts = await stored_attempts.read_attempts(connection, set(about.values()))
    return {event_id: attempts[key] for event_id, key in about.items() if key in attempts}


async def _record(
    connection: Connection, effects: ReceiptEffects, *, playbook: Playbook, now: datetime
) -> None:
    """Record what receipts led to, announce it, and plan what follows."""
    await stored_attempts.note_receipts(
        connection,
        {
            key: (receipt.status, receipt.at or now, receipt.provider_message_id)
            for key, receipt in effects.last.items()
        },
    )
    await stored_attempts.settle_attempts(connection, effects.settled, now=now)
    returned = await touches.return_touches(connection, effects.returned, now=now)
    moved = await touches.advance_touches(connection, effects.advanced, now=now)
    await ledger.settle_contacts(connection, effects.contacts)
    news = await close_addresses(connection, effects.closed, now=now)
    news += [
        announce.attempted(progress, code=effects.last[progress.attempt_id].code, segments=None, now=now)
        for progress in moved
    ]
    await outbox.append(connection, news, source=announce.SOURCE)
    await plan_next(connection, moved, returned=returned, playbook=playbook, now=now)
