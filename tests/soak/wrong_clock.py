"""Run one of our commands with a wrong clock: `python -m tests.soak.wrong_clock 60 outreach run`.

The product has no such setting: here the clock that its wiring builds is another one. Below zero it is
behind.
"""

import sys
from datetime import datetime, timedelta

import outreach.app
import preferences.cli.running
from foundation.clock import SystemClock
from outreach.cli.main import cli as outreach_command
from preferences.cli.main import cli as preferences_command


class WrongClock(SystemClock):
    """The machine's clock, set ahead or behind."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


if __name__ == "__main__":
    WrongClock.ahead = timedelta(seconds=float(sys.argv.pop(1)))
    for wiring in (outreach.app, preferences.cli.running):
        setattr(wiring, "SystemClock", WrongClock)  # noqa: B010 (it is not the module's to give away)
    commands = {"outreach": outreach_command, "preferences": preferences_command}
    commands[sys.argv.pop(1)]()
