"""A backup of an hour ago, put back when Kafka is a day ahead: it goes on as the lost database would have."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from foundation import outbox
from foundation.database import Database
from foundation.records import Record
from foundation.relay import serialize
from outreach.kafka.intake import read_record
from outreach.planning.remember import remember
from schemas.envelope import Event
from tests.support.databases import Databases
from tests.support.world import World, texts, usd

#: A Monday, in Chicago.
NINE = "2026-03-02T15:00Z"
TEN = "2026-03-02T16:00Z"
ELEVEN = "2026-03-02T17:00Z"
#: The instant of the loss is eleven; whoever puts the backup back does it on Tuesday at noon.
TUESDAY_NOON = "2026-03-03T18:00Z"
SUNDAY = "2026-03-08T18:00Z"
PHONES = {"ada": "+13125550142", "bob": "+13125550143", "cyd": "+13125550144"}


class Day:
    """Two worlds: one that was never lost, and one that knows the day only by what Kafka has of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.told: list[dict[str, Any]] = []

    async def tells(self, *events: dict[str, Any]) -> None:
        self.told += events
        await self.world.hears(*events)

    async def meets(self, person: str) -> None:
        """Somebody owes 160 and agreed on two parts, of which the first is due on Tuesday."""
        world = self.world
        phones = [{"number": PHONES[person], "kind": "mobile"}]
        parts = [
            {"number": number, "due_on": due_on, "amount": usd("80.00")}
            for number, due_on in enumerate(("2026-03-03", "2026-04-03"), 1)
        ]
        await self.tells(
            world.snapshot(person, phones=phones, emails=[{"address": f"{person}@example.com"}]),
            world.places(person, f"debt-of-{person}", balance="160.00"),
            world.happens(
                "plan.agreed", to=person, debt_id=f"debt-of-{person}", plan_id="p1", instalments=parts
            ),
        )

    async def pays(self, person: str) -> None:
        await self.tells(
            self.world.happens(
                "payment.received",
                to=person,
                debt_id=f"debt-of-{person}",
                payment_id=f"payment-of-{person}",
                amount=usd("80.00"),
                balance=usd("80.00"),
            )
        )

    async def published(self) -> list[Event]:
        """Return what the world published, as a reader of Kafka gets it."""
        async with self.world.database.transaction() as connection:
            entries = await outbox.read_front(connection, limit=1000)
        read = [
            read_record(
                Record(entry.topic, 0, entry.position, entry.key.encode(), serialize(entry), ()),
                now=self.world.clock.now(),
            )
            for entry in entries
        ]
        return [event for event in read if isinstance(event, Event)]


@asynccontextmanager
async def opened(url: str, name: str) -> AsyncIterator[Database]:
    async with Database.open(url, size=2, name=name) as database:
        yield database


async def test_outreach_an_hour_old_goes_on_as_if_nothing_had_been_lost(databases: Databases) -> None:
    url = await databases.fresh("outreach")
    async with opened(url, "lost") as lost:
        day = Day(World(lost, now=NINE))
        for person in PHONES:
            await day.meets(person)
        await day.world.works_until(TEN)
        known = len(day.told)
    backup = await databases.copy_of(url)

    async with opened(url, "lost") as lost:
        day.world.moves_to(lost)
        # The hour that the backup does not have, and the day after it.
        await day.pays("bob")
        await day.world.answers("STOP", phone=PHONES["ada"])
        await day.world.works_until(ELEVEN)
        await day.pays("cyd")
        await day.world.works_until(TUESDAY_NOON)
        published, before = await day.published(), Counter(said(day.world))
        await day.world.works_until(SUNDAY)
        would_have_said = Counter(said(day.world)) - before

    async with opened(backup, "restored") as restored:
        world = World(restored, now=TUESDAY_NOON)
        async with restored.transaction() as connection:
            found = await remember(
                connection, published, playbook=world.guidance.playbook, now=world.clock.now()
            )
        await world.hears(*day.told[known:])
        await world.works_until(SUNDAY)

        assert found > 0
        assert before.total() > len(PHONES)
        assert Counter(said(world)) == would_have_said
        assert not any(to == PHONES["ada"] for to, _ in said(world))
        missing = [to for to, text in said(world) if "have not seen" in text]
        assert not any("bob" in to or "cyd" in to for to in missing)
    for done in (backup, url):
        await databases.drop(done)


def said(world: World) -> list[tuple[str, str]]:
    """Return to whom what was said, but for what links are signed with."""
    return [
        (message.to, text.partition("https://")[0])
        for message, text in zip(world.sent, texts(world.sent), strict=True)
    ]
