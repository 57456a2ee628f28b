"""Replicas that send beside each other: together they call a vendor no faster than it allows."""

from datetime import timedelta

from foundation.clock import ManualClock, parse_instant
from foundation.database import Database
from outreach.sending.fleet import LIVES_FOR, FleetMember

NOW = parse_instant("2026-03-02T15:00Z")


def member(replica: str, *, database: Database, clock: ManualClock) -> FleetMember:
    return FleetMember(replica=replica, rates={"twilio": 50, "sendgrid": 1}, database=database, clock=clock)


async def test_a_replica_alone_takes_all_that_the_vendor_allows(database: Database) -> None:
    alone = member("a", database=database, clock=ManualClock(NOW))

    await alone.beat()

    assert alone.paces["twilio"].per_second == 50


async def test_replicas_share_what_the_vendor_allows(database: Database) -> None:
    clock = ManualClock(NOW)
    first, second = (member(replica, database=database, clock=clock) for replica in ("a", "b"))

    for replica in (first, second, first):
        await replica.beat()

    assert [replica.paces["twilio"].per_second for replica in (first, second)] == [25, 25]
    assert first.paces["sendgrid"].per_second == 0.5


async def test_the_share_of_a_replica_that_fell_silent_goes_to_the_others(database: Database) -> None:
    clock = ManualClock(NOW)
    first, second = (member(replica, database=database, clock=clock) for replica in ("a", "b"))
    await first.beat()
    await second.beat()

    clock.advance(LIVES_FOR + timedelta(seconds=1))
    await second.beat()

    assert second.paces["twilio"].per_second == 50
