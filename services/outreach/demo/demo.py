"""The demo: a fictional agency and its weeks, played on the real product with a clock that jumps."""

import secrets
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from foundation.clock import ManualClock
from foundation.database import Database
from foundation.intake import Intake
from foundation.local.postgres import create_database, drop_database, running_postgres
from foundation.metrics import Metrics
from foundation.migrations import migrate
from outreach.demo.carrier import Carrier
from outreach.demo.lives import Life
from outreach.demo.neighbor import LINK_KEY, Preferences
from outreach.demo.population import Resident, populate
from outreach.demo.through_kafka import through_kafka
from outreach.demo.weeks import Chronicle, Deliver, Weeks
from outreach.guidance.in_force import InForce
from outreach.http.links import Links, ReplyAddresses
from outreach.kafka.intake import intake_of
from outreach.model.words import Channel
from outreach.providers.file import File
from outreach.sending.assembly import assemble
from outreach.sending.compose import CenterLinks, Compose, Routes
from outreach.sending.dispatch import Dispatch
from schemas.envelope import Event
from schemas.links import LinkKey

#: A Monday. Clocks change in America on the next Sunday, in Britain four weeks later; Easter is April 5.
BEGINS: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)

_PUBLIC = "https://outreach.example.com"
_SECRET = "made up for the demo"  # noqa: S105 - nobody is protected by it
_LINKS_LAST: Final = timedelta(days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be played. `kafka` is a broker's address; None hands records over directly."""

    people: int
    days: int
    seed: int
    folder: Path
    config: Path
    kafka: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What was played: the people, and what happened to them besides what the database knows."""

    wish: Wish
    residents: list[Resident]
    chronicle: Chronicle
    ends: datetime


#: Told each instant that was reached, and the counts so far.
Watch = Callable[[datetime, Chronicle], None]


@contextmanager
def fresh_server(home: Path | None) -> Iterator[str]:
    """Run a PostgreSQL for the demo alone, its data in `home` or gone afterwards; yield its URL."""
    if home is not None:
        with running_postgres(home, durable=False) as server:
            yield server.url
        return
    with (
        tempfile.TemporaryDirectory(prefix="demo-") as folder,
        running_postgres(Path(folder), durable=False) as server,
    ):
        yield server.url


@asynccontextmanager
async def fresh_database(server: str, *, keep: bool, of: str = "outreach") -> AsyncIterator[tuple[str, str]]:
    """Make a migrated database of a service, and drop it unless it is to be kept; yield URL and name."""
    name = f"{of}_demo_{secrets.token_hex(4)}"
    url = await create_database(server, name)
    try:
        await migrate(url, package=of)
        yield url, name
    finally:
        if not keep:
            await drop_database(server, name)


async def play(
    wish: Wish, *, database: Database, preferences: Preferences, clock: ManualClock, watch: Watch
) -> Played:
    """Live through the weeks, from `BEGINS` on, where the clock stands; all chance follows from the seed.

    Raises:
        ConfigError: the config folder does not validate.
    """
    ends = BEGINS + timedelta(days=wish.days)
    in_force = InForce(
        folder=wish.config,
        database=database,
        clock=clock,
        metrics=Metrics(prefix="outreach", declared={}),
    )
    await in_force.start()
    residents = populate(wish.people, seed=wish.seed, begins=BEGINS, days=wish.days)
    intake = intake_of(database=database, clock=clock, playbook=lambda: in_force.guidance().playbook)
    addresses = ReplyAddresses(_SECRET, domain="answers.harbor.example.com")
    async with _delivery(intake, wish.kafka) as deliver:
        weeks = Weeks(
            [Life(resident, seed=wish.seed, begins=BEGINS) for resident in residents],
            database=database,
            clock=clock,
            guidance=in_force.guidance,
            deliver=deliver,
            preferences=preferences,
            addresses=addresses,
            ends=ends,
        )
        carriers = [
            Carrier(
                file=File(channel=channel, folder=wish.folder, clock=clock),
                seed=wish.seed,
                clock=clock,
                arrived=weeks.arrived,
            )
            for channel in (Channel.SMS, Channel.EMAIL)
        ]
        dispatch = _dispatch(database, clock, in_force, carriers, center=preferences.url, addresses=addresses)
        await weeks.play(dispatch, carriers, watch=lambda at: watch(at, weeks.chronicle))
        for carrier in carriers:
            await carrier.close()
    return Played(wish=wish, residents=residents, chronicle=weeks.chronicle, ends=ends)


@asynccontextmanager
async def _delivery(intake: Intake[Event], kafka: str | None) -> AsyncIterator[Deliver]:
    if kafka is None:

        async def deliver(records: object) -> None:
            await intake.handle(records)  # type: ignore[arg-type]

        yield deliver
        return
    async with through_kafka(kafka, intake) as deliver_through:
        yield deliver_through


def _dispatch(
    database: Database,
    clock: ManualClock,
    in_force: InForce,
    carriers: list[Carrier],
    *,
    center: str,
    addresses: ReplyAddresses,
) -> Dispatch:
    compose = Compose(
        routes=Routes(
            providers={carrier.channel: carrier.name for carrier in carriers},
            sms_sender="MG" + "0" * 32,
            email_from="hello@harbor.example.com",
            status_url=f"{_PUBLIC}/webhooks/twilio/status",
            unsubscribe_url=f"{_PUBLIC}/unsubscribe/",
        ),
        sign=Links(_SECRET).sign,
        reply_address=addresses.of,
        center=CenterLinks(url=center, key=LinkKey(LINK_KEY), last=_LINKS_LAST),
    )
    return assemble(
        database=database,
        clock=clock,
        guidance=in_force.guidance,
        compose=compose,
        providers=carriers,
    ).dispatch
