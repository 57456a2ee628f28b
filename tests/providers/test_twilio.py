"""Texts: each of Twilio's answers, and each way not to get one, has one meaning."""

import asyncio
import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from outreach.model.outcome import Accepted, NotSent, Outcome, Refused, Unknown
from outreach.providers.connection import open_session
from outreach.providers.provider import WrongChannel
from outreach.providers.twilio.codes import BY_CODE
from outreach.providers.twilio.sending import Declination, Twilio, form_of, outcome_of_answer
from tests.providers.messages import ATTEMPT, a_text, an_email
from tests.providers.vendor import Vendor, unused_port

ACCOUNT = "AC" + "1" * 32
CREATED = json.dumps({"sid": "SM" + "2" * 32, "status": "accepted", "date_created": None}).encode()


@pytest.fixture
def twilio(vendor: Vendor, session: ClientSession) -> Twilio:
    return a_twilio(session, base_url=vendor.base_url)


def a_twilio(session: ClientSession, *, base_url: str, timeout: float = 5) -> Twilio:
    return Twilio(
        session=session,
        account_sid=ACCOUNT,
        auth_token="secret",
        base_url=base_url,
        timeout=timedelta(seconds=timeout),
    )


async def test_a_yes_is_accepted_under_twilios_own_id(twilio: Twilio, vendor: Vendor) -> None:
    vendor.answers("201 Created", CREATED)

    assert await twilio.send(a_text()) == Accepted("SM" + "2" * 32)


async def test_the_request_says_whom_what_from_whom_until_when_and_where_to_report(
    twilio: Twilio, vendor: Vendor
) -> None:
    vendor.answers("201 Created", CREATED)

    await twilio.send(a_text(body="Hello – 2 words", valid_for=timedelta(hours=1)))

    assert vendor.received[0].line == f"POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json HTTP/1.1"
    assert vendor.received[0].form == {
        "To": "+13125550142",
        "Body": "Hello – 2 words",
        "MessagingServiceSid": "MG" + "0" * 32,
        "StatusCallback": (
            f"https://outreach.example.com/webhooks/twilio/status?attempt={ATTEMPT}#rc=5&rp=all"
        ),
        "ValidityPeriod": "3600",
        "SmartEncoded": "false",
    }
    assert vendor.received[0].headers["Authorization"].startswith("Basic ")


async def test_a_sender_that_is_a_number_goes_as_from(twilio: Twilio, vendor: Vendor) -> None:
    vendor.answers("201 Created", CREATED)

    await twilio.send(a_text(sender="+13125550100"))

    assert vendor.received[0].form["From"] == "+13125550100"
    assert "MessagingServiceSid" not in vendor.received[0].form


async def test_a_status_url_that_names_the_attempt_is_left_alone(twilio: Twilio, vendor: Vendor) -> None:
    vendor.answers("201 Created", CREATED)
    url = f"https://outreach.example.com/status?attempt={ATTEMPT}"

    await twilio.send(a_text(status_url=url))

    assert vendor.received[0].form["StatusCallback"] == f"{url}#rc=5&rp=all"


@pytest.mark.parametrize(
    ("valid_for", "seconds"),
    [(timedelta(seconds=5), "5"), (timedelta(seconds=5.9), "5"), (timedelta(days=2), "36000")],
    ids=["the least", "a fraction is cut, never rounded up", "more than Twilio keeps"],
)
async def test_twilio_may_keep_a_text_no_longer_than_it_is_valid(
    twilio: Twilio, vendor: Vendor, valid_for: timedelta, seconds: str
) -> None:
    vendor.answers("201 Created", CREATED)

    await twilio.send(a_text(valid_for=valid_for))

    assert vendor.received[0].form["ValidityPeriod"] == seconds


async def test_a_text_that_is_almost_over_is_not_sent_at_all(twilio: Twilio, vendor: Vendor) -> None:
    outcome = await twilio.send(a_text(valid_for=timedelta(seconds=4.9)))

    assert outcome == NotSent("too_late", our_fault=False)
    assert vendor.received == []


async def test_text_that_is_not_unicode_is_refused_before_the_call(twilio: Twilio, vendor: Vendor) -> None:
    assert await twilio.send(a_text(body="\ud800")) == Refused("not_unicode")
    assert vendor.received == []


@given(st.dictionaries(st.text(), st.text() | st.integers(), max_size=4))
def test_a_form_is_written_as_the_standard_library_writes_it(fields: dict[str, str | int]) -> None:
    assert form_of(fields) == urlencode(fields).encode()


