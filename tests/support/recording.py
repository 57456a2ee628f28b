"""A provider that keeps what it is handed, and answers, hangs or dies as a story wants."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from outreach.model.message import Message
from outreach.model.outcome import Accepted, Outcome
from outreach.model.words import Channel
from tests.support.mortal import WorkerDied


@dataclass
class RecordingProvider:
    """Accepts everything, unless `answers` holds outcomes for the next calls; keeps what it was handed.

    While `dies` is set the worker dies in the call; while `hangs` is set the call waits for it.
    `passes` is told before the message is handed over, and before the answer is.
    """

    name: str
    channel: Channel
    sent: list[Any] = field(default_factory=list)
    answers: list[Outcome] = field(default_factory=list)
    dies: bool = False
    hangs: asyncio.Event | None = None
    called: asyncio.Event = field(default_factory=asyncio.Event)
    passes: Callable[[str], None] = lambda _: None

    async def send(self, message: Message) -> Outcome:
        self.passes("call")
        self.sent.append(message)
        self.passes("answer")
        self.called.set()
        if self.dies:
            raise WorkerDied
        if self.hangs is not None:
            await self.hangs.wait()
        return (
            self.answers.pop(0)
            if self.answers
            else Accepted(f"{self.name}-{len(self.sent)}-{message.attempt_id}")
        )

    async def close(self) -> None:
        return None
