"""Two ids of one person: the stricter of everything holds for both, and a mistake opens nothing."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from foundation.clock import ManualClock
from foundation.database import Database
from preferences.desk import asking
from preferences.desk.changing import NothingThere
from preferences.desk.history import read_history
from preferences.desk.joining import say_others, say_same
from preferences.ledger.rebuild import differing
from preferences.model.record import Record, RegisterValue, Stamp, moment
from preferences.model.same_person import circles_of, joined_snapshot, kept_closed
from preferences.model.snapshot import snapshot_of
from preferences.moving.take_out import take_out
from schemas.envelope import Event
from schemas.people import PersonSnapshot
from tests.preferences.stories import ADA, NOW, SMS, broken_record, happened, hears, latest
from tests.preferences.streams import streams
from tests.preferences.test_fold import remembered, said
from tests.support.staff import staff

CLOCK = ManualClock(NOW)
BEA = "person-2"
LANDLINE = "+13035550177"


def merged(**data: Any) -> Event:
    return happened("person.merged", other_id=BEA, **data)


def separated(at: str = "2026-11-21T10:00Z") -> Event:
    return happened("person.separated", at, other_id=BEA, reason="father and son")


def known(to: str, **said: Any) -> Event:
    return happened("person.changed", to=to, **{"language": "en", **said})


def closings(snapshot: PersonSnapshot) -> tuple[list[str], list[str], list[str]]:
    """Return what closes somebody: channels opted out of, kinds of holds, refused channels."""
    return (
        sorted(out.channel for out in snapshot.opt_outs),
        sorted(hold.kind for hold in snapshot.holds),
        sorted(snapshot.refused_channels),
    )


async def both(database: Database) -> tuple[PersonSnapshot, PersonSnapshot]:
    return await latest(database), await latest(database, BEA)


@pytest.mark.migrated("preferences")
async def test_what_closes_one_of_two_ids_closes_both_whenever_it_is_said(database: Database) -> None:
    await hears(
        database,
        known(ADA, phones=[{"number": SMS}]),
        known(BEA, phones=[{"number": LANDLINE}], refused_channels=["voice"]),
        happened("consent.withdrawn", to=BEA, channel="email"),
        merged(),
    )
    await hears(database, happened("hold.placed", to=ADA, hold_id="h", kind="hardship"))
    await hears(database, happened("hold.placed", to=BEA, hold_id="h", kind="dispute"))

    ada, bea = await both(database)

    assert closings(ada) == closings(bea) == (["email"], ["dispute", "hardship"], ["voice"])
    assert (ada.same_as, bea.same_as) == ((BEA,), (ADA,))
    assert {hold.said_of for hold in ada.holds} == {None, BEA}
    assert [phone.number for phone in ada.phones] == [SMS]
    assert ada.other_numbers == (LANDLINE,)
    assert [found async for page in differing(database=database, clock=CLOCK) for found in page] == []


@pytest.mark.migrated("preferences")
async def test_one_id_waits_for_what_could_not_be_read_about_the_other(database: Database) -> None:
    await hears(database, known(ADA), known(BEA), merged())
    await hears(database, broken_record(key=BEA.encode()))

    assert [snapshot.unreadable for snapshot in await both(database)] == [True, True]


@pytest.mark.migrated("preferences")
async def test_a_mistaken_merge_opens_nothing_that_was_closed_meanwhile(database: Database) -> None:
    await hears(database, known(ADA), known(BEA, refused_channels=["voice"]), merged())
    await hears(database, happened("consent.withdrawn", to=BEA, channel="email"))
    await hears(database, happened("hold.placed", to=BEA, hold_id="h", kind="dispute"))
    joined = closings(await latest(database))
    await hears(database, separated())
    await hears(database, happened("hold.placed", to=BEA, hold_id="later", kind="hardship"))

    ada, bea = await both(database)

    assert closings(ada) == joined == (["email"], ["dispute"], ["voice"])
    assert ada.same_as == bea.same_as == ()
    assert closings(bea)[1] == ["dispute", "hardship"]
    assert [found async for page in differing(database=database, clock=CLOCK) for found in page] == []


@pytest.mark.migrated("preferences")
async def test_ids_that_are_joined_and_separated_often_keep_each_hold_once(database: Database) -> None:
    await hears(database, known(ADA), known(BEA))
    await hears(database, happened("hold.placed", to=ADA, hold_id="h", kind="hardship"))
    await hears(database, happened("hold.placed", to=BEA, hold_id="h", kind="dispute"))
    for hour in range(10, 16):
        again = {"other_id": BEA}
        await hears(database, happened("person.merged", f"2026-11-21T{hour}:00Z", **again))
        await hears(database, happened("person.separated", f"2026-11-21T{hour}:30Z", reason="two", **again))

    # Their own, the other's, and their own as the other keeps it, which only a human tells apart.
    assert all(len(snapshot.holds) <= 3 for snapshot in await both(database))


def test_of_more_ids_than_one_person_has_nobody_is_contacted() -> None:
    others: dict[str, Record] = {f"person-{number}": {} for number in range(2, 23)}
    few = dict(list(others.items())[:19])

    assert joined_snapshot(ADA, {}, others, unreadable=False)["inconvenient"][0]["ends"] == "24:00"
    assert kept_closed(ADA, {}, others, stamp=Stamp(moment(NOW), "agency", "1", moment(NOW))) == {}
    assert "inconvenient" not in joined_snapshot(ADA, {}, few, unreadable=False)


@pytest.mark.migrated("preferences")
async def test_what_stayed_closed_is_lifted_as_anything_else_is(database: Database) -> None:
    await hears(database, known(ADA), known(BEA), merged())
    await hears(database, happened("consent.withdrawn", to=BEA, channel="sms"))
    await hears(database, happened("hold.placed", to=BEA, hold_id="h", kind="dispute"))
    await hears(database, happened("consent.granted", "2026-11-24T10:00Z", channel="sms", basis="direct"))
    await hears(database, separated())
    kept = await latest(database)
    assert closings(kept) == (["sms"], ["dispute"], [])

    later = NOW + timedelta(hours=1)
    lifted = happened("hold.lifted", later.isoformat(), hold_id=kept.holds[0].hold_id)
    agreed = happened("consent.granted", later.isoformat(), channel="sms", basis="direct")
    await hears(database, lifted, agreed, now=later)

    assert closings(await latest(database)) == ([], [], [])
    assert closings(await latest(database, BEA)) == (["sms"], ["dispute"], [])


@pytest.mark.migrated("preferences")
async def test_a_separation_that_is_heard_before_its_merge_counts(database: Database) -> None:
    await hears(database, known(ADA), happened("consent.withdrawn", to=BEA, channel="sms"), separated())
    await hears(database, merged())

    ada, bea = await both(database)

    assert (ada.same_as, bea.same_as) == ((), ())
    assert closings(ada) == ([], [], [])


@pytest.mark.migrated("preferences")
async def test_three_ids_are_one_person_though_nobody_named_the_first_and_the_last(
    database: Database,
) -> None:
    await hears(database, known(ADA), known(BEA), known("person-3"), merged())
    await hears(database, happened("person.merged", to="person-3", other_id=BEA))
    await hears(database, happened("consent.withdrawn", to="person-3", channel="sms"))

    ada = await latest(database)

    assert (ada.same_as, closings(ada)[0]) == ((BEA, "person-3"), ["sms"])


@pytest.mark.migrated("preferences")
async def test_the_past_and_the_api_tell_what_people_v1_does(database: Database) -> None:
    await hears(database, known(ADA), known(BEA), merged())
    await hears(database, happened("consent.withdrawn", to=BEA, channel="sms"))
    await hears(database, separated(), now=NOW + timedelta(hours=1))

    async with database.reading() as connection:
        during = await read_history(connection, ADA, at=NOW + timedelta(minutes=1))
        (now_known,) = await asking.read_people(connection, [BEA], now=NOW)

    assert (during.snapshot["same_as"], len(during.snapshot["opt_outs"])) == ([BEA], 1)
    told = (await latest(database, BEA)).model_dump(mode="json", exclude_unset=True)
    assert dict(now_known.data) == told


@pytest.mark.migrated("preferences")
async def test_a_merge_is_taken_out_once_and_not_from_whoever_is_unknown(database: Database) -> None:
    await hears(database, known(ADA), known(BEA))
    with pytest.raises(NothingThere, match="nobody is known as person-9"):
        await say_same(ADA, "person-9", reason="?", actor=staff("eve"), database=database, clock=CLOCK)
    with pytest.raises(NothingThere, match="nobody said"):
        await say_others(ADA, BEA, reason="?", actor=staff("eve"), database=database, clock=CLOCK)

    await say_same(BEA, ADA, reason="one account", actor=staff("eve"), database=database, clock=CLOCK)

    lines = [line async for line in take_out(database=database, clock=CLOCK)]
    assert [(line["person_id"], line["type"]) for line in lines if "other_id" in line["data"]] == [
        (ADA, "person.merged.v1")
    ]


def of_each(stream: Sequence[Event], sizes: Sequence[int]) -> dict[str, Record]:
    """Return what is remembered under each of two ids."""
    return {
        person_id: remembered(said([event for event in stream if event.person_id == person_id]), sizes)
        for person_id in (ADA, BEA)
    }


def all_closings(snapshot: dict[str, Any]) -> set[str]:
    return {
        *(f"opt_out {out['opt_out_id']}" for out in snapshot["opt_outs"]),
        *(f"hold {hold['hold_id']}" for hold in snapshot["holds"]),
        *(f"refused {channel}" for channel in snapshot.get("refused_channels") or ()),
        *(f"inconvenient {window}" for window in snapshot.get("inconvenient") or ()),
        *([f"only {snapshot['safe_contact']}"] if snapshot.get("safe_contact") else []),
    }


@settings(max_examples=60)
@given(stream=streams(longest=16, corrected=True))
def test_joined_ids_are_as_closed_as_each_and_stay_so_when_they_are_separated(stream: list[Event]) -> None:
    records = of_each(stream, [3])
    alone = {who: snapshot_of(who, record, unreadable=False) for who, record in records.items()}
    joined = {
        who: joined_snapshot(who, record, {other: records[other]}, unreadable=False)
        for who, record, other in ((ADA, records[ADA], BEA), (BEA, records[BEA], ADA))
    }
    stamp = Stamp(moment(NOW + timedelta(days=1)), "/crm", "separation", moment(NOW + timedelta(days=1)))

    for who, other in ((ADA, BEA), (BEA, ADA)):
        assert all_closings(alone[who]) <= all_closings(joined[who])
        assert ids(alone[other]) <= ids(joined[who])
        assert joined[who]["consents"] == alone[who]["consents"]
        kept = kept_closed(who, records[who], {other: records[other]}, stamp=stamp)
        after = snapshot_of(who, {**records[who], **kept}, unreadable=False)
        assert all_closings(after) == all_closings(joined[who])
        PersonSnapshot.model_validate({**joined[who], "version": 1, "changed_at": moment(NOW)}, strict=False)


def ids(snapshot: dict[str, Any]) -> set[str]:
    return {out["opt_out_id"] for out in snapshot["opt_outs"]}


def wishing(**wishes: Any) -> Record:
    stamp = Stamp(moment(NOW), "/crm", "1", moment(NOW))
    return {f"is {name}": RegisterValue(stamp, value) for name, value in wishes.items()}


def test_the_hours_that_one_id_wishes_for_close_all_others() -> None:
    evenings = [{"days": ["fri"], "begins": "22:00", "ends": "02:00"}]

    joined = joined_snapshot(ADA, wishing(), {BEA: wishing(convenient=evenings)}, unreadable=False)

    closed = [(w["days"], w["begins"], w["ends"]) for w in joined["inconvenient"]]
    assert (["fri"], "00:00", "22:00") in closed
    assert (["sat"], "02:00", "24:00") in closed
    assert (["mon"], "00:00", "24:00") in closed
    assert len(closed) == 7


def test_two_ways_that_are_each_the_only_safe_one_leave_none() -> None:
    by_text = {"safe_contact": {"channel": "sms", "address": SMS}}
    by_post = {"safe_contact": {"channel": "post"}}

    joined = joined_snapshot(ADA, wishing(**by_text), {BEA: wishing(**by_post)}, unreadable=False)

    assert joined["refused_channels"] == ["sms", "email", "voice", "post"]


def test_more_wishes_than_a_snapshot_takes_close_every_hour() -> None:
    many = [{"days": ["mon"], "begins": f"{n // 60:02}:{n % 60:02}", "ends": "24:00"} for n in range(40)]
    others = [{**window, "days": ["tue"]} for window in many]

    joined = joined_snapshot(
        ADA, wishing(inconvenient=many), {BEA: wishing(inconvenient=others)}, unreadable=False
    )

    assert joined["inconvenient"] == [
        {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "begins": "00:00", "ends": "24:00"}
    ]


def test_circles_are_whole_whoever_named_whom() -> None:
    stamp = Stamp(moment(NOW), "/crm", "1", moment(NOW))
    same = {"same_as b": RegisterValue(stamp, value=True)}

    assert circles_of({"a": same, "b": {}, "c": dict(same), "d": {}}) == {
        "a": {"a", "b", "c"},
        "b": {"a", "b", "c"},
        "c": {"a", "b", "c"},
        "d": {"d"},
    }
