"""Replan: a new playbook takes hold of what is planned, a few people at a time."""

import structlog

from foundation.clock import Clock
from foundation.database import Database
from outreach.model.playbook import Playbook
from outreach.planning.plan import plan_debts
from outreach.store import debts, people

log = structlog.get_logger(__name__)

_AT_A_TIME = 500


async def replan_everybody(*, database: Database, clock: Clock, playbook: Playbook) -> int:
    """Reconcile everybody's plan with the playbook; return how many people there are.

    Doing it twice, or on several replicas at once, ends in the same plan.
    """
    after, total = "", 0
    while True:
        async with database.transaction() as connection:
            batch = await people.list_all_people(connection, after=after, limit=_AT_A_TIME)
            if not batch:
                log.info("replanned", people=total)
                return total
            await people.lock_people(connection, batch)
            owed = await debts.read_debts(connection, batch)
            await plan_debts(connection, owed, playbook=playbook, now=clock.now())
        after, total = batch[-1], total + len(batch)
