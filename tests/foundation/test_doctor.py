"""What `doctor` says of secrets, a database, Kafka and an address: all is well, then one thing is not."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from starlette.applications import Starlette

from foundation.clock import ManualClock, SystemClock
from foundation.database import Database
from foundation.doctor.database import TableRights, examine_database
from foundation.doctor.kafka import examine_kafka
from foundation.doctor.observations import Condition, Observation, report, unknown, weak, wrong
from foundation.doctor.secrets import examine_database_password, examine_secrets
from foundation.doctor.web import examine_public_url
from foundation.grants import grant_service
from foundation.health import Health
from foundation.kafka_rights import KafkaUse
from foundation.local.processes import free_ports
from foundation.metrics import Metrics
from foundation.serving import serving
from foundation.settings import KafkaSettings
from foundation.watching import live_route, watching_routes
from tests.support.broker import Broker

EXPECTED: Final = TableRights(service="preferences", insert_only=("acts", "entries"))
NOW: Final = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
STRONG: Final = "bJ3kzPq0vYt8mXw5RrLs7NdGhU2cAe"


def not_ok(observations: list[Observation]) -> list[tuple[str, str, str]]:
    return [
        (observation.condition, observation.subject, observation.says)
        for observation in observations
        if observation.condition is not Condition.OK
    ]


def test_long_and_different_secrets_are_well() -> None:
    assert not_ok(examine_secrets({"A": STRONG, "B": STRONG[::-1]})) == []


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        ("hunter2-secret", "is shorter than 24 signs"),
        ("abcabcabcabcabcabcabcabcabc", "repeats the same few signs"),
        ("please-change-me-for-production", "is mostly a word that others try first"),
    ],
)
def test_a_weak_secret_is_told_and_not_shown(secret: str, why: str) -> None:
    observations = examine_secrets({"OUTREACH_HTTP__LINK_SECRET": secret})

    assert not_ok(observations) == [("wrong", "OUTREACH_HTTP__LINK_SECRET", why)]
    assert secret not in str(observations)


def test_one_secret_for_two_things_is_told() -> None:
    assert not_ok(examine_secrets({"A": STRONG, "B": STRONG})) == [("wrong", "A", "is the same secret as B")]


def test_the_password_of_a_database_counts_where_it_goes_over_a_network() -> None:
    def said(url: str) -> list[str]:
        return [observation.says for observation in examine_database_password(url, setting="URL")]

    assert said("postgresql://app:app@db.example.com/outreach") == [
        "the password in it is shorter than 24 signs"
    ]
    assert said("postgresql://app:app@db1,127.0.0.1/x") == ["the password in it is shorter than 24 signs"]
    assert said(f"postgresql://app:{STRONG}@db.example.com:5432/x") == []
    assert said("postgresql://app:app@127.0.0.1:5432/outreach") == []
    assert said("postgresql://app@/outreach?host=/run/postgresql") == []


@pytest.fixture
async def role(database_url: str, database: Database) -> AsyncIterator[str]:
    """A role that `grant` gave its rights."""
    name = f"service_{urlsplit(database_url).path[1:]}"
    await by_force(database_url, f"CREATE ROLE {name} LOGIN")
    async with database.transaction() as connection:
        await grant_service(connection, name, insert_only=EXPECTED.insert_only)
    yield name
    await by_force(database_url, f"DROP OWNED BY {name}", f"DROP ROLE {name}")


async def by_force(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def as_role(url: str, role: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{role}@{parts.netloc.rpartition('@')[2]}"))


async def of_database(url: str, clock: SystemClock | ManualClock | None = None) -> list[tuple[str, str, str]]:
    return not_ok(await examine_database(url, EXPECTED, setting="URL", clock=clock or SystemClock()))


@pytest.mark.migrated("preferences")
async def test_a_database_with_the_rights_of_grant_is_well(database_url: str, role: str) -> None:
    observations = await examine_database(
        as_role(database_url, role), EXPECTED, setting="URL", clock=SystemClock()
    )

    assert not_ok(observations) == []
    subjects = [observation.subject for observation in observations]
    assert subjects == ["database", "isolation", "schema", "database rights", "clock"]


#: What is done to a database, and what is said of it then.
BROKEN: Final[Mapping[str, tuple[str, str, str]]] = {
    "acts can be rewritten": (
        "GRANT UPDATE ON acts TO {role}",
        "database rights",
        "{role} may rewrite acts",
    ),
    "the ledger can be emptied": (
        "GRANT TRUNCATE ON entries TO {role}",
        "database rights",
        "{role} may rewrite entries",
    ),
    "a right lacks": (
        "REVOKE INSERT ON outbox FROM {role}",
        "database rights",
        "{role} may not work with outbox",
    ),
    "the role owns a table": (
        "ALTER TABLE outbox OWNER TO {role}",
        "database rights",
        "{role} owns tables, so it may rewrite acts, entries",
    ),
    "the role may do anything": (
        "ALTER ROLE {role} SUPERUSER",
        "database rights",
        "{role} is a superuser, so it may rewrite acts, entries",
    ),
    "it takes no writes": (
        "ALTER ROLE {role} SET default_transaction_read_only = on",
        "database",
        "takes no writes",
    ),
    "a migration is missing": (
        "DELETE FROM applied_migrations WHERE revision LIKE '0005%' AND package = 'preferences'",
        "schema",
        "the schema is older than this release: preferences/0005_center is not applied",
    ),
}


@pytest.mark.migrated("preferences")
@pytest.mark.parametrize("broken", BROKEN)
async def test_what_is_wrong_with_a_database_is_said(database_url: str, role: str, broken: str) -> None:
    statement, subject, says = BROKEN[broken]
    await by_force(database_url, statement.format(role=role))
    try:
        said = await of_database(as_role(database_url, role))
    finally:
        await by_force(database_url, f"ALTER ROLE {role} NOSUPERUSER", f"ALTER ROLE {role} RESET ALL")
        await by_force(database_url, f"REASSIGN OWNED BY {role} TO CURRENT_USER")

    assert said == [("wrong", subject, says.format(role=role))]


@pytest.mark.migrated("preferences")
async def test_a_clock_that_differs_is_said(database_url: str, role: str) -> None:
    [(condition, subject, says)] = await of_database(as_role(database_url, role), ManualClock(NOW))

    assert (condition, subject) == ("wrong", "clock")
    assert says.startswith("differs from the database's by ")


async def test_a_database_that_is_away_is_said() -> None:
    [port] = free_ports(1)

    assert await of_database(f"postgresql://app@127.0.0.1:{port}/x") == [
        (
            "wrong",
            "database",
            f"PostgreSQL at 127.0.0.1:{port}, database x, cannot be reached: nothing listens there",
        )
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic as a contract describes it."""

    name: str
    partitions: int = 2
    config: Mapping[str, str] = field(default_factory=lambda: {"retention.ms": "86400000"})


