"""The link in every email: a POST closes email, a GET never does, and nobody can make a link but us."""

import asyncio
import re
from typing import Any

import pytest
from itsdangerous import URLSafeSerializer

from foundation.database import Database
from foundation.serving import serving
from foundation.settings import load
from outreach.app import unsubscribe_of
from outreach.config import Config
from outreach.http.links import Links
from outreach.model.snapshot import Snapshot
from outreach.wording.readability import reading_age
from schemas.links import LinkKey, read_token
from tests.http.site import SENDGRID_KEY, Site
from tests.support.world import World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"
CLOSED = "SELECT count(*) FROM suppressions"
CONFIG = load(
    Config,
    {
        "OUTREACH_DATABASE_URL": "postgresql://127.0.0.1/outreach",
        "OUTREACH_CONFIG_DIR": "deploy/config",
        "OUTREACH_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:9092",
        "OUTREACH_TWILIO__ACCOUNT_SID": "AC" + "0" * 32,
        "OUTREACH_TWILIO__AUTH_TOKEN": "0" * 32,
        "OUTREACH_TWILIO__MESSAGING_SERVICE_SID": "MG" + "0" * 32,
        "OUTREACH_SENDGRID__API_KEY": "SG.of-tests",
        "OUTREACH_SENDGRID__FROM_EMAIL": "hello@example.com",
        "OUTREACH_SENDGRID__WEBHOOK_PUBLIC_KEY": SENDGRID_KEY,
        "OUTREACH_HTTP__PUBLIC_URL": "https://outreach.example.com",
        "OUTREACH_HTTP__LINK_SECRET": "a secret of the wiring",
        "OUTREACH_CENTER__URL": "https://choices.example.com",
        "OUTREACH_CENTER__LINK_KEY": "l" * 32,
    },
)


def theirs(address: str) -> str:
    """Return the token that an email to Ada has, as the wiring makes it."""
    return Links("a secret of the wiring").sign(["ada", address])


async def an_email_with_a_link(database: Database) -> tuple[World, Site, str]:
    world = World(database, now=MORNING)
    await world.person(phone=None, email="Ada@Example.com")
    await world.has_a_text_due()
    await world.works()
    (email,) = world.email.sent
    return world, Site(world), email.unsubscribe_url.removeprefix("https://outreach.example.com")


async def test_one_click_closes_email_before_it_is_answered(database: Database) -> None:
    world, site, link = await an_email_with_a_link(database)

    answer = await site.ask(
        "POST",
        link,
        body=b"List-Unsubscribe=One-Click",
        headers=[("Content-Type", "application/x-www-form-urlencoded")],
    )

    assert answer.status == 200
    (row,) = await world.rows("SELECT person_id, address, channel, kind FROM suppressions")
    assert tuple(row.values()) == ("ada", "ada@example.com", "email", "opted_out")
    assert await world.published("outreach.replies.v1") == ["suppression.recorded"]


async def test_clicking_again_changes_nothing(database: Database) -> None:
    world, site, link = await an_email_with_a_link(database)

    for _ in range(3):
        assert (await site.ask("POST", link)).status == 200
        world.clock.move_to(world.clock.now().replace(hour=17))

    assert await world.asks(CLOSED) == 1


async def test_a_scanner_that_asks_with_head_sees_a_link_that_works(database: Database) -> None:
    _, site, link = await an_email_with_a_link(database)

    assert (await site.ask("HEAD", link)).status == 200
    assert (await site.ask("HEAD", link + "x")).status == 404


async def test_looking_at_the_link_changes_nothing(database: Database) -> None:
    world, site, link = await an_email_with_a_link(database)

    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"):
        await site.ask(method, link)
    asked = await site.ask("GET", link)

    assert (asked.status, asked.body.count('<form method="post"')) == (200, 1)
    assert await world.asks(CLOSED) == 0


