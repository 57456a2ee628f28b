"""Kafka to facts and plans committed, against bare consuming and one upsert of the same records."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from typing import Any

import asyncpg
import msgspec
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage

from bench import agency, ceiling, cpu, rig
from bench.figures import Figure, median
from bench.servers import Postgres
from bench.servers import kafka as another_kafka
from foundation.clock import SystemClock
from foundation.database import Database
from foundation.kafka import create_topics, publishing, subscribing_broker
from foundation.settings import KafkaSettings
from foundation.subscribers import Subscription
from schemas import topics

BATCH = 500
_groups = count(1)


async def measure(server: Postgres, kafka: str, *, people: int, rounds: int) -> list[Figure]:
    """Measure a crowd of new people, what of it is PostgreSQL's, and a working day of twice as many people."""
    await server.migrated("ingest")
    arriving = list(agency.days(people, at=rig.NOON))
    figures = [
        await _measured(server, kafka, arriving, name="everybody new", template="ingest", rounds=rounds)
    ]
    figures.append(await ceiling.measure(server, agency.as_records(arriving), batch=BATCH, rounds=rounds))
    await _known(server, people=people * 2)
    day = list(agency.working_day(people * 2, at=rig.NOON))
    # A broker of its own: these topics are read from their start.
    with another_kafka() as fresh:
        figures.append(
            await _measured(server, fresh, day, name="a working day", template="known", rounds=rounds)
        )
    return figures


async def _known(server: Postgres, *, people: int) -> None:
    """Make a database in which these people are known and planned for."""
    held, clock = rig.guidance(), rig.ShiftedClock(rig.NOON)
    async with Database.open(await server.migrated("known"), size=2, name="bench") as database:
        await rig.put_in_force(database, held, now=clock.now())
        intake, records = (
            rig.intake(database, held, clock),
            agency.as_records(agency.days(people, at=rig.NOON)),
        )
        for topic in agency.TOPICS:
            of_topic = [record for record in records if record.topic == topic]
            for first in range(0, len(of_topic), BATCH):
                await intake.handle(of_topic[first : first + BATCH])
        async with database.transaction() as connection:
            await connection.execute("ANALYZE")


async def _measured(
    server: Postgres,
    kafka: str,
    records: Sequence[agency.Published],
    *,
    name: str,
    template: str,
    rounds: int,
) -> Figure:
    """Publish once, read as often as there are rounds, floor and product by turns."""
    settings = KafkaSettings(bootstrap_servers=kafka)
    await create_topics(
        settings, [topics.TOPICS[topic] for topic in (*agency.TOPICS, topics.TOUCHES, topics.QUARANTINE)]
    )
    total = await publish(settings, records)
    floors, products = [], []
    for _ in range(rounds):
        floors.append(await bare(server, kafka, total))
        products.append(await ours(server, settings, total, template=template))
    floor, product = (median([rate for rate, _ in floor]) for floor in (floors, products))
    return Figure(
        name=f"ingest, {name}: Kafka → facts and plans committed ({total:,} records)",
        value=product,
        unit="events/s",
        rounds=[rate for rate, _ in products],
        floor=floor,
        floor_name="(bare consume + one upsert)",
        ratio=product / floor,
        goal="≥ 0.25",
        met=product / floor >= 0.25,
        details={
            "batch": BATCH,
            "floor_rounds": [rate for rate, _ in floors],
            "cpu_us_per_event": products[-1][1],
            "floor_cpu_us_per_event": floors[-1][1],
        },
    )


async def publish(settings: KafkaSettings, records: Sequence[agency.Published]) -> int:
    async with publishing(settings, client_id="bench") as producer:
        sent = [
            await producer.send(record.topic, record.value, key=record.key, headers=list(agency.HEADERS))
            for record in records
        ]
        await asyncio.gather(*sent)
    return len(records)


