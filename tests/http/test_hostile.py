"""Hostile texts in every place of a request: each is answered, nothing breaks, and nothing is done for it."""

from collections.abc import Callable
from urllib.parse import quote, urlencode

from foundation import tokens
from foundation.access import Access
from foundation.database import Database
from outreach.http.application import internal_application
from outreach.http.asking import Asking
from tests.http.site import Site, signed_by_twilio
from tests.support.hostile import DOCUMENTS, TEXTS
from tests.support.world import World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"
#: What a form can carry; the others have no UTF-8.
WRITABLE = {name: text for name, text in TEXTS.items() if text.isprintable() or "\ud800" not in text}

#: One that is larger than any vendor's is as good as many.
BODIES = {
    name: each for name, each in DOCUMENTS.items() if len(each) < 200_000 or name.endswith("of one letter")
}

QUESTIONS: list[Callable[[str], str]] = [
    lambda text: f"/v1/people/{text}/may-contact?channel=sms",
    lambda text: f"/v1/people/ada/may-contact?channel=sms&debt={text}",
    lambda text: f"/v1/people/ada/may-contact?channel=sms&at={text}",
    lambda text: f"/v1/people/ada/may-contact?channel={text}",
    lambda text: f"/v1/people/ada/may-contact?channel=sms&purpose={text}&role={text}",
]


async def test_a_question_is_answered_or_refused(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.debt(await world.person())
    site = Site(world)
    asking = Asking(
        database=world.database,
        clock=world.clock,
        policy=lambda: world.guidance.policy,
        access=Access(database=world.database, clock=world.clock),
    )
    site.app = internal_application([asking.router()])
    async with world.database.transaction() as connection:
        token = await tokens.mint(
            connection, name="dialer", scopes=["ask"], per_second=1e6, by="a test", now=world.clock.now()
        )
    headers = [("Authorization", f"Bearer {token}")]

    answers = [
        (
            await site.ask("GET", question(quote(text, safe="", errors="surrogatepass")), headers=headers)
        ).status
        for question in QUESTIONS
        for text in TEXTS.values()
    ]

    assert {*answers} == {200, 404, 422}


async def test_whatever_a_person_writes_is_kept_and_nothing_else_is_done(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person()
    site = Site(world)

    for number, text in enumerate(WRITABLE.values()):
        answer = await site.texts_us(text, sid=f"SM{number:032}")
        assert answer.status == 200

    kept = await world.rows("SELECT text FROM replies ORDER BY reply_id")
    assert [each["text"] for each in kept] == [text.replace("\0", "")[:20_000] for text in WRITABLE.values()]
    assert await world.asks("SELECT count(*) FROM people") == 1


async def test_a_signed_form_with_a_hostile_field_is_answered(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person()
    site = Site(world)
    form = {"MessageSid": "SM" + "0" * 32, "From": "+13125550142", "To": "+13125550100", "Body": "hello"}

    for path in ("/webhooks/twilio/inbound", "/webhooks/twilio/status"):
        for field in (*form, "NumMedia", "OptOutType", "MessageStatus", "ErrorCode"):
            for text in WRITABLE.values():
                assert (await site.twilio(path, {**form, field: text})).status in {200, 204}

    assert await world.asks("SELECT count(*) FROM suppressions WHERE kind = 'opted_out'") == 0


async def test_a_signed_event_with_hostile_fields_is_answered_and_closes_no_other_address(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    await world.person()
    site = Site(world)

    for number, text in enumerate(WRITABLE.values()):
        for field in ("event", "sg_event_id", "sg_message_id", "attempt_id", "email", "reason", "type"):
            event = site.event("spamreport", f"event{number}{field}", email="eve@example.com")
            assert (await site.sendgrid({**event, field: text})).status == 204

    assert await world.asks("SELECT count(*) FROM suppressions WHERE address = 'ada@example.com'") == 0
    assert await world.asks("SELECT count(*) FROM people") == 1


async def test_a_hostile_token_is_not_found(database: Database) -> None:
    world = World(database, now=MORNING)
    site = Site(world)
    token = world.links.sign(["ada", "ada@example.com"])
    hostile = [
        *TEXTS.values(),
        f".{token}",
        f"{token}.",
        token.swapcase(),
        token[:-1],
        f"{token}\0",
        f"{token}/x",
    ]

    for each in hostile:
        for method in ("GET", "POST"):
            answer = await site.ask(method, f"/unsubscribe/{quote(each, safe='', errors='surrogatepass')}")
            # All from one address: after many of them the rest is told that they are too many.
            assert answer.status in {404, 405, 429}

    assert await world.asks("SELECT count(*) FROM suppressions") == 0


async def test_a_hostile_body_is_refused_unsigned_and_answered_signed(database: Database) -> None:
    world = World(database, now=MORNING)
    site = Site(world)

    for name, body in BODIES.items():
        for path in ("/webhooks/twilio/inbound", "/webhooks/twilio/status", "/webhooks/sendgrid/events"):
            assert (await site.ask("POST", path, body=body)).status in {400, 403, 413}, name
        assert (await site.sendgrid(body=body)).status in {204, 403, 413}, name

    assert await world.asks("SELECT count(*) FROM webhook_events") == 0


SMUGGLED = (
    *("X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "X-Original-URL", "X-Rewrite-URL"),
    *("X-HTTP-Method-Override", "Forwarded", "Host", "Transfer-Encoding", "Content-Length", "Expect"),
)


async def test_no_header_moves_a_signature_to_another_url_or_makes_a_post_of_a_get(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    await world.person()
    site = Site(world)
    form = {"MessageSid": "SM" + "1" * 32, "From": "+13125550142", "To": "+13125550100", "Body": "STOP"}
    body = urlencode(form).encode()
    signed_elsewhere = ("X-Twilio-Signature", signed_by_twilio("/webhooks/twilio/status", form))
    link = f"/unsubscribe/{world.links.sign(['ada', 'ada@example.com'])}"

    for name in SMUGGLED:
        for value in (
            "/webhooks/twilio/status",
            "outreach.example.com",
            "POST",
            "chunked",
            "0",
            "for=1;host=x",
        ):
            headers = [(name, value), signed_elsewhere]
            answer = await site.ask("POST", "/webhooks/twilio/inbound", body=body, headers=headers)
            assert answer.status == 403
            await site.ask("GET", link, headers=[(name, value)])

    assert await world.asks("SELECT count(*) FROM suppressions") == 0


async def test_the_outside_finds_webhooks_links_and_nothing_else(database: Database) -> None:
    site = Site(World(database, now=MORNING))
    inside = [
        "/metrics",
        "/health/ready",
        "/openapi.json",
        "/docs",
        "/redoc",
        "/v1/people/ada/may-contact",
        "/",
    ]

    for path in inside:
        for method in ("GET", "HEAD", "POST", "OPTIONS", "TRACE"):
            assert (await site.ask(method, path)).status == 404, (method, path)
    for path in ("/webhooks/twilio/inbound", "/webhooks/sendgrid/events"):
        for method in ("GET", "PUT", "DELETE", "OPTIONS", "TRACE"):
            assert (await site.ask(method, path)).status == 405, (method, path)
