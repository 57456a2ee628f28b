"""Revoke the links of a person, as where a phone was lost or somebody else reads their mail."""

from datetime import datetime

from foundation import acts
from foundation.acts import Actor
from foundation.clock import Clock
from foundation.database import Database
from preferences.announcing.events import SOURCE
from preferences.desk.changing import Change, Changed, change_within
from preferences.desk.history import PersonNotFound
from preferences.store import people
from schemas.envelope import Event
from schemas.people import LinksRevoked
from schemas.provenance import Provenance


async def revoke_links(person_id: str, *, actor: Actor, database: Database, clock: Clock) -> Changed:
    """Have no link work that was written for a person until now; those that outreach writes next do.

    Raises:
        PersonNotFound: nobody is known by this id.
    """
    now = clock.now()
    async with database.transaction() as connection:
        if await people.find_person(connection, person_id, now=now) is None:
            raise PersonNotFound(person_id)
        event = _revocation(person_id, actor=actor, now=now)
        change = Change(event=event, digest=event.digest)
        changed = await change_within(connection, change, caller=str(actor), way="command", now=now)
        await acts.record(connection, actor, "revoke links", subject=person_id, now=now)
    return changed


def _revocation(person_id: str, *, actor: Actor, now: datetime) -> Event:
    return Event(
        id=f"links-revoked:{now:%Y-%m-%dT%H:%M:%S.%fZ}:{person_id}"[:200],
        source=f"{SOURCE}/command",
        type="links.revoked.v1",
        time=now,
        person_id=person_id,
        data=LinksRevoked(provenance=Provenance(by="agent", way="command", speaker=actor.name)),
    )
