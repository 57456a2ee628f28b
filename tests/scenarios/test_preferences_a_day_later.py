"""A backup of preferences, an hour old, put back when Kafka is a day ahead: it goes on as the lost one would.

No stop, hold or consent is lost or opened, and outreach, which goes on beside it, contacts nobody twice.
"""

from collections import Counter
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

from foundation.clock import parse_instant
from foundation.database import Database
from preferences.ledger.remember import remember
from schemas.envelope import Event
from schemas.people import PersonSnapshot
from tests.preferences.stories import happened, hears, latest, published
from tests.support.databases import Databases
from tests.support.world import World

#: A Monday, in Chicago; the backup is of ten, the loss at eleven, and it is put back a day later.
NINE, ELEVEN, TUESDAY = "2026-03-02T15:00Z", "2026-03-02T17:00Z", "2026-03-03T18:00Z"
SUNDAY = "2026-03-08T18:00Z"
PHONES = {name: f"+1312555014{number}" for number, name in enumerate(("ada", "bob", "cyd", "dan", "eve"), 2)}


def meets(name: str) -> list[Event]:
    """Somebody at home in Chicago who allows email, and all but Dan and Eve texts."""
    known = happened(
        "person.changed",
        "2026-03-01T15:00Z",
        to=name,
        names={"given": name.title()},
        addresses=[{"country": "US", "region": "IL", "postal_code": "60614"}],
        phones=[{"number": PHONES[name], "kind": "mobile"}],
        emails=[{"address": f"{name}@example.com"}],
        preferred_channels=["sms", "email"],
    )
    checked = happened(
        "number.checked",
        "2026-03-01T15:00Z",
        to=name,
        number=PHONES[name],
        result="not_reassigned",
        at="2026-03-01T15:00Z",
    )
    email = happened("consent.granted", "2026-03-01T15:00Z", to=name, channel="email", basis="direct")
    texts_too = happened("consent.granted", "2026-03-01T15:00Z", to=name, channel="sms", basis="direct")
    return [known, checked, email, *([] if name in ("dan", "eve") else [texts_too])]


def hour_of_the_loss() -> list[Event]:
    """What only Kafka has: a stop, a lawyer, a hold that ended, a consent, a stop with a later consent."""
    at = "2026-03-02T16:30Z"
    return [
        happened("consent.withdrawn", at, to="ada", channel="sms"),
        happened("hold.placed", at, to="bob", hold_id="h1", kind="attorney_represented"),
        happened("hold.lifted", at, to="cyd", hold_id="h0"),
        happened("consent.granted", at, to="dan", channel="sms", basis="direct"),
        happened("consent.withdrawn", at, to="eve", channel="email"),
        happened("consent.granted", "2026-03-02T16:40Z", to="eve", channel="email", basis="direct"),
    ]


async def told(database: Database) -> list[Event]:
    async with database.transaction() as connection:
        return await published(connection)


def as_heard(event: Event) -> dict[str, Any]:
    """Return a snapshot as outreach gets it from Kafka."""
    return {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "subject": event.subject,
        "time": event.time.isoformat(),
        "datacontenttype": "application/json",
        "data": event.data.model_dump(mode="json", exclude_unset=True),
    }


async def test_preferences_an_hour_old_go_on_as_if_nothing_had_been_lost(
    database: Database, databases: Databases
) -> None:
    world = World(database, now=NINE)
    lost_hour = hour_of_the_loss()
    url = await databases.fresh("preferences")
    async with Database.open(url, size=2, name="lost") as lost:
        first = [event for name in PHONES for event in meets(name)]
        first.append(happened("hold.placed", "2026-03-01T15:00Z", to="cyd", hold_id="h0", kind="hardship"))
        await hears(lost, *first, now=parse_instant(NINE))
        await world.hears(*map(as_heard, await told(lost)))
        known = len(await told(lost))
        for name in PHONES:
            await world.has_a_text_due(name, f"debt-of-{name}")
        await world.works_until("2026-03-02T16:00Z")
    backup = await databases.copy_of(url)
    before = len(world.sent)
    async with Database.open(url, size=2, name="lost") as lost:
        await hears(lost, *lost_hour, now=parse_instant(ELEVEN))
        snapshots = await told(lost)
        await world.works_until(ELEVEN)
        await world.hears(*map(as_heard, snapshots[known:]))
        expected = {name: closed_and_open(await latest(lost, name)) for name in PHONES}
        versions = {name: (await latest(lost, name)).version for name in PHONES}
        await world.works_until(TUESDAY)

    async with AsyncExitStack() as stack:
        restored = await stack.enter_async_context(Database.open(backup, size=2, name="restored"))
        now = parse_instant(TUESDAY)
        async with restored.transaction() as connection:
            assert await remember(connection, snapshots, now=now) > 0
        published_before = len(await told(restored))
        # Kafka gives it the lost hour again, then what is said of each for the first time.
        await hears(restored, *lost_hour, now=now)
        said = [happened("person.changed", TUESDAY, to=name, language="en") for name in PHONES]
        await hears(restored, *said, now=now)
        anew = (await told(restored))[published_before:]
        sent = Counter(message.to for message in world.sent)
        await world.hears(*map(as_heard, anew))
        for name in PHONES:
            await world.has_a_text_due(name, f"another-debt-of-{name}")
        await world.works_until(SUNDAY)

        assert before > 0
        assert {name: closed_and_open(await latest(restored, name)) for name in PHONES} == expected
        assert all([(await latest(restored, name)).version > versions[name] for name in PHONES])
        heard = Counter(message.to for message in world.sent) - sent
        # Of each debt they are thanked once, by the way that is open; Bob has a lawyer.
        assert heard == Counter(["ada@example.com", PHONES["cyd"], PHONES["dan"], "eve@example.com"])
    for done in (backup, url):
        await databases.drop(done)


def closed_and_open(snapshot: PersonSnapshot) -> tuple[Any, ...]:
    """Return what a snapshot closes and what it opens, by channel and kind."""
    return (
        sorted((out.channel, out.kind) for out in snapshot.opt_outs),
        sorted(hold.kind for hold in snapshot.holds),
        sorted((consent.channel, consent.basis, instant(consent.at)) for consent in snapshot.consents),
        sorted(check.result for check in snapshot.number_checks),
    )


def instant(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).isoformat()
