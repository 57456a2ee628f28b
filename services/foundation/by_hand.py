"""From the outbox of one service to another in the same process, as records: where no Kafka is between."""

from collections import Counter
from collections.abc import Sequence

from foundation import outbox
from foundation.database import Database
from foundation.records import Record
from foundation.relay import HEADERS, serialize

_AT_ONCE = 1000


class ByHand:
    """Takes what a service would publish, and hands it over as a consumer would read it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._offsets: Counter[str] = Counter()

    async def take(self, topic: str) -> Sequence[Record]:
        """Empty the outbox, and return what was for a topic, in order; what was for others is gone."""
        taken: list[Record] = []
        async with self._database.transaction() as connection:
            while entries := await outbox.read_front(connection, limit=_AT_ONCE):
                await outbox.delete(connection, entries)
                taken += [self._record(entry) for entry in entries if entry.topic == topic]
        return taken

    def _record(self, entry: outbox.Entry) -> Record:
        offset = self._offsets[entry.topic]
        self._offsets[entry.topic] += 1
        return Record(entry.topic, 0, offset, entry.key.encode(), serialize(entry), tuple(HEADERS))
