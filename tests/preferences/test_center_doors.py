"""The doors of the center: links that do not work, forms that are not ours, tries, floods, hostile fields."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import date, timedelta

import aiohttp
import pytest
from yarl import URL

from foundation.clock import ManualClock
from foundation.database import Connection, Database, DatabaseUnavailable
from preferences.center.revoking import revoke_links
from preferences.http.public import RateLimits
from preferences.pages.forms import FORMS, Action
from preferences.store import light_checks
from preferences.store.entries import read_entries
from schemas.links import LinkKey
from tests.preferences.stories import ADA, EMAIL, NOW, SMS, happened, hears, latest
from tests.preferences.visitors import (
    BIRTH_YEAR,
    KEY,
    OLD_KEY,
    POSTAL_CODE,
    Browser,
    Page,
    center,
    link_of,
    meets_ada,
)
from tests.support.eventually import eventually
from tests.support.hostile import TEXTS
from tests.support.staff import STAFF

pytestmark = pytest.mark.migrated("preferences")

BOBS = "+13035550177"
OTHER_KEY = LinkKey("another key that both services hold, as long")
#: What no field of a form is meant to hold.
HOSTILE = (
    *TEXTS.values(),
    "{{ 7 * 7 }}",
    "0000-00-00",
    "2026-02-30",
    "9999-12-31",
    "25:99",
    "../../etc/passwd",
    "\r\nSet-Cookie: a=b",
)


async def count(database: Database) -> int:
    async with database.reading() as connection:
        return len((await read_entries(connection, [ADA])).get(ADA, ()))


def same(pages: Sequence[Page]) -> bool:
    return len({(page.status, page.text) for page in pages}) == 1


async def test_a_link_that_does_not_work_gets_one_answer_whatever_it_is(database: Database) -> None:
    await meets_ada(database)
    await hears(database, happened("person.changed", to="person-2", emails=[{"address": "bob@example.com"}]))
    await revoke_links("person-2", actor=STAFF, database=database, clock=ManualClock(NOW))
    token = link_of()
    links = [
        "/p/" + "A" * 28,
        "/p/short",
        "/p/" + "A" * 500,
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        link_of(key=OTHER_KEY),
        link_of(person="nobody"),
        link_of("+13035550199"),
        link_of(until=date(2026, 11, 23)),
        link_of("bob@example.com", person="person-2"),
        "/p/%00",
        "/p/..%2f..%2fetc",
    ]
    async with center(database) as served:
        shown: list[Page] = []
        posted: list[Page] = []
        for link in links:
            async with served.browser(link) as stranger:
                shown.append(await stranger.get())
                posted.append(await stranger.get("/pause"))
                stranger.form_key = "any"
                posted.append(await stranger.post("stop"))

    assert same([*shown, *posted])
    assert shown[0].status == 404
    assert await count(database) == 1


async def test_a_link_works_through_its_last_day(database: Database) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser(link_of(until=NOW.date())) as stranger:
        assert (await stranger.get()).status == 200


async def test_a_link_of_the_key_before_works_for_the_rest_of_its_life_and_is_revoked_like_others(
    database: Database,
) -> None:
    await meets_ada(database)
    old, expired = link_of(key=OLD_KEY), link_of(key=OLD_KEY, until=date(2026, 11, 23))
    async with center(database) as served, served.browser(old) as ada:
        stopped = await ada.post("stop")
        async with served.browser(expired) as other:
            late = await other.get()
        await revoke_links(ADA, actor=STAFF, database=database, clock=ManualClock(NOW))
        revoked = await ada.get()

    assert (stopped.status, late.status, revoked.status) == (200, 404, 404)
    assert len((await latest(database)).opt_outs) == 1


async def test_a_link_that_was_revoked_takes_with_it_who_had_passed_the_check(database: Database) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser() as ada:
        await ada.unlock()
        await revoke_links(ADA, actor=STAFF, database=database, clock=ManualClock(NOW))

        assert (await ada.get()).status == 404
        assert (await ada.post("stop-all")).status == 404


async def test_every_answer_keeps_to_itself(database: Database) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser() as stranger:
        await stranger.get()
        await stranger.post("stop")
        await stranger.get("/nothing/at/all")
        async with served.browser("/p/unknown") as other:
            await other.get()
            pages = [*stranger.seen, *other.seen]

    for page in pages:
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert "<script" not in page.text
        assert "http://" not in page.text.replace("http://www.w3.org", "")
        assert "https://" not in page.text


async def test_the_one_cookie_is_of_one_link_and_of_no_other_site(database: Database) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser() as stranger:
        cookie = (await stranger.get()).headers["Set-Cookie"]

    assert cookie.startswith("form=")
    assert {"HttpOnly", f"Path={link_of()}", "SameSite=strict"} <= set(cookie.split("; "))


async def test_behind_tls_the_cookie_is_one_that_browsers_take_from_nobody_without(
    database: Database,
) -> None:
    await meets_ada(database)
    async with center(database, is_private=True) as served, served.browser() as ada:
        page = await ada.get()
        cookie = page.headers["Set-Cookie"]
        # The jar gives back nothing that is Secure to a page without TLS, as the proxy speaks to us.
        name, _, value = cookie.partition(";")[0].partition("=")
        form = {"form": ada.form_key}
        wrong = await ada.session.post(
            f"{served.url}{ada.path}/not-me", data=form, headers={"Cookie": f"form={value}"}
        )
        right = await ada.session.post(
            f"{served.url}{ada.path}/not-me", data=form, headers={"Cookie": f"{name}={value}"}
        )

    assert name == "__Secure-form"
    assert {"Secure", "HttpOnly", f"Path={link_of()}", "SameSite=strict"} <= set(cookie.split("; "))
    assert (wrong.status, right.status) == (403, 200)
    assert await count(database) == 3


async def posts_of_another(browser: Browser, form_key: str) -> Page:
    browser.form_key = form_key
    return await browser.post("not-me")


async def test_a_form_without_the_cookie_it_belongs_to_changes_nothing(database: Database) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser() as ada, served.browser() as other:
        await ada.get()
        await other.get()

        pages = [
            await posts_of_another(other, ada.form_key),
            await posts_of_another(other, " "),
            await posts_of_another(other, "\x00\ud800é".encode("utf-8", "replace").decode()),
        ]
        other.session.cookie_jar.clear()
        pages.append(await posts_of_another(other, other.seen[0].text[-22:]))

    assert [page.status for page in pages] == [403] * 4
    assert await count(database) == 1


async def test_the_cookie_of_one_link_opens_no_other(database: Database) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser() as ada:
        await ada.unlock()
        (cookie,) = [cookie.value for cookie in ada.session.cookie_jar]
        async with served.browser(link_of(EMAIL)) as other:
            page = await other.get(Cookie=f"form={cookie}")

    assert "/stop-all?" not in page.text


async def test_the_check_is_passed_by_whoever_knows_both_facts_and_for_half_an_hour(
    database: Database,
) -> None:
    await meets_ada(database)
    clock = ManualClock(NOW)
    async with center(database, clock=clock) as served, served.browser() as ada:
        page = await ada.unlock(postal_code="80202-1234")
        clock.advance(timedelta(minutes=30))
        later = await ada.get()

    assert ("/stop-all?" in page.text, "/stop-all?" in later.text) == (True, False)


@pytest.mark.parametrize(
    ("postal_code", "birth_year"), [("80203", BIRTH_YEAR), (POSTAL_CODE, "1971"), ("80203", "1971")]
)
async def test_a_wrong_answer_says_nothing_of_which(
    database: Database, postal_code: str, birth_year: str
) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser() as stranger:
        page = await stranger.unlock(postal_code=postal_code, birth_year=birth_year)

    assert page.status == 422
    assert page.text.count("That is not what we have") == 1
    assert "/stop-all?" not in page.text


async def test_tries_get_slower_and_end_and_staff_see_whom_it_locks_out(database: Database) -> None:
    await meets_ada(database)
    clock = ManualClock(NOW)
    async with center(database, clock=clock) as served, served.browser() as stranger:
        for wait in (2, 10, 60, 300):
            await stranger.unlock(birth_year="1971")
            clock.advance(timedelta(seconds=wait) - timedelta(milliseconds=1))
            # Too early: it is not even looked at.
            assert "/stop-all?" not in (await stranger.unlock()).text
            clock.advance(timedelta(milliseconds=1))
        await stranger.unlock(birth_year="1971")
        clock.advance(timedelta(hours=23))
        closed = await stranger.unlock()
        stopped = await stranger.post("stop")

    assert "This part is shut for now" in closed.text
    assert stopped.status == 200
    async with database.reading() as connection:
        (locked,) = await light_checks.list_locked(connection, now=clock.now(), limit=10)
        assert (
            await light_checks.list_locked(connection, now=clock.now() + timedelta(hours=2), limit=10) == []
        )
    assert (locked.person_id, locked.wrong) == (ADA, 5)
    assert len((await latest(database)).opt_outs) == 1


async def test_many_tries_at_once_are_one_and_the_rest_is_not_looked_at(database: Database) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser() as stranger:
        await stranger.get()
        years = [str(year) for year in range(1950, 1960)]
        await asyncio.gather(*(stranger.unlock(birth_year=year) for year in years))
        # The true answer, at the same instant, is looked at no more than another.
        page = await stranger.unlock()

    assert "/stop-all?" not in page.text
    async with database.reading() as connection:
        counted = await light_checks.find_count(connection, ADA)
    assert counted is not None
    assert counted.wrong == 1


async def test_without_published_facts_or_their_key_there_is_no_check_and_no_way_around_it(
    database: Database,
) -> None:
    await meets_ada(database, has_facts=False)
    async with center(database) as served, served.browser() as stranger:
        page = await stranger.get()
        tried = await stranger.unlock()

    assert "birth_year" not in page.text
    assert "/stop-all?" not in tried.text
    await hears(database, happened("person.changed", light_check={"birth_year": "0" * 64}))
    async with center(database, check_key=None) as served, served.browser() as stranger:
        assert "birth_year" not in (await stranger.get()).text
        assert "/stop-all?" not in (await stranger.unlock()).text


async def test_whoever_asks_too_often_is_told_to_wait_and_others_are_not(database: Database) -> None:
    await meets_ada(database)
    slow = RateLimits(per_address=1000, per_link=0.0001)
    async with center(database, limits=slow) as served:
        async with served.browser() as greedy:
            first, second = await greedy.get(), await greedy.get()
        async with served.browser(link_of(EMAIL)) as other:
            assert (await other.get()).status == 200

    assert (first.status, second.status) == (200, 429)
    assert "Retry-After" in second.headers
    few = RateLimits(per_address=0.0001, per_link=1000)
    async with center(database, limits=few) as served, served.browser() as greedy:
        assert [(await greedy.get()).status for _ in range(2)] == [200, 429]
        # Who asks this takes the center out of service by the answer.
        async with served.browser("/health") as watching:
            assert (await watching.get("/live")).status == 200


@pytest.mark.parametrize("action", [action for action in Action if len(FORMS[action].model_fields) > 1])
async def test_hostile_fields_are_told_or_kept_and_never_an_error(database: Database, action: Action) -> None:
    await meets_ada(database)
    names = [name for name in FORMS[action].model_fields if name != "action"]
    async with center(database) as served, served.browser() as ada:
        await ada.unlock()
        for text in HOSTILE:
            # As much of it as one form may hold, and as browsers write half of a pair.
            written = text[:10_000].encode("utf-8", "replace").decode()
            page = await ada.post(action, dict.fromkeys(names, written))
            assert page.status in {200, 409, 422, 403}, (action, text[:40])
            assert "<script>alert" not in page.text
        await ada.post(action, {name: ["sms", "email"] for name in names} | {"x" * 300: "y"})

    known = await latest(database)
    assert known.language in {"en", "es"}


PLACES = [
    "/done/%00",
    "/done/a%00b",
    "/done/%ff%fe",
    f"/done/{'x' * 3000}",
    "/done/",
    "/%00",
    "/talk%00",
    "?lang=%00&lang=es&lang=tlh",
]


async def test_no_address_that_anybody_may_write_is_an_error(database: Database) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser() as ada:
        await ada.unlock()
        for place in PLACES:
            url = URL(f"{served.url}{ada.path}{place}", encoded=True)
            async with ada.session.get(url, headers={"Accept-Language": "\u00ff,;q=x"}) as answer:
                assert (answer.status, "<h1>" in await answer.text()) == (200, True), place


async def test_no_form_without_its_fields_and_no_other_kind_of_form_is_an_error(database: Database) -> None:
    await meets_ada(database)
    file = aiohttp.FormData({"wish": "stop"}, default_to_multipart=True)
    async with center(database) as served, served.browser() as ada:
        await ada.unlock()
        for action in (Action.CHANNELS, Action.HOURS, Action.LANGUAGE, Action.PAUSE, Action.UNLOCK):
            assert (await ada.post(action)).status == 422, action
        assert (await ada.post(Action.UNDO)).status == 403
        async with ada.session.post(f"{served.url}{ada.path}/channels", data=file) as answer:
            assert answer.status == 403
        async with ada.session.post(f"{served.url}{ada.path}/talk", data={"said": "x" * 70_000}) as answer:
            assert answer.status == 413

    assert await count(database) == 1


async def test_what_another_person_chose_is_neither_shown_nor_taken_back(database: Database) -> None:
    await meets_ada(database)
    await hears(database, happened("person.changed", to="bob", phones=[{"number": BOBS, "kind": "mobile"}]))
    async with center(database) as served, served.browser(link_of(BOBS, person="bob")) as bob:
        theirs = await bob.post("not-me", {"said": "I am Bob"})
        async with served.browser() as ada:
            await ada.unlock()
            shown = await ada.get(f"/done/{theirs.change}")
            undone = await ada.post("undo", {"change": [theirs.change, theirs.change]})

    assert ("I am Bob" in shown.text, shown.path) == (False, link_of())
    assert "cannot be undone here" in undone.text
    assert [out.address for out in (await latest(database, "bob")).opt_outs] == [BOBS]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=b" % number for number in range(5000)), "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"form=%ZZ&said=%", "application/x-www-form-urlencoded"),
    ],
)
async def test_what_is_no_form_of_ours_changes_nothing(database: Database, content: bytes, kind: str) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser() as stranger:
        await stranger.get()
        async with stranger.session.post(
            f"{served.url}{link_of()}/talk", data=content, headers={"Content-Type": kind}
        ) as answer:
            assert answer.status == 403

    assert await count(database) == 1


class HeldDatabase(Database):
    """Nobody who asks is answered before the test says so; `asked` tells how many wait or were answered."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.connections)
        self.may_answer = asyncio.Event()
        self.asked = 0

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        self.asked += 1
        await self.may_answer.wait()
        async with super().reading() as connection:
            yield connection


