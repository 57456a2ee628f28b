"""Records that were kept aside, as tests look at them."""

from foundation import quarantine
from foundation.database import Database
from foundation.quarantine import QuarantinedRecord


async def find_kept(record_id: int, database: Database) -> QuarantinedRecord:
    async with database.transaction() as connection:
        kept = await quarantine.find(connection, record_id)
    assert kept is not None
    return kept
