"""What vendors tell us of messages: verified, durable before the answer, heard once."""

import asyncio
import base64
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from foundation.database import Database
from outreach.sending.claim_result import Call
from tests.http.site import Headers, Site, signed_by_sendgrid, signed_by_twilio
from tests.support.world import World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"
SID = "SM" + "0" * 31 + "1"


async def a_text_sent(database: Database) -> tuple[World, Site, Call]:
    world = World(database, now=MORNING)
    await world.person()
    await world.has_a_text_due()
    (call,) = await world.claims()
    await world.calls([call])
    return world, Site(world), call


async def an_email_sent(database: Database) -> tuple[World, Site, Call]:
    world = World(database, now=MORNING)
    await world.person(phone=None)
    await world.has_a_text_due()
    (call,) = await world.claims()
    await world.calls([call])
    return world, Site(world), call


def path_of(call: Call) -> str:
    return f"/webhooks/twilio/status?attempt={call.attempt_id}"


def delivered(**more: str) -> dict[str, str]:
    return {"MessageSid": SID, "MessageStatus": "delivered", **more}


async def test_a_signed_receipt_of_twilio_moves_the_touch_before_it_is_answered(database: Database) -> None:
    world, site, call = await a_text_sent(database)

    answer = await site.twilio(path_of(call), delivered())

    assert answer.status == 204
    assert (await world.touch())["status"] == "delivered"


def another_secret(path: str, form: dict[str, str]) -> Headers:
    return [("X-Twilio-Signature", signed_by_twilio(path, form, token="another"))]


def another_host(path: str, form: dict[str, str]) -> Headers:
    return [("X-Twilio-Signature", signed_by_twilio(path, form, public="https://evil.example.com"))]


def another_scheme(path: str, form: dict[str, str]) -> Headers:
    return [("X-Twilio-Signature", signed_by_twilio(path, form, public="http://outreach.example.com"))]


def another_attempt(path: str, form: dict[str, str]) -> Headers:
    return [("X-Twilio-Signature", signed_by_twilio(path[:-1] + "x", form))]


def another_form(path: str, form: dict[str, str]) -> Headers:
    return [("X-Twilio-Signature", signed_by_twilio(path, {**form, "MessageStatus": "sent"}))]


def twice(path: str, form: dict[str, str]) -> Headers:
    good = ("X-Twilio-Signature", signed_by_twilio(path, form))
    return [("X-Twilio-Signature", "AAAA"), good]


def forwarded(path: str, form: dict[str, str]) -> Headers:
    signature = signed_by_twilio(path, form, public="https://evil.example.com")
    return [
        ("X-Twilio-Signature", signature),
        ("Host", "evil.example.com"),
        ("X-Forwarded-Host", "evil.example.com"),
        ("X-Original-URL", "/webhooks/twilio/status"),
    ]


def none_at_all(path: str, form: dict[str, str]) -> Headers:
    return []


FORGERIES = [
    another_secret,
    another_host,
    another_scheme,
    another_attempt,
    another_form,
    twice,
    forwarded,
    none_at_all,
]


async def test_what_twilio_did_not_sign_is_refused_and_changes_nothing(database: Database) -> None:
    world, site, call = await a_text_sent(database)
    path = path_of(call)

    for forged in FORGERIES:
        answer = await site.twilio(path, delivered(), headers=forged(path, delivered()))
        assert answer.status == 403, forged.__name__

    assert (await world.touch())["status"] == "accepted"


async def test_a_receipt_for_another_attempt_cannot_be_made_of_a_captured_one(database: Database) -> None:
    world, site, call = await a_text_sent(database)
    captured = [("X-Twilio-Signature", signed_by_twilio(path_of(call), delivered()))]

    elsewhere = "/webhooks/twilio/status?attempt=00000000-0000-4000-8000-000000000000"
    assert (await site.twilio(elsewhere, delivered(), headers=captured)).status == 403
    assert (await world.touch())["status"] == "accepted"