async def of_topic(kafka: Broker, topic: Topic) -> list[tuple[str, str]]:
    """Return what is not well about a topic: how bad, and what."""
    settings = KafkaSettings(bootstrap_servers=kafka.address)
    use = KafkaUse(reads=[topic.name], writes=[], groups=[])
    return [
        (condition, says)
        for condition, _, says in not_ok(await examine_kafka(settings, use, [topic], prefix="OUTREACH_"))
    ]


async def test_a_topic_as_the_contract_has_it_is_well(kafka: Broker) -> None:
    topic = Topic(name=await kafka.create_topic(partitions=2, config={"retention.ms": "86400000"}))
    compacted = Topic(
        name=await kafka.create_topic(partitions=3, config={"cleanup.policy": "compact"}),
        config={"cleanup.policy": "compact"},
    )

    assert await of_topic(kafka, topic) == []
    assert await of_topic(kafka, compacted) == []


@pytest.mark.parametrize(
    ("partitions", "config", "condition", "says"),
    [
        (
            1,
            {"retention.ms": "86400000"},
            "weak",
            "has 1 partitions instead of 2, so fewer replicas share it",
        ),
        (
            2,
            {"retention.ms": "43200000"},
            "weak",
            "keeps 0.5 days of 1: more is not read back after a restore",
        ),
        (
            2,
            {"cleanup.policy": "compact"},
            "wrong",
            "has cleanup.policy compact and forgets all but the last event",
        ),
    ],
    ids=["partitions", "retention", "compaction"],
)
async def test_a_topic_that_is_otherwise_is_said(
    kafka: Broker, partitions: int, config: Mapping[str, str], condition: str, says: str
) -> None:
    topic = Topic(name=await kafka.create_topic(partitions=partitions, config=config))

    assert await of_topic(kafka, topic) == [(condition, says)]


