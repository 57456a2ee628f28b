"""What is told of somebody who is erased: the last word on their key."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from foundation.outbox import OutgoingEvent
from preferences.announcing.events import event_of
from preferences.model.record import moment
from preferences.store.erasures import KeptStop

#: What one event takes; nobody has said more.
MOST_STOPS: Final = 1000


def erased(person_id: str, stops: Sequence[KeptStop], *, version: int, now: datetime) -> OutgoingEvent:
    """Announce that a person is erased, with what stays of their stops."""
    data = {
        "person_id": person_id,
        "version": version,
        "erased_at": moment(now),
        "stops": [
            {
                "opt_out_id": stop.opt_out_id,
                "digest": stop.digest,
                "channel": stop.channel,
                "kind": stop.kind,
                "origin": stop.origin,
                "at": moment(stop.at),
                "heard_at": moment(stop.heard_at),
            }
            for stop in stops[:MOST_STOPS]
        ],
    }
    return event_of("person.erased.v1", data, key=person_id, now=now)