async def test_a_receipt_that_comes_twice_is_heard_once(database: Database) -> None:
    world, site, call = await a_text_sent(database)

    answers = [await site.twilio(path_of(call), delivered()) for _ in range(3)]

    assert [each.status for each in answers] == [204, 204, 204]
    assert (await world.published()).count("touch.delivered") == 1


@pytest.mark.parametrize(
    "body",
    [
        b"MessageSid=" + SID.encode() + b"&MessageStatus=delivered&MessageStatus=failed",
        b"\xff\xfe",
        b"a" * (300 * 1024),
        b"",
    ],
    ids=["a field twice", "not a form", "too large", "nothing"],
)
async def test_a_form_that_two_readers_could_read_in_two_ways_is_refused(
    database: Database, body: bytes
) -> None:
    world, site, call = await a_text_sent(database)
    signature = ("X-Twilio-Signature", signed_by_twilio(path_of(call), delivered()))

    answer = await site.ask("POST", path_of(call), body=body, headers=[signature])

    assert answer.status in {400, 403}
    assert (await world.touch())["status"] == "accepted"


async def test_a_body_larger_than_any_vendors_is_not_even_read(database: Database) -> None:
    _, site, call = await a_text_sent(database)

    for path, header in (
        (path_of(call), "X-Twilio-Signature"),
        ("/webhooks/sendgrid/events", "X-Twilio-Email-Event-Webhook-Signature"),
    ):
        answer = await site.ask(
            "POST", path, body=b"a" * (2 * 1024 * 1024 + 1), headers=[(header, "made up")]
        )
        assert answer.status == 413
        assert (await site.ask("POST", path, body=b"a" * (2 * 1024 * 1024 + 1))).status == 403


async def test_a_get_is_no_receipt(database: Database) -> None:
    world, site, call = await a_text_sent(database)
    form = urlencode(delivered())

    assert (await site.ask("GET", f"{path_of(call)}&{form}")).status == 405
    assert (await world.touch())["status"] == "accepted"


async def test_a_signed_status_nobody_knows_is_answered_and_passed_by(database: Database) -> None:
    world, site, call = await a_text_sent(database)

    answer = await site.twilio(path_of(call), delivered(MessageStatus="teleported"))

    assert answer.status == 204
    assert (await world.touch())["status"] == "accepted"


async def test_while_the_database_is_away_the_vendor_is_asked_to_call_again(database: Database) -> None:
    world, _, call = await a_text_sent(database)
    site = Site(world, database=world.away)

    status = await site.twilio(path_of(call), delivered())
    inbound = await site.texts_us("STOP")
    events = await site.sendgrid(site.event("delivered"))
    stop = await site.ask("POST", f"/unsubscribe/{world.links.sign(['ada', 'ada@example.com'])}")

    assert [each.status for each in (status, inbound, events, stop)] == [503] * 4
    assert status.headers["retry-after"] == "5"
    again = await Site(world).texts_us("STOP")
    assert again.status == 200
    assert await world.asks("SELECT count(*) FROM suppressions") == 1


async def test_signed_events_of_sendgrid_move_the_touch(database: Database) -> None:
    world, site, call = await an_email_sent(database)

    answer = await site.sendgrid(
        site.event("processed", "e1", attempt_id=str(call.attempt_id)),
        site.event("delivered", "e2", attempt_id=str(call.attempt_id)),
        {"event": "delivered"},
        site.event("open", "e3", attempt_id="not an id"),
    )

    assert answer.status == 204
    assert (await world.touch())["status"] == "delivered"