async def test_where_too_many_look_at_once_the_rest_is_told_at_once_and_a_stop_is_let_in(
    database: Database,
) -> None:
    await meets_ada(database)
    held = HeldDatabase(database)
    async with center(held) as served, served.browser() as ada:
        looks = [asyncio.create_task(ada.get()) for _ in range(64)]
        await eventually(lambda: held.asked == 64)

        late = await ada.get()
        stop = asyncio.create_task(ada.session.post(f"{served.url}{ada.path}/stop"))
        await eventually(lambda: held.asked == 65)
        held.may_answer.set()

        assert (late.status, "cannot do it just now" in late.text) == (503, True)
        assert "Retry-After" in late.headers
        assert {(await look).status for look in looks} == {200}
        assert (await stop).status == 200
        assert (await ada.get()).status == 200
    assert [out.address for out in (await latest(database)).opt_outs] == [SMS]


class AwayDatabase(Database):
    """Nobody answers."""

    def reading(self) -> AbstractAsyncContextManager[Connection]:  # type: ignore[override]
        raise DatabaseUnavailable("away")


async def test_while_the_database_is_away_the_page_says_that_nothing_was_changed(database: Database) -> None:
    async with center(AwayDatabase(database.connections)) as served, served.browser() as stranger:
        page = await stranger.get()

    assert page.status == 503
    assert "cannot do it just now" in page.text


def test_a_token_tells_nobody_whose_it_is() -> None:
    token = link_of().removeprefix("/p/")

    assert not any(part in token for part in (ADA, "303", "555", "0123"))
    assert token != KEY.sign("person-2", EMAIL, revoked_at=None, expires_on=date(2027, 5, 23))
