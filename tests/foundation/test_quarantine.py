"""Malformed records are kept whole and once, and hold back whom they name until somebody decides."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation import quarantine
from foundation.clock import parse_instant
from foundation.database import Database
from foundation.quarantine import MalformedRecord
from foundation.records import Record

pytestmark = pytest.mark.migrated("foundation")

NOW = parse_instant("2026-03-02T12:00Z")


def malformed(offset: int = 0, *, person: str | None = "p1", value: bytes | None = b"?") -> MalformedRecord:
    record = Record("things.v1", 0, offset, b"p1", value, (("ce_id", None), ("odd", b"\xff")))
    return MalformedRecord(record=record, reason="not_json", problem="line 1", person=person)


async def test_a_record_is_kept_whole(database: Database) -> None:
    async with database.transaction() as connection:
        (kept,) = await quarantine.keep(connection, [malformed(7)], now=NOW)
        found = await quarantine.find(connection, kept.id)

    assert found == kept
    assert kept.malformed == malformed(7)
    assert (kept.state, kept.kept_at) == ("open", NOW)


async def test_a_record_read_again_is_not_kept_again(database: Database) -> None:
    async with database.transaction() as connection:
        await quarantine.keep(connection, [malformed(1)], now=NOW)
        again = await quarantine.keep(connection, [malformed(1), malformed(2)], now=NOW)

    assert [each.malformed.record.offset for each in again] == [2]


async def test_a_topic_made_anew_counts_from_zero_and_loses_nothing(database: Database) -> None:
    async with database.transaction() as connection:
        await quarantine.keep(connection, [malformed(0, value=b"old")], now=NOW)
        new = await quarantine.keep(
            connection, [malformed(0, value=b"new"), malformed(0, value=None)], now=NOW
        )

    assert [each.malformed.record.value for each in new] == [b"new", None]


async def test_whoever_a_record_names_waits_until_it_is_decided_about(database: Database) -> None:
    async with database.transaction() as connection:
        first, second = await quarantine.keep(connection, [malformed(0), malformed(1)], now=NOW)
        await quarantine.keep(connection, [malformed(2, person=None)], now=NOW)

        assert await quarantine.keys_waiting(connection, ["p1", "p2"]) == {"p1"}
        await quarantine.close(connection, first.id, state="replayed", by="ada", now=NOW)
        assert await quarantine.keys_waiting(connection, ["p1"]) == {"p1"}
        await quarantine.close(connection, second.id, state="dismissed", by="ada", now=NOW)
        assert await quarantine.keys_waiting(connection, ["p1"]) == set()

        closed = await quarantine.find(connection, second.id)
    assert closed is not None
    assert (closed.state, closed.closed_by, closed.closed_at) == ("dismissed", "ada", NOW)


async def test_of_two_people_who_close_a_record_one_does(database: Database) -> None:
    async with database.transaction() as connection:
        (kept,) = await quarantine.keep(connection, [malformed()], now=NOW)

    async def close(by: str) -> bool:
        async with database.transaction() as connection:
            return await quarantine.close(connection, kept.id, state="dismissed", by=by, now=NOW)

    assert sorted(await asyncio.gather(close("ada"), close("bob"))) == [False, True]


async def test_open_records_are_listed_page_by_page_and_counted(database: Database) -> None:
    async with database.transaction() as connection:
        kept = await quarantine.keep(connection, [malformed(each) for each in range(5)], now=NOW)
        await quarantine.close(connection, kept[1].id, state="dismissed", by="ada", now=NOW)

        first = await quarantine.list_open(connection, limit=2)
        rest = await quarantine.list_open(connection, limit=9, after=first[-1].id)

        assert [each.malformed.record.offset for each in [*first, *rest]] == [0, 2, 3, 4]
        assert await quarantine.count_open(connection) == {("things.v1", "not_json"): 4}


async def test_only_what_was_closed_long_ago_is_deleted(database: Database) -> None:
    async with database.transaction() as connection:
        old, new, _open = await quarantine.keep(connection, [malformed(each) for each in range(3)], now=NOW)
        await quarantine.close(connection, old.id, state="dismissed", by="ada", now=NOW)
        await quarantine.close(connection, new.id, state="dismissed", by="ada", now=NOW + timedelta(days=2))

        assert await quarantine.delete_closed(connection, before=NOW + timedelta(days=1)) == 1
        assert await quarantine.find(connection, old.id) is None


HEADERS = st.lists(st.tuples(st.text(), st.none() | st.binary()), max_size=3).map(tuple)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    key=st.none() | st.binary(),
    value=st.none() | st.binary(),
    headers=HEADERS,
    person=st.none() | st.text(),
    problem=st.text(st.characters(exclude_categories=[])),
)
async def test_anything_that_kafka_allows_can_be_kept(  # noqa: PLR0917 (hypothesis names them)
    database: Database,
    key: bytes | None,
    value: bytes | None,
    headers: tuple[tuple[str, bytes | None], ...],
    person: str | None,
    problem: str,
) -> None:
    record = Record("things.v1", 0, 0, key, value, headers)
    given = MalformedRecord(record=record, reason="not_json", problem=problem, person=person)

    async with database.transaction() as connection:
        await connection.execute("TRUNCATE quarantine")
        (kept,) = await quarantine.keep(connection, [given], now=NOW)

    assert kept.malformed.record == record
