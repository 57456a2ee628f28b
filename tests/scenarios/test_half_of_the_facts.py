"""Nothing is sent on half of the facts: what nobody has read yet may be a stop, a payment or a hold."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit

import asyncpg
import pytest
from typer.testing import CliRunner

from foundation import flood, offsets, recovery
from foundation.clock import ManualClock, SystemClock
from foundation.database import Database
from foundation.health import database_answers
from foundation.metrics import Metrics
from foundation.offsets import ConsumedTopic
from foundation.process import Process
from foundation.quarantine import MalformedRecord, NotWhole
from foundation.records import Record
from foundation.recovery import Gap
from foundation.settings import KafkaSettings
from foundation.subscribers import Subscription
from outreach.app import METRICS
from outreach.cli.main import cli
from outreach.desk.quarantine import replay
from outreach.planning.inputs import INPUTS
from outreach.sending.obstacles import Obstacle, ObstacleLimits, Obstacles
from tests.foundation.reading import Notes, publish, subscription
from tests.http.site import Site
from tests.support.broker import Broker
from tests.support.databases import Databases
from tests.support.eventually import eventually
from tests.support.staff import STAFF
from tests.support.world import World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"
#: Short, so that a story need not wait for long; still longer than a look at an input takes.
LIMITS = ObstacleLimits(input_lag=timedelta(seconds=4))


def obstacles_of(*inputs: ConsumedTopic, limits: ObstacleLimits = LIMITS) -> Obstacles:
    metrics = Metrics(prefix="outreach", declared=METRICS)
    return Obstacles(clock=SystemClock(), metrics=metrics, inputs=inputs, limits=limits)


async def obstacle_at(database: Database, obstacles: Obstacles) -> Obstacle | None:
    async with database.transaction() as connection:
        return await obstacles.find(connection)


async def all_known(
    database: Database, *, but: str = "", since: timedelta | None = None, ahead: timedelta = timedelta(0)
) -> None:
    """Have every input be known until now; one of them until `since`, or never, or as a fast clock says."""
    async with database.transaction() as connection:
        now = await connection.fetchval("SELECT clock_timestamp()")
        for consumed in INPUTS:
            at = now - (since or timedelta(0)) + ahead if consumed.topic == but else now
            if consumed.topic != but or since is not None or ahead:
                await offsets.store_all_caught_up(connection, consumed, at=at)


@asynccontextmanager
async def a_reader(database: Database, kafka: Broker, *read: Subscription) -> AsyncIterator[Process]:
    """A process that reads, watches itself, and follows what the database says of floods."""
    async with Process.open(
        database=database,
        kafka=KafkaSettings(bootstrap_servers=kafka.address),
        clock=SystemClock(),
        metrics=Metrics(prefix="test"),
        stop=asyncio.Event(),
    ) as process:
        process.watch(read)
        await process.read(read, client_id="test")
        running = asyncio.create_task(process.run())
        yield process
        process.stop.set()
        await running


@pytest.mark.parametrize("consumed", INPUTS, ids=lambda consumed: f"{consumed.topic} of {consumed.group}")
async def test_any_one_input_that_nobody_has_read_for_longer_than_the_limit_holds_everything_back(
    database: Database, consumed: ConsumedTopic
) -> None:
    limits = ObstacleLimits()
    await all_known(database, but=consumed.topic, since=limits.input_lag + timedelta(seconds=1))

    obstacle = await obstacle_at(database, obstacles_of(*INPUTS, limits=limits))

    assert obstacle is not None
    assert obstacle.cause == f"not known to be fresh: {consumed.topic} ({consumed.group.partition('.')[0]})"
    assert "limit 12 s" in obstacle.detail
    assert "known until 20" in obstacle.detail


@pytest.mark.parametrize("consumed", INPUTS, ids=lambda consumed: f"{consumed.topic} of {consumed.group}")
async def test_an_input_that_was_never_read_to_its_end_holds_everything_back(
    database: Database, consumed: ConsumedTopic
) -> None:
    await all_known(database, but=consumed.topic)

    obstacle = await obstacle_at(database, obstacles_of(*INPUTS, limits=ObstacleLimits()))

    assert obstacle is not None
    assert obstacle.detail.endswith("(never read to its end)")


def test_what_sending_stands_on() -> None:
    assert [f"{consumed.group.partition('.')[0]} {consumed.topic}" for consumed in INPUTS] == [
        "outreach people.v1",
        "outreach debts.v1",
        "outreach payments.v1",
        "outreach contacts.v1",
        "preferences person-events.v1",
        "preferences outreach.replies.v1",
    ]


async def test_a_topic_of_which_one_partition_was_never_read_is_not_fresh(database: Database) -> None:
    await all_known(database)
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM caught_up WHERE topic = 'payments.v1' AND partition = 5")

    obstacle = await obstacle_at(database, obstacles_of(*INPUTS, limits=ObstacleLimits()))

    assert obstacle is not None
    assert obstacle.cause == "not known to be fresh: payments.v1 (outreach)"


async def test_an_input_that_a_flood_has_stopped_is_not_fresh(database: Database) -> None:
    await all_known(database)
    async with database.transaction() as connection:
        await flood.note(connection, group="outreach.debts.v1", topic="debts.v1", now=SystemClock().now())

    obstacle = await obstacle_at(database, obstacles_of(*INPUTS, limits=ObstacleLimits()))

    assert obstacle is not None
    assert "debts.v1 as outreach reads it (stopped by a flood at 20" in obstacle.detail


async def test_an_instant_that_lies_ahead_says_nothing_of_an_input(database: Database) -> None:
    await all_known(database, but="payments.v1", ahead=timedelta(minutes=10))

    assert await obstacle_at(database, obstacles_of(*INPUTS, limits=ObstacleLimits())) is not None


async def test_nothing_stands_in_the_way_while_every_input_is_known(database: Database) -> None:
    await all_known(database)

    assert await obstacle_at(database, obstacles_of(*INPUTS, limits=ObstacleLimits())) is None


@pytest.mark.parametrize("skew", [5, -5])
async def test_a_clock_that_differs_stands_in_the_way(database: Database, skew: int) -> None:
    await all_known(database)
    obstacles = Obstacles(
        clock=ManualClock(SystemClock().now() + timedelta(seconds=skew)),
        metrics=Metrics(prefix="outreach", declared=METRICS),
        inputs=INPUTS,
        limits=ObstacleLimits(input_lag=timedelta(minutes=1)),
    )

    assert str(await obstacle_at(database, obstacles)) == "clock differs from the database's"


async def test_a_database_behind_kafka_stands_in_the_way_until_somebody_accepts_what_is_lost(
    database: Database,
) -> None:
    group, partition = INPUTS[0].group, (INPUTS[0].topic, 0)
    await all_known(database)
    async with database.transaction() as connection:
        now = SystemClock().now()
        gap = Gap(group=group, topic=partition[0], partition=0, cause="behind", stands=0, committed=2)
        await recovery.note(connection, [gap], now=now)
    obstacles = obstacles_of(*INPUTS, limits=ObstacleLimits(input_lag=timedelta(minutes=1)))

    behind = await obstacle_at(database, obstacles)
    async with database.transaction() as connection:
        await offsets.store(connection, group, [Record(*partition, 1, None, None)])
    unknown = await obstacle_at(database, obstacles)
    async with database.transaction() as connection:
        await recovery.accept(connection, by="eva", now=now)

    assert str(behind) == "the database is behind Kafka: see `outreach recover`"
    assert str(unknown) == "what was done since the backup is not known: see `outreach recover`"
    assert await obstacle_at(database, obstacles) is None


async def test_a_database_that_was_not_compared_with_kafka_stands_in_the_way(database: Database) -> None:
    await all_known(database)
    obstacles = Obstacles(
        clock=SystemClock(),
        metrics=Metrics(prefix="outreach", declared=METRICS),
        inputs=INPUTS,
        limits=ObstacleLimits(input_lag=timedelta(minutes=1)),
        compared=lambda: False,
    )

    assert str(await obstacle_at(database, obstacles)) == "the database was not compared with Kafka yet"


async def test_an_empty_topic_is_fresh_while_it_is_read_and_old_once_nobody_reads_it(
    kafka: Broker, database: Database
) -> None:
    topic = await kafka.create_topic(partitions=2)
    reader = subscription(topic, Notes(), clock=SystemClock())
    obstacles = obstacles_of(ConsumedTopic(group=reader.group, topic=topic, partitions=2))
    assert await obstacle_at(database, obstacles) is not None

    async def is_clear() -> bool:
        return await obstacle_at(database, obstacles) is None

    async with a_reader(database, kafka, reader):
        await eventually(is_clear)
        await asyncio.sleep(LIMITS.input_lag.total_seconds())
        assert await is_clear(), "an empty topic that is read stays fresh"

    async def is_old() -> bool:
        return not await is_clear()

    await eventually(is_old, within=LIMITS.input_lag.total_seconds() + 3)


async def test_a_topic_deleted_under_its_reader_is_old_and_readiness_says_so(
    kafka: Broker, database: Database
) -> None:
    topic = await kafka.create_topic()
    reader = subscription(topic, Notes(), clock=SystemClock())
    obstacles = obstacles_of(ConsumedTopic(group=reader.group, topic=topic, partitions=1))

    async def is_clear() -> bool:
        return await obstacle_at(database, obstacles) is None

    async def is_old() -> bool:
        return not await is_clear()

    async with a_reader(database, kafka, reader) as process:
        await eventually(is_clear)
        await kafka.delete_topic(topic)
        await eventually(is_old)

        async def is_told() -> bool:
            report = await process.health.ready()
            return report.checks[f"reading {topic}"] == "the topic is not there" and not report.ok

        await eventually(is_told)


class Picky:
    """Reads records, and notes where it stands; what begins with a question mark it cannot read."""

    def __init__(self, database: Database, group: str) -> None:
        self._database = database
        self._group = group
        self.values: list[bytes | None] = []

    async def __call__(self, records: Sequence[Record]) -> Collection[MalformedRecord]:
        self.values += [record.value for record in records]
        async with self._database.transaction() as connection:
            await offsets.store(connection, self._group, records)
        return [
            MalformedRecord(record=record, reason="not_json", problem="", person=None)
            for record in records
            if (record.value or b"").startswith(b"?")
        ]


async def test_a_flood_holds_everything_back_in_every_replica_until_staff_say_to_read_on(
    kafka: Broker, database: Database, database_url: str
) -> None:
    topic = await kafka.create_topic()
    group = f"{topic}-readers"
    read = Picky(database, group)
    obstacles = obstacles_of(ConsumedTopic(group=group, topic=topic, partitions=1))

    async def is_clear() -> bool:
        return await obstacle_at(database, obstacles) is None

    async def is_noted() -> bool:
        async with database.transaction() as connection:
            return (group, topic) in await flood.list_open(connection)

    async with a_reader(
        database, kafka, subscription(topic, read, clock=SystemClock(), flood_limit=3, max_records=1)
    ):
        await eventually(is_clear)
        await publish(kafka.address, topic, b"?1", b"?2", b"?3", b"a stop")
        await eventually(is_noted)
        assert b"a stop" not in read.values
        assert "stopped by a flood" in str(await obstacle_at(database, obstacles))

    # A restart does not go on by itself, nor does another replica.
    again = subscription(topic, read, clock=SystemClock(), flood_limit=3, max_records=1)
    async with a_reader(database, kafka, again):
        assert again.standing().flooded
        await asyncio.sleep(2)
        assert b"a stop" not in read.values

        environment = {"OUTREACH_DATABASE_URL": database_url}
        resumed = await asyncio.to_thread(
            CliRunner().invoke, cli, ["quarantine", "resume", topic], env=environment
        )
        assert (resumed.exit_code, resumed.stdout) == (0, f"{topic} is read on\n")
        await eventually(lambda: b"a stop" in read.values)
        await eventually(is_clear)
        nothing = await asyncio.to_thread(CliRunner().invoke, cli, ["quarantine", "resume"], env=environment)
        assert nothing.exit_code == 1


async def test_what_was_decided_while_all_was_fresh_is_not_called_once_an_input_is_old(
    database: Database,
) -> None:
    """A call may wait for its turn for a minute; a withdrawal of that minute must be heard first."""
    world = World(database, now=MORNING)
    await world.person(email=None)
    await world.has_a_text_due()
    in_the_way: list[Obstacle | None] = [None]

    async def find(_: object) -> Obstacle | None:
        return in_the_way[0]

    (call,) = await world.claims()
    in_the_way[0] = Obstacle("an input is old")
    await world.sender(find_obstacle=find).send(call)

    assert world.sent == []
    assert (await world.ledger(), await world.status()) == (["not_sent"], "planned")
    in_the_way[0] = None
    world.clock.advance(timedelta(seconds=2))
    await world.works()
    assert len(world.sms.sent) == 1


async def test_staff_see_whom_an_unread_record_has_held_up(database: Database, database_url: str) -> None:
    world = World(database, now=(SystemClock().now() - timedelta(minutes=3)).isoformat())
    await world.person("eve")
    await world.reads([Record("debts.v1", 0, 70, b"eve", b"{not json", ())])
    environment = {"OUTREACH_DATABASE_URL": database_url}

    told = await asyncio.to_thread(CliRunner().invoke, cli, ["quarantine", "people"], env=environment)
    as_json = await asyncio.to_thread(
        CliRunner().invoke, cli, ["quarantine", "people", "--json"], env=environment
    )
    metrics = Metrics(prefix="outreach", declared=METRICS)
    async with Process.open(
        database=database,
        kafka=KafkaSettings(bootstrap_servers="127.0.0.1:1"),
        clock=SystemClock(),
        metrics=metrics,
        stop=asyncio.Event(),
    ) as process:
        await process.gauges.measure_database(database, SystemClock())

    assert "eve" in told.stdout
    (waiting,) = json.loads(as_json.stdout)
    assert waiting["person"] == "eve"
    assert b"outreach_quarantine_people_waiting 1.0" in metrics.render()


async def test_explain_says_what_holds_everything_back(database: Database, database_url: str) -> None:
    world = World(database, now=MORNING)
    await world.person()
    await world.has_a_text_due()

    told = await asyncio.to_thread(
        CliRunner().invoke, cli, ["explain", "ada"], env={"OUTREACH_DATABASE_URL": database_url}
    )

    assert "Nothing is sent to anybody now: not known to be fresh: people.v1 (outreach)" in told.stdout


async def test_the_head_of_a_record_is_not_taken_for_all_of_it(database: Database) -> None:
    """An event and a megabyte of spaces: its head would read as the event."""
    world = World(database, now=MORNING)
    whole = world.record(world.places("ada"))
    padded = whole._replace(value=(whole.value or b"") + b" " * 1_000_000)

    await world.reads([padded])

    (kept,) = await world.rows("SELECT id, reason, person, problem, value FROM quarantine")
    assert (kept["reason"], kept["person"], len(kept["value"])) == ("too_large", "ada", 4096)
    assert sha256(padded.value or b"").hexdigest() in kept["problem"]
    assert await world.touches() == {}
    with pytest.raises(NotWhole):
        await replay(
            kept["id"], actor=STAFF, database=database, playbook=world.guidance.playbook, clock=world.clock
        )


READ_ONLY = (
    "ALTER DATABASE {name} SET default_transaction_read_only = on",
    "ALTER DATABASE {name} RESET default_transaction_read_only",
)
ANOTHER_SCHEMA = (
    "ALTER TABLE people RENAME TO people_of_tomorrow",
    "ALTER TABLE people_of_tomorrow RENAME TO people",
)


@pytest.mark.parametrize(("breaks", "mends"), [READ_ONLY, ANOTHER_SCHEMA], ids=["read-only", "schema"])
async def test_while_the_database_cannot_be_worked_with_webhooks_say_503_and_dispatch_waits(
    databases: Databases, breaks: str, mends: str
) -> None:
    url = await databases.fresh("outreach")
    name = urlsplit(url).path.removeprefix("/")
    async with Database.open(url, size=4, name="test") as database:
        world = World(database, now=MORNING)
        await world.person(email=None)
        await world.has_a_text_due()
        stop = asyncio.Event()
        async with Database.open(url, size=3, name="roles") as roles:
            # A pool of its own, opened anew after the failover: what it is told holds for new sessions.
            with world.on(roles):
                await _as_owner(url, breaks.format(name=name))
                await _end_sessions(url)
                site, dispatch = Site(world), world.dispatch()
                running = asyncio.create_task(dispatch.run(stop, tick=timedelta(milliseconds=50)))
                answer = await site.texts_us("STOP", phone="+13125550199")
                ready = await database_answers(roles)()
                assert (answer.status, world.sent, running.done()) == (503, [], False)
                assert ready in ("read-only", "not the schema of this release")

                await _as_owner(url, mends.format(name=name))
                await _end_sessions(url)
                await eventually(lambda: len(world.sent) == 1)
                assert (await site.texts_us("STOP", phone="+13125550199")).status == 200
                stop.set()
                await running
    await databases.drop(url)


async def _as_owner(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET default_transaction_read_only = off")
        await connection.execute(statement)
    finally:
        await connection.close()


async def _end_sessions(url: str) -> None:
    """End every session, as a failover does."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()
