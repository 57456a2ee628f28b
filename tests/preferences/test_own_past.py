"""What was told of people, read back by a database that lost it: no stop, hold or consent is forgotten."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from foundation import recovery
from foundation.clock import ManualClock
from foundation.database import Database
from foundation.recovery import Gap
from preferences.announcing.report import report_caught_up
from preferences.kafka.intake import CONSUMED
from preferences.ledger.rebuild import differing
from preferences.ledger.remember import remember
from schemas.people import PersonSnapshot
from tests.preferences.stories import ADA, EMAIL, NOW, SMS, happened, hears, latest, published, snapshots
from tests.support.databases import Databases

pytestmark = pytest.mark.migrated("preferences")

LATER = NOW + timedelta(hours=1)
STORY = (
    happened("person.changed", names={"given": "Ada"}, phones=[{"number": SMS, "kind": "mobile"}]),
    happened("consent.granted", channel="sms", basis="direct", address=SMS),
    happened("consent.granted", channel="email", basis="written"),
    happened("hold.placed", hold_id="h-1", kind="attorney_represented"),
    happened("hold.placed", hold_id="h-2", kind="pause", days=3),
    happened("hold.lifted", "2026-11-21T10:00Z", hold_id="h-2"),
    happened("number.checked", number=SMS, result="not_reassigned", at=NOW - timedelta(days=1)),
    happened("notice.posted", name="validation", on="2026-01-05"),
    happened("consent.withdrawn", channel="email", address=EMAIL),
)


@pytest.fixture
async def lost(databases: Databases) -> AsyncIterator[Database]:
    url = await databases.fresh("preferences")
    async with Database.open(url, size=3, name="lost") as opened:
        yield opened
    await databases.drop(url)


async def reads_back(lost: Database, database: Database) -> int:
    async with database.transaction() as connection:
        told = await published(connection)
    async with lost.transaction() as connection:
        return await remember(connection, told, now=LATER)


def without_version(snapshot: PersonSnapshot) -> PersonSnapshot:
    return snapshot.model_copy(update={"version": 0, "changed_at": NOW})


async def test_what_was_told_is_known_again_and_not_told_again(database: Database, lost: Database) -> None:
    await hears(database, *STORY)

    assert await reads_back(lost, database) == 1
    assert await snapshots(lost) == []

    # A word about something else has the whole told: it is what it was.
    spanish = happened("person.changed", "2026-11-24T17:00Z", language="es")
    await hears(lost, spanish, now=LATER)
    before, after = await latest(database), await latest(lost)
    assert without_version(after) == without_version(before.model_copy(update={"language": "es"}))
    assert after.version > before.version


async def test_what_is_heard_again_changes_nothing(database: Database, lost: Database) -> None:
    await hears(database, *STORY)
    await reads_back(lost, database)

    await hears(lost, *STORY, now=LATER)

    assert [without_version(told) for told in await snapshots(lost)] in (
        [],
        [without_version(await latest(database))],
    )


async def test_what_is_known_is_left_as_it_is(database: Database) -> None:
    await hears(database, *STORY)
    before = await database_row(database)

    assert await reads_back(database, database) == 0

    assert await database_row(database) == before


async def test_a_stop_read_back_is_lifted_by_a_later_consent_and_by_no_earlier_one(
    database: Database, lost: Database
) -> None:
    await hears(database, happened("consent.withdrawn", channel="sms"))
    await reads_back(lost, database)

    earlier = happened("consent.granted", channel="sms", basis="direct", at=NOW - timedelta(days=9))
    await hears(lost, earlier, now=LATER)
    assert [out.channel for out in (await latest(lost)).opt_outs] == ["sms"]

    await hears(lost, happened("consent.granted", channel="sms", basis="direct", at=LATER), now=LATER)
    assert (await latest(lost)).opt_outs == ()


async def test_a_database_that_lacks_its_past_does_not_say_that_it_has_told_all(database: Database) -> None:
    gap = Gap(
        group="preferences.own", topic="people.v1", partition=0, cause="own_past", stands=0, committed=1
    )
    async with database.transaction() as connection:
        for topic in CONSUMED:
            for partition in range(topic.partitions):
                await connection.execute(
                    "INSERT INTO caught_up VALUES ($1, $2, $3, $4)", topic.group, topic.topic, partition, NOW
                )
        await recovery.note(connection, [gap], now=NOW)

    assert await report_caught_up(CONSUMED, database=database, clock=ManualClock(NOW)) is None

    async with database.transaction() as connection:
        await connection.execute("UPDATE consumed_offsets SET next_offset = 1")
    assert await report_caught_up(CONSUMED, database=database, clock=ManualClock(NOW)) == NOW


async def database_row(database: Database) -> object:
    async with database.transaction() as connection:
        row = await connection.fetchrow(
            "SELECT record, version, digest FROM people WHERE person_id = $1", ADA
        )
    return tuple(row) if row else None


async def test_the_ledger_keeps_what_was_read_back(database: Database, lost: Database) -> None:
    await hears(database, *STORY)
    await reads_back(lost, database)

    # Drawn again from nothing but the ledger, everybody is as before.
    assert [found async for found in differing(database=lost, clock=ManualClock(LATER)) if found] == []


async def test_a_pause_that_the_person_wished_for_is_read_back_and_can_be_ended(
    database: Database, lost: Database
) -> None:
    await hears(database, happened("person.changed", pause_until="2026-12-24"))
    await reads_back(lost, database)

    await hears(lost, happened("person.changed", "2026-11-24T17:00Z", pause_until=None), now=LATER)

    assert (await latest(lost)).holds == ()
    assert (await latest(lost)).lifted_holds == ("pause_until",)
