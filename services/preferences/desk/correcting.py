"""Which entries may be corrected, and what to do about the others."""

from foundation.database import Connection
from preferences.desk.changing import ChangeRefused, NothingThere
from preferences.model.entry import CARRIED
from preferences.model.record import CORRECTABLE
from preferences.store import entries as ledger
from schemas.people import StatementCorrected
from schemas.provenance import Provenance


async def correction_of_entry(
    connection: Connection, person_id: str, number: int, *, reason: str, provenance: Provenance | None
) -> StatementCorrected:
    """Return what corrects an entry about a person.

    Raises:
        NothingThere: no entry of this number is about them.
        ChangeRefused: it closed something, which no correction opens.
    """
    entry = await ledger.find_entry(connection, number)
    if entry is None or entry.person_id != person_id:
        raise NothingThere(
            "no entry of this number is about this person; read the history for those that are"
        )
    if entry.type not in CORRECTABLE | {CARRIED}:
        raise ChangeRefused(
            "this entry closed something: lift a hold by its name; a later consent of the person lifts a stop"
        )
    correction = StatementCorrected(event_source=entry.source, event_id=entry.event_id, reason=reason)
    return correction if provenance is None else correction.model_copy(update={"provenance": provenance})
