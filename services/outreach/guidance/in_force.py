"""Keeps every replica on the one version of the config that the database names."""

from datetime import timedelta
from pathlib import Path

import structlog

from foundation.clock import Clock
from foundation.database import Database
from foundation.metrics import Metrics
from outreach.guidance.checking.check import admit
from outreach.guidance.files.folder import changed_by, guidance_of, read_folder, read_guidance, understand
from outreach.guidance.files.problems import ConfigError
from outreach.guidance.guidance import Guidance
from outreach.planning.replan import replan_everybody
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
    ) -> None:
        self._folder = folder
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._spread = spread
        self._seen: dict[str, str] = {}
        #: The version of the files in the folder, as far as they validate.
        self._own: str | None = None
        self._guidance: Guidance | None = None

    def guidance(self) -> Guidance:
        """Return what is in force, as one value."""
        if self._guidance is None:
            raise LookupError("nothing is in force yet: call start first")
        return self._guidance

    async def start(self) -> None:
        """Put the files in force if they are new; follow the database if they have been in force before.

        A restart with old files, of whatever replica, therefore never takes back what was put in force
        since. A change of files under a running replica may: somebody wanted it.

        Raises:
            ConfigError: the files do not validate; refuse to start.
            DatabaseUnavailable: the version in force cannot be known.
        """
        files = read_folder(self._folder)
        guidance = await self._admit(files)
        self._seen = files
        await self._switch(guidance, files, starting=True)
        await self.follow()
        await self._renew(self.guidance())
        if self.guidance().version != guidance.version:
            log.warning(
                "the files here were in force before and are superseded; following what is in force",
                files=guidance.version,
                in_force=self.guidance().version,
            )

    async def says_superseded(self) -> str | None:
        """Say, for whoever asks after health, that the files here are not what is in force."""
        in_force = self.guidance().version
        if self._own in (None, in_force):
            return None
        return f"in force is {in_force}, the files here are {self._own}; change them to put them in force"

    async def tick(self) -> None:
        """Put changed files in force, follow what other replicas put there, and have it take hold."""
        files = await self._read_if_changed()
        if files is not None:
            try:
                await self._switch(await self._admit(files), files)
            except ConfigError as error:
                self._refuse(error)
            else:
                self._metrics.set("config_invalid", 0)
            # Remembered only now: what an outage kept from being put in force is tried again. A file
            # that does not validate is reported once per change.
            self._seen = files
        if await self.follow():
            await self._replan()

    async def follow(self) -> bool:
        """Take over the version that the database names; return whether plans have yet to follow it."""
        async with self._database.transaction() as connection:
            named = await operations.find_config_in_force(connection)
        if named is None:
            return False
        if self._guidance is None or named.version != self._guidance.version:
            self._guidance = read_guidance(named.content)
            log.info("config in force", version=named.version, policy=self._guidance.policy.version)
        return not named.replanned

    async def _admit(self, files: dict[str, str]) -> Guidance:
        """Return what files say that may be put in force; what once was stays good enough.

        Raises:
            ConfigError: there is an error in them.
        """
        folder = understand(files)
        guidance = guidance_of(folder)
        async with self._database.transaction() as connection:
            if await operations.was_in_force(connection, guidance.version):
                return guidance
        return admit(folder, now=self._clock.now())

    async def _read_if_changed(self) -> dict[str, str] | None:
        try:
            files = read_folder(self._folder)
        except ConfigError as error:
            self._refuse(error)
            return None
        return None if files == self._seen else files

    def _refuse(self, error: ConfigError) -> None:
        self._metrics.set("config_invalid", 1)
        for problem in error.problems:
            log.warning(
                "config refused; the one in force stays",
                file=problem.file,
                line=problem.line,
                problem=problem.message,
            )

    async def _switch(self, guidance: Guidance, files: dict[str, str], *, starting: bool = False) -> None:
        """Put a version in force for all replicas, and decide again the touches that an older one put off."""
        now = self._clock.now()
        self._own = guidance.version
        async with self._database.transaction() as connection:
            if starting and await operations.was_in_force(connection, guidance.version):
                return
            switched = await operations.switch_config(
                connection,
                version=guidance.version,
                policy=guidance.policy.version,
                content=files,
                by=changed_by(self._folder),
                now=now,
            )
            if switched:
                await touches.reconsider_older_policies(
                    connection, policy=guidance.policy.version, spread=self._spread, now=now
                )

    async def _renew(self, guidance: Guidance) -> None:
        """Have the same files mean what this release makes of them: its packs may be others than before.

        The gate compares policies, so what was decided by the packs of before would wait for ever.
        """
        now = self._clock.now()
        async with self._database.transaction() as connection:
            policy = guidance.policy.version
            if await operations.renew_policy(connection, version=guidance.version, policy=policy):
                await touches.reconsider_older_policies(
                    connection, policy=policy, spread=self._spread, now=now
                )
                log.info("the files in force are read by the packs of this release", policy=policy)

    async def _replan(self) -> None:
        """Reconcile everybody's plan; a crash in between, or another replica doing the same, does no harm."""
        guidance = self.guidance()
        await replan_everybody(database=self._database, clock=self._clock, playbook=guidance.playbook)
        async with self._database.transaction() as connection:
            await operations.note_replanned(connection, version=guidance.version)
