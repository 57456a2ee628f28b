"""When too much in a row is unreadable, reading on would only empty the topic into the quarantine."""

from collections.abc import Collection, Sequence

from foundation.quarantine import MalformedRecord
from foundation.records import Record


class FloodGuard:
    """Counts malformed records in a row, over batches and partitions; a good one begins anew.

    Once `limit` were malformed it is `flooded`, until somebody who looked into it calls `reset`.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.flooded = False
        self._in_a_row = 0

    def watch(self, records: Sequence[Record], malformed: Collection[MalformedRecord]) -> None:
        """Take note of a batch, in the order it was read."""
        if not malformed:
            self._in_a_row = 0
            return
        bad = {(record.record.partition, record.record.offset) for record in malformed}
        for record in records:
            self._in_a_row = self._in_a_row + 1 if (record.partition, record.offset) in bad else 0
            if self._in_a_row >= self.limit:
                self.flooded = True

    def reset(self) -> None:
        self.flooded = False
        self._in_a_row = 0
