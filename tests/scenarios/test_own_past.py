"""What was published, read back by a database that lost it: nothing is sent twice, stops still bind."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from foundation import outbox
from foundation.database import Database
from foundation.records import Record
from foundation.relay import serialize
from outreach.desk.brakes import cancel_touch
from outreach.desk.waiting import list_people_waiting
from outreach.kafka.intake import read_record
from outreach.planning.remember import remember
from schemas.envelope import Event
from tests.support.databases import Databases
from tests.support.staff import STAFF
from tests.support.world import World

MORNING = "2026-03-02T15:00Z"
NUMBER = "+13125550142"
NOBODY = "+13125550199"


@pytest.fixture
async def young(databases: Databases) -> AsyncIterator[Database]:
    """A second database, which knows nothing."""
    url = await databases.fresh("outreach")
    async with Database.open(url, size=4, name="young") as opened:
        yield opened
    await databases.drop(url)


class Telling:
    """Tells two worlds the same, and one of them what the other published."""

    def __init__(self, first: Database, second: Database) -> None:
        self.first = World(first, now=MORNING)
        self.second = World(second, now=MORNING)
        self._told: list[dict[str, Any]] = []

    async def tells(self, *events: dict[str, Any]) -> None:
        self._told += events
        await self.first.hears(*events)

    async def repeats(self) -> None:
        """Have the second world hear all that the first one heard."""
        self.second.clock.move_to(self.first.clock.now())
        for event in self._told:
            await self.second.hears(event)

    async def published(self) -> list[Event]:
        """Return what the first world published of its past, as a reader of Kafka gets it."""
        async with self.first.database.transaction() as connection:
            entries = await outbox.read_front(connection, limit=1000)
        read = [
            read_record(
                Record(entry.topic, 0, entry.position, entry.key.encode(), serialize(entry), ()),
                now=self.first.clock.now(),
            )
            for entry in entries
        ]
        return [event for event in read if isinstance(event, Event)]

    async def remembers(self, world: World | None = None) -> int:
        """Read the past of the first world back, into the second unless another is named."""
        world = world or self.second
        world.clock.move_to(self.first.clock.now())
        async with world.database.transaction() as connection:
            return await remember(
                connection, await self.published(), playbook=world.guidance.playbook, now=world.clock.now()
            )


@pytest.fixture
async def telling(database: Database, young: Database) -> Telling:
    telling = Telling(database, young)
    for world in (telling.first, telling.second):
        # The key that one configuration gives to both.
        await world.runs("INSERT INTO digest_key (key) VALUES ('\\x07')")
    return telling


def ada(world: World, **says: Any) -> dict[str, Any]:
    return world.snapshot("ada", phones=[{"number": NUMBER, "kind": "mobile"}], **says)


async def test_whoever_was_texted_is_not_texted_again_by_a_database_that_lost_it(telling: Telling) -> None:
    await telling.tells(ada(telling.first), *telling.first.thanks("ada"))
    await telling.first.works()
    assert len(telling.first.sent) == 1

    assert await telling.remembers() > 0
    await telling.repeats()
    await telling.second.works()

    assert telling.second.sent == []
    assert await telling.second.status() == "accepted"
    assert await telling.second.ledger() == ["accepted"]


async def test_without_its_past_it_would_be(telling: Telling) -> None:
    await telling.tells(ada(telling.first), *telling.first.thanks("ada"))
    await telling.first.works()

    await telling.repeats()
    await telling.second.works()

    assert len(telling.second.sent) == 1


async def test_the_ledger_is_what_it_was(telling: Telling) -> None:
    await telling.tells(ada(telling.first), *telling.first.thanks("ada"))
    await telling.first.works()
    await telling.first.answers("What is this about?")

    await telling.remembers()
    await telling.repeats()

    asked = """SELECT contact_id, at, channel, direction, debts, purpose, outcome, key, creditor,
                      CASE direction WHEN 'outbound' THEN address END AS address
                 FROM contacts ORDER BY contact_id"""
    assert await telling.second.rows(asked) == await telling.first.rows(asked)


async def test_what_is_known_is_left_as_it_is(telling: Telling) -> None:
    await telling.tells(ada(telling.first), *telling.first.thanks("ada"))
    (call,) = await telling.first.claims()
    await telling.first.calls([call])
    await telling.first.told(call, "delivered")
    await telling.first.answers("STOP")
    before = await telling.first.rows("SELECT * FROM touches ORDER BY touch_id")

    assert await telling.remembers(telling.first) == 0

    assert await telling.first.rows("SELECT * FROM touches ORDER BY touch_id") == before
    assert await telling.first.ledger() == ["delivered", "reserved"]


async def test_a_message_that_the_vendor_gave_back_is_still_sent(telling: Telling) -> None:
    await telling.tells(ada(telling.first), *telling.first.thanks("ada"))
    (call,) = await telling.first.claims()
    await telling.first.calls([call])
    await telling.first.told(call, "undelivered", code="30610", may_send_again=True)
    assert await telling.first.status() == "planned"

    # A relay that died between acknowledgment and deletion leaves such records.
    assert await telling.remembers(telling.first) == 0

    assert await telling.first.status() == "planned"


async def test_what_recovery_took_for_never_called_was_sent_after_the_backup(telling: Telling) -> None:
    await telling.tells(ada(telling.first), *telling.first.thanks("ada"))
    (call,) = await telling.first.claims()
    await telling.first.calls([call])
    restored = telling.first
    # As a backup has it that was made between claim and gate, once recovery has looked at it.
    await restored.runs("UPDATE attempts SET outcome = 'not_sent', called_at = NULL, code = 'lease_over'")
    await restored.runs("UPDATE touches SET status = 'planned', attempt_id = NULL")
    await restored.runs("UPDATE contacts SET outcome = 'not_sent'")

    assert await telling.remembers(restored) > 0
    await restored.works()

    assert len(restored.sent) == 1
    assert await restored.status() == "accepted"
    assert await restored.ledger() == ["accepted"]


async def test_a_stop_is_read_back_and_a_start_after_it_too(telling: Telling) -> None:
    await telling.tells(ada(telling.first))
    await telling.first.answers("STOP")
    await telling.remembers()
    await telling.repeats()
    assert await bound(telling.second) == [("opted_out", "sms", NUMBER)]

    await telling.first.answers("START")
    await telling.remembers()

    assert await bound(telling.second) == []


async def test_an_unclear_answer_still_waits_for_a_human(telling: Telling) -> None:
    await telling.tells(ada(telling.first), *telling.first.thanks("ada"))
    await telling.first.answers("My lawyer will call you")

    await telling.remembers()
    await telling.repeats()
    await telling.second.works()

    assert telling.second.sent == []
    assert (await telling.second.rows("SELECT needs_human FROM replies")) == [{"needs_human": True}]


async def test_who_waits_for_a_human_is_still_seen_by_staff_and_who_was_answered_waits_no_more(
    telling: Telling,
) -> None:
    await telling.tells(ada(telling.first))
    await telling.first.answers("I don't want to live any more", reply_id="SM1")
    await telling.remembers()

    (crisis,) = await list_people_waiting(telling.second.database)
    assert (crisis.person_id, crisis.urgency) == ("ada", "crisis")

    await telling.first.releases("ada")
    await telling.remembers()

    assert await list_people_waiting(telling.second.database) == []
    assert await telling.second.asks("SELECT count(*) FROM suppressions WHERE lifted_at IS NULL") == 0


async def test_an_address_that_others_read_stays_closed_to_everything(telling: Telling) -> None:
    await telling.tells(ada(telling.first))
    await telling.first.answers("please don't text here, my husband reads my phone", reply_id="SM1")
    safe = "SELECT count(*) FROM suppressions WHERE kind = 'unsafe' AND address = $1 AND lifted_at IS NULL"
    assert await telling.first.asks(safe, NUMBER) == 1

    await telling.remembers()
    await telling.repeats()

    assert await telling.second.asks(safe, NUMBER) == 1


async def test_a_stop_of_a_number_of_nobody_binds_whoever_turns_out_to_have_it(
    telling: Telling,
) -> None:
    await telling.first.answers("STOP", phone=NOBODY)
    events = await telling.published()
    assert [(event.type, NOBODY in str(event.data)) for event in events] == [("address.closed.v1", False)]

    await telling.remembers()
    snapshot = telling.second.snapshot("bob", phones=[{"number": NOBODY, "kind": "mobile"}])
    await telling.second.hears(snapshot, *telling.second.thanks("bob"))
    await telling.second.works()

    assert telling.second.sms.sent == []
    assert await bound(telling.second) == [("opted_out", "sms", NOBODY)]


async def test_it_binds_whoever_was_known_to_have_it_before_it_was_read_back(telling: Telling) -> None:
    await telling.first.answers("STOP", phone=NOBODY)
    snapshot = telling.second.snapshot("bob", phones=[{"number": NOBODY, "kind": "mobile"}])
    await telling.second.hears(snapshot, *telling.second.thanks("bob"))

    await telling.remembers()
    await telling.second.works()

    assert telling.second.sms.sent == []


async def test_a_start_of_nobody_takes_its_stop_back(telling: Telling) -> None:
    await telling.first.answers("STOP", phone=NOBODY)
    await telling.first.answers("START", phone=NOBODY)

    await telling.remembers()

    assert await bound(telling.second) == []


async def test_a_contact_counts_for_whoever_shares_the_address(telling: Telling) -> None:
    await telling.tells(ada(telling.first), *telling.first.thanks("ada"))
    await telling.first.works()

    await telling.remembers()
    await telling.second.hears(telling.second.snapshot("bob", phones=[{"number": NUMBER, "kind": "mobile"}]))

    assert [row["address"] for row in await telling.second.rows("SELECT address FROM contacts")] == [NUMBER]


async def test_what_staff_cancelled_stays_cancelled(telling: Telling) -> None:
    await telling.tells(ada(telling.first), *telling.first.thanks("ada"))
    touch = await telling.first.touch()
    world = telling.first
    await cancel_touch(
        touch["touch_id"], actor=STAFF, reason=None, database=world.database, clock=world.clock
    )

    await telling.remembers()
    await telling.repeats()
    await telling.second.works()

    assert telling.second.sent == []
    assert await telling.second.status() == "cancelled"


async def test_what_it_tells_from_then_on_is_numbered_after_what_was_told(telling: Telling) -> None:
    await telling.tells(ada(telling.first), *telling.first.thanks("ada"))
    await telling.first.works()
    told = await telling.first.asks("SELECT max(sequence) FROM outbox WHERE topic = 'outreach.touches.v1'")

    await telling.remembers()
    await telling.second.hears(ada(telling.second), *telling.second.thanks("ada", "d2"))

    first = "SELECT min(sequence) FROM outbox WHERE topic = 'outreach.touches.v1'"
    assert await telling.second.asks(first) == told + 1


async def test_remembering_twice_finds_nothing(telling: Telling) -> None:
    await telling.tells(ada(telling.first), *telling.first.thanks("ada"))
    await telling.first.works()
    await telling.first.answers("STOP")

    assert await telling.remembers() > 0
    assert await telling.remembers() == 0


async def bound(world: World) -> list[tuple[str, str, str]]:
    rows = await world.rows(
        "SELECT kind, channel, address FROM suppressions WHERE lifted_at IS NULL AND kind = 'opted_out'"
    )
    return [(row["kind"], row["channel"], row["address"]) for row in rows]
