"""`/v1`: every change is made once, whole, in somebody's name, and is told under the version it answered."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from foundation import tokens
from foundation.clock import ManualClock
from foundation.database import Database
from preferences.desk.history import read_history
from preferences.ledger.rebuild import differing
from tests.preferences.callers import calling
from tests.preferences.stories import ADA, EMAIL, NOW, SMS, happened, hears, latest, snapshots

pytestmark = pytest.mark.migrated("preferences")

PROOF = {"by": "person", "way": "call", "evidence": [{"kind": "call", "reference": "call-17"}]}
CONSENT: dict[str, Any] = {"channel": "sms", "basis": "direct", "address": SMS, "provenance": PROOF}


async def met(database: Database) -> None:
    await hears(
        database,
        happened("person.changed", language="en", phones=[{"number": SMS}], emails=[{"address": EMAIL}]),
    )


async def test_a_change_answers_with_the_version_that_is_published(database: Database) -> None:
    await met(database)
    async with calling(database) as crm:
        read = await crm.get(f"/v1/people/{ADA}")

        changed = await crm.patch(f"/v1/people/{ADA}", {"language": "es"}, If_Match=read.headers["ETag"])

    assert (changed.status, changed.body["version"]) == (200, (await latest(database)).version)
    assert changed.headers["ETag"] == f'"{changed.body["version"]}"'
    assert (await latest(database)).language == "es"


async def test_the_entry_names_the_token_and_keeps_the_proof(database: Database) -> None:
    async with calling(database, name="dialer-west") as dialer:
        await dialer.post(f"/v1/people/{ADA}/consents", CONSENT)
        told = await dialer.get(f"/v1/people/{ADA}/history")

    (entry,) = told.body["entries"]
    assert (entry["caller"], entry["way"], entry["said_by"]) == ("dialer-west", "call", "person")
    assert entry["evidence"] == PROOF["evidence"]


async def test_an_update_that_another_one_overtook_is_refused(database: Database) -> None:
    await met(database)
    async with calling(database) as crm:
        read = await crm.get(f"/v1/people/{ADA}")
        await crm.patch(f"/v1/people/{ADA}", {"language": "es"}, If_Match=read.headers["ETag"])

        late = await crm.patch(f"/v1/people/{ADA}", {"language": "fr"}, If_Match=read.headers["ETag"])
        blind = await crm.patch(f"/v1/people/{ADA}", {"language": "fr"})
        again = await crm.patch(f"/v1/people/{ADA}", {"language": "fr"}, If_None_Match="*")

    assert (late.status, blind.status, again.status) == (412, 428, 412)
    assert late.body["title"] == "Precondition Failed"
    assert (await latest(database)).language == "es"


async def test_of_two_updates_at_once_one_is_refused(database: Database) -> None:
    await met(database)
    async with calling(database) as crm:
        tag = (await crm.get(f"/v1/people/{ADA}")).headers["ETag"]

        answers = await asyncio.gather(
            *(
                crm.patch(f"/v1/people/{ADA}", {"language": tongue}, If_Match=tag)
                for tongue in ("es", "fr", "de")
            )
        )

    assert sorted(answer.status for answer in answers) == [200, 412, 412]


async def test_the_same_request_is_done_once_however_often_it_comes(database: Database) -> None:
    clock = ManualClock(NOW)
    async with calling(database, clock=clock) as crm:
        first = await crm.post(f"/v1/people/{ADA}/consents", CONSENT, Idempotency_Key="k-1")
        clock.advance(timedelta(hours=1))
        second = await crm.post(f"/v1/people/{ADA}/consents", CONSENT, Idempotency_Key="k-1")
        other = await crm.post(f"/v1/people/{ADA}/withdrawals", {"channel": "sms"}, Idempotency_Key="k-1")

    assert (second.body, second.headers["Idempotent-Replayed"]) == (first.body, "true")
    assert other.status == 422
    async with database.reading() as connection:
        assert len((await read_history(connection, ADA, at=clock.now())).entries) == 1


async def test_a_withdrawal_needs_no_proof_and_a_consent_does(database: Database) -> None:
    async with calling(database) as crm:
        unproven = await crm.post(f"/v1/people/{ADA}/consents", {"channel": "sms", "basis": "direct"})
        empty = await crm.post(
            f"/v1/people/{ADA}/consents", {**CONSENT, "provenance": {"by": "person", "evidence": []}}
        )
        stopped = await crm.post(f"/v1/people/{ADA}/withdrawals", {"channel": "sms"})

    assert (unproven.status, empty.status, stopped.status) == (422, 422, 200)
    assert "provenance: is missing" in unproven.body["detail"]
    assert [out.channel for out in (await latest(database)).opt_outs] == ["sms"]


async def test_a_hold_is_placed_and_lifted_by_name(database: Database) -> None:
    async with calling(database) as crm:
        await crm.post(f"/v1/people/{ADA}/holds", {"hold_id": "h-1", "kind": "hardship", "days": 30})
        held = (await latest(database)).holds
        await crm.post(f"/v1/people/{ADA}/holds/h-1/lift", {})
        again = await crm.post(f"/v1/people/{ADA}/holds/h-1/lift", {})

    assert [hold.kind for hold in held] == ["hardship"]
    assert (await latest(database)).lifted_holds == ("h-1",)
    assert again.status == 404


async def test_a_check_and_a_notice_are_recorded(database: Database) -> None:
    async with calling(database) as crm:
        await crm.post(
            f"/v1/people/{ADA}/checks", {"number": SMS, "result": "reassigned", "at": "2026-11-23T10:00:00Z"}
        )
        await crm.post(f"/v1/people/{ADA}/notices", {"name": "written_notice", "on": "2026-11-02"})
        ahead = await crm.post(
            f"/v1/people/{ADA}/checks", {"number": SMS, "result": "reassigned", "at": "2026-12-23T10:00:00Z"}
        )

    snapshot = await latest(database)
    assert [check.result for check in snapshot.number_checks] == ["reassigned"]
    assert [notice.name for notice in snapshot.notices] == ["written_notice"]
    assert (ahead.status, ahead.body["detail"]) == (422, "data.at is more than five minutes ahead")


async def test_a_wrong_entry_is_corrected_and_a_stop_is_not(database: Database) -> None:
    await met(database)
    async with calling(database) as crm:
        await crm.patch(f"/v1/people/{ADA}", {"language": "fr"}, If_Match="*")
        await crm.post(f"/v1/people/{ADA}/withdrawals", {"channel": "sms"})
        entries = (await crm.get(f"/v1/people/{ADA}/history")).body["entries"]
        slip, stop = entries[-2]["number"], entries[-1]["number"]

        mended = await crm.post(f"/v1/people/{ADA}/corrections", {"entry": slip, "reason": "misheard"})
        refused = await crm.post(f"/v1/people/{ADA}/corrections", {"entry": stop, "reason": "misheard"})
        strange = await crm.post(f"/v1/people/{ADA}/corrections", {"entry": 999, "reason": "misheard"})

    assert (mended.status, refused.status, strange.status) == (200, 409, 404)
    assert ((await latest(database)).language, len((await latest(database)).opt_outs)) == ("en", 1)
    assert [
        found async for page in differing(database=database, clock=ManualClock(NOW)) for found in page
    ] == []


@pytest.mark.parametrize("spelling", ["(303) 555-0123", "+1 303 555 0123", "tel:+1-303-555-0123"])
async def test_a_person_is_found_by_an_address_in_any_spelling(database: Database, spelling: str) -> None:
    await met(database)
    await hears(database, happened("person.changed", to="person-2", language="en"))
    async with calling(database) as crm:
        found = await crm.post("/v1/people/search", {"address": spelling})
        by_email = await crm.post("/v1/people/search", {"address": "Ada@EXAMPLE.com"})

    expected = [] if spelling.startswith("(") else [ADA]  # without a country a number is nobody's
    assert [person["person_id"] for person in found.body["people"]] == expected
    assert [person["person_id"] for person in by_email.body["people"]] == [ADA]


async def test_people_are_read_in_bulk_and_who_is_unknown_is_left_out(database: Database) -> None:
    await met(database)
    await hears(database, happened("person.changed", to="person-2", language="en"))
    async with calling(database) as crm:
        found = await crm.post("/v1/people/read", {"people": ["person-2", "nobody", ADA]})
        too_many = await crm.post("/v1/people/read", {"people": [f"p{n}" for n in range(501)]})
        nobody = await crm.get("/v1/people/nobody")

    assert [person["person_id"] for person in found.body["people"]] == [ADA, "person-2"]
    assert (too_many.status, nobody.status) == (422, 404)


async def test_a_person_is_read_as_of_an_instant(database: Database) -> None:
    clock = ManualClock(NOW)
    await met(database)
    async with calling(database, clock=clock) as crm:
        clock.advance(timedelta(hours=1))
        await crm.patch(f"/v1/people/{ADA}", {"language": "es"}, If_Match="*")

        then = await crm.get(f"/v1/people/{ADA}?at=2026-11-24T16:45:00Z")
        before = await crm.get(f"/v1/people/{ADA}?at=2026-11-24T16:00:00Z")
        unclear = await crm.get(f"/v1/people/{ADA}?at=2026-11-24T16:45:00")

    assert (then.body["language"], before.status, unclear.status) == ("en", 404, 422)


async def test_the_stream_of_changes_gives_everything_once_in_order(database: Database) -> None:
    async with calling(database) as crm:
        await asyncio.gather(
            *(crm.post(f"/v1/people/person-{n}/withdrawals", {"channel": "sms"}) for n in range(20))
        )
        seen: list[int] = []
        after = 0
        while page := (await crm.get(f"/v1/changes?after={after}&limit=7")).body["entries"]:
            seen += [entry["number"] for entry in page]
            after = seen[-1]

    assert len(seen) == 20
    assert seen == sorted(set(seen))


REFUSED: dict[str, tuple[str, Any, int]] = {
    "an unknown field": (f"/v1/people/{ADA}/withdrawals", {"channel": "sms", "adress": SMS}, 422),
    "nothing said": (f"/v1/people/{ADA}/withdrawals", {}, 422),
    "another person's id": (
        f"/v1/people/{ADA}/withdrawals",
        {"channel": "sms", "person_id": "person-2"},
        422,
    ),
    "an event of next year": (
        f"/v1/people/{ADA}/withdrawals",
        {"channel": "sms", "happened_at": "2027-11-24T16:30:00Z"},
        422,
    ),
}


@pytest.mark.parametrize(("path", "body", "status"), REFUSED.values(), ids=REFUSED)
async def test_what_cannot_be_used_is_a_problem_and_changes_nothing(
    database: Database, path: str, body: Any, status: int
) -> None:
    async with calling(database) as crm:
        refused = await crm.post(path, body)

    assert (refused.status, refused.headers["Content-Type"]) == (status, "application/problem+json")
    assert SMS not in str(refused.body)
    assert await snapshots(database) == []


@pytest.mark.parametrize(
    ("scopes", "reading", "changing"),
    [(("read",), 404, 403), (("change",), 403, 200), (("operate",), 403, 403)],
    ids=["may read", "may change", "may do neither"],
)
async def test_a_token_allows_what_its_scopes_say(
    database: Database, scopes: tuple[str, ...], reading: int, changing: int
) -> None:
    async with calling(database, scopes=scopes) as caller:
        read = await caller.get("/v1/people/nobody")
        changed = await caller.post(f"/v1/people/{ADA}/withdrawals", {"channel": "sms"})

    assert (read.status, changed.status) == (reading, changing)


async def test_who_asked_about_whom_is_kept(database: Database) -> None:
    await met(database)
    async with calling(database) as crm:
        await crm.get(f"/v1/people/{ADA}")
        await crm.post("/v1/people/search", {"address": EMAIL})

    async with database.reading() as connection:
        rows = await connection.fetch("SELECT actor, act, subject FROM acts ORDER BY act_id")
    assert [tuple(row) for row in rows] == [("crm", "read", ADA), ("crm", "read", ADA)]


async def test_a_revoked_token_is_nobodys(database: Database) -> None:
    async with calling(database) as crm:
        async with database.transaction() as connection:
            await tokens.revoke(connection, "crm", by="eve", now=NOW)

        refused = await crm.post(f"/v1/people/{ADA}/withdrawals", {"channel": "sms"})

    assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert await snapshots(database) == []
