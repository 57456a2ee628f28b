"""What operations staff paused."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """What operations staff, or the volume brake, paused: everything, or what these words narrow it to."""

    creditor: str | None
    play: str | None
    channel: str | None
    paused_at: datetime
    paused_by: str

    def covers(self, *, creditor: str, play: str, channel: str | None = None) -> bool:
        """True where it names neither another creditor, play nor channel."""
        return (
            self.creditor in (None, creditor)
            and self.play in (None, play)
            and (self.channel is None or self.channel == channel)
        )