async def test_snapshots_that_would_be_forgotten_are_said(kafka: Broker) -> None:
    topic = Topic(name=await kafka.create_topic(partitions=2), config={"cleanup.policy": "compact"})

    assert await of_topic(kafka, topic) == [
        ("wrong", "has cleanup.policy delete and forgets whoever was not told of lately")
    ]


async def test_a_topic_that_is_not_there_is_said(kafka: Broker) -> None:
    assert await of_topic(kafka, Topic(name=kafka.fresh_name("nowhere"))) == [("wrong", "is not there")]


async def test_a_kafka_that_is_away_is_said() -> None:
    [port] = free_ports(1)
    settings = KafkaSettings(bootstrap_servers=f"127.0.0.1:{port}")

    observations = await examine_kafka(
        settings, KafkaUse(reads=[], writes=[], groups=[]), [], prefix="OUTREACH_"
    )

    assert not_ok(observations) == [
        ("wrong", "kafka", f"127.0.0.1:{port} cannot be reached: nothing listens there")
    ]
    assert observations[0].advice == "see OUTREACH_KAFKA__BOOTSTRAP_SERVERS"


async def of_address(application: Starlette) -> list[tuple[str, str, str]]:
    async with serving(application, host="127.0.0.1", port=0) as port:
        url = f"http://127.0.0.1:{port}"
        found = not_ok(await examine_public_url(url, setting="URL", for_trial=True))
    return [(condition, subject, says.replace(url, "it")) for condition, subject, says in found]


async def test_the_public_address_leads_to_us_and_shows_what_is_public() -> None:
    health, metrics = Health(), Metrics(prefix="test", declared={})
    public = Starlette(routes=[live_route(health)])
    everything = Starlette(routes=[live_route(health), *watching_routes(health=health, metrics=metrics)])

    assert await of_address(public) == []
    assert await of_address(everything) == [("wrong", "URL", "it shows /metrics, /health/ready to everybody")]
    assert await of_address(Starlette()) == [("wrong", "URL", "it answers, and not as ours")]


async def test_an_address_that_nobody_can_call_is_said() -> None:
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}"

    assert not_ok(await examine_public_url(url, setting="URL", for_trial=True)) == [
        ("wrong", "URL", f"{url} cannot be reached from here")
    ]
    assert not_ok(await examine_public_url(url, setting="URL", for_trial=False)) == [
        ("wrong", "URL", f"{url} is this machine's own")
    ]


async def test_what_breaks_while_it_is_looked_at_stops_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    async def breaks() -> list[Observation]:
        raise ZeroDivisionError

    async def finds() -> list[Observation]:
        return [weak("thing", "is weak", "mend it")]

    assert await report([("broken", breaks), ("thing", finds)], as_json=False) == 0
    assert capsys.readouterr().out.splitlines() == [
        "unknown  broken: cannot be looked at (ZeroDivisionError): look at it by hand",
        "weak     thing: is weak: mend it",
    ]


@pytest.mark.parametrize(("observation", "code"), [(wrong, 1), (weak, 0), (unknown, 0)])
async def test_only_what_is_wrong_says_no(observation: object, code: int) -> None:
    async def finds() -> list[Observation]:
        return [observation("thing", "is so", "do this")]  # type: ignore[operator]

    assert await report([("thing", finds)], as_json=True) == code
