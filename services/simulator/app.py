"""Wires the simulator and serves it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientSession, web

from foundation.clock import Clock
from simulator.account import VendorAccount
from simulator.arrivals import Arrivals
from simulator.couriers import Couriers
from simulator.faults import Faults
from simulator.person import Person
from simulator.settings import Settings
from simulator.signing import EventKey
from simulator.vendors import Vendors


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulator:
    """A running simulator, for tests in the same process."""

    url: str
    arrivals: Arrivals
    faults: Faults
    couriers: Couriers
    account: VendorAccount
    webhook_public_key: str


@asynccontextmanager
async def running_simulator(
    settings: Settings, *, clock: Clock, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[Simulator]:
    """Serve until the block ends; port 0 takes a free one."""
    arrivals, faults = Arrivals(seed=settings.seed), Faults()
    key = EventKey(settings.webhook_private_key)
    account = VendorAccount(settings, key)
    async with ClientSession() as session:
        couriers = Couriers(settings=settings, arrivals=arrivals, key=key, session=session, clock=clock)
        vendors = Vendors(settings=settings, arrivals=arrivals, faults=faults, couriers=couriers, clock=clock)
        person = Person(settings=settings, arrivals=arrivals, faults=faults, couriers=couriers)
        runner = web.AppRunner(_application(vendors, person, account), access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, host, port)
            await site.start()
            yield Simulator(
                url=f"http://{host}:{runner.addresses[0][1]}",
                arrivals=arrivals,
                faults=faults,
                couriers=couriers,
                account=account,
                webhook_public_key=key.public,
            )
        finally:
            await runner.cleanup()
            await couriers.abandon()


def _application(vendors: Vendors, person: Person, account: VendorAccount) -> web.Application:
    app = web.Application()
    app.add_routes(
        [
            web.post("/2010-04-01/Accounts/{account}/Messages.json", vendors.create_message),
            web.post("/v3/mail/send", vendors.send_mail),
            *account.routes(),
            web.post("/simulate/reply", person.reply),
            web.post("/simulate/unsubscribe", person.unsubscribe),
            web.post("/simulate/event", person.email_event),
            web.post("/simulate/faults", person.add_fault),
            web.get("/simulate/faults", person.list_faults),
            web.delete("/simulate/faults", person.clear_faults),
            web.get("/received", person.received),
            web.delete("/received", person.forget),
            web.get("/mail/{message_id}", person.mail),
            web.get("/health/live", person.alive),
            web.get("/", person.page),
        ]
    )
    return app
