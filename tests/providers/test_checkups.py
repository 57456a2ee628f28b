"""What `doctor` says of the vendors' accounts, against the simulator: all is well, then one thing is not."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import pytest
from aiohttp import ClientSession

from foundation.clock import SystemClock
from foundation.doctor.observations import Condition, Observation
from outreach.providers.connection import open_session
from outreach.providers.sendgrid.checkup import SendGridAccount, examine_sendgrid
from outreach.providers.twilio.checkup import TwilioAccount, examine_twilio
from simulator.app import Simulator, running_simulator
from simulator.settings import Settings

PUBLIC: Final = "https://outreach.example.com"
ACCOUNT: Final = "AC" + "0" * 32
SERVICE: Final = "MG" + "0" * 32
TOKEN: Final = "a fictional token"
KEY: Final = "SG.fictional"


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    settings = Settings(outreach_url=PUBLIC, account_sid=ACCOUNT, auth_token=TOKEN, api_key=KEY)
    async with running_simulator(settings, clock=SystemClock()) as running:
        yield running


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with open_session() as opened:
        yield opened


def twilio(simulator: Simulator) -> TwilioAccount:
    return TwilioAccount(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        messaging_service_sid=SERVICE,
        public_url=PUBLIC,
        base_url=simulator.url,
    )


def sendgrid(simulator: Simulator) -> SendGridAccount:
    return SendGridAccount(
        api_key=KEY,
        webhook_public_key=simulator.webhook_public_key,
        public_url=PUBLIC,
        base_url=simulator.url,
    )


def not_ok(observations: Sequence[Observation]) -> list[tuple[str, str, str]]:
    return [
        (observation.condition, observation.subject, observation.says)
        for observation in observations
        if observation.condition is not Condition.OK
    ]


async def test_an_account_that_is_set_up_as_the_readme_says_is_well(
    simulator: Simulator, session: ClientSession
) -> None:
    of_twilio = await examine_twilio(twilio(simulator), session)
    of_sendgrid = await examine_sendgrid(sendgrid(simulator), session)

    assert not_ok([*of_twilio, *of_sendgrid]) == []
    assert [observation.subject for observation in (*of_twilio, *of_sendgrid)] == [
        "twilio",
        "twilio service",
        "sendgrid",
        "sendgrid events",
        "sendgrid click tracking",
    ]


#: What staff did at Twilio, and what is said of it.
AT_TWILIO: Final[dict[str, tuple[Callable[[Any], object], tuple[str, str, str]]]] = {
    "the account is suspended": (
        lambda account: account.account.update(status="suspended"),
        ("wrong", "twilio", "says that the account is suspended"),
    ),
    "a trial": (
        lambda account: account.account.update(type="Trial"),
        ("wrong", "twilio", "has a trial account, which texts verified numbers alone"),
    ),
    "answers go elsewhere": (
        lambda account: account.service.update(inbound_request_url="https://old.example.com/sms"),
        ("wrong", "twilio service", "sends answers elsewhere, so that no stop is heard"),
    ),
    "answers go nowhere": (
        lambda account: account.service.update(inbound_request_url=None),
        ("wrong", "twilio service", "sends answers elsewhere, so that no stop is heard"),
    ),
    "each number has its own": (
        lambda account: account.service.update(use_inbound_webhook_on_number=True),
        ("wrong", "twilio service", "leaves answers to each number's own webhook"),
    ),
    "it calls once": (
        lambda account: account.service.update(inbound_request_url=f"{PUBLIC}/webhooks/twilio/inbound"),
        ("weak", "twilio service", "does not call again where we fail"),
    ),
    "no fallback": (
        lambda account: account.service.update(fallback_url=None),
        ("weak", "twilio service", "has no fallback for answers"),
    ),
    "receipts go elsewhere": (
        lambda account: account.service.update(status_callback="https://old.example.com/status"),
        ("weak", "twilio service", "has another status callback"),
    ),
}


@pytest.mark.parametrize("change", AT_TWILIO)
async def test_what_is_wrong_at_twilio_is_said(
    simulator: Simulator, session: ClientSession, change: str
) -> None:
    make, said = AT_TWILIO[change]
    make(simulator.account)

    assert not_ok(await examine_twilio(twilio(simulator), session)) == [said]


async def test_credentials_that_are_not_known_are_said_and_not_shown(
    simulator: Simulator, session: ClientSession
) -> None:
    of_twilio = await examine_twilio(replace(twilio(simulator), auth_token="wrong"), session)
    of_sendgrid = await examine_sendgrid(replace(sendgrid(simulator), api_key="SG.wrong"), session)

    assert not_ok(of_twilio) == [("wrong", "twilio", "does not know the account by this token")]
    assert not_ok(of_sendgrid) == [("wrong", "sendgrid", "does not know the key")]


#: The same at SendGrid.
AT_SENDGRID: Final[dict[str, tuple[Callable[[Any], object], tuple[str, str, str]]]] = {
    "the key may not send": (
        lambda account: account.scopes.remove("mail.send"),
        ("wrong", "sendgrid", "does not let the key send"),
    ),
    "events go elsewhere": (
        lambda account: account.event_webhook.update(url="https://old.example.com"),
        ("wrong", "sendgrid events", "go elsewhere, so that no bounce or complaint is heard"),
    ),
    "events are off": (
        lambda account: account.event_webhook.update(enabled=False),
        ("wrong", "sendgrid events", "are switched off"),
    ),
    "complaints are left out": (
        lambda account: account.event_webhook.update(spam_report=False, bounce=False),
        ("wrong", "sendgrid events", "leave out bounce, spam_report"),
    ),
    "events are not signed": (
        lambda account: account.event_webhook.update(public_key=None),
        ("wrong", "sendgrid events", "are not signed, so that all are refused"),
    ),
    "events are signed by another key": (
        lambda account: account.event_webhook.update(public_key="another"),
        ("wrong", "sendgrid events", "are signed by another key, so that all are refused"),
    ),
    "clicks are tracked": (
        lambda account: account.click_tracking.update(enabled=True),
        ("wrong", "sendgrid click tracking", "puts links of others into our emails"),
    ),
    "the key does not tell": (
        lambda account: account.scopes.remove("tracking_settings.read"),
        ("unknown", "sendgrid click tracking", "the key does not tell of it: answers HTTP 403"),
    ),
}


@pytest.mark.parametrize("change", AT_SENDGRID)
async def test_what_is_wrong_at_sendgrid_is_said(
    simulator: Simulator, session: ClientSession, change: str
) -> None:
    make, said = AT_SENDGRID[change]
    make(simulator.account)

    assert not_ok(await examine_sendgrid(sendgrid(simulator), session)) == [said]


async def test_answers_to_emails_have_to_reach_us_and_their_secret_is_not_shown(
    simulator: Simulator, session: ClientSession
) -> None:
    account = replace(sendgrid(simulator), reply_domain="reply.example.com")
    before = await examine_sendgrid(account, session)
    url = f"{PUBLIC}/webhooks/sendgrid/inbound?secret=fictional-secret"
    simulator.account.parses.append({"hostname": "reply.example.com", "url": url})
    after = await examine_sendgrid(account, session)

    says = "sends answers to emails elsewhere, so that no stop is heard"
    assert not_ok(before) == [("wrong", "sendgrid inbound parse", says)]
    assert not_ok(after) == []
    assert "fictional-secret" not in str(after)


async def test_a_vendor_out_of_reach_is_said(session: ClientSession) -> None:
    nowhere = TwilioAccount(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        messaging_service_sid=SERVICE,
        public_url=PUBLIC,
        base_url="http://127.0.0.1:1",
    )

    assert not_ok(await examine_twilio(nowhere, session)) == [
        ("wrong", "twilio", "cannot be reached (ClientConnectorError)")
    ]
