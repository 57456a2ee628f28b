"""Somebody is forgotten: nothing stays of them but that an address said stop, and nobody brings them back."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from foundation import acts, inbox, quarantine
from foundation.clock import ManualClock
from foundation.database import Database, DatabaseUnavailable
from foundation.grants import grant_service
from foundation.quarantine import NothingKept
from preferences.desk import quarantine as desk
from preferences.desk.changing import Change, NothingThere, make_change
from preferences.desk.erasing import ErasureRefused, erase, look_at_erasure, readmit
from preferences.desk.joining import say_same
from preferences.ledger.circles import Erased
from preferences.ledger.rebuild import differing, rebuild
from preferences.ledger.remember import remember
from preferences.moving.bring_in import Importing, Report
from preferences.moving.cells import CellReader
from preferences.moving.files import open_file
from preferences.moving.take_out import take_out
from schemas.people import PersonErased, PersonSnapshot
from tests.preferences.stories import (
    ADA,
    EMAIL,
    NOW,
    SMS,
    broken_record,
    happened,
    hears,
    latest,
    published,
    record,
)
from tests.preferences.test_ledger import OnOneConnection
from tests.support.databases import Databases
from tests.support.searched import search
from tests.support.staff import EVE, STAFF

pytestmark = pytest.mark.migrated("preferences")

BEA = "person-2"
LATER = NOW + timedelta(hours=1)
CLOCK, LATER_CLOCK = ManualClock(NOW), ManualClock(LATER)
OLD_SMS, WORDS, FAMILY = "+13035550188", "please never text me again", "Lovelace"
#: All that says who she is, where she is reached, or what she said.
PERSONAL = (
    SMS,
    SMS.removeprefix("+1"),
    OLD_SMS,
    EMAIL,
    FAMILY,
    WORDS,
    "12 Analytical Row",
    "birthday",
    "moved",
)

STORY = (
    happened(
        "person.changed",
        "2026-11-19T10:00Z",
        names={"given": "Ada", "family": FAMILY},
        phones=[{"number": OLD_SMS}],
    ),
    happened(
        "person.changed",
        names={"given": "Ada", "family": FAMILY},
        phones=[{"number": SMS, "kind": "mobile"}],
        emails=[{"address": EMAIL}],
        addresses=[{"country": "US", "lines": ["12 Analytical Row"], "postal_code": "80202"}],
    ),
    happened("consent.granted", channel="email", basis="direct", address=EMAIL),
    happened(
        "suppression.recorded",
        suppression_id="stop-1",
        channel="sms",
        kind="opted_out",
        address=SMS,
        origin="reply",
        at=NOW - timedelta(days=2),
    ),
    happened(
        "reply.received",
        reply_id="r-1",
        channel="sms",
        understood="opt_out",
        needs_human=False,
        text=WORDS,
        received_at=NOW - timedelta(days=2),
    ),
)


async def known(database: Database, *more: Any) -> None:
    """Have everything said of Ada that this story says, and a record of hers that nobody could read."""
    await hears(database, *STORY, *more, broken_record(value=f'{{"oops": "{EMAIL}"'.encode()))
    async with database.transaction() as connection:
        await acts.record(connection, STAFF, "merge", subject=ADA, reason="the same birthday", now=NOW)
        await acts.record(connection, STAFF, "merge", subject="other", reason=f"{ADA}: moved", now=NOW)


async def erases(database: Database, person: str = ADA, **how: Any) -> None:
    settings = {"reason": "asked to be forgotten", "others": None, "actor": EVE, "clock": CLOCK} | how
    await erase(person, database=database, **settings)


async def told(database: Database, person: str = ADA) -> Any:
    """Return the last word on somebody."""
    async with database.transaction() as connection:
        return [event for event in await published(connection) if event.person_id == person][-1].data


async def relayed(database: Database) -> None:
    """Have the relay publish what waits: until then the outbox holds what was told before."""
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM outbox")


async def test_nothing_stays_of_somebody_who_is_erased(database: Database) -> None:
    await known(database)
    await relayed(database)
    assert {found.table for found in await search(database, PERSONAL)} >= {
        "entries",
        "people",
        "quarantine",
        "acts",
    }

    await erases(database)

    assert await search(database, PERSONAL) == set()
    erased = await told(database)
    assert isinstance(erased, PersonErased)
    assert {(stop.channel, stop.kind) for stop in erased.stops} == {("sms", "opted_out")}
    async with database.reading() as connection:
        kept = {
            act.act: (act.actor.name, act.reason)
            for act in await acts.list_acts(connection, subject=ADA, limit=9)
        }
    assert kept == {"merge": ("staff", None), "erase": ("eve", "asked to be forgotten")}
    assert [found async for found in differing(database=database, clock=CLOCK) if found] == []


async def test_looking_at_an_erasure_changes_nothing_and_says_what_would_go(database: Database) -> None:
    await known(database)

    found = await look_at_erasure(ADA, others=None, database=database, clock=CLOCK)

    (one,) = found.going
    assert (one.goes.entries, one.goes.quarantined, one.goes.reasons, one.stops) == (5, 1, 1, 1)
    assert isinstance(await told(database), PersonSnapshot)


@pytest.mark.parametrize("kind", ["dispute", "attorney_represented", "bankruptcy", "hold"])
async def test_nobody_under_a_legal_hold_is_erased(database: Database, kind: str) -> None:
    await known(database, happened("hold.placed", hold_id="case-7", kind=kind))

    with pytest.raises(ErasureRefused, match=rf"under the hold case-7 \({kind}\)"):
        await erases(database)

    assert isinstance(await told(database), PersonSnapshot)


async def test_a_hold_that_is_over_forbids_no_erasure(database: Database) -> None:
    await known(
        database,
        happened("hold.placed", hold_id="case-7", kind="dispute", since="2026-10-01", until="2026-11-01"),
    )

    await erases(database)

    assert isinstance(await told(database), PersonErased)


@pytest.mark.parametrize("whose", [ADA, BEA], ids=["the same id", "another id"])
async def test_whoever_comes_with_the_address_meets_the_stop(database: Database, whose: str) -> None:
    await known(database)
    await erases(database)
    if whose == ADA:
        await readmit(ADA, reason="placed anew", actor=EVE, database=database, clock=LATER_CLOCK)

    number = happened("person.changed", "2026-11-24T17:45Z", to=whose, phones=[{"number": SMS}])
    await hears(database, number, now=LATER + timedelta(hours=1))

    stopped = [(out.opt_out_id, out.channel, out.address) for out in (await latest(database, whose)).opt_outs]
    assert stopped == [("stop-1", "sms", SMS)]
    assert [found async for found in differing(database=database, clock=CLOCK) if found] == []


async def test_what_closed_a_channel_closes_each_address_of_it_for_whoever_has_it(database: Database) -> None:
    await hears(
        database,
        happened("person.changed", phones=[{"number": SMS}], emails=[{"address": EMAIL}]),
        happened("consent.withdrawn", channel="email"),
        happened("hold.placed", hold_id="cease-1", kind="cease_communication"),
    )
    await erases(database)

    await hears(database, happened("person.changed", to=BEA, phones=[{"number": SMS}]))
    await hears(database, happened("person.changed", to="person-3", emails=[{"address": EMAIL}]))

    assert {out.channel for out in (await latest(database, BEA)).opt_outs} == {"sms", "voice"}
    assert {out.channel for out in (await latest(database, "person-3")).opt_outs} == {"email"}


async def test_a_kept_stop_is_lifted_by_a_later_consent_and_by_no_earlier_one(database: Database) -> None:
    await known(database)
    await erases(database)
    early = {"channel": "sms", "basis": "direct", "address": SMS}
    await hears(
        database,
        happened("person.changed", to=BEA, phones=[{"number": SMS}]),
        happened("consent.granted", "2026-11-21T10:00Z", to=BEA, **early),
    )
    assert [out.opt_out_id for out in (await latest(database, BEA)).opt_outs] == ["stop-1"]

    await hears(database, happened("consent.granted", "2026-11-24T10:00Z", to=BEA, **early), now=LATER)

    lifted = await latest(database, BEA)
    assert (lifted.opt_outs, lifted.lifted) == ((), ("stop-1",))


async def test_what_comes_of_an_erased_person_is_kept_aside_without_its_content(database: Database) -> None:
    await known(database)
    await erases(database)
    await relayed(database)

    await hears(
        database,
        record(happened("person.changed", "2026-11-24T16:29Z", names={"family": FAMILY}), offset=1),
        record(happened("consent.withdrawn", "2026-11-24T16:29Z", channel="sms", address=OLD_SMS), offset=2),
        broken_record(value=f'{{"again": "{EMAIL}"'.encode(), offset=3),
    )

    assert await search(database, PERSONAL) == set()
    async with database.transaction() as connection:
        kept = await quarantine.list_open(connection)
        assert [(one.malformed.record.offset, one.malformed.reason) for one in kept] == [
            (3, "erased"),
            (1, "erased"),
            (2, "erased"),
        ]
        assert await published(connection) == []
    with pytest.raises(NothingKept):
        await desk.replay(kept[1].id, actor=EVE, database=database, clock=CLOCK)
    for one in kept:
        await desk.dismiss(one.id, actor=EVE, database=database, clock=CLOCK)

    # A stop is a stop: the number that was closed afterwards is closed to whoever comes with it.
    await hears(database, happened("person.changed", to=BEA, phones=[{"number": OLD_SMS}]))
    assert [out.channel for out in (await latest(database, BEA)).opt_outs] == ["sms"]


async def test_a_new_relationship_begins_where_its_publisher_says_so(database: Database) -> None:
    await known(database)
    await erases(database)
    erased = await told(database)

    await hears(
        database,
        happened("person.changed", "2026-11-24T17:00Z", language="es"),
        happened("person.returned", "2026-11-24T17:10Z", reason="a new account was placed"),
        happened("person.changed", "2026-11-24T17:20Z", language="fr"),
        now=LATER,
    )

    back = await latest(database)
    assert (back.language, back.version > erased.version) == ("fr", True)
    assert [out.opt_out_id for out in back.opt_outs] == []


@pytest.mark.parametrize("at", ["2026-11-24T16:00Z", "2026-11-24T16:30Z"])
async def test_a_return_that_was_said_before_the_erasure_begins_nothing(database: Database, at: str) -> None:
    await known(database)
    await erases(database)

    await hears(database, happened("person.returned", at, reason="an old account"), now=LATER)

    assert isinstance(await told(database), PersonErased)


async def test_no_call_and_no_file_brings_somebody_back(database: Database, tmp_path: Path) -> None:
    await known(database)
    await erases(database)
    event = happened("person.changed", language="es", source="/preferences/api/crm")

    with pytest.raises(Erased, match="was erased on 2026-11-24"):
        await make_change(
            Change(event=event, digest=b"1"), caller="crm", way="api", database=database, clock=CLOCK
        )

    file = tmp_path / "people.csv"
    file.write_text(
        f"person_id,phone,opt_out_channel,opt_out_address\n{ADA},{OLD_SMS},sms,{OLD_SMS}\n{BEA},{SMS},,\n"
    )
    importing = Importing(
        database=database, clock=CLOCK, reader=CellReader(as_of=NOW), columns={}, caller="eve", commit=True
    )
    report = Report()
    await importing.bring_in(open_file(file), report, progress=lambda _: None)
    assert report.refused == [
        f"{file}:2: person_id: was erased; if a new relationship begins, run `preferences readmit` first"
    ]
    assert report.closed == {BEA}
    assert isinstance(await told(database), PersonErased)
    await hears(
        database,
        happened(
            "person.changed", "2026-11-24T17:00Z", to=BEA, phones=[{"number": SMS}, {"number": OLD_SMS}]
        ),
        now=LATER,
    )
    assert len((await latest(database, BEA)).opt_outs) == 2


async def test_somebody_under_two_ids_is_erased_under_both_or_stays_closed_under_one(
    database: Database,
) -> None:
    await known(database)
    await hears(
        database,
        happened("person.changed", to=BEA, language="en", phones=[{"number": "+13035550177"}]),
        happened("hold.placed", hold_id="ill", kind="hardship"),
        happened("person.changed", "2026-11-21T10:00Z", safe_contact={"channel": "sms", "address": SMS}),
    )
    await say_same(ADA, BEA, reason="one", actor=EVE, database=database, clock=CLOCK)
    with pytest.raises(ErasureRefused, match=f"{ADA} is the same person as {BEA}: say --others"):
        await erases(database)

    await erases(database, others="keep", clock=LATER_CLOCK)
    await relayed(database)

    assert await search(database, PERSONAL) == set()
    (left,) = [person async for person in kept_of(database)]
    assert (left["same_as"], left["kinds"]) == ([], ["hardship"])
    assert set(left["refused"]) == {"sms", "email", "voice", "post"}
    assert [found async for found in differing(database=database, clock=LATER_CLOCK) if found] == []

    await erases(database, BEA, clock=LATER_CLOCK)
    assert [line async for line in take_out(database=database, clock=LATER_CLOCK)] == []


async def kept_of(database: Database) -> Any:
    """Yield what is known of everybody, as the database has it."""
    async with database.reading() as connection:
        for row in await connection.fetch("SELECT same_as, record FROM people"):
            holds = [value for name, (_, value) in row["record"].items() if name.startswith("hold ")]
            yield {
                "same_as": row["same_as"],
                "kinds": [hold["kind"] for hold in holds],
                "refused": row["record"].get("is refused_channels", [None, []])[1],
            }


async def test_both_ids_go_where_that_is_said(database: Database) -> None:
    await known(
        database, happened("person.changed", to=BEA, language="en"), happened("person.merged", other_id=BEA)
    )

    await erases(database, others="erase")

    assert isinstance(await told(database), PersonErased)
    assert isinstance(await told(database, BEA), PersonErased)
    async with database.reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM entries") == 0


async def test_a_backup_of_before_is_erased_again(database: Database, databases: Databases) -> None:
    url = await databases.fresh("preferences")
    async with Database.open(url, size=3, name="restored") as restored:
        # The backup has her as she was, and the key that every backup has; a stop came after it.
        await known(restored)
        async with database.transaction() as one, restored.transaction() as other:
            key = await other.fetchval("SELECT key FROM stops_key")
            await one.execute("UPDATE stops_key SET key = $1", key)
        await known(database, happened("consent.withdrawn", channel="email", address=EMAIL))
        await erases(database)
        async with database.transaction() as connection:
            past = await published(connection)

        async with restored.transaction() as connection:
            assert await remember(connection, past, now=LATER) == 1
            assert await remember(connection, past, now=LATER) == 0

        await relayed(restored)
        assert await search(restored, PERSONAL) == set()
        await hears(restored, *STORY, now=LATER)
        await hears(restored, happened("person.changed", to=BEA, emails=[{"address": EMAIL}]), now=LATER)
        assert [out.channel for out in (await latest(restored, BEA)).opt_outs] == ["email"]
    await databases.drop(url)


async def test_an_event_heard_before_an_erasure_is_known_and_says_nothing(database: Database) -> None:
    await known(database)
    await erases(database)
    await relayed(database)

    await hears(database, *STORY)

    async with database.transaction() as connection:
        assert await quarantine.list_open(connection) == []
        assert await published(connection) == []
        heard = [inbox.HeardEvent(event.source, event.id, b"anything") for event in STORY]
        assert set(await inbox.hear(connection, heard, now=NOW)) == {"known"}


async def test_nobody_is_erased_or_readmitted_who_is_not_there(database: Database) -> None:
    with pytest.raises(ErasureRefused, match=f"knows nobody by the id {ADA}: if outreach"):
        await erases(database)
    with pytest.raises(NothingThere):
        await readmit(ADA, reason="anew", actor=EVE, database=database, clock=CLOCK)


async def test_whoever_mistypes_an_id_is_asked_whether_they_meant_another(database: Database) -> None:
    await known(database)
    found = await look_at_erasure("Person-1", others=None, database=database, clock=CLOCK)

    assert (found.not_known_here, found.going[0].goes.entries) == (True, 0)
    (why,) = found.forbids
    assert why.startswith("preferences knows nobody by the id Person-1 (did you mean person-1?): if outreach")
    with pytest.raises(ErasureRefused, match=r"did you mean person-1\?"):
        await erases(database, "Person-1")
    assert isinstance(await told(database), PersonSnapshot)


async def test_whoever_only_others_know_is_erased_where_that_is_said(database: Database) -> None:
    await erases(database, "account-9", not_known_here=True)

    erased = await told(database, "account-9")
    assert (isinstance(erased, PersonErased), erased.stops) == (True, ())
    await hears(
        database,
        record(
            happened("person.changed", "2026-11-24T17:00Z", to="account-9", names={"family": FAMILY}),
            offset=1,
        ),
        now=LATER,
    )
    assert await search(database, (FAMILY,)) == set()
    async with database.reading() as connection:
        (act,) = await acts.list_acts(connection, subject="account-9", limit=9)
        assert (act.act, act.actor.name, act.reason) == ("erase", "eve", "asked to be forgotten")
        assert await connection.fetchval("SELECT count(*) FROM people") == 0
    with pytest.raises(Erased, match="was erased on 2026-11-24"):
        await erases(database, "account-9", not_known_here=True)
    with pytest.raises(Erased):
        await look_at_erasure("account-9", others=None, database=database, clock=CLOCK)

    await readmit("account-9", reason="anew", actor=EVE, database=database, clock=LATER_CLOCK)
    await erases(database, "account-9", clock=LATER_CLOCK)
    assert (await told(database, "account-9")).version > erased.version


async def test_somebody_known_here_is_not_erased_as_somebody_unknown(database: Database) -> None:
    await known(database)

    with pytest.raises(ErasureRefused, match=f"{ADA} is known here"):
        await erases(database, not_known_here=True)

    assert isinstance(await told(database), PersonSnapshot)


@pytest.mark.parametrize("written", ["", "a b", "per\u200bson-1", "x" * 201])
async def test_what_is_no_id_is_not_erased(database: Database, written: str) -> None:
    with pytest.raises(ErasureRefused, match="this is no id"):
        await erases(database, written, not_known_here=True)


async def test_a_rebuild_brings_nobody_back(database: Database) -> None:
    await known(database)
    await erases(database)

    assert [found async for found in rebuild(database=database, clock=CLOCK) if found] == []
    assert isinstance(await told(database), PersonErased)


async def as_role(database: Database, role: str, statement: str) -> None:
    async with database.transaction() as connection:
        await connection.execute(f"SET LOCAL ROLE {role}")
        await connection.execute(statement)


async def test_the_services_own_role_erases_by_the_one_way_there_is(database: Database) -> None:
    role = "erasing_service"
    async with database.transaction() as connection:
        await connection.execute(f"DROP ROLE IF EXISTS {role}; CREATE ROLE {role}")
        await grant_service(connection, role, insert_only=("acts", "entries"))
    await known(database)

    for statement in (
        "DELETE FROM entries",
        "UPDATE acts SET reason = NULL",
        "SELECT erase_entries('person-1')",
    ):
        with pytest.raises((DatabaseUnavailable, asyncpg.RestrictViolationError)):
            await as_role(database, role, statement)
    async with database.transaction() as connection:
        await connection.execute(f"SET LOCAL ROLE {role}")
        await erases(OnOneConnection(connection))
    await relayed(database)

    assert await search(database, PERSONAL) == set()
    async with database.transaction() as connection:
        await connection.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
