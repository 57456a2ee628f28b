"""A Kafka with TLS, users and ACLs: README lists the rights that both services need, and no others."""

import asyncio
import re
import shutil
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from foundation.doctor.kafka import examine_kafka
from foundation.kafka import create_topics
from foundation.kafka_reach import list_lost_brokers, why_out_of_reach
from foundation.kafka_rights import KafkaUse, RightsMissing, RightsWatch, list_missing_rights
from foundation.local.processes import ServerUnavailable
from foundation.settings import KafkaSettings
from outreach.kafka.past import USE as OUTREACH
from preferences.kafka.past import USE as PREFERENCES
from schemas.topics import TOPICS
from scripts.parts import Ports, Wiring, secrets_in
from tests.kafka.test_rights import USES, listed_in_readme
from tests.support.certificates import Authority
from tests.support.databases import Databases
from tests.support.driver import files_of
from tests.support.eventually import eventually
from tests.support.guarded_kafka import (
    MECHANISMS,
    PASSWORD,
    GuardedKafka,
    Right,
    as_environment,
    guarded_kafka,
)
from tests.support.provided import skip_or_fail
from tests.support.servers import Servers
from tests.support.whole import IMPATIENT, Whole
from tests.support.world import SAMPLE, usd

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROOT: Final = Path(__file__).resolve().parents[2]
#: How preferences shows who it is in these tests, by certificate.
CERTIFIED: Final = "CN=preferences"


RIGHTS: Final = listed_in_readme()
INPUTS: Final = ("debts.v1", "payments.v1", "person-events.v1", "contacts.v1")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedKafka]:
    """Kafka with all topics, where each service may do what README lists, and no more."""
    home = tmp_path_factory.mktemp("guarded")
    try:
        with guarded_kafka(home, users=[*USES, "publisher", "maker", "nobody"]) as kafka:
            asyncio.run(_furnish(kafka))
            yield kafka
    except ServerUnavailable as problem:
        skip_or_fail(problem, required_by="OUTREACH_REQUIRE_KAFKA")


async def _furnish(kafka: GuardedKafka) -> None:
    await create_topics(KafkaSettings(bootstrap_servers=kafka.open_address), list(TOPICS.values()))
    await kafka.allow(RIGHTS)
    # The same for whoever comes by certificate.
    await kafka.allow(_as(CERTIFIED, right) for right in RIGHTS if right.user == "preferences")
    await kafka.allow(
        Right(user="publisher", operation="WRITE", resource="topic", name=name) for name in INPUTS
    )
    await kafka.allow(Right(user="maker", operation="CREATE", resource="topic", name=name) for name in TOPICS)


def _as(user: str, right: Right) -> Right:
    return Right(user=user, operation=right.operation, resource=right.resource, name=right.name)


def settings(given: Mapping[str, str]) -> KafkaSettings:
    return KafkaSettings.model_validate(given)


@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_a_user_is_let_in_by_every_mechanism(guarded: GuardedKafka, mechanism: Any) -> None:
    user = settings(guarded.as_user("outreach", mechanism=mechanism))

    assert await why_out_of_reach(user) is None
    assert await list_lost_brokers(user) == []
    assert await list_missing_rights(user, OUTREACH) == []


async def test_a_certificate_says_who_somebody_is(guarded: GuardedKafka, tmp_path: Path) -> None:
    pair = guarded.authority.sign("locked", password="opens the key")
    locked = guarded.by_cert("preferences") | {
        "cert_file": str(pair.certificate),
        "key_file": str(pair.key),
        "key_password": "opens the key",
    }

    assert await list_missing_rights(settings(guarded.by_cert("preferences")), PREFERENCES) == []
    assert await why_out_of_reach(settings(locked)) is None
    assert len(await list_missing_rights(settings(locked), PREFERENCES)) == len(_rights_of(PREFERENCES))


def _rights_of(use: KafkaUse) -> list[str]:
    return [*use.reads, *use.writes, *use.groups]


