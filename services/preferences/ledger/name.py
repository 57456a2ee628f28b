"""Name: links to the preference center find people by the keys in use, those known before them too."""

from collections.abc import Sequence
from typing import Final

from foundation.database import Database
from preferences.store import links

_PAGE: Final = 500


async def name_everybody(keys: Sequence[bytes], *, database: Database) -> int:
    """Have links of each key name everybody; return how many pages of people it took, none if it was done.

    The first is that of the links that are written now. Whoever is cut off and begins again ends the same.
    """
    async with database.transaction() as connection:
        await links.use_keys(connection, keys)
        if not await links.lacks_names(connection):
            return 0
    after: str | None = ""
    pages = 0
    while after is not None:
        async with database.transaction() as connection:
            after = await links.name_page(connection, after=after, limit=_PAGE)
            if after is None:
                await links.note_whole(connection, keys)
        pages += 1
    return pages
