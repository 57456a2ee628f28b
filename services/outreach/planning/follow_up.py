"""What follows a touch that was made: the next repeat, or another channel."""

from collections.abc import Collection, Iterable
from datetime import datetime

from foundation.database import Connection
from outreach.model.playbook import Playbook
from outreach.model.touch import TouchProgress
from outreach.planning.plan import plan_debts
from outreach.store import debts
from outreach.store.changes import contacts_released


async def plan_next(
    connection: Connection,
    moved: Iterable[TouchProgress],
    *,
    returned: Collection[str] = (),
    playbook: Playbook,
    now: datetime,
) -> None:
    """Plan what follows a touch that was made: the next repeat, or another channel.

    For the people of `returned` touches the plan may have changed while these were being sent, and what
    gave way to them is decided again.
    """
    follows = {play.name for play in playbook.plays.values() if play.repeat or play.fallback}
    concerned = sorted({*returned, *(progress.person_id for progress in moved if progress.play in follows)})
    if concerned:
        owed = await debts.read_debts(connection, concerned)
        await plan_debts(connection, owed, playbook=playbook, now=now)
    await contacts_released(connection, returned, now=now)
