"""Who may do mischief beside others, and who must be alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Any number go on beside each other; whoever must be alone waits for them, and they for whoever is."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self._others = 0
        self._is_alone = False

    @asynccontextmanager
    async def beside_others(self) -> AsyncIterator[None]:
        async with self._changed:
            await self._changed.wait_for(lambda: not self._is_alone)
            self._others += 1
        try:
            yield
        finally:
            async with self._changed:
                self._others -= 1
                self._changed.notify_all()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        async with self._changed:
            await self._changed.wait_for(lambda: not self._is_alone and not self._others)
            self._is_alone = True
        try:
            yield
        finally:
            async with self._changed:
                self._is_alone = False
                self._changed.notify_all()