@pytest.mark.parametrize("right", RIGHTS, ids=lambda right: f"{right.user}: {right.operation} {right.name}")
async def test_a_right_that_is_not_granted_is_named(guarded: GuardedKafka, right: Right) -> None:
    user, use = settings(guarded.as_user(right.user)), USES[right.user]
    granted = RightsWatch(user, use)
    await granted.insist()
    await guarded.forbid(right)
    try:
        missing = await list_missing_rights(user, use)
        await granted.look()
        said = await granted.check()
        with pytest.raises(RightsMissing):
            await granted.insist()
    finally:
        await guarded.allow([right])

    named = use.groups if right.resource == "group" else [right.name]
    assert missing == sorted(f"{right.operation} {right.resource} {name}" for name in named)
    assert said == f"not granted: {', '.join(missing)}"


async def test_the_doctor_needs_no_more_rights_and_says_what_it_cannot_see(guarded: GuardedKafka) -> None:
    user = settings(guarded.as_user("outreach"))
    seen = {
        topic: Right(user="outreach", operation="DESCRIBE_CONFIGS", resource="topic", name=topic)
        for topic in OUTREACH.topics
    }

    blind = await examine_kafka(user, OUTREACH, list(TOPICS.values()), prefix="OUTREACH_")
    await guarded.allow(seen.values())
    try:
        seeing = await examine_kafka(user, OUTREACH, list(TOPICS.values()), prefix="OUTREACH_")
    finally:
        for right in seen.values():
            await guarded.forbid(right)

    assert [(found.condition, found.subject) for found in blind] == [
        ("ok", "kafka"),
        ("ok", "kafka rights"),
        *(("unknown", f"topic {topic}") for topic in TOPICS if topic in seen),
    ]
    assert {found.condition for found in seeing} == {"ok"}


REFUSALS: Final[Mapping[str, tuple[Mapping[str, str | None], str]]] = {
    "a password that is wrong": (
        {"sasl_password": "wrong-secret"},
        "refuses the user or the password",
    ),
    "a CA that is another": (
        {"ca_file": "another"},
        "shows a certificate of a CA unknown here; name its CA with KAFKA__CA_FILE",
    ),
    "a name that the certificate does not bear": (
        {"bootstrap_servers": "localhost"},
        "shows a certificate that is not for this address",
    ),
    "no password at all": (
        {"security_protocol": "SSL", "sasl_mechanism": None, "sasl_username": None, "sasl_password": None},
        "ends the connection at once; is KAFKA__SECURITY_PROTOCOL right?",
    ),
    "no TLS": (
        {"security_protocol": "SASL_PLAINTEXT", "ca_file": None},
        "ends the connection at once; is KAFKA__SECURITY_PROTOCOL right?",
    ),
    "TLS where there is none": (
        {"bootstrap_servers": "open"},
        "ends the connection at once; is KAFKA__SECURITY_PROTOCOL right?",
    ),
    "a password where a certificate is asked for": (
        {"bootstrap_servers": "by_certificate"},
        "does not take our certificate, or asks for one: see KAFKA__CERT_FILE and KAFKA__KEY_FILE",
    ),
}


def refused(guarded: GuardedKafka, changes: Mapping[str, str | None], folder: Path) -> dict[str, str]:
    """Return the settings of outreach with one thing wrong."""
    port = guarded.by_password.rpartition(":")[2]
    replaced = {
        "another": str(Authority(folder / "another").file),
        "localhost": f"localhost:{port}",
        "open": guarded.open_address,
        "by_certificate": guarded.by_certificate,
    }
    given: dict[str, str | None] = {**guarded.as_user("outreach"), **changes}
    return {name: replaced.get(value, value) for name, value in given.items() if value is not None}


@pytest.mark.parametrize("case", REFUSALS)
async def test_why_nobody_is_let_in_is_said_in_a_few_words(
    guarded: GuardedKafka, tmp_path: Path, case: str
) -> None:
    changes, reason = REFUSALS[case]

    assert await why_out_of_reach(settings(refused(guarded, changes, tmp_path))) == reason


