"""Gathers single requests into batches: whatever waits while one batch is worked on is the next."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeAlias, TypeVar

from foundation.database import DatabaseUnavailable

Item = TypeVar("Item")
Result = TypeVar("Result")


_Waiting: TypeAlias = tuple[Item, asyncio.Future[Result]]


class Batches(Generic[Item, Result]):
    """Calls `work` with up to `most` items at a time, one batch after the other.

    `work` returns one result per item, in order, and does all or nothing. When it fails it is called
    again with each item alone, so that a bad one harms no other; when the database is away,
    everybody of that batch hears so.
    """

    def __init__(
        self, work: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]], *, most: int = 500
    ) -> None:
        self._work = work
        self._most = most
        self._waiting: list[_Waiting[Item, Result]] = []
        self._worker: asyncio.Task[None] | None = None

    async def submit(self, item: Item) -> Result:
        """Have the item worked on with others; return its result."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        # One turn of the loop, so that everybody who is ready now is in the first batch.
        await asyncio.sleep(0)
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            try:
                await self._answer(batch)
            except BaseException as error:
                _fail(batch, error)
                raise

    async def _answer(self, batch: Sequence[_Waiting[Item, Result]]) -> None:
        try:
            results = await self._work([item for item, _ in batch])
        except DatabaseUnavailable as error:
            _fail(batch, error)
        except Exception as error:  # noqa: BLE001 (whoever submitted it is told)
            if len(batch) == 1:
                _fail(batch, error)
                return
            for item in batch:
                await self._answer([item])
        else:
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)


def _fail(batch: Sequence[_Waiting[Item, Result]], error: BaseException) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
