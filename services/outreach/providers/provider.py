"""What every provider promises: one message in, one outcome out, whatever the vendor does."""

from typing import Protocol

from outreach.model.message import Message
from outreach.model.outcome import Outcome
from outreach.model.words import Channel


class Provider(Protocol):
    """Hands messages of one channel to a vendor."""

    @property
    def name(self) -> str:
        """The vendor, as it is called in config, SQL and metrics."""
        ...

    @property
    def channel(self) -> Channel:
        """The channel it serves; a message of another channel is a broken promise."""
        ...

    async def send(self, message: Message) -> Outcome:
        """Call the vendor once and say what may be done next.

        It never repeats the call and never takes longer than its timeout. Answers, refusals,
        timeouts and broken connections are all outcomes. Canceling it leaves the fate open:
        treat that as `Unknown`.
        """
        ...

    async def close(self) -> None:
        """Release what it holds; the shared session belongs to whoever opened it."""
        ...


class WrongChannel(Exception):
    """A message was handed to a provider of another channel: our own wiring is broken."""

    def __init__(self, provider: str, message: Message) -> None:
        super().__init__(f"{provider} cannot send {type(message).__name__}")
