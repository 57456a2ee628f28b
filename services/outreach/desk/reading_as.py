"""Who a preview is read by: somebody of the database."""

from datetime import datetime

from foundation.database import Database
from outreach.guidance.trying.previews import Reader
from outreach.model.known import PersonFacts
from outreach.model.person import Address
from outreach.sending.known import read_known


async def find_reader(person_id: str, *, database: Database, now: datetime) -> Reader | None:
    """Return a person as a reader of previews, or None where nobody of this id is known.

    The creditor is that of their first debt; who was never contacted reads first messages.
    """
    async with database.reading() as connection:
        known = await read_known(connection, [person_id], now=now)
    return _reader(known[person_id]) if person_id in known else None


def _reader(known: PersonFacts) -> Reader:
    snapshot = known.snapshot
    names = snapshot.names if snapshot is not None else None
    address = next(iter(snapshot.addresses), None) if snapshot is not None else None
    placements = (debt.placement for debt in known.debts.values())
    creditor = next((placement.value.creditor for placement in placements if placement is not None), None)
    return Reader(
        given_name=(names.given if names is not None else None) or "",
        creditor=creditor,
        place=None if address is None else _place(address),
        language=snapshot.language if snapshot is not None else None,
        is_first=not known.ledger,
    )


def _place(address: Address) -> str:
    country = address.country.strip().upper()
    return country if address.region is None else f"{country}-{address.region.strip().upper()}"
