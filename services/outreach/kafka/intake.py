"""What outreach listens to, and how a batch of it becomes facts and plans."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from foundation.clock import Clock
from foundation.database import Database
from foundation.intake import Batch, Intake, no_objection
from foundation.quarantine import MalformedRecord
from foundation.records import Record
from outreach.model.playbook import Playbook
from outreach.planning.ingest import ingest
from outreach.planning.inputs import CONSUMED
from schemas import envelope
from schemas.envelope import Event


def intake_of(
    *,
    database: Database,
    clock: Clock,
    playbook: Callable[[], Playbook],
    insist: Callable[[], Awaitable[None]] = no_objection,
) -> Intake[Event]:
    """Return the intake that turns records into facts and into plans of the playbook in force."""

    async def ingest_batch(batch: Batch[Event]) -> None:
        await ingest(batch, database=database, playbook=playbook(), clock=clock)

    return Intake(
        consumed=CONSUMED,
        read=read_record,
        person_of=envelope.readable_person,
        ingest=ingest_batch,
        clock=clock,
        insist=insist,
    )


def read_record(record: Record, *, now: datetime) -> Event | MalformedRecord:
    """Read one record as an event of the contract, or say why it is none."""
    try:
        return envelope.parse(
            topic=record.topic, key=record.key, value=record.value, headers=record.headers, now=now
        )
    except envelope.Malformed as error:
        return MalformedRecord(
            record=record,
            reason=error.reason,
            problem=error.problem,
            person=envelope.readable_person(record.key),
        )