async def test_an_email_is_not_a_text(twilio: Twilio) -> None:
    with pytest.raises(WrongChannel):
        await twilio.send(an_email())


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (21610, Refused("21610", opted_out=True)),
        (21211, Refused("21211", unreachable=True)),
        (21614, Refused("21614", unreachable=True)),
        (30610, NotSent("30610", retry_after=timedelta(minutes=30), our_fault=False)),
        (20003, NotSent("20003")),
        (21606, NotSent("21606")),
        (30001, NotSent("30001", retry_after=timedelta(minutes=2))),
        (99999, NotSent("99999")),
    ],
    ids=["stop", "no phone", "no mobile", "quiet hours", "login", "sender", "queue full", "unheard of"],
)
async def test_a_refusal_means_what_its_code_means(
    twilio: Twilio, vendor: Vendor, code: int, outcome: Outcome
) -> None:
    vendor.answers("400 Bad Request", json.dumps({"code": code, "message": "no", "status": 400}).encode())

    assert await twilio.send(a_text()) == outcome


async def test_too_many_requests_waits_as_long_as_twilio_asks(twilio: Twilio, vendor: Vendor) -> None:
    vendor.answers("429 Too Many Requests", b'{"code": 20429, "status": 429}', Retry_After="7")

    assert await twilio.send(a_text()) == NotSent("20429", retry_after=timedelta(seconds=7))


@pytest.mark.parametrize("code", BY_CODE, ids=str)
def test_every_listed_code_bears_its_own_name(code: int) -> None:
    assert BY_CODE[code].code == str(code)


@pytest.mark.parametrize("status", range(300, 600))
def test_no_answer_but_a_4xx_says_that_nothing_was_sent(status: int) -> None:
    outcome = outcome_of_answer(Declination(status, 20429))

    if 400 <= status < 500 and status != 408:
        assert isinstance(outcome, NotSent)
    else:
        assert outcome == Unknown(f"http_{status}")


@pytest.mark.parametrize("status", range(400, 500))
def test_a_4xx_that_names_no_code_is_the_accounts_fault(status: int) -> None:
    outcome = outcome_of_answer(Declination(status, None))

    assert outcome == (Unknown("http_408") if status == 408 else NotSent(f"http_{status}"))


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b'{"sid": null}', b'{"sid": 5}', b'{"sid": ""}', b"[" * 100_000, b"\xff"],
    ids=["nothing", "a page", "a list", "no sid", "a number", "an empty sid", "deep", "bytes"],
)
async def test_a_yes_nobody_can_read_may_have_gone_out(twilio: Twilio, vendor: Vendor, body: bytes) -> None:
    vendor.answers("201 Created", body)

    assert isinstance(await twilio.send(a_text()), Unknown)


@pytest.mark.parametrize(
    "answer",
    [None, b"\0\1\2\3", b"HTTP/9 what\r\n\r\n", b"HTTP/1.1 201 Created\r\nContent-Length: 999\r\n\r\n{"],
    ids=["the line cut after reading the request", "garbage", "no HTTP", "half an answer"],
)
async def test_a_broken_answer_may_hide_a_sent_text(
    twilio: Twilio, vendor: Vendor, answer: bytes | None
) -> None:
    vendor.answer = answer
    vendor.hangs_up = True

    assert isinstance(await twilio.send(a_text()), Unknown)
    assert len(vendor.received) == 1


async def test_a_flood_of_an_answer_is_cut_off(twilio: Twilio, vendor: Vendor) -> None:
    vendor.answers("201 Created", b'{"sid": "' + b"a" * 10_000_000 + b'"}')

    assert await twilio.send(a_text()) == Unknown("UnreadableAnswer")


async def test_silence_ends_with_the_timeout(vendor: Vendor, session: ClientSession) -> None:
    vendor.delay = 30
    twilio = a_twilio(session, base_url=vendor.base_url, timeout=0.2)

    assert await twilio.send(a_text()) == Unknown("TimeoutError")


async def test_a_refused_connection_certainly_sent_nothing(session: ClientSession) -> None:
    twilio = a_twilio(session, base_url=f"http://127.0.0.1:{await unused_port()}")

    assert await twilio.send(a_text()) == NotSent("ClientConnectorError")


async def test_an_unknown_host_certainly_sent_nothing() -> None:
    async with ClientSession(connector=TCPConnector(resolver=KnowsNobody())) as session:
        twilio = a_twilio(session, base_url="http://twilio.example.com")

        assert await twilio.send(a_text()) == NotSent("ClientConnectorDNSError")


async def test_a_host_that_speaks_no_tls_certainly_got_nothing(
    vendor: Vendor, session: ClientSession
) -> None:
    vendor.reads = False
    twilio = a_twilio(session, base_url=vendor.base_url.replace("http:", "https:"))

    assert isinstance(await twilio.send(a_text()), NotSent)
    assert vendor.received == []


async def test_waiting_for_a_free_connection_certainly_sent_nothing(vendor: Vendor) -> None:
    vendor.delay = 30
    async with open_session(connections=1) as session:
        patient = a_twilio(session, base_url=vendor.base_url, timeout=0.5)
        hurried = a_twilio(session, base_url=vendor.base_url, timeout=0.1)

        first, second = await asyncio.gather(patient.send(a_text()), hurried.send(a_text()))

    assert first == Unknown("TimeoutError")
    assert second == NotSent("ConnectionTimeoutError")


class KnowsNobody(AbstractResolver):
    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        raise OSError(f"no address for {host}")

    async def close(self) -> None:
        pass
