"""How often one network address, and one link, may ask: in this process, whatever others count."""

from collections import OrderedDict
from typing import Final

from aiolimiter import AsyncLimiter

#: As many are remembered; beyond them whoever asked least lately begins anew.
_MOST: Final = 20_000
#: So many seconds' worth may come at once.
_BURST: Final = 10


class Rates:
    """Counts requests by whoever makes them: so many of each in a second."""

    def __init__(self, per_second: float) -> None:
        self._most = max(per_second * _BURST, 1)
        self._period = self._most / per_second
        self._limiters: OrderedDict[str, AsyncLimiter] = OrderedDict()

    async def allow(self, whose: str) -> bool:
        """Count a request; tell whether it is one of those that may be made now. Nobody waits."""
        limiter = self._limiters.pop(whose, None) or AsyncLimiter(self._most, self._period)
        self._limiters[whose] = limiter
        if len(self._limiters) > _MOST:
            self._limiters.popitem(last=False)
        if not limiter.has_capacity():
            return False
        await limiter.acquire()
        return True

    def forget(self, whose: str) -> None:
        """Count nothing of whoever this is, as where what they asked for could not be done."""
        self._limiters.pop(whose, None)
