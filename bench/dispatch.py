"""Due to settled and published, against the vendors' clients alone on the same stub, as many at a time.

Two floors: the clients as they ship, and our own providers, which are those clients on a faster transport.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from bench import agency, cpu, rig, servers, shipped
from bench.figures import Figure, median
from bench.servers import Postgres
from foundation.database import Database
from foundation.kafka import create_topics
from foundation.settings import KafkaSettings
from outreach.model.contact import Contact
from outreach.model.message import Email, Sms
from outreach.model.outcome import Accepted
from outreach.model.words import Channel, ContactOutcome, Direction, Purpose
from outreach.store.ledger import Entry, record_contacts
from schemas import topics


async def measure(server: Postgres, kafka: str, *, people: int, rounds: int) -> list[Figure]:
    """Give everybody one instalment reminder, due now, and send them all."""
    await create_topics(KafkaSettings(bootstrap_servers=kafka), list(topics.TOPICS.values()))
    await prepare(server, "dispatch", people)
    clients, providers, products = [], [], []
    with servers.stub() as vendor:
        for _ in range(rounds):
            clients.append(await shipped.measure(vendor, people, text=TEXT, mail=MAIL))
            providers.append(await bare(vendor, people))
            products.append(await ours(server, kafka, vendor, people))
    name = f"dispatch: due → settled and published ({people:,} messages, 7 of 10 texts)"
    at_once = f"{rig.WORKERS} at a time"
    return [
        _figure(name, products, clients, floor_name=f"(vendors' clients alone, {at_once})", goal=0.6),
        _figure(name, products, providers, floor_name=f"(our providers alone, {at_once})", goal=None),
    ]


#: Messages per second, and microseconds of processor time for each, by process.
Round = tuple[float, dict[str, float]]


def _figure(
    name: str, products: Sequence[Round], floors: Sequence[Round], *, floor_name: str, goal: float | None
) -> Figure:
    floor, product = (median([rate for rate, _ in floor]) for floor in (floors, products))
    return Figure(
        name=name,
        value=product,
        unit="messages/s",
        rounds=[rate for rate, _ in products],
        floor=floor,
        floor_name=floor_name,
        ratio=product / floor,
        goal=f"≥ {goal}" if goal is not None else "",
        met=product / floor >= goal if goal is not None else None,
        details={
            "floor_rounds": [rate for rate, _ in floors],
            "cpu_us_per_message": products[-1][1],
            "floor_cpu_us_per_message": floors[-1][1],
        },
    )


async def prepare(server: Postgres, name: str, people: int, *, contacts: int = 6) -> None:
    """Fill a database with people who each have a debt, some past contacts, and a reminder due at ten."""
    url, held, clock = await server.migrated(name), rig.guidance(), rig.ShiftedClock(rig.NOON)
    async with Database.open(url, size=4, name="bench") as database:
        await rig.put_in_force(database, held, now=clock.now())
        intake = rig.intake(database, held, clock)
        placed_at = rig.NOON - timedelta(days=40)
        for first in range(0, people, 500):
            some = range(first, min(first + 500, people))
            published = [agency.known(n, at=placed_at) for n in some]
            published += [agency.placed(n, at=placed_at) for n in some]
            published += [agency.plan(n, at=rig.NOON - timedelta(days=20), first="2026-03-05") for n in some]
            for begin in range(0, len(published), 500):
                malformed = await intake.handle(agency.as_records(published[begin : begin + 500]))
                assert not malformed, [record.problem for record in malformed]
            async with database.transaction() as connection:
                await record_contacts(
                    connection, [past_contact for n in some for past_contact in past_contacts(n, contacts)]
                )
        async with database.transaction() as connection:
            # What planning announced is old news, and only the reminders are due.
            await connection.execute("DELETE FROM outbox")
            await connection.execute(
                "DELETE FROM touches WHERE due_at <= $1 AND play <> 'instalment_reminder'", rig.NOON
            )
            await connection.execute("UPDATE touches SET due_at = greatest(due_at, planned_for)")
            due = await connection.fetchval("SELECT count(*) FROM touches WHERE due_at <= $1", rig.NOON)
            assert due == people, f"{due} of {people} are due"
        async with database.dedicated() as connection:
            await connection.execute("VACUUM ANALYZE")


def past_contacts(number: int, how_many: int) -> Sequence[Entry]:
    """Return a ledger of the past two months: calls of other systems, and our own mails."""
    return [
        Entry(
            contact_id=f"past{number}-{n}",
            person_id=agency.person_id(number),
            address=f"person{number}@example.com",
            contact=Contact(
                at=rig.NOON - timedelta(days=9 + 3 * n, hours=n),
                channel=Channel.VOICE if n % 2 else Channel.EMAIL,
                direction=Direction.OUTBOUND,
                debts=frozenset({agency.debt_id(number)}),
                purpose=Purpose.REMINDER,
                outcome=ContactOutcome.UNANSWERED if n % 2 else ContactOutcome.DELIVERED,
            ),
        )
        for n in range(how_many)
    ]


async def ours(server: Postgres, kafka: str, vendor: str, people: int) -> Round:
    """Return messages per second, from the first claim to the last event published, and processor time."""
    url = await server.copy("dispatch")
    held = rig.guidance()
    await servers.ask(vendor, "/forget")
    with servers.child("bench.relaying", url, kafka) as relay:
        await asyncio.to_thread(relay.stdout.readline)  # type: ignore[union-attr]
        async with Database.open(url, size=8, name="bench") as database, rig.vendors(vendor) as called:
            dispatch = rig.dispatch_of(database, called, held, rig.ShiftedClock(rig.NOON))
            stop = asyncio.Event()
            spent = cpu.Meter({"postgres": server.pid, "relay": relay.pid})
            began = time.perf_counter()
            work = asyncio.create_task(dispatch.run(stop, tick=timedelta(seconds=1)))
            await published(database)
            took = time.perf_counter() - began
            used = spent.microseconds_per(people)
            stop.set()
            await work
    counted = await servers.ask(vendor, "/count")
    await server.drop(url)
    # Who shares a number with somebody waits for another day: the cap of the address is full.
    return counted["sends"] / took, used  # type: ignore[index]


async def published(database: Database) -> None:
    """Wait until every attempt is settled and every event published."""
    async with asyncio.timeout(120):
        while True:
            await asyncio.sleep(0.05)
            async with database.transaction() as connection:
                unfinished = await connection.fetchval(
                    """SELECT EXISTS (SELECT FROM outbox)
                           OR EXISTS (SELECT FROM attempts WHERE settled_at IS NULL)
                           OR EXISTS (SELECT FROM touches WHERE status IN ('planned', 'waiting') AND due_at <= $1)""",
                    rig.NOON,
                )
                if not unfinished:
                    return


async def bare(vendor: str, calls: int) -> Round:
    """Return how many messages per second our providers send with nothing around them."""
    left = iter(range(calls))
    async with rig.vendors(vendor) as called:

        async def work() -> None:
            for number in left:
                client = called.twilio if agency.is_texted(number) else called.sendgrid
                outcome = await client.send(TEXT if agency.is_texted(number) else MAIL)
                assert isinstance(outcome, Accepted), outcome

        spent, began = cpu.Meter({}), time.perf_counter()
        await asyncio.gather(*(work() for _ in range(rig.WORKERS)))
        return calls / (time.perf_counter() - began), spent.microseconds_per(calls)


TEXT = Sms(
    attempt_id=UUID(int=1),
    to="+13125550142",
    sender="MG" + "0" * 32,
    body="Hi Person1, this is Harbor Recovery for Northwind Energy. Your instalment of $80.00 is due on March 5.",
    segments=1,
    valid_for=timedelta(hours=3),
    status_url="https://outreach.example.com/webhooks/twilio/status",
)
MAIL = Email(
    attempt_id=UUID(int=2),
    to="person1@example.com",
    sender="hello@harbor.example.com",
    sender_name="Harbor Recovery",
    reply_to=None,
    subject="Your instalment of $80.00 is due on March 5",
    text="Hi Person1,\n\nyour instalment of $80.00 for Northwind Energy is due on March 5.\n" * 5,
    html="<p>Hi Person1,</p><p>your instalment of $80.00 for Northwind Energy is due on March 5.</p>" * 5,
    unsubscribe_url="https://outreach.example.com/unsubscribe/token",
    language="en",
)
