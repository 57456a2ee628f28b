"""The release before, run beside this one through the migration between them: each hears once.

Its code is taken from the history of this repository, so a clone without history cannot try it.
"""

import asyncio
import io
import shutil
import subprocess
import tarfile
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from foundation.kafka import create_topics
from foundation.settings import KafkaSettings
from schemas.topics import TOPICS
from scripts.parts import Ports, Wiring, secrets_in
from tests.support.broker import Broker
from tests.support.databases import Databases
from tests.support.eventually import eventually
from tests.support.servers import Server, Servers
from tests.support.whole import IMPATIENT, Whole, is_running
from tests.support.world import usd

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

#: The last of 2026-11-28, whose schema and statements stand in `tests/foundation/releases`.
COMMIT = "02f459f"
ROOT = Path(__file__).resolve().parents[2]
EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
#: With its full stop it is for us to understand and to confirm: the vendor has words of its own.
STOP = "STOP."
PEOPLE = tuple(f"{name}-of-both" for name in ("ada", "bob", "cyd", "dan", "eve", "fay"))


class BothReleases(Whole):
    """One agency, whose outreach runs in two releases at once."""

    def told_in(self, release: str) -> dict[str, str]:
        """Return what a process of a release finds in its environment."""
        _, _, outreach = self._wiring.parts()
        env = {
            name: value for name, value in (outreach.env | self._env).items() if name.startswith("OUTREACH_")
        }
        if release == "before":
            del env["OUTREACH_INTERNAL__PORT"]
            env["PYTHONPATH"] = f"{self.before / 'services'}:{self.before}"
        return env

    @property
    def before(self) -> Path:
        return self._wiring.home / "before"

    async def migrates(self, release: str) -> None:
        server = await self._start("outreach", "migrate", env=self.told_in(release))
        assert await asyncio.to_thread(server.process.wait, 90) == 0, server.written()

    async def runs(self, release: str, *roles: str, **env: str) -> Server:
        server = await self._start(
            "outreach", "run", "--only", ",".join(roles), env=self.told_in(release) | env
        )
        await self._servers.wait_for(server, partial(is_running, server), within=240)
        return server

    async def starts_the_rest(self) -> None:
        simulator, preferences, _ = self._wiring.parts()
        await self._start("simulator", "run", env=simulator.env | self._env, ready=simulator.ready)
        await self._start("preferences", "run", env=preferences.env | self._env, ready=preferences.ready)

    def is_about(self, name: str) -> None:
        self.person = name
        self.phone = f"+1303555{100 + PEOPLE.index(name):04}"

    async def meets(self, name: str) -> None:
        self.is_about(name)
        await self.publishes(
            (
                "person.changed.v1",
                {
                    "names": {"given": name[:3].title()},
                    "addresses": [{"country": "US", "region": "CO", "postal_code": "80202"}],
                    "phones": [{"number": self.phone, "kind": "mobile"}],
                    "convenient": [{"days": EVERY_DAY, "begins": "00:00", "ends": "24:00"}],
                },
            ),
            ("consent.granted.v1", {"channel": "sms", "basis": "direct"}),
        )

    async def is_known(self, name: str) -> bool:
        self.is_about(name)
        snapshots = await self.published("people.v1")
        return bool(snapshots) and bool(snapshots[-1]["data"]["consents"])

    async def pays(self, name: str, number: int) -> None:
        self.is_about(name)
        debt = {"debt_id": f"debt-of-{name}"}
        placed = {
            "creditor": "northwind",
            "role": "third_party",
            "reference": "NW-1",
            "balance": usd("80.00"),
        }
        paid = {"payment_id": f"{name}-{number}", "amount": usd(f"{number}.00"), "balance": usd("50.00")}
        events = [("debt.placed.v1", debt | placed)] if number == 1 else []
        await self.publishes(*events, ("payment.received.v1", debt | paid))

    async def got(self, name: str) -> int:
        self.is_about(name)
        return len(await self.received())

    async def all_got(self, counts: dict[str, int]) -> bool:
        return all([await self.got(name) >= count for name, count in counts.items()])


def is_unpacked(folder: Path) -> bool:
    """Put the release before into a folder; False where the history does not have it."""
    what = ["git", "archive", "--format=tar", COMMIT, "services", "schemas", "deploy"]
    archive = subprocess.run(what, cwd=ROOT, capture_output=True, check=False)
    if archive.returncode == 0:
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as packed:
            packed.extractall(folder, filter="data")
    return archive.returncode == 0


@pytest.fixture
async def both(
    servers: Servers, kafka: Broker, databases: Databases, tmp_path: Path
) -> AsyncIterator[BothReleases]:
    before = tmp_path / "before"
    before.mkdir()
    if not await asyncio.to_thread(is_unpacked, before):
        pytest.skip(f"this clone's history does not reach {COMMIT}")
    await kafka.empty_topics(TOPICS)
    await create_topics(KafkaSettings(bootstrap_servers=kafka.address), list(TOPICS.values()))
    shutil.copytree(before / "deploy" / "config", tmp_path / "config")
    (tmp_path / "config" / "policy.yaml").write_text(IMPATIENT)
    with Ports.reserve() as ports:
        wiring = Wiring(
            ports=ports,
            secrets=secrets_in(tmp_path / "secrets.json"),
            urls={"outreach": await databases.fresh(), "preferences": await databases.fresh("preferences")},
            kafka=kafka.address,
            home=tmp_path,
            config=tmp_path / "config",
        )
        yield BothReleases(servers=servers, wiring=wiring, env={"OUTREACH_TWILIO__CONFIRMS": "outreach"})


async def test_both_releases_serve_the_same_people_through_the_migration(both: BothReleases) -> None:
    await both.migrates("before")
    await both.starts_the_rest()
    old = await both.runs("before", "ingest", "dispatch", "relay", "http")
    for name in PEOPLE:
        await both.meets(name)
    for name in PEOPLE:
        await eventually(partial(both.is_known, name), within=60)
    await both.pays(PEOPLE[0], 1)
    await eventually(partial(both.all_got, {PEOPLE[0]: 1}), within=240)

    # On the schema of this release the one before goes on sending.
    await both.migrates("this")
    await both.pays(PEOPLE[1], 1)
    await eventually(partial(both.all_got, {PEOPLE[1]: 1}), within=240)

    # Beside each other both read and hear; what each knows of the other may make both wait before they send.
    new = await both.runs("this", "ingest", "dispatch", "relay", OUTREACH_INTERNAL__PORT="0")
    for name in PEOPLE[2:]:
        await both.pays(name, 1)
    both.is_about(PEOPLE[0])
    await both.replies(STOP)
    assert await old.stop() == 0

    await both.runs("this", "http")
    await eventually(partial(both.all_got, dict.fromkeys(PEOPLE, 1)), within=240)
    both.is_about(PEOPLE[1])
    await both.replies(STOP)
    for name in PEOPLE:
        await both.pays(name, 2)
    # The two who said stop got its confirmation in place of thanks, whichever release had heard them.
    await eventually(partial(both.all_got, dict.fromkeys(PEOPLE, 2)), within=240)
    await both.pays(PEOPLE[-1], 3)
    await eventually(partial(both.all_got, {PEOPLE[-1]: 3}), within=240)
    assert new.is_running
    assert {name: await both.got(name) for name in PEOPLE} == dict.fromkeys(PEOPLE, 2) | {PEOPLE[-1]: 3}
    for server in (old, new):
        assert "Traceback" not in server.written()
