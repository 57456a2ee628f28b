"""Which names the data has, for checking those in files."""

from foundation.database import Database
from outreach.guidance.checking.material import KnownNames
from outreach.store import debts


async def list_known_names(database: Database) -> KnownNames:
    """Return the creditors and portfolios that debts in the database have."""
    async with database.reading() as connection:
        names = await debts.list_creditors_and_portfolios(connection)
    return KnownNames(
        creditors=frozenset(creditor for creditor, _ in names),
        portfolios=frozenset(portfolio for _, portfolio in names if portfolio is not None),
    )