async def test_a_certificate_that_is_no_longer_valid_is_said_to_be_so(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "old")
    pair = authority.sign("old", until=datetime(2021, 1, 1, tzinfo=UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with server:
        given = {
            "bootstrap_servers": f"127.0.0.1:{server.sockets[0].getsockname()[1]}",
            "security_protocol": "SSL",
            "ca_file": str(authority.file),
        }

        assert await why_out_of_reach(settings(given)) == "shows a certificate that is no longer valid"


async def test_a_certificate_of_another_ca_opens_nothing(guarded: GuardedKafka, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "stranger").sign("preferences")
    wrong = guarded.by_cert("preferences") | {
        "cert_file": str(stranger.certificate),
        "key_file": str(stranger.key),
    }

    assert await why_out_of_reach(settings(wrong)) == (
        "does not take our certificate, or asks for one: see KAFKA__CERT_FILE and KAFKA__KEY_FILE"
    )


async def _ends(servers: Servers, program: str, *arguments: str, env: Mapping[str, str]) -> tuple[int, str]:
    """Run a command to its end; return its code, and the lines that it wrote for people."""
    server = await servers.start(program, *arguments, env=env)
    await asyncio.to_thread(server.process.wait, 90)
    written = server.written()
    assert PASSWORD not in written
    assert "wrong-secret" not in written
    assert "Traceback" not in written
    return server.process.returncode, "\n".join(
        line for line in written.splitlines() if not line.startswith("{")
    )


@pytest.mark.parametrize("case", ["a password that is wrong", "a CA that is another"])
async def test_commands_end_in_one_line_where_nobody_is_let_in(
    servers: Servers, guarded: GuardedKafka, tmp_path: Path, case: str
) -> None:
    changes, reason = REFUSALS[case]
    env = as_environment(refused(guarded, changes, tmp_path), prefix="OUTREACH_")

    made = await _ends(servers, "outreach", "topics", "create", env=env)
    published = await _ends(servers, "outreach", "events", "publish", _first_day(), env=env)

    line = f"OUTREACH_KAFKA__BOOTSTRAP_SERVERS: Kafka at {guarded.by_password} {reason}"
    assert made == published == (2, line)


def _first_day() -> str:
    return str(ROOT / "schemas" / "examples" / "first-day.jsonl")


async def test_topics_are_made_and_events_published_with_no_more_than_their_rights(
    servers: Servers, guarded: GuardedKafka
) -> None:
    maker = as_environment(guarded.as_user("maker"), prefix="OUTREACH_")
    publisher = as_environment(guarded.as_user("publisher", mechanism="PLAIN"), prefix="OUTREACH_")
    nobody = as_environment(guarded.as_user("nobody"), prefix="OUTREACH_")

    assert await _ends(servers, "outreach", "topics", "create", env=maker) == (0, "all topics are there")
    code, said = await _ends(servers, "outreach", "events", "publish", _first_day(), env=publisher)
    assert (code, "events published to " in said) == (0, True)
    code, said = await _ends(servers, "outreach", "topics", "create", env=nobody)
    assert code == 2
    assert re.search(r"refused: topic \S+ was not made: CREATE is not granted", said)
    code, said = await _ends(servers, "outreach", "events", "publish", _first_day(), env=nobody)
    assert code == 2
    assert "does not let nobody at it" in said


@pytest.mark.migrated("preferences")
@pytest.mark.parametrize(
    "right",
    [
        right
        for right in RIGHTS
        if right.user == "preferences" and right.name in ("people.v1", "preferences.")
    ],
    ids=lambda right: f"{right.operation} {right.name}",
)
async def test_a_service_without_a_right_ends_with_a_line_that_names_it(
    servers: Servers, guarded: GuardedKafka, database_url: str, right: Right
) -> None:
    env = as_environment(guarded.as_user("preferences"), prefix="PREFERENCES_")
    env |= {"PREFERENCES_DATABASE_URL": database_url, "PREFERENCES_INTERNAL__PORT": "0"}
    await guarded.forbid(right)
    try:
        code, said = await _ends(servers, "preferences", "run", env=env)
    finally:
        await guarded.allow([right])

    assert code == 2
    kafka = f"PREFERENCES_KAFKA__BOOTSTRAP_SERVERS: Kafka at {guarded.by_password}"
    assert said.startswith(f"{kafka} does not allow preferences {right.operation} {right.resource} ")
    assert said.endswith("; grant what README lists under Kafka")
    assert right.name in said


@pytest.fixture
async def whole(
    servers: Servers, guarded: GuardedKafka, databases: Databases, tmp_path: Path
) -> AsyncIterator[Whole]:
    """All roles: outreach comes by password, preferences by certificate; the test by the open address."""
    config = tmp_path / "config"
    shutil.copytree(SAMPLE, config)
    (config / "policy.yaml").write_text(IMPATIENT)
    (config / "playbook.yaml").write_text(files_of(SAMPLE)["playbook.yaml"])
    urls = {name: await databases.fresh(name) for name in USES}
    env = {"OUTREACH_TWILIO__CONFIRMS": "outreach"}
    env |= as_environment(guarded.as_user("outreach", mechanism="SCRAM-SHA-256"), prefix="OUTREACH_")
    env |= as_environment(guarded.by_cert("preferences"), prefix="PREFERENCES_")
    with Ports.reserve() as ports:
        wiring = Wiring(
            ports=ports,
            secrets=secrets_in(tmp_path / "secrets.json"),
            urls=urls,
            kafka=guarded.open_address,
            home=tmp_path,
            config=config,
        )
        yield Whole(servers=servers, wiring=wiring, env=env)


@pytest.mark.timeout(400)
async def test_the_whole_system_works_with_the_rights_that_readme_lists(whole: Whole) -> None:
    await whole.starts()
    await whole.publishes(
        (
            "person.changed.v1",
            {
                "names": {"given": "Ada"},
                "addresses": [{"country": "US", "region": "CO", "postal_code": "80202"}],
                "phones": [{"number": whole.phone, "kind": "mobile"}],
                "convenient": [
                    {
                        "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
                        "begins": "00:00",
                        "ends": "24:00",
                    }
                ],
            },
        ),
        ("consent.granted.v1", {"channel": "sms", "basis": "direct"}),
    )
    await eventually(lambda: _may_be_texted(whole), within=120)
    due = datetime.now(UTC).date() + timedelta(days=30)  # noqa: TID251 - the processes' clock is the machine's
    await whole.publishes(
        (
            "debt.placed.v1",
            {
                "debt_id": "d1",
                "creditor": "northwind",
                "role": "third_party",
                "reference": "NW-1",
                "balance": usd("80.00"),
            },
        ),
        (
            "plan.agreed.v1",
            {
                "debt_id": "d1",
                "plan_id": "p1",
                "instalments": [{"number": 1, "due_on": due.isoformat(), "amount": usd("80.00")}],
            },
        ),
    )
    await eventually(lambda: _was_texted(whole), within=120)
    await whole.replies("STOP")

    # Outreach tells of the reply, preferences hears it and tells that the channel is closed.
    await eventually(lambda: _is_opted_out(whole), within=120)
    assert "touch.accepted" in await whole.hears("outreach.touches.v1")


async def _may_be_texted(whole: Whole) -> bool:
    snapshots = await whole.published("people.v1")
    return bool(snapshots) and bool(snapshots[-1]["data"]["consents"])


async def _was_texted(whole: Whole) -> bool:
    return bool(await whole.received())


async def _is_opted_out(whole: Whole) -> bool:
    snapshots = await whole.published("people.v1")
    return bool(snapshots) and bool(snapshots[-1]["data"].get("opt_outs"))
