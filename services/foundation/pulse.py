"""Whether work that goes round and round still does: what hangs says nothing, and nothing else would tell."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import structlog

_LOOKS_EVERY: Final = timedelta(seconds=15)
#: Two minutes, in which whatever was claimed is another's again.
_LOOKS_IN_VAIN: Final = 8

log = structlog.get_logger(__name__)


class Hangs(Exception):
    """Work neither went on nor came to rest for longer than it ever has to."""


class Pulse:
    """What a round of work is counted by, and watched.

    Looks are counted, not time: whoever was frozen with all of its process hangs no more than before.
    """

    def __init__(self, *, looks_every: timedelta = _LOOKS_EVERY) -> None:
        self._looks_every = looks_every
        self._beats = 0
        #: Whether there is nothing to do until the next beat.
        self.resting = True
        self._task: asyncio.Task[Any] | None = None

    def beat(self) -> None:
        """Say that the caller's task goes on."""
        self._beats += 1
        self.resting = False
        self._task = asyncio.current_task()

    def rest(self) -> None:
        """Say that there is nothing to do."""
        self.resting = True

    async def watch(self, stop: asyncio.Event) -> None:
        """Look until told to stop.

        Raises:
            Hangs: nothing beat for `_LOOKS_IN_VAIN` looks, and nothing rested. The log says where it stands.
        """
        seen, in_vain = self._beats, 0
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._looks_every.total_seconds())
            in_vain = in_vain + 1 if self._beats == seen and not self.resting else 0
            seen = self._beats
            if in_vain >= _LOOKS_IN_VAIN and not stop.is_set():
                log.error("work hangs", waits_in=_where(self._task))
                raise Hangs


def _where(task: asyncio.Task[Any] | None) -> list[str]:
    """Return the calls that a task waits in, the outermost first: `file:line function`."""
    found = []
    waits: Any = task.get_coro() if task is not None else None
    # A coroutine knows which other it waits for; the last waits for what has no frame of its own.
    while frame := getattr(waits, "cr_frame", None):
        code = frame.f_code
        found.append(f"{code.co_filename.rpartition('/')[2]}:{frame.f_lineno} {code.co_qualname}")
        waits = waits.cr_await
    return found
