"""The simulator keeps the vendors' side of the bargain, as our own providers and parsers see it."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import ClientSession

from outreach.model.message import Email, Sms
from outreach.model.outcome import Accepted, NotSent, Outcome, Refused, Unknown
from outreach.providers.receipts import EventBatch, InboundSms, Receipt, parse_form
from outreach.providers.sendgrid.sending import SendGrid
from outreach.providers.sendgrid.signatures import SENDGRID_SIGNATURE, SENDGRID_TIMESTAMP, SendGridSignatures
from outreach.providers.sendgrid.webhooks import parse_events
from outreach.providers.twilio.sending import Twilio
from outreach.providers.twilio.signatures import TWILIO_SIGNATURE, TwilioSignatures
from outreach.providers.twilio.webhooks import parse_inbound, parse_status
from simulator.app import Simulator, running_simulator
from simulator.quiet import serve_quietly
from tests.providers.messages import ATTEMPT, a_text, an_email
from tests.simulator.conftest import ACCOUNT, CLOCK, SETTINGS, Heard, Listener

SIGNATURES = TwilioSignatures(auth_token="token")


def a_twilio(simulator: Simulator, session: ClientSession, *, auth_token: str = "token") -> Twilio:  # noqa: S107
    return Twilio(
        session=session,
        account_sid=ACCOUNT,
        auth_token=auth_token,
        base_url=simulator.url,
        timeout=timedelta(seconds=5),
    )


def a_sendgrid(simulator: Simulator, session: ClientSession, *, api_key: str = "SG.key") -> SendGrid:
    return SendGrid(session=session, api_key=api_key, base_url=simulator.url, timeout=timedelta(seconds=5))


async def tell(simulator: Simulator, session: ClientSession, path: str, **told: Any) -> dict[str, Any]:
    async with session.post(f"{simulator.url}/simulate/{path}", json=told) as answer:
        assert answer.status in {200, 201}, await answer.text()
        body: Any = await answer.json()
        return body if isinstance(body, dict) else {}


def a_status_of(heard: Heard) -> Receipt:
    form = parse_form(heard.body)
    assert isinstance(form, tuple)
    assert SIGNATURES.verify(url=heard.url, form=form, signature=heard.headers[TWILIO_SIGNATURE])
    receipt = parse_status(form, attempt=dict(parse_qsl(urlsplit(heard.url).query))["attempt"])
    assert isinstance(receipt, Receipt)
    return receipt


def an_event_of(heard: Heard, simulator: Simulator) -> Receipt:
    verified = SendGridSignatures(public_key=simulator.webhook_public_key).verify(
        body=heard.body,
        signature=heard.headers[SENDGRID_SIGNATURE],
        timestamp=heard.headers[SENDGRID_TIMESTAMP],
        now=CLOCK.now(),
    )
    assert verified
    batch = parse_events(heard.body)
    assert isinstance(batch, EventBatch)
    return batch.receipts[0]


async def test_a_text_arrives_and_is_reported_step_by_step_and_signed(
    simulator: Simulator, listener: Listener, session: ClientSession
) -> None:
    sms: Sms = a_text(status_url=f"{listener.url}/webhooks/twilio/status")

    outcome = await a_twilio(simulator, session).send(sms)
    await simulator.couriers.finish()

    receipts = [a_status_of(each) for each in listener.heard]
    assert [each.event_id.split(":")[1] for each in receipts] == ["queued", "sent", "delivered"]
    assert {each.attempt_id for each in receipts} == {ATTEMPT}
    assert outcome == Accepted(str(receipts[0].provider_message_id))
    assert [each.text for each in simulator.arrivals.messages] == [sms.body]
    assert simulator.arrivals.messages[0].reported == [("queued", 204), ("sent", 204), ("delivered", 204)]


async def test_an_email_arrives_and_is_reported_step_by_step_and_signed(
    simulator: Simulator, listener: Listener, session: ClientSession
) -> None:
    outcome = await a_sendgrid(simulator, session).send(an_email())
    await simulator.couriers.finish()

    receipts = [an_event_of(each, simulator) for each in listener.heard]
    assert [each.code for each in receipts] == ["processed", "delivered"]
    assert {each.attempt_id for each in receipts} == {ATTEMPT}
    assert outcome == Accepted(str(receipts[0].provider_message_id))
    assert simulator.arrivals.messages[0].subject == "A message from Harbor Recovery"


async def test_receipts_wait_while_outreach_is_away(
    simulator: Simulator, listener: Listener, session: ClientSession
) -> None:
    listener.refusals = 1

    await a_sendgrid(simulator, session).send(an_email())
    await simulator.couriers.finish()

    assert [an_event_of(each, simulator).code for each in listener.heard] == ["processed", "delivered"]


async def test_a_reply_comes_as_twilio_sends_it(
    simulator: Simulator, listener: Listener, session: ClientSession
) -> None:
    answer = await tell(simulator, session, "reply", to_number="+13125550142", body="STOP 🙏")

    (heard,) = listener.heard
    form = parse_form(heard.body)
    assert isinstance(form, tuple)
    assert SIGNATURES.verify(url=heard.url, form=form, signature=heard.headers[TWILIO_SIGNATURE])
    inbound = parse_inbound(form)
    assert isinstance(inbound, InboundSms)
    assert (inbound.from_number, inbound.body) == ("+13125550142", "STOP 🙏")
    assert heard.path == "/webhooks/twilio/inbound"
    assert answer == {"status": 204}


async def test_one_click_unsubscribe_posts_what_the_standard_says(
    simulator: Simulator, listener: Listener, session: ClientSession
) -> None:
    email: Email = an_email(unsubscribe_url=f"{listener.url}/unsubscribe/token")
    await a_sendgrid(simulator, session).send(email)
    await simulator.couriers.finish()
    listener.heard.clear()

    await tell(simulator, session, "unsubscribe", to=email.to)

    (heard,) = listener.heard
    assert (heard.path, heard.body) == ("/unsubscribe/token", b"List-Unsubscribe=One-Click")


async def test_a_complaint_is_told_as_an_event(
    simulator: Simulator, listener: Listener, session: ClientSession
) -> None:
    await a_sendgrid(simulator, session).send(an_email())
    await simulator.couriers.finish()

    await tell(simulator, session, "event", to="ada@example.com", event="spamreport")

    assert an_event_of(listener.heard[-1], simulator).complained


@pytest.mark.parametrize(
    ("fault", "outcome", "arrives"),
    [
        ({"kind": "refuse", "code": 21610}, Refused("21610", opted_out=True), False),
        ({"kind": "refuse", "code": 20429, "status": 429}, NotSent("20429", timedelta(minutes=2)), False),
        ({"kind": "status", "status": 500}, Unknown("http_500"), False),
        ({"kind": "status", "status": 500, "sends": True}, Unknown("http_500"), True),
        ({"kind": "cut"}, Unknown("ServerDisconnectedError"), True),
        ({"kind": "cut", "sends": False}, Unknown("ServerDisconnectedError"), False),
        ({"kind": "garbage"}, Unknown("ClientResponseError"), True),
    ],
    ids=["stop", "too fast", "broken", "broken, but sent", "cut, but sent", "cut", "garbage"],
)
async def test_a_text_meets_the_fault_that_was_asked_for(
    simulator: Simulator, session: ClientSession, fault: dict[str, Any], outcome: Outcome, *, arrives: bool
) -> None:
    await tell(simulator, session, "faults", **fault, to="+13125550142", times=1)
    twilio = a_twilio(simulator, session)

    met = await twilio.send(a_text(status_url=f"{simulator.url}/nowhere"))
    spared = await twilio.send(a_text(to="+13125550143", status_url=f"{simulator.url}/nowhere"))

    assert met == outcome
    assert isinstance(spared, Accepted)
    assert [each.to for each in simulator.arrivals.messages] == ["+13125550142"] * arrives + ["+13125550143"]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"kind": "refuse"}, Refused("http_400", unreachable=True)),
        ({"kind": "status", "status": 429}, NotSent("http_429")),
        ({"kind": "status", "status": 429, "retry_after": 2}, NotSent("http_429", timedelta(seconds=2))),
        ({"kind": "status", "status": 503}, Unknown("http_503")),
        ({"kind": "cut"}, Unknown("ServerDisconnectedError")),
    ],
    ids=["bad address", "too fast", "too fast by two seconds", "down", "cut"],
)
async def test_an_email_meets_the_fault_that_was_asked_for(
    simulator: Simulator, session: ClientSession, fault: dict[str, Any], outcome: Outcome
) -> None:
    await tell(simulator, session, "faults", **fault, vendor="sendgrid")

    assert await a_sendgrid(simulator, session).send(an_email()) == outcome


async def test_a_fault_of_all_ends_after_so_many_times_and_when_it_is_cleared(
    simulator: Simulator, session: ClientSession
) -> None:
    twilio = a_twilio(simulator, session)
    text = a_text(status_url=f"{simulator.url}/nowhere")

    await tell(simulator, session, "faults", kind="status", times=2)
    outcomes = [await twilio.send(text) for _ in range(3)]
    await tell(simulator, session, "faults", kind="status")
    await session.delete(f"{simulator.url}/simulate/faults")
    outcomes.append(await twilio.send(text))

    assert [isinstance(each, Accepted) for each in outcomes] == [False, False, True, True]


async def test_what_was_read_and_kept_from_going_out_is_known(
    simulator: Simulator, session: ClientSession
) -> None:
    await tell(simulator, session, "faults", kind="cut", sends=False, times=1)
    await tell(simulator, session, "faults", kind="status", sends=True, times=1)
    twilio = a_twilio(simulator, session)

    for _ in range(2):
        await twilio.send(a_text(status_url=f"{simulator.url}/nowhere"))

    assert [each.fault for each in simulator.arrivals.messages] == ["status 500"]
    assert [each.fault for each in simulator.arrivals.swallowed] == ["cut"]


async def test_a_delay_outlives_our_patience_and_the_text_arrives_all_the_same(
    simulator: Simulator, session: ClientSession
) -> None:
    await tell(simulator, session, "faults", kind="delay", seconds=0.4)
    hurried = Twilio(
        session=session,
        account_sid=ACCOUNT,
        auth_token="token",
        base_url=simulator.url,
        timeout=timedelta(seconds=0.2),
    )

    outcome = await hurried.send(a_text(status_url=f"{simulator.url}/nowhere"))

    assert outcome == Unknown("TimeoutError")
    assert len(simulator.arrivals.messages) == 1


async def test_receipts_may_come_in_any_order_and_before_the_answer(
    simulator: Simulator, listener: Listener, session: ClientSession
) -> None:
    order = ["delivered", "sent", "delivered"]
    await tell(simulator, session, "faults", kind="receipts", statuses=order, early=True)

    await a_twilio(simulator, session).send(a_text(status_url=f"{listener.url}/status"))

    assert [a_status_of(each).event_id.split(":")[1] for each in listener.heard] == order


async def test_a_vendor_may_keep_silent_about_a_message(simulator: Simulator, session: ClientSession) -> None:
    await tell(simulator, session, "faults", kind="delay", silent=True)

    await a_twilio(simulator, session).send(a_text(status_url=f"{simulator.url}/nowhere"))
    await simulator.couriers.finish()

    assert [each.reported for each in simulator.arrivals.messages] == [[]]


async def test_what_was_not_delivered_is_reported_with_its_code(
    simulator: Simulator, listener: Listener, session: ClientSession
) -> None:
    await tell(simulator, session, "faults", kind="undelivered", code=30610, vendor="twilio")
    await tell(simulator, session, "faults", kind="undelivered", code="blocked", vendor="sendgrid")

    await a_twilio(simulator, session).send(a_text(status_url=f"{listener.url}/status"))
    await simulator.couriers.finish()
    await a_sendgrid(simulator, session).send(an_email())
    await simulator.couriers.finish()

    assert a_status_of(listener.heard[1]).may_send_again
    assert an_event_of(listener.heard[3], simulator).code == "blocked"


async def test_wrong_credentials_are_refused_as_the_vendors_do(
    simulator: Simulator, session: ClientSession
) -> None:
    sms = await a_twilio(simulator, session, auth_token="wrong").send(a_text())
    email = await a_sendgrid(simulator, session, api_key="wrong").send(an_email())

    assert (sms, email) == (NotSent("20003"), NotSent("http_401"))
    assert [each.status for each in simulator.arrivals.turned_away] == [401, 401]


async def test_twilio_may_keep_the_list_of_who_said_stop(listener: Listener, session: ClientSession) -> None:
    settings = replace(SETTINGS, outreach_url=listener.url, handles_stop=True, receipts=False)
    async with running_simulator(settings, clock=CLOCK) as simulator:
        twilio = a_twilio(simulator, session)
        outcomes = []
        for word in ("Stop", "START"):
            await tell(simulator, session, "reply", to_number="+13125550142", body=word)
            outcomes.append(await twilio.send(a_text()))

    forms = [dict(parse_qsl(each.body.decode())) for each in listener.heard]
    assert [each["OptOutType"] for each in forms] == ["STOP", "START"]
    assert outcomes[0] == Refused("21610", opted_out=True)
    assert isinstance(outcomes[1], Accepted)


async def test_all_that_arrived_can_be_asked_for_and_forgotten(
    simulator: Simulator, session: ClientSession
) -> None:
    await a_sendgrid(simulator, session).send(an_email())
    await a_sendgrid(simulator, session).send(an_email(to="bob@example.com"))

    async with session.get(f"{simulator.url}/received", params={"to": "bob@example.com"}) as answer:
        received = await answer.json()
    await session.delete(f"{simulator.url}/received")

    assert [each["attempt_id"] for each in received["messages"]] == [str(ATTEMPT)]
    assert received["messages"][0]["at"] == "2026-06-09T12:00:00Z"
    assert simulator.arrivals.messages == []


async def test_the_page_shows_phones_and_mailboxes_and_runs_nothing_it_was_sent(
    simulator: Simulator, session: ClientSession
) -> None:
    await a_twilio(simulator, session).send(a_text(body="<script>alert(1)</script>"))
    await a_sendgrid(simulator, session).send(an_email(html="<p>Hello</p><script>alert(1)</script>"))

    async with session.get(f"{simulator.url}/") as page:
        shown = await page.text()
    email = simulator.arrivals.messages[1]
    async with session.get(f"{simulator.url}/mail/{email.message_id}") as mail:
        policy = mail.headers["Content-Security-Policy"]

    assert "+13125550142" in shown
    assert "ada@example.com" in shown
    assert "<script>" not in shown
    assert "default-src 'none'" in policy
    assert "sandbox" in policy


async def test_the_reply_form_of_the_page_leads_back_to_it(
    simulator: Simulator, listener: Listener, session: ClientSession
) -> None:
    form = {"to_number": "+13125550142", "body": "Hello"}
    async with session.post(f"{simulator.url}/simulate/reply", data=form, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/")

    assert len(listener.heard) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [("faults", {"kind": "explode"}), ("faults", {"kind": "cut", "tims": 1}), ("reply", {"to_number": "+1"})],
    ids=["no such fault", "a misspelt word", "a word left out"],
)
async def test_what_the_simulator_does_not_understand_it_says(
    simulator: Simulator, session: ClientSession, path: str, body: dict[str, Any]
) -> None:
    async with session.post(f"{simulator.url}/simulate/{path}", json=body) as answer:
        assert answer.status == 400
        assert (await answer.text()).strip()


async def test_the_same_seed_makes_the_same_ids(session: ClientSession) -> None:
    outcomes = []
    for seed in ("one", "one", "two"):
        async with running_simulator(replace(SETTINGS, seed=seed, receipts=False), clock=CLOCK) as simulator:
            outcomes.append(await a_twilio(simulator, session).send(a_text()))

    assert outcomes[0] == outcomes[1] != outcomes[2]


async def test_our_requests_are_what_the_vendors_documents_say(session: ClientSession, specs: Path) -> None:
    settings = replace(SETTINGS, specs=specs, receipts=False)
    async with running_simulator(settings, clock=CLOCK) as simulator:
        by_service = await a_twilio(simulator, session).send(a_text())
        by_number = await a_twilio(simulator, session).send(a_text(sender="+13125550100"))
        email = await a_sendgrid(simulator, session).send(an_email())
        bare = await a_sendgrid(simulator, session).send(an_email(reply_to=None, sender_name=""))

    assert simulator.arrivals.violations == []
    assert all(isinstance(each, Accepted) for each in (by_service, by_number, email, bare))


async def test_what_the_vendors_documents_do_not_allow_is_found(session: ClientSession, specs: Path) -> None:
    settings = replace(SETTINGS, specs=specs, auth_token=None, api_key=None, receipts=False)
    async with running_simulator(settings, clock=CLOCK) as simulator:
        messages = f"{simulator.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        for form in (
            {"Body": "x"},
            {"To": "+13125550142", "Bdy": "x"},
            {"To": "+13125550142", "ValidityPeriod": "an hour"},
            {"To": "+13125550142", "MessagingServiceSid": "MG1"},
        ):
            async with session.post(messages, data=form) as answer:
                assert (await answer.json())["code"] == 20001
        mail = {"personalizations": [{"to": [{"email": "ada@example.com"}]}], "from": 5}
        async with session.post(f"{simulator.url}/v3/mail/send", data=json.dumps(mail)) as answer:
            assert answer.status == 400

    assert len(simulator.arrivals.violations) >= 5


async def test_the_quiet_stub_says_yes_and_counts(session: ClientSession) -> None:
    server = await serve_quietly(host="127.0.0.1", port=0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    twilio = Twilio(session=session, account_sid=ACCOUNT, auth_token="any", base_url=url)
    sendgrid = SendGrid(session=session, api_key="any", base_url=url)

    outcomes = await asyncio.gather(
        *(twilio.send(a_text()) for _ in range(20)), *(sendgrid.send(an_email()) for _ in range(20))
    )
    async with session.get(f"{url}/received") as answer:
        received = await answer.json()
    server.close()

    assert len({each.provider_message_id for each in outcomes if isinstance(each, Accepted)}) == 40
    assert received == {"count": 40}
