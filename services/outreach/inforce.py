"""Which version of the config is in force: every replica follows the one row that names it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import structlog

from foundation.clock import Clock
from foundation.database import Database
from foundation.metrics import Metrics
from outreach.policyfiles.guidance import read_folder, read_guidance
from outreach.policyfiles.problems import ConfigError
from outreach.steps.guidance import Guidance
from outreach.steps.replan import replan_everybody
from outreach.store import operations, touches

log = structlog.get_logger(__name__)


class InForce:
    """Holds the version in force and follows it; reads the files again when they changed.

    Files that do not validate change nothing: the problems are logged and counted.
    """

    def __init__(
        self,
        *,
        folder: Path,
        database: Database,
        clock: Clock,
        metrics: Metrics,
        spread: timedelta = timedelta(minutes=10),
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._folder = folder
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._spread = spread
        self._changed = changed
        self._seen: dict[str, str] = {}
        self._guidance: Guidance | None = None

    def guidance(self) -> Guidance:
        """Return what is in force, as one value."""
        if self._guidance is None:
            raise LookupError("nothing is in force yet: call start first")
        return self._guidance

    async def start(self) -> None:
        """Put the files in force, or follow what the database says where they are the same.

        Raises:
            ConfigError: the files do not validate; refuse to start.
            DatabaseUnavailable: the version in force cannot be known.
        """
        files = read_folder(self._folder)
        guidance = read_guidance(files)
        self._seen = files
        await self._switch(guidance, files)
        await self.follow()

    async def tick(self) -> None:
        """Put changed files in force, and follow what other replicas put there."""
        self._metrics.set("config_invalid", 0)
        try:
            files = read_folder(self._folder)
            if files != self._seen:
                # Remembered first: a file that does not validate is reported once per change.
                self._seen = files
                await self._switch(read_guidance(files), files)
        except ConfigError as error:
            self._metrics.set("config_invalid", 1)
            for each in error.problems:
                log.warning(
                    "config refused; the one in force stays", file=each.file, line=each.line, fix=each.fix
                )
        await self.follow()

    async def follow(self) -> None:
        """Take over the version that the database names."""
        async with self._database.transaction() as connection:
            named = await operations.find_config_in_force(connection)
        if named is None or (self._guidance is not None and named.version == self._guidance.version):
            return
        self._guidance = read_guidance(named.content)
        log.info("config in force", version=named.version, policy=self._guidance.policy.version)
        self._changed()

    async def _switch(self, guidance: Guidance, files: dict[str, str]) -> None:
        """Put a version in force for all replicas; have what others put off decided again."""
        now = self._clock.now()
        async with self._database.transaction() as connection:
            switched = await operations.switch_config(
                connection,
                version=guidance.version,
                policy=guidance.policy.version,
                content=files,
                by=None,
                now=now,
            )
            if switched:
                await touches.reconsider_older_policies(
                    connection, policy=guidance.policy.version, spread=self._spread, now=now
                )
        if switched:
            await replan_everybody(database=self._database, clock=self._clock, playbook=guidance.playbook)
