"""The other systems of the fictional agency: they publish events of debts, payments and people."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from foundation.records import Record
from outreach.demo.happenings import AgencyEvent, Garbled, Introduced
from outreach.demo.neighbor import CHECK_KEY
from outreach.demo.population import Resident
from schemas.light_check import digest_of_fact
from schemas.people import PersonChanged
from schemas.registry import EVENT_TYPES

_HEADERS = (("content-type", b"application/cloudevents+json"),)
#: What is told of somebody in lists, each entry as an event of its own.
_ONE_BY_ONE = {"consents": "consent.granted", "notices": "notice.posted", "holds": "hold.placed"}


class Agency:
    """Turns what happens into Kafka records."""

    def __init__(self, residents: Iterable[Resident]) -> None:
        self._residents = {resident.person_id: resident for resident in residents}
        self._events = 0
        self._offsets: Counter[str] = Counter()

    def records(self, happening: AgencyEvent | Introduced | Garbled) -> Iterator[Record]:
        """Yield the records that carry it."""
        match happening:
            case AgencyEvent(kind=kind, data=data):
                yield self._carry(kind, happening.person_id, happening.at, data)
            case Introduced():
                yield from self._introduction(self._residents[happening.person_id], happening.at)
            case Garbled():
                # A number where an amount has to be a string.
                data = {"debt_id": f"{happening.person_id}-x", "balance": 12.5}
                yield self._carry("debt.updated", happening.person_id, happening.at, data)

    def _introduction(self, resident: Resident, at: datetime) -> Iterator[Record]:
        facts = {
            fact: digest_of_fact(CHECK_KEY, resident.person_id, fact, answer)
            for fact, answer in resident.answers.items()
        }
        known = {
            name: value for name, value in resident.profile.items() if name in PersonChanged.model_fields
        }
        yield self._carry("person.changed", resident.person_id, at, {**known, "light_check": facts})
        for name, kind in _ONE_BY_ONE.items():
            for entry in resident.profile.get(name, ()):
                yield self._carry(kind, resident.person_id, at, entry)

    def _carry(self, kind: str, person_id: str, at: datetime, data: Mapping[str, Any]) -> Record:
        self._events += 1
        topic = EVENT_TYPES[f"{kind}.v1"].topic
        event = {
            "specversion": "1.0",
            "id": f"demo-{self._events}",
            "source": "/agency",
            "type": f"{kind}.v1",
            "subject": person_id,
            "time": at.isoformat(),
            "datacontenttype": "application/json",
            "data": data,
        }
        offset = self._offsets[topic]
        self._offsets[topic] += 1
        return Record(topic, 0, offset, person_id.encode(), msgspec.json.encode(event), _HEADERS)
