"""The other systems of the fictional agency: they publish events, and snapshots as preferences would."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from foundation.records import Record
from outreach.demo.happenings import AgencyEvent, Changed, Garbled
from outreach.demo.population import Resident
from schemas import topics
from schemas.registry import EVENT_TYPES

_HEADERS = (("content-type", b"application/cloudevents+json"),)


class Agency:
    """Turns what happens into Kafka records."""

    def __init__(self, residents: Iterable[Resident]) -> None:
        self._profiles = {resident.person_id: dict(resident.profile) for resident in residents}
        self._versions: Counter[str] = Counter()
        self._events = 0
        self._offsets: Counter[str] = Counter()

    def record(self, happening: AgencyEvent | Changed | Garbled) -> Record:
        """Return the record that carries it."""
        match happening:
            case AgencyEvent(kind=kind, data=data):
                return self._carry(kind, happening.person_id, happening.at, dict(data))
            case Changed():
                return self._carry(
                    "person.snapshot", happening.person_id, happening.at, self._snapshot(happening)
                )
            case Garbled():
                # A number where an amount has to be a string.
                data = {"debt_id": f"{happening.person_id}-x", "balance": 12.5}
                return self._carry("debt.updated", happening.person_id, happening.at, data)

    def _snapshot(self, change: Changed) -> dict[str, Any]:
        profile = self._profiles[change.person_id]
        profile.update(change.sets)
        for name, added in change.adds.items():
            profile[name] = [*profile.get(name, []), *added]
        if change.removes:
            holds = profile.get("holds", [])
            profile["holds"] = [hold for hold in holds if hold["hold_id"] not in change.removes]
            profile["lifted_holds"] = sorted({*profile.get("lifted_holds", []), *change.removes})
        self._versions[change.person_id] += 1
        return {
            "person_id": change.person_id,
            "version": self._versions[change.person_id],
            "changed_at": change.at.isoformat(),
            **profile,
        }

    def _carry(self, kind: str, person_id: str, at: datetime, data: dict[str, Any]) -> Record:
        self._events += 1
        topic = EVENT_TYPES[f"{kind}.v1"].topic
        event = {
            "specversion": "1.0",
            "id": f"demo-{self._events}",
            "source": "/preferences" if topic == topics.PEOPLE else "/agency",
            "type": f"{kind}.v1",
            "subject": person_id,
            "time": at.isoformat(),
            "datacontenttype": "application/json",
            "data": data,
        }
        offset = self._offsets[topic]
        self._offsets[topic] += 1
        return Record(topic, 0, offset, person_id.encode(), msgspec.json.encode(event), _HEADERS)
