"""How touches are sent: leases, limits, margins and rests."""

from dataclasses import dataclass
from datetime import timedelta

from schemas.addresses import is_same_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatching:
    """How touches are sent.

    `margin` is how long before the permitted stretch ends nothing is called any more;
    `longest_call` the total timeout of a provider call; `lease` how long an attempt belongs to
    the worker that wrote it; `spread` over how long what opens at one instant is spread.
    `allowed` addresses are the only ones that are sent to, where any are named (staging).
    `workers` calls are under way at most.
    """

    batch: int = 200
    workers: int = 50
    lease: timedelta = timedelta(minutes=2)
    longest_call: timedelta = timedelta(seconds=10)
    margin: timedelta = timedelta(seconds=30)
    spread: timedelta = timedelta(minutes=10)
    look_again: timedelta = timedelta(hours=24)
    pause_check: timedelta = timedelta(minutes=5)
    breaker_failures: int = 20
    breaker_rest: timedelta = timedelta(minutes=1)
    dry_run: bool = False
    allowed: frozenset[str] = frozenset()

    @property
    def trial(self) -> timedelta:
        """How long one call may try a provider after its rest until another may: longer than it takes."""
        return self.longest_call + timedelta(seconds=5)

    def allows(self, address: str) -> bool:
        """Tell whether an address may be sent to, however it is spelled."""
        return not self.allowed or any(is_same_address(address, allowed) for allowed in self.allowed)
