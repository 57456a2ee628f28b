"""Run one of our commands with its clock set ahead: `python -m tests.soak.ahead SECONDS run --only dispatch`.

The product has no such setting: here the clock that its wiring builds is another one.
"""

import sys
from datetime import datetime, timedelta

import outreach.app
from foundation.clock import SystemClock
from outreach.cli.main import cli


class AheadClock(SystemClock):
    """The machine's clock, set ahead."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


if __name__ == "__main__":
    AheadClock.ahead = timedelta(seconds=float(sys.argv.pop(1)))
    setattr(outreach.app, "SystemClock", AheadClock)  # noqa: B010 (it is not the module's to give away)
    cli()
