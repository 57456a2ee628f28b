"""Preferences may die at any moment of what it does; what comes again ends as if nobody had died."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from foundation import offsets
from foundation.clock import ManualClock
from foundation.database import Database
from foundation.records import Record
from preferences.announcing.report import report_caught_up
from preferences.desk import quarantine
from preferences.desk.changing import Change, NothingThere, make_change
from preferences.desk.erasing import erase, readmit
from preferences.desk.joining import say_same
from preferences.kafka.intake import CONSUMED
from preferences.ledger.circles import Erased
from preferences.ledger.name import name_everybody
from preferences.ledger.rebuild import differing, rebuild
from preferences.moving.bring_in import Importing, Report
from preferences.moving.cells import CellReader
from preferences.moving.files import open_file
from preferences.store import links
from preferences.store.entries import read_entries
from schemas.links import name_of
from tests.preferences.stories import NOW, SMS, broken_record, happened, hears, record
from tests.support.kept import find_kept
from tests.support.mortal import Work, ends_everywhere
from tests.support.staff import staff

pytestmark = pytest.mark.migrated("preferences")

CLOCK = ManualClock(NOW)
LATER = ManualClock(NOW + timedelta(hours=1))

_STORY = """
SELECT topic, sequence, type, data::jsonb ->> 'version' AS version, data::jsonb ->> 'unreadable' AS state,
       jsonb_array_length(data::jsonb -> 'opt_outs') AS stops
  FROM outbox WHERE key = $1