async def test_what_sendgrid_did_not_sign_is_refused(database: Database) -> None:
    world, site, call = await an_email_sent(database)
    event = site.event("delivered", attempt_id=str(call.attempt_id))
    body = b"[]"
    now = int(world.clock.now().timestamp())
    good = signed_by_sendgrid(body, at=now)
    forgeries: dict[str, Headers] = {
        "another key": signed_by_sendgrid(body, at=now, key=ec.generate_private_key(ec.SECP256R1())),
        "another instant": [good[0], (good[1][0], str(now + 1))],
        "a day and a second old": signed_by_sendgrid(body, at=now - 86_401),
        "from the future": signed_by_sendgrid(body, at=now + 86_401),
        "not base64": [(good[0][0], "%%%"), good[1]],
        "base64 of nothing": [(good[0][0], ""), good[1]],
        "base64 of noise": [(good[0][0], base64.b64encode(b"noise").decode()), good[1]],
        "no timestamp": [good[0]],
        "a signature twice": [good[0], *good],
        "a timestamp twice": [*good, good[1]],
        "nothing": [],
    }

    for forged, headers in forgeries.items():
        assert (await site.sendgrid(headers=headers, body=body)).status == 403, forged
    assert (await site.sendgrid(event, headers=good)).status == 403
    assert (await site.sendgrid(body=body, headers=signed_by_sendgrid(body, at=now - 86_400))).status == 204
    assert (await world.touch())["status"] == "accepted"


async def test_events_that_sendgrid_repeats_are_heard_once(database: Database) -> None:
    world, site, call = await an_email_sent(database)
    event = site.event("delivered", attempt_id=str(call.attempt_id))

    await site.sendgrid(event, event)
    await site.sendgrid(event)

    assert (await world.published()).count("touch.delivered") == 1


async def test_an_unsubscribe_that_sendgrid_repeats_in_one_batch_is_announced_once(
    database: Database,
) -> None:
    world, site, call = await an_email_sent(database)
    event = site.event("unsubscribe", attempt_id=str(call.attempt_id))

    await site.sendgrid(event, event)

    assert await world.published("outreach.replies.v1", to="ada") == ["suppression.recorded"]


async def test_receipts_that_come_together_are_heard_together_and_each_is_answered(
    database: Database,
) -> None:
    world, site, call = await an_email_sent(database)
    about = {"attempt_id": str(call.attempt_id)}
    kinds = ["processed", "delivered", *["unsubscribe"] * 20]
    events = [site.event(kind, f"e{number}", **about) for number, kind in enumerate(kinds)]

    answers = await asyncio.gather(*(site.sendgrid(each) for each in events))

    assert {each.status for each in answers} == {204}
    assert (await world.touch())["status"] == "delivered"
    assert await world.asks("SELECT count(*) FROM suppressions") == 20
    # A row keeps the transaction that wrote it.
    assert await world.asks("SELECT count(DISTINCT xmin::text) FROM webhook_events") < 5


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"{}", b"[1,[],null]", b"[" * 100_000],
    ids=["nothing", "half", "no list", "no events", "too deep"],
)
async def test_a_signed_body_that_is_no_batch_is_answered_and_passed_by(
    database: Database, body: bytes
) -> None:
    world = World(database, now=MORNING)

    answer = await Site(world).sendgrid(body=body)

    assert answer.status == 204


CLOSES: list[tuple[str, dict[str, Any], str]] = [
    ("unsubscribe", {}, "opted_out"),
    ("group_unsubscribe", {}, "opted_out"),
    ("spamreport", {}, "opted_out"),
    ("bounce", {"type": "bounce"}, "unreachable"),
    ("dropped", {"reason": "Bounced Address"}, "unreachable"),
    ("dropped", {"reason": "Unsubscribed Address"}, "opted_out"),
]


@pytest.mark.parametrize("names_the_attempt", [True, False], ids=["of our email", "of an email nobody knows"])
async def test_what_sendgrid_tells_of_an_address_closes_it(
    database: Database, names_the_attempt: bool
) -> None:
    world, site, call = await an_email_sent(database)
    about = {"attempt_id": str(call.attempt_id)} if names_the_attempt else {}

    for number, (kind, more, closed) in enumerate(CLOSES):
        await site.sendgrid(site.event(kind, f"e{number}", **about, **more))
        row = "SELECT kind FROM suppressions WHERE address = 'ada@example.com' AND suppression_id LIKE $1"
        assert await world.asks(row, f"%e{number}") == closed, kind
    assert set(await world.published("outreach.replies.v1", to="ada")) == {"suppression.recorded"}
