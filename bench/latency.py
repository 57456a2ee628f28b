"""From an event on Kafka to the request at the vendor, on an idle system; and how late a planned touch is."""

import asyncio
import time
from datetime import timedelta

from bench import agency, rig, servers
from bench.figures import Figure, percentile
from bench.servers import Postgres
from foundation.clock import SystemClock
from foundation.database import Database
from foundation.kafka import create_topics, publishing, subscribing_broker
from foundation.settings import KafkaSettings
from foundation.subscribers import Subscription
from outreach.config import DispatchConfig
from schemas import topics


async def measure(server: Postgres, kafka: str, *, events: int) -> Figure:
    """Publish payments one by one, each when the last one's thanks arrived at the vendor."""
    settings = KafkaSettings(bootstrap_servers=kafka)
    await create_topics(settings, list(topics.TOPICS.values()))
    url = await server.migrated("latency")
    held, clock = rig.guidance(), rig.ShiftedClock(rig.NOON)
    async with Database.open(url, size=8, name="bench") as database:
        await rig.put_in_force(database, held, now=clock.now())
        intake = rig.intake(database, held, clock)
        texted = [n for n in range(events * 2) if agency.is_texted(n)][:events]
        at = rig.NOON - timedelta(days=30)
        for n in texted:
            await intake.handle(agency.as_records([agency.known(n, at=at), agency.placed(n, at=at)]))
        async with database.transaction() as connection:
            await connection.execute("DELETE FROM touches")
        broker = subscribing_broker(settings, client_id="bench")
        for topic in agency.TOPICS:
            Subscription(
                topic=topic, group=f"latency-{topic}", handle=intake.handle, clock=SystemClock()
            ).attach(broker)
        with servers.stub() as vendor:
            async with rig.vendors(vendor) as called:
                took = await _one_by_one(database, called, vendor, broker, settings, texted, clock)
    await server.drop(url)
    return Figure(
        name="event on Kafka → request at the vendor, idle system, p99",
        value=percentile(took, 0.99),
        unit="ms",
        rounds=[percentile(took, 0.5), percentile(took, 0.99)],
        goal="< 250 ms",
        met=percentile(took, 0.99) < 250,
        details={"p50_ms": percentile(took, 0.5), "most_ms": max(took), "events": len(took)},
    )


async def _one_by_one(
    database: Database,
    called: rig.Vendors,
    vendor: str,
    broker: object,
    settings: KafkaSettings,
    texted: list[int],
    clock: rig.ShiftedClock,
) -> list[float]:
    dispatch, stop, took = rig.dispatch_of(database, called, rig.guidance(), clock), asyncio.Event(), []
    await broker.start()  # type: ignore[attr-defined]
    working = asyncio.create_task(dispatch.run(stop, tick=DispatchConfig().tick))
    listening = asyncio.create_task(database.listen("touches", lambda _: dispatch.wake()))
    try:
        async with publishing(settings, client_id="bench") as producer:
            for number, person in enumerate(texted):
                paid = agency.paid(person, at=clock.now())
                began = time.monotonic_ns()
                await producer.send_and_wait(
                    paid.topic, paid.value, key=paid.key, headers=list(agency.HEADERS)
                )
                arrived = await _arrival(vendor, number + 1)
                took.append((arrived - began) / 1e6)
    finally:
        stop.set()
        await working
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await broker.stop()  # type: ignore[attr-defined]
    # The first ones open connections and compile templates.
    return took[3:]


async def _arrival(vendor: str, count: int) -> int:
    async with asyncio.timeout(30):
        while True:
            counted = await servers.ask(vendor, "/count")
            if counted["sends"] >= count:  # type: ignore[index]
                return int(counted["last"])  # type: ignore[index]
            await asyncio.sleep(0.01)
