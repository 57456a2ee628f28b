"""Every route of `/v1` that changes something leaves an entry: which token, when, what, about whom."""

from typing import Any, Final

import pytest

from foundation.access import Access
from foundation.clock import ManualClock
from foundation.database import Database
from preferences.http.api import api
from tests.preferences.callers import calling
from tests.preferences.stories import ADA, NOW, SMS, happened, hears

pytestmark = pytest.mark.migrated("preferences")

_PROOF: Final = {"by": "person", "way": "call", "evidence": [{"kind": "call", "reference": "call-7"}]}

#: One call of each, in an order in which all can be made, and the type of the entry that it leaves.
CHANGES: Final[dict[str, tuple[str, dict[str, Any], str]]] = {
    "change_person": ("", {"language": "es"}, "person.changed.v1"),
    "grant_consent": (
        "/consents",
        {"channel": "sms", "basis": "direct", "provenance": _PROOF},
        "consent.granted.v1",
    ),
    "withdraw_consent": ("/withdrawals", {"channel": "sms"}, "consent.withdrawn.v1"),
    "place_hold": ("/holds", {"hold_id": "h-1", "kind": "hardship", "days": 30}, "hold.placed.v1"),
    "lift_hold": ("/holds/h-1/lift", {}, "hold.lifted.v1"),
    "record_check": (
        "/checks",
        {"number": SMS, "result": "not_reassigned", "at": "2026-11-23T10:00:00Z"},
        "number.checked.v1",
    ),
    "record_notice": ("/notices", {"name": "written_notice", "on": "2026-11-02"}, "notice.posted.v1"),
    "merge_people": ("/merges", {"other_id": "person-2"}, "person.merged.v1"),
    "separate_people": (
        "/separations",
        {"other_id": "person-2", "reason": "a household"},
        "person.separated.v1",
    ),
    "correct_entry": ("/corrections", {"entry": 1, "reason": "a slip"}, "statement.corrected.v1"),
}

#: Ask by POST, because what they ask by is not for an address.
ASKING: Final = {"search_people", "read_people"}


def changing_routes(database: Database) -> dict[str, str]:
    """Return every route of `/v1` that is no GET, by its name: its method."""
    clock = ManualClock(NOW)
    application = api(database=database, clock=clock, access=Access(database=database, clock=clock))
    return {
        operation["operationId"]: method.upper()
        for path in application.openapi()["paths"].values()
        for method, operation in path.items()
        if method != "get"
    }


async def test_each_change_leaves_an_entry_of_its_caller(database: Database) -> None:
    routes = changing_routes(database)
    await hears(database, happened("person.changed", names={"given": "Ada"}))
    await hears(database, happened("person.changed", to="person-2", language="en"))
    left: dict[str, set[tuple[int, str]]] = {}

    async with calling(database, name="dialer-west") as dialer:
        for name, (path, body, _) in CHANGES.items():
            before = await entries_of("dialer-west", database)
            given = {"If_Match": "*"} if routes[name] == "PATCH" else {}
            answer = await dialer.ask(routes[name], f"/v1/people/{ADA}{path}", body=body, **given)
            assert answer.status == 200, (name, answer.body)
            left[name] = set(await entries_of("dialer-west", database)) - set(before)

    assert {name: {kind for _, kind in entries} for name, entries in left.items()} == {
        name: {kind} for name, (_, _, kind) in CHANGES.items()
    }
    assert {*CHANGES, *ASKING} == set(routes)


async def entries_of(caller: str, database: Database) -> list[tuple[int, str]]:
    """Return what somebody said about Ada of late, by its number in the ledger."""
    async with database.reading() as connection:
        rows = await connection.fetch(
            "SELECT number, type FROM entries WHERE caller = $1 AND person_id = $2 AND heard_at >= $3",
            *(caller, ADA, NOW),
        )
    return [(row["number"], row["type"]) for row in rows]