@pytest.mark.parametrize(
    "headers",
    [
        [("X-HTTP-Method-Override", "POST")],
        [("X-HTTP-Method", "POST"), ("X-Method-Override", "POST")],
        [("Upgrade-Insecure-Requests", "1"), ("Purpose", "prefetch")],
        [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", "26")],
    ],
    ids=["override", "other overrides", "prefetch", "a body"],
)
async def test_no_header_makes_a_post_of_a_get(database: Database, headers: list[tuple[str, str]]) -> None:
    world, site, link = await an_email_with_a_link(database)

    await site.ask("GET", f"{link}?_method=POST", body=b"List-Unsubscribe=One-Click", headers=headers)

    assert await world.asks(CLOSED) == 0


async def test_the_button_stands_on_top_and_less_below_it(database: Database) -> None:
    world, _, link = await an_email_with_a_link(database)
    asked: list[tuple[str, str, str | None]] = []

    def choices(person: str, address: str, snapshot: Snapshot) -> str:
        asked.append((person, address, snapshot.language))
        return "https://choices.example.com/p/token"

    page = (await Site(world, choices=choices).ask("GET", link)).body

    assert asked == [("ada", "Ada@Example.com", None)]
    assert page.index("<button") < page.index('href="https://choices.example.com/p/token"')
    assert page.index("Stop email to this address") < page.index("Not stop, but less?")
    assert "Not stop, but less?" not in (await Site(world).ask("GET", link)).body


OFFER = re.compile(r'href="https://choices\.example\.com/p/(\S{28})"')


async def test_the_page_as_it_is_wired_leads_to_all_choices_by_a_link_that_soon_ends(
    database: Database,
) -> None:
    world, _, _ = await an_email_with_a_link(database)
    page = unsubscribe_of(CONFIG, database=database, clock=world.clock)
    site = Site(world, unsubscribe=page)

    offered = OFFER.search((await site.ask("GET", f"/unsubscribe/{theirs('Ada@Example.com')}")).body)

    assert offered is not None
    said = read_token(offered[1])
    assert said is not None
    assert LinkKey("l" * 32).proves(said, "ada", "ada@example.com", revoked_at=None)
    assert said.expires_on.isoformat() == "2026-03-03"


@pytest.mark.parametrize(
    ("known", "address"),
    [
        ({"links_revoked_at": "2026-03-01T00:00:00Z"}, "ada@example.com"),
        ({"email": "ada@new.example.com"}, "ada@example.com"),
    ],
    ids=["whose links were revoked", "who has another address now"],
)
async def test_an_old_email_opens_no_more_than_its_own_link_would(
    database: Database, known: dict[str, Any], address: str
) -> None:
    world, _, _ = await an_email_with_a_link(database)
    await world.person(**{"phone": None, "email": address, **known}, version=2)
    page = unsubscribe_of(CONFIG, database=database, clock=world.clock)

    shown = await Site(world, unsubscribe=page).ask("GET", f"/unsubscribe/{theirs(address)}")

    assert (shown.status, shown.body.count("<button")) == (200, 1)
    assert OFFER.search(shown.body) is None


@pytest.mark.parametrize(
    ("known", "browser", "asked", "speaks"),
    [
        ("es", "en-US,en", "", "es"),
        ("es-MX", None, "", "es"),
        ("es", None, "?lang=en", "en"),
        (None, "es-MX,es;q=0.9", "", "es"),
        ("vi", "es", "", "es"),
        (None, None, "?lang=tlh", "en"),
    ],
)
async def test_the_page_speaks_the_readers_language(
    database: Database, known: str | None, browser: str | None, asked: str, speaks: str
) -> None:
    world, site, link = await an_email_with_a_link(database)
    await world.person(phone=None, email="Ada@Example.com", language=known, version=2)
    headers = [("Accept-Language", browser)] if browser else []

    page = await site.ask("GET", link + asked, headers=headers)

    assert f'<html lang="{speaks}">' in page.body
    assert f'action="?lang={speaks}"' in page.body
    assert f'<html lang="{speaks}">' in (await site.ask("POST", f"{link}?lang={speaks}")).body


async def test_a_page_is_shown_to_whoever_nothing_is_known_of(database: Database) -> None:
    world, site, _ = await an_email_with_a_link(database)

    page = await site.ask("GET", f"/unsubscribe/{world.links.sign(['nobody', 'x@example.com'])}")

    assert (page.status, page.body.count("<button")) == (200, 1)


async def test_a_page_is_shown_while_the_database_is_out_of_reach(database: Database) -> None:
    world, _, link = await an_email_with_a_link(database)

    page = await Site(world, database=world.away).ask("GET", link)

    assert (page.status, page.body.count("<button")) == (200, 1)


async def test_a_page_leaks_nothing_and_needs_nothing_of_others(database: Database) -> None:
    _, site, link = await an_email_with_a_link(database)

    page = await site.ask("GET", link)
    style = re.search(r'href="(/unsubscribe/style-[0-9a-f]+\.css)"', page.body)

    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "set-cookie" not in page.headers
    assert "ada" not in page.body
    assert style is not None
    assert (await site.ask("GET", style[1])).status == 200


@pytest.mark.parametrize("language", ["en", "es"])
async def test_a_child_of_nine_can_read_the_page(database: Database, language: str) -> None:
    world, _, link = await an_email_with_a_link(database)
    site = Site(world, choices=lambda *_: "https://choices.example.com/p/token")

    for method, path in (("GET", link), ("POST", link), ("GET", "/unsubscribe/x")):
        page = (await site.ask(method, f"{path}?lang={language}")).body
        text = re.sub(r"<[^>]+>", "\n", page.partition("<main>")[2])
        age = reading_age(text, language=language)

        assert age is None or age <= 9, (path, age)


FORGED = [
    "x",
    "%00",
    "é",
    "WyJhZGEiLCJhZGFAZXhhbXBsZS5jb20iXQ.AAAAAAAAAAAAAAAAAAAAAAAAAAA",
    Links("another secret").sign(["ada", "ada@example.com"]),
    str(URLSafeSerializer("a secret for tests only", salt="another use").dumps(["ada", "ada@example.com"])),
    str(URLSafeSerializer("a secret for tests only", salt="unsubscribe").dumps({"person": "ada"})),
    str(URLSafeSerializer("a secret for tests only", salt="unsubscribe").dumps(["ada"])),
    "." * 10_000,
]


async def test_a_token_that_we_did_not_make_is_not_found(database: Database) -> None:
    world, site, link = await an_email_with_a_link(database)
    cut = [link.removeprefix("/unsubscribe/")[:-1], link.removeprefix("/unsubscribe/") + "A"]

    for token in [*FORGED, *cut]:
        for method in ("GET", "POST"):
            assert (await site.ask(method, f"/unsubscribe/{token}")).status == 404, token

    assert await world.asks(CLOSED) == 0


async def test_a_provider_that_posts_for_many_people_is_never_refused(database: Database) -> None:
    world, site, _ = await an_email_with_a_link(database)
    people = [f"person-{number}" for number in range(60)]
    tried = [await site.ask("POST", f"/unsubscribe/{number}") for number in range(60)]

    links = [f"/unsubscribe/{world.links.sign([person, f'{person}@example.com'])}" for person in people]
    answers = [await site.ask("POST", link) for link in links]

    assert {answer.status for answer in tried} == {404, 429}
    assert {answer.status for answer in answers} == {200}
    assert await world.asks(CLOSED) == len(people)


async def test_a_link_that_is_looked_at_without_end_has_its_button_and_asks_the_database_no_more(
    database: Database,
) -> None:
    world, _, link = await an_email_with_a_link(database)
    asked: list[str] = []

    def choices(person: str, _address: str, _snapshot: Snapshot) -> str:
        asked.append(person)
        return "https://choices.example.com/p/token"

    site = Site(world, choices=choices)
    pages = [await site.ask("GET", link) for _ in range(60)]

    assert {(page.status, page.body.count("<button")) for page in pages} == {(200, 1)}
    assert 20 <= len(asked) < 60
    assert (await site.ask("POST", link)).status == 200


async def test_a_link_that_is_posted_without_end_has_stopped_before_it_is_refused(database: Database) -> None:
    world, site, link = await an_email_with_a_link(database)

    answers = [await site.ask("POST", link) for _ in range(60)]

    assert [answer.status for answer in answers[:20]] == [200] * 20
    assert "retry-after" in answers[-1].headers
    assert (answers[-1].status, answers[-1].body.count("<button")) == (429, 1)
    assert await world.asks(CLOSED) == 1


async def test_what_could_not_be_stopped_counts_as_no_stop(database: Database) -> None:
    world, _, link = await an_email_with_a_link(database)
    site = Site(world, database=world.away)

    assert {(await site.ask("POST", link)).status for _ in range(60)} == {503}


async def test_a_request_hidden_in_the_body_of_another_is_not_heard(database: Database) -> None:
    world, site, link = await an_email_with_a_link(database)
    hidden = f"POST {link} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
    lengths = [
        f"Content-Length: {len(hidden)}",
        f"Content-Length: 0\r\nContent-Length: {len(hidden)}",
        f"Content-Length: +0\r\nContent-Length: {len(hidden)}",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: xchunked",
    ]

    async with serving(site.app, host="127.0.0.1", port=0) as port:
        for length in lengths:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"GET {link} HTTP/1.1\r\nHost: x\r\n{length}\r\n\r\n{hidden}".encode())
            writer.write_eof()
            assert (await reader.read()).count(b"HTTP/1.1 200") <= 1, length
            writer.close()

    assert await world.asks(CLOSED) == 0