UNION ALL
SELECT topic, NULL, reason, NULL, state, NULL FROM quarantine WHERE person = $1
ORDER BY topic, sequence, type"""


async def story_of(database: Database, person: str) -> list[tuple[object, ...]]:
    """Return what was published of a person, and what was kept aside."""
    async with database.transaction() as connection:
        return [tuple(each) for each in await connection.fetch(_STORY, person)]


def offset_of(person: str) -> int:
    return 10 * int(person[1:])


async def reads_a_batch(database: Database, person: str) -> Work:
    offset = offset_of(person)
    batch = [
        record(happened("person.changed", to=person, language="en"), offset=offset),
        broken_record(key=person.encode(), offset=offset + 1),
        record(happened("consent.withdrawn", to=person, channel="sms"), offset=offset + 2),
    ]
    return lambda mortal: hears(mortal, *batch)


async def kept_aside(database: Database, broken: Record) -> int:
    await hears(database, broken)
    async with database.transaction() as connection:
        (row,) = await connection.fetch("SELECT id FROM quarantine WHERE state = 'open'")
    return int(row["id"])


async def is_replayed(database: Database, person: str) -> Work:
    early = happened("consent.withdrawn", "2026-11-24T17:00Z", to=person, channel="sms", address=SMS)
    number = await kept_aside(database, record(early, offset=offset_of(person)))

    async def replay(mortal: Database) -> None:
        if (await find_kept(number, database)).state == "open":
            await quarantine.replay(number, actor=staff("eve"), database=mortal, clock=LATER)

    return replay


async def is_dismissed(database: Database, person: str) -> Work:
    number = await kept_aside(database, broken_record(key=person.encode(), offset=offset_of(person)))

    async def dismiss(mortal: Database) -> None:
        if (await find_kept(number, database)).state == "open":
            await quarantine.dismiss(number, actor=staff("eve"), database=mortal, clock=CLOCK)

    return dismiss


async def is_merged(database: Database, person: str) -> Work:
    """A stop under one id, and a batch that says that it is the person of another."""
    offset, other = offset_of(person), f"other-{person}"
    await hears(
        database,
        record(happened("consent.withdrawn", to=other, channel="sms"), offset=offset),
        record(happened("person.changed", to=person, language="en"), offset=offset + 1),
    )
    batch = [
        record(happened("person.merged", to=person, other_id=other), offset=offset + 2),
        broken_record(key=person.encode(), offset=offset + 3),
        record(
            happened("person.separated", "2026-11-21T10:00Z", to=other, other_id=person, reason="no"),
            offset=offset + 4,
        ),
    ]
    return lambda mortal: hears(mortal, *batch)


DEEDS: dict[str, tuple[Callable[[Database, str], Awaitable[Work]], str]] = {
    "a batch": (reads_a_batch, "preferences/ledger/ingest.py ingest"),
    "a merge and its end": (is_merged, "preferences/ledger/ingest.py ingest"),
    "a replay": (is_replayed, "preferences/desk/quarantine.py replay"),
    "a dismissal": (is_dismissed, "preferences/desk/quarantine.py dismiss"),
}


@pytest.mark.parametrize("name", DEEDS)
async def test_what_comes_again_ends_as_if_nobody_had_died(database: Database, name: str) -> None:
    prepared, place = DEEDS[name]
    works: dict[str, Work] = {}

    async def begin(person: str) -> Work:
        works[person] = await prepared(database, person)
        return works[person]

    fates = await ends_everywhere(database, begin=begin, again=lambda person: works[person](database))

    *_, (undisturbed, fate) = fates.items()
    expected = await story_of(database, undisturbed)
    assert expected
    for person in fates:
        assert await story_of(database, person) == expected, f"it ended at {fates[person].moments[-1]}"
    assert fate.places == {place}
    async with database.transaction() as connection:
        pointers = await connection.fetchval(
            "SELECT count(*) FROM outbox WHERE type = 'record.quarantined.v1'"
        )
        assert pointers == len(fates)


async def test_naming_everybody_that_dies_is_begun_again(database: Database) -> None:
    """A key that is in use names those who came before it, whichever moment the start died in."""

    async def begin(person: str) -> Work:
        await hears(database, happened("person.changed", to=person, phones=[{"number": SMS}]))
        return lambda mortal: name_everybody([key_of(person)], database=mortal)

    async def key_again(person: str) -> None:
        await name_everybody([key_of(person)], database=database)
        async with database.reading() as connection:
            assert len(await links.find_named(connection, name_of(key_of(person), person, SMS))) == 1

    fates = await ends_everywhere(database, begin=begin, again=key_again)

    assert [*fates.values()][-1].places == {"preferences/ledger/name.py name_everybody"}


def key_of(person: str) -> bytes:
    """Return a key that no other run of the story has used."""
    return person.encode()


async def test_a_report_that_dies_is_made_by_the_next_one(database: Database) -> None:
    async with database.transaction() as connection:
        for consumed in CONSUMED:
            await offsets.store_all_caught_up(connection, consumed, at=NOW)

    async def begin(_: str) -> Work:
        return lambda mortal: report_caught_up(CONSUMED, database=mortal, clock=CLOCK)

    fates = await ends_everywhere(
        database, begin=begin, again=lambda _: report_caught_up(CONSUMED, database=database, clock=CLOCK)
    )

    *_, fate = fates.values()
    assert fate.places == {"preferences/announcing/report.py report_caught_up"}
    async with database.transaction() as connection:
        rows = await connection.fetch("SELECT sequence, data::text AS data FROM outbox ORDER BY position")
    # One report by each who came after a death, one by whoever died after the commit, and the last one.
    assert [each["sequence"] for each in rows] == [*range(1, len(fates) + 2)]
    assert len({each["data"] for each in rows}) == 1


async def test_a_rebuild_that_dies_is_ended_by_the_next_one(database: Database) -> None:
    async def rebuilds(mortal: Database) -> None:
        async for _ in rebuild(database=mortal, clock=CLOCK):
            pass

    async def begin(person: str) -> Work:
        await hears(database, happened("person.changed", to=person, language="en"))
        async with database.transaction() as connection:
            await connection.execute("UPDATE people SET record = '{}' WHERE person_id = $1", person)
        return rebuilds

    fates = await ends_everywhere(database, begin=begin, again=lambda _: rebuilds(database))

    *_, fate = fates.values()
    assert "preferences/ledger/rebuild.py _rebuild_people" in fate.places
    assert [found async for page in differing(database=database, clock=CLOCK) for found in page] == []


async def test_an_import_that_dies_goes_on_where_it_ended(database: Database, tmp_path: Path) -> None:
    async def imports(person: str, on: Database) -> None:
        file = tmp_path / f"{person}.csv"
        header = "person_id,language,opt_out_channel,opt_out_at,contact_id,contact_channel,contact_at"
        row = f"{person},es,sms,2026-11-01T10:00:00Z,call-{person},voice,2026-11-02T10:00:00Z"
        file.write_text(f"{header}\n{row}\n")
        reader = CellReader(as_of=NOW)
        importing = Importing(database=on, clock=CLOCK, reader=reader, columns={}, caller="eve", commit=True)
        await importing.bring_in(open_file(file), Report(), progress=lambda _: None)

    async def begin(person: str) -> Work:
        return lambda mortal: imports(person, mortal)

    fates = await ends_everywhere(database, begin=begin, again=lambda person: imports(person, database))

    *_, fate = fates.values()
    assert fate.places == {"preferences/moving/bring_in.py _done"}
    async with database.reading() as connection:
        entries = await read_entries(connection, list(fates))
        assert {person: len(said) for person, said in entries.items()} == dict.fromkeys(fates, 2)
        contacts = await connection.fetch("SELECT key FROM outbox WHERE topic = 'contacts.v1'")
    assert sorted(row["key"] for row in contacts) == sorted(fates)


async def test_a_merge_by_staff_that_dies_is_whole_or_not_there(database: Database) -> None:
    async def merges(person: str, on: Database) -> None:
        await say_same(person, f"other-{person}", reason="one", actor=staff("eve"), database=on, clock=CLOCK)

    async def begin(person: str) -> Work:
        for known in (person, f"other-{person}"):
            await hears(database, happened("person.changed", to=known, language="en"))
        return lambda mortal: merges(person, mortal)

    fates = await ends_everywhere(database, begin=begin, again=lambda person: merges(person, database))

    *_, fate = fates.values()
    assert fate.places == {"preferences/desk/joining.py _say"}
    async with database.reading() as connection:
        sides = await connection.fetch("SELECT person_id FROM people WHERE same_as <> '{}'")
        acts = await connection.fetchval("SELECT count(*) FROM acts")
    assert len(sides) == 2 * len(fates)
    assert acts == len(fates)


async def test_a_change_that_dies_is_made_once_by_asking_again_under_its_key(database: Database) -> None:
    async def changes(person: str, on: Database) -> None:
        event = happened("person.changed", to=person, language="es", source="/preferences/api/crm")
        change = Change(event=replace(event, id=f"key-{person}"), digest=b"the request")
        await make_change(change, caller="crm", way="api", database=on, clock=CLOCK)

    async def begin(person: str) -> Work:
        return lambda mortal: changes(person, mortal)

    fates = await ends_everywhere(database, begin=begin, again=lambda person: changes(person, database))

    *_, fate = fates.values()
    assert fate.places == {"preferences/desk/changing.py make_change"}
    async with database.reading() as connection:
        entries = await read_entries(connection, list(fates))
        assert {person: len(said) for person, said in entries.items()} == dict.fromkeys(fates, 1)
        assert await connection.fetchval("SELECT count(*) FROM outbox WHERE topic = 'people.v1'") == len(
            fates
        )


async def test_an_erasure_that_dies_is_whole_or_not_there(database: Database) -> None:
    async def erases(person: str, on: Database) -> None:
        with suppress(Erased):
            await erase(person, reason="asked", others="keep", actor=staff("eve"), database=on, clock=CLOCK)

    async def begin(person: str) -> Work:
        other = f"other-{person}"
        await hears(
            database,
            happened("person.changed", to=person, phones=[{"number": number_of(person)}]),
            happened("consent.withdrawn", to=person, channel="sms", address=number_of(person)),
            happened("person.changed", to=other, language="en"),
            happened("person.merged", to=person, other_id=other),
        )
        return lambda mortal: erases(person, mortal)

    fates = await ends_everywhere(database, begin=begin, again=lambda person: erases(person, database))

    *_, fate = fates.values()
    assert fate.places == {"preferences/desk/erasing.py erase"}
    async with database.reading() as connection:
        assert await read_entries(connection, list(fates)) == {}
        told = await connection.fetch("SELECT key FROM outbox WHERE type = 'person.erased.v1'")
        assert sorted(row["key"] for row in told) == sorted(fates)
        assert await connection.fetchval("SELECT count(*) FROM acts") == len(fates)
        assert await connection.fetchval("SELECT count(*) FROM kept_stops") == len(fates)
    assert [found async for page in differing(database=database, clock=CLOCK) for found in page] == []


async def test_a_readmission_that_dies_is_whole_or_not_there(database: Database) -> None:
    async def readmits(person: str, on: Database) -> None:
        with suppress(NothingThere):
            await readmit(person, reason="anew", actor=staff("eve"), database=on, clock=LATER)

    async def begin(person: str) -> Work:
        await hears(database, happened("person.changed", to=person, language="en"))
        await erase(person, reason="asked", others=None, actor=staff("eve"), database=database, clock=CLOCK)
        return lambda mortal: readmits(person, mortal)

    fates = await ends_everywhere(database, begin=begin, again=lambda person: readmits(person, database))

    *_, fate = fates.values()
    assert fate.places == {"preferences/desk/erasing.py readmit"}
    async with database.reading() as connection:
        entries = await read_entries(connection, list(fates))
        acts = await connection.fetchval("SELECT count(*) FROM acts WHERE act = 'readmit'")
        assert await connection.fetchval("SELECT count(*) FROM erasures WHERE returned_at IS NULL") == 0
    assert {person: len(said) for person, said in entries.items()} == dict.fromkeys(fates, 1)
    assert acts == len(fates)


def number_of(person: str) -> str:
    return f"+13035550{int(person[1:]):03}"
