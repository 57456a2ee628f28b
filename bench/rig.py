"""The product's parts put together as `outreach.app` does, with a clock that can stand at a lawful hour."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from foundation.clock import SystemClock, parse_instant
from foundation.database import Database
from foundation.intake import Intake
from outreach.guidance.files.folder import read_folder, read_guidance
from outreach.guidance.guidance import Guidance
from outreach.http.links import Links
from outreach.kafka.intake import intake_of
from outreach.model.words import Channel
from outreach.providers.connection import open_session
from outreach.providers.sendgrid.sending import SendGrid
from outreach.providers.twilio.sending import Twilio
from outreach.sending.assembly import assemble
from outreach.sending.compose import Compose, Routes
from outreach.sending.dispatch import Dispatch
from outreach.sending.dispatching import Dispatching
from outreach.store import operations
from schemas.envelope import Event

THANKS = "  thank_you:\n    on: payment.received\n"
CONFIG = Path(__file__).resolve().parent.parent / "deploy" / "config"

#: A Monday at noon in Chicago, when every place of the agency's people is awake.
NOON = parse_instant("2026-03-02T18:00Z")

#: Calls under way at most, of the product and of the vendor's client alone.
WORKERS = 50


class ShiftedClock:
    """A clock that goes at the machine's pace but began at an instant of our choosing."""

    def __init__(self, start: datetime) -> None:
        self._machine = SystemClock()
        self._ahead = start - self._machine.now()

    def now(self) -> datetime:
        return self._machine.now() + self._ahead


def guidance() -> Guidance:
    """Return the sample agency's policy, playbook and wordings."""
    files = read_folder(CONFIG)
    # How fast a message goes is measured on thanks that wait for no other payment.
    assert THANKS in files["playbook.yaml"]
    at_once = files["playbook.yaml"].replace(THANKS, f'{THANKS}    after: "0min"\n')
    return read_guidance({**files, "playbook.yaml": at_once})


async def put_in_force(database: Database, held: Guidance, *, now: datetime) -> None:
    async with database.transaction() as connection:
        await operations.switch_config(
            connection, version=held.version, policy=held.policy.version, content={}, by=None, now=now
        )


def compose() -> Compose:
    return Compose(
        routes=Routes(
            providers={Channel.SMS: Twilio.name, Channel.EMAIL: SendGrid.name},
            sms_sender="MG" + "0" * 32,
            email_from="hello@harbor.example.com",
            status_url="https://outreach.example.com/webhooks/twilio/status",
            unsubscribe_url="https://outreach.example.com/unsubscribe/",
        ),
        sign=Links("a secret of the bench only").sign,
    )


@dataclass(frozen=True, slots=True)
class Vendors:
    """Both vendors' clients on one session."""

    twilio: Twilio
    sendgrid: SendGrid


@asynccontextmanager
async def vendors(base_url: str) -> AsyncIterator[Vendors]:
    session = open_session()
    try:
        yield Vendors(
            Twilio(
                session=session, account_sid="AC" + "0" * 32, auth_token="of the bench", base_url=base_url
            ),
            SendGrid(session=session, api_key="of the bench", base_url=base_url),
        )
    finally:
        await session.close()


def dispatch_of(
    database: Database,
    called: Vendors,
    held: Guidance,
    clock: ShiftedClock,
    *,
    workers: int = WORKERS,
    dispatching: Dispatching | None = None,
) -> Dispatch:
    """Return a dispatch as a process runs it; no limits but its own speed."""
    return assemble(
        database=database,
        clock=clock,
        guidance=lambda: held,
        compose=compose(),
        providers=[called.twilio, called.sendgrid],
        dispatching=replace(dispatching or Dispatching(), workers=workers),
    ).dispatch


def intake(database: Database, held: Guidance, clock: ShiftedClock) -> Intake[Event]:
    return intake_of(database=database, clock=clock, playbook=lambda: held.playbook)


HOUR = timedelta(hours=1)
