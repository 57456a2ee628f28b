"""Whether an id that staff wrote is anybody's: of a misspelled one there is nothing to find."""

from foundation.database import Database
from outreach.store import people, replies


class UnknownId(Exception):
    """Nobody of this id is known, and no reply of a stranger bears it."""

    def __init__(self, subject: str) -> None:
        super().__init__(f"nobody of the id {subject} is known")


async def refuse_unknown_id(subject: str, *, database: Database) -> None:
    """Refuse the id of nobody, where nothing was found of it.

    Raises:
        UnknownId: it is neither that of a person nor that of a reply.
    """
    async with database.reading() as connection:
        is_known = await people.read_people(connection, [subject])
        if not is_known and not await replies.is_kept(connection, subject):
            raise UnknownId(subject)
