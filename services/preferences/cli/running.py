"""`preferences run`: what a deployment starts."""

from foundation import logs
from foundation.clock import SystemClock
from foundation.command_line import load_or_exit
from preferences import app
from preferences.cli.shared import answer_or_exit
from preferences.config import Config


def run() -> None:
    """Run the service until SIGTERM; what is under way then ends first."""
    logs.configure()
    config = load_or_exit(Config)
    answer_or_exit(app.run(config, clock=SystemClock()), kafka=config.kafka)
