"""What is told of a person whenever something about them is new."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from foundation.outbox import OutgoingEvent
from preferences.announcing.events import event_of
from preferences.model.record import changed_at, moment
from preferences.store.people import Person


def snapshot(person: Person, known: Mapping[str, Any], *, now: datetime) -> OutgoingEvent:
    """Announce all that is known of a person, as `snapshot_of` draws it, under the person's version."""
    data = {**known, "version": person.version, "changed_at": changed_at(person.record) or moment(now)}
    return event_of("person.snapshot.v1", data, key=person.person_id, now=now)