class Meter:
    """Counts from the moment when every topic's first batch is in hand, so that joining a group costs nobody."""

    def __init__(self, total: int) -> None:
        self._left = total
        self._began = 0.0
        self.total = total
        self._absent = set(agency.TOPICS)
        self._everybody = asyncio.Event()
        self._done: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def begin(self, topic: str) -> None:
        """Wait, the first time, for the other topics."""
        self._absent.discard(topic)
        if not self._absent and not self._everybody.is_set():
            self._began = time.perf_counter()
            self._everybody.set()
        await self._everybody.wait()

    def end(self, records: int) -> None:
        self._left -= records
        if self._left <= 0 and not self._done.done():
            self._done.set_result(self.total / (time.perf_counter() - self._began))

    async def rate(self) -> float:
        async with asyncio.timeout(60):
            return await self._done


async def ours(
    server: Postgres, settings: KafkaSettings, total: int, *, template: str
) -> tuple[float, dict[str, float]]:
    """Return how many events per second the product takes in."""
    url, meter, held = await server.copy(template), Meter(total), rig.guidance()
    async with Database.open(url, size=8, name="bench") as database:
        clock = rig.ShiftedClock(rig.NOON)
        await rig.put_in_force(database, held, now=clock.now())
        handle = rig.intake(database, held, clock).handle

        async def metered(records: Any) -> Any:
            await meter.begin(records[0].topic)
            malformed = await handle(records)
            assert not malformed, [record.problem for record in malformed]
            meter.end(len(records))
            return malformed

        broker = subscribing_broker(settings, client_id="bench")
        group = f"ours-{next(_groups)}"
        for topic in agency.TOPICS:
            Subscription(
                topic=topic, group=f"{group}-{topic}", handle=metered, clock=SystemClock(), max_records=BATCH
            ).attach(broker)
        measured = await _rate(broker, meter, server)
    await server.drop(url)
    return measured


_UPSERT = """
INSERT INTO copied (topic, id, person_id, value)
SELECT $1, id, person_id, value::jsonb FROM unnest($2::text[], $3::text[], $4::text[]) AS read (id, person_id, value)
    ON CONFLICT (topic, id) DO UPDATE SET value = excluded.value
"""


class _Named(msgspec.Struct):
    id: str


async def bare(server: Postgres, kafka: str, total: int) -> tuple[float, dict[str, float]]:
    """Return how many records per second merely arrive in one table, as they are."""
    url, meter = await server.copy("template1"), Meter(total)
    pool = await asyncpg.create_pool(url, min_size=8, max_size=8)
    await pool.execute(
        "CREATE TABLE copied (topic text, id text, person_id text, value jsonb, PRIMARY KEY (topic, id))"
    )
    name = msgspec.json.Decoder(_Named).decode
    broker = KafkaBroker(kafka, apply_types=False, logger=None)
    group = f"bare-{next(_groups)}"

    async def raw(message: KafkaAckableMessage) -> Any:
        return message.raw_message

    def handler() -> Callable[[Any], Awaitable[None]]:
        async def copy(records: Any) -> None:
            await meter.begin(records[0].topic)
            read = {name(record.value).id: record for record in records}
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute(
                    _UPSERT,
                    records[0].topic,
                    list(read),
                    [record.key.decode() for record in read.values()],
                    [record.value.decode() for record in read.values()],
                )
            meter.end(len(records))

        return copy

    for topic in agency.TOPICS:
        broker.subscriber(
            topic,
            group_id=f"{group}-{topic}",
            batch=True,
            max_records=BATCH,
            batch_timeout_ms=20,
            decoder=raw,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.NACK_ON_ERROR,
        )(handler())
    measured = await _rate(broker, meter, server)
    await pool.close()
    await server.drop(url)
    return measured


async def _rate(broker: KafkaBroker, meter: Meter, server: Postgres) -> tuple[float, dict[str, float]]:
    await broker.start()
    spent = cpu.Meter({"postgres": server.pid})
    try:
        return await meter.rate(), spent.microseconds_per(meter.total)
    finally:
        await broker.stop()
