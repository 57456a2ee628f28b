"""What is known of a story's people: the snapshots that preferences would publish of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from outreach.desk.story_cases.shapes import StoryPerson
from outreach.desk.story_cases.story import AnEvent, addresses

#: How long before the first event consents were given, numbers checked and notices posted.
_BEFORE: Final = timedelta(days=20)
_SIMPLE: Final = (
    *("names", "language", "addresses", "phones", "emails", "zones", "convenient", "inconvenient"),
    *("refused_channels", "preferred_channels"),
)


class StoryPeople:
    """Keeps what is known of each person, and writes it as the next snapshot.

    It stands for the preferences service, as far as a story needs it: what is published by
    `person.changed`, consents, holds, checks and notices is folded in; a withdrawal closes its channel.
    """

    def __init__(
        self, people: Mapping[str, StoryPerson], *, begins: datetime, notices: Iterable[str]
    ) -> None:
        given_at = (begins - _BEFORE).isoformat()
        posted_on = (begins - _BEFORE).date().isoformat()
        self._known = {
            person_id: _first(person, given_at=given_at, posted_on=posted_on, notices=notices)
            for person_id, person in people.items()
        }
        self._versions = dict.fromkeys(people, 0)
        self._before = begins - timedelta(seconds=1)

    def everybody(self) -> list[bytes]:
        """Return the first snapshot of each person, as CloudEvents."""
        return [self._snapshot(person_id, at=self._before) for person_id in self._known]

    def after(self, event: AnEvent) -> bytes:
        """Return the snapshot that follows from an event about a person.

        Raises:
            ValueError: the event says nothing that a snapshot holds.
        """
        content = msgspec.json.decode(event.content)
        data, time = content["data"], content["time"]
        known = self._known.setdefault(event.person_id, {})
        self._versions.setdefault(event.person_id, 0)
        match event.type:
            case "person.changed.v1":
                known |= {key: value for key, value in data.items() if key in _SIMPLE}
            case "consent.granted.v1":
                granted = {
                    "channel": data["channel"],
                    "basis": data["basis"],
                    "address": data.get("address"),
                    "at": data.get("at") or time,
                }
                known["consents"] = [*known.get("consents", ()), granted]
            case "consent.withdrawn.v1":
                self._withdraw(known, data, event_id=content["id"], time=time)
            case "hold.placed.v1":
                hold = {key: value for key, value in data.items() if key != "note"}
                known["holds"] = [*known.get("holds", ()), {"since": time, **hold}]
            case "hold.lifted.v1":
                known["holds"] = [
                    hold for hold in known.get("holds", ()) if hold["hold_id"] != data["hold_id"]
                ]
                known["lifted_holds"] = [*known.get("lifted_holds", ()), data["hold_id"]]
            case "number.checked.v1":
                known["number_checks"] = [
                    *(check for check in known.get("number_checks", ()) if check["number"] != data["number"]),
                    data,
                ]
            case "notice.posted.v1":
                known["notices"] = [*known.get("notices", ()), data]
            case _:
                raise ValueError(f"{event.type} says nothing of a person")
        return self._snapshot(event.person_id, at=event.at)

    def _withdraw(self, known: dict[str, Any], data: Mapping[str, Any], *, event_id: str, time: str) -> None:
        channels = [data["channel"]] if data.get("channel") else ["sms", "email", "voice", "post"]
        closed = [
            {
                "opt_out_id": f"{event_id}:{channel}",
                "channel": channel,
                "address": data.get("address"),
                "at": time,
            }
            for channel in channels
        ]
        known["opt_outs"] = [*known.get("opt_outs", ()), *closed]
        known["consents"] = [
            consent for consent in known.get("consents", ()) if consent["channel"] not in channels
        ]

    def _snapshot(self, person_id: str, *, at: datetime) -> bytes:
        self._versions[person_id] += 1
        version = self._versions[person_id]
        data = {
            **self._known[person_id],
            "person_id": person_id,
            "version": version,
            "changed_at": at.isoformat(),
        }
        return msgspec.json.encode(
            {
                "specversion": "1.0",
                "id": f"snapshot-{person_id}-{version}",
                "source": "/preferences",
                "type": "person.snapshot.v1",
                "subject": person_id,
                "time": at.isoformat(),
                "datacontenttype": "application/json",
                "data": data,
            }
        )


def _first(person: StoryPerson, *, given_at: str, posted_on: str, notices: Iterable[str]) -> dict[str, Any]:
    phones = [{"number": phone} if isinstance(phone, str) else phone for phone in person.phones]
    emails = [{"address": email} if isinstance(email, str) else email for email in person.emails]
    known: dict[str, Any] = {
        "addresses": [person.address] if person.address else [],
        "phones": phones,
        "emails": emails,
        "zones": person.zones,
        "preferred_channels": person.preferred_channels,
        "refused_channels": person.refused_channels,
        "convenient": person.convenient,
        "inconvenient": person.inconvenient,
    }
    if person.names is not None:
        known["names"] = person.names
    if person.language is not None:
        known["language"] = person.language
    if person.consents is None:
        reached = [("sms", number) for number in addresses(person.phones)]
        reached += [("voice", number) for number in addresses(person.phones)]
        reached += [("email", address) for address in addresses(person.emails)]
        known["consents"] = [
            {"channel": channel, "address": address, "basis": "direct", "at": given_at}
            for channel, address in reached
        ]
    if person.checks is None:
        known["number_checks"] = [
            {"number": number, "result": "not_reassigned", "at": given_at}
            for number in addresses(person.phones)
        ]
    if person.notices is None:
        known["notices"] = [{"name": name, "on": posted_on} for name in sorted(notices)]
    return known
