"""`outreach quarantine`: look at records that nobody could read, and replay or dismiss them."""

from foundation.acts import Actor
from foundation.clock import SystemClock
from foundation.database import Database
from foundation.quarantine_commands import quarantine_commands
from outreach.cli.shared import COMMANDS, playbook_in_force
from outreach.desk import quarantine as desk
from schemas.envelope import Malformed


async def _replay(record_id: int, database: Database, actor: Actor) -> None:
    playbook = await playbook_in_force(database)
    await desk.replay(record_id, actor=actor, database=database, playbook=playbook, clock=SystemClock())


async def _dismiss(record_id: int, database: Database, actor: Actor) -> None:
    await desk.dismiss(record_id, actor=actor, database=database, clock=SystemClock())


cli = quarantine_commands(COMMANDS, replay=_replay, dismiss=_dismiss, malformed=Malformed)
