"""Waiting for something that other processes or tasks bring about."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")


@overload
async def eventually(
    condition: Callable[[], Awaitable[T]], *, within: float = ..., every: float = ..., what: str = ...
) -> T: ...


@overload
async def eventually(
    condition: Callable[[], T], *, within: float = ..., every: float = ..., what: str = ...
) -> T: ...


async def eventually(
    condition: Callable[[], Any], *, within: float = 60.0, every: float = 0.05, what: str = ""
) -> Any:
    """Return the first true answer of `condition`, asked again and again for at most `within` seconds.

    An `AssertionError` of the condition counts as "not yet"; the last one is the cause of the failure.
    """
    deadline = time.monotonic() + within
    problem: AssertionError | None = None
    while True:
        try:
            answer = condition()
            value = await answer if inspect.isawaitable(answer) else answer
            if value:
                return value
        except AssertionError as not_yet:
            problem = not_yet
        if time.monotonic() > deadline:
            raise AssertionError(
                f"not within {within:g} s: {what or getattr(condition, '__name__', condition)}"
            ) from problem
        await asyncio.sleep(every)
