"""The page behind a link: what a stranger may see, and what each choice is before the page says so."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from foundation.clock import ManualClock
from foundation.database import Database
from preferences.ledger.rebuild import differing
from preferences.pages.forms import Action
from preferences.store.entries import read_entries
from schemas.people import PersonSnapshot
from tests.preferences.stories import ADA, EMAIL, NOW, SMS, happened, hears, latest, snapshots
from tests.preferences.visitors import center, link_of, meets_ada

pytestmark = pytest.mark.migrated("preferences")

#: What nobody may read who has not passed the light check.
SECRETS = ("Ada", "Example", EMAIL, "0188", SMS, SMS[-4:], "Denver", ADA)


async def said(database: Database, *, since: int = 0) -> list[Any]:
    async with database.reading() as connection:
        return (await read_entries(connection, [ADA]))[ADA][since:]


def without_version(known: PersonSnapshot) -> dict[str, Any]:
    return known.model_dump(exclude={"version", "changed_at", "lifted", "lifted_holds"})


async def test_a_stranger_sees_how_to_stop_and_nothing_of_the_person(database: Database) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser() as stranger:
        page = await stranger.get()

    assert page.status == 200
    assert "/stop?" in page.text
    assert [secret for secret in SECRETS if secret in page.text] == []


async def test_a_stop_is_an_entry_of_the_persons_own_before_the_page_says_so(database: Database) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser() as stranger:
        page = await stranger.post("stop")

    (entry,) = await said(database, since=1)
    assert (entry.type, entry.data) == ("consent.withdrawn.v1", {"channel": "sms", "address": SMS})
    assert (entry.said_by, entry.way, entry.caller) == ("person", "page", "preference center")
    (proof,) = entry.evidence
    told = "We will send no more texts to this number."
    assert (proof["kind"], told in proof["wording"], told in page.text) == ("page", True, True)
    assert proof["reference"].endswith("-en-stop")
    assert [(out.channel, out.address) for out in (await latest(database)).opt_outs] == [("sms", SMS)]
    assert page.path.startswith(f"{link_of()}/done/")


async def test_a_stop_needs_no_cookie(database: Database) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser() as stranger:
        stranger.form_key = "none"
        page = await stranger.post("stop")

    assert (page.status, len((await latest(database)).opt_outs)) == (200, 1)


async def test_undoing_a_stop_opens_what_it_closed_and_nothing_else(database: Database) -> None:
    await meets_ada(database)
    await hears(database, happened("consent.withdrawn", channel="sms", address="+13035550188"))
    clock = ManualClock(NOW)
    async with center(database, clock=clock) as served, served.browser() as stranger:
        page = await stranger.post("stop")
        clock.advance(timedelta(hours=23))

        undone = await stranger.undo(page)

    known = await latest(database)
    assert [out.address for out in known.opt_outs] == ["+13035550188"]
    assert len(known.lifted) == 1
    assert undone.status == 200
    entry = (await said(database))[-1]
    assert (entry.type, entry.said_by, entry.way) == ("suppression.lifted.v1", "person", "page")
    assert entry.evidence[0]["kind"] == "page"
    assert [page async for page in differing(database=database, clock=clock)] == [[]]


async def test_after_a_day_nothing_is_undone_and_the_page_says_so(database: Database) -> None:
    await meets_ada(database)
    clock = ManualClock(NOW)
    async with center(database, clock=clock) as served, served.browser() as stranger:
        page = await stranger.post("stop")
        clock.advance(timedelta(days=1))

        late = await stranger.undo(page)
        again = await stranger.get(page.path.removeprefix(stranger.path))

    assert late.status == 409
    assert 'name="change"' not in again.text
    assert len((await latest(database)).opt_outs) == 1


async def test_what_was_undone_is_undone_once(database: Database) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser() as stranger:
        page = await stranger.post("stop")
        await stranger.undo(page)
        entries = len(await said(database))

        assert (await stranger.undo(page)).status == 409

    assert len(await said(database)) == entries


async def test_who_taps_twice_means_it_once(database: Database) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser() as stranger:
        first = await stranger.post("not-me", {"said": "Wrong number"})
        second = await stranger.post("not-me", {"said": "Wrong number"})

        assert first.path == second.path
        await stranger.undo(second)

    known = await latest(database)
    assert (known.opt_outs, known.holds) == ((), ())


@pytest.mark.parametrize(
    ("action", "one", "other", "is_so"),
    [
        (
            "channels",
            {"channel": "sms", "wish": "stop"},
            {"channel": "sms", "wish": "allow"},
            lambda known: known.refused_channels == ("sms",),
        ),
        ("pause", {"span": "two_weeks"}, {"span": "end"}, lambda known: known.pause_until is not None),
        ("language", {"language": "es"}, {"language": "en"}, lambda known: known.language == "es"),
    ],
    ids=["stop, allow, stop", "pause, go on, pause", "Spanish, English, Spanish"],
)
async def test_whoever_changes_their_mind_twice_in_a_minute_has_what_they_said_last(
    database: Database,
    action: str,
    one: dict[str, str],
    other: dict[str, str],
    is_so: Callable[[PersonSnapshot], bool],
) -> None:
    await meets_ada(database)
    clock = ManualClock(NOW)
    async with center(database, clock=clock) as served, served.browser() as ada:
        await ada.unlock()
        for fields in (one, other, one):
            await ada.post(action, fields)
            clock.advance(timedelta(seconds=20))

    assert is_so(await latest(database))


@pytest.mark.parametrize("was_closed", [True, False], ids=["closed before", "open before"])
async def test_a_stop_after_a_start_by_text_is_no_second_tap(database: Database, *, was_closed: bool) -> None:
    await meets_ada(database)
    clock = ManualClock(NOW)
    if was_closed:
        await hears(database, happened("consent.withdrawn", channel="sms", address=SMS))
    async with center(database, clock=clock) as served, served.browser() as stranger:
        await stranger.post("stop")
        clock.advance(timedelta(minutes=2))
        for closed in (await latest(database)).opt_outs:
            at = clock.now().isoformat()
            lifted = {"suppression_id": closed.opt_out_id, "channel": "sms", "address": SMS, "at": at}
            await hears(database, happened("suppression.lifted", at, **lifted), now=clock.now())
        opened = (await latest(database)).opt_outs
        clock.advance(timedelta(minutes=2))
        await stranger.post("stop")

    assert opened == ()
    assert [closed.address for closed in (await latest(database)).opt_outs] == [SMS]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_looking_changes_nothing(database: Database, method: str) -> None:
    await meets_ada(database)
    told = len(await snapshots(database))
    async with center(database) as served, served.browser() as scanner:
        for place in ("", *(f"/{action}" for action in Action), "/done/none", "/nothing"):
            assert (await scanner.get(place, method=method)).status == 200

    assert (len(await snapshots(database)), len(await said(database))) == (told, 1)


#: What the person asks for after the light check, and what is known of them then.
CHOICES: dict[str, tuple[str, Mapping[str, str | Sequence[str]], Mapping[str, Any]]] = {
    "everything stopped": (
        "stop-all",
        {},
        {"opt_outs": [("sms", None), ("email", None), ("voice", None)]},
    ),
    "no texts": ("channels", {"channel": "sms", "wish": "stop"}, {"refused_channels": ("sms",)}),
    "email first": ("channels", {"channel": "email", "wish": "first"}, {"preferred_channels": ("email",)}),
    "days and hours": (
        "hours",
        {"days": ["mon", "wed"], "begins": "10:00", "ends": "17:30"},
        {"contact_days": ("mon", "wed"), "quiet_hours": ("17:30", "10:00")},
    ),
    "until midnight": (
        "hours",
        {"days": ["sun"], "begins": "12:00", "ends": "24:00"},
        {"contact_days": ("sun",), "quiet_hours": ("00:00", "12:00")},
    ),
    "Spanish": ("language", {"language": "es"}, {"language": "es"}),
    "a pause": ("pause", {"span": "two_weeks"}, {"pause_until": "2026-12-08"}),
    "a pause until a day": (
        "pause",
        {"span": "until", "until": "2027-01-15"},
        {"pause_until": "2027-01-15"},
    ),
    "hard times": (
        "hardship",
        {"said": "Lost my job"},
        {"asked": [(("hardship",), "Lost my job", None, None)]},
    ),
    "a talk": (
        "talk",
        {"day": "2026-11-27", "part": "morning", "said": ""},
        {"asked": [(("call_me",), "", "2026-11-27", "morning")]},
    ),
    "a dispute": (
        "dispute",
        {"said": "Paid in May"},
        {"asked": [(("dispute",), "Paid in May", None, None)]},
    ),
}


def drawn(known: PersonSnapshot) -> dict[str, Any]:
    """Return what choices change, in words that a test can hold."""
    quiet = known.quiet_hours
    return {
        "opt_outs": [(out.channel, out.address) for out in known.opt_outs],
        "refused_channels": known.refused_channels,
        "preferred_channels": known.preferred_channels,
        "contact_days": known.contact_days,
        "quiet_hours": None if quiet is None else (quiet.begins, quiet.ends),
        "language": known.language,
        "pause_until": None if known.pause_until is None else known.pause_until.isoformat(),
        "asked": [
            (asked.kinds, asked.text, None if asked.day is None else asked.day.isoformat(), asked.part_of_day)
            for hold in known.holds
            if (asked := hold.asked) is not None
        ],
    }


@pytest.mark.parametrize("name", CHOICES)
async def test_each_choice_takes_effect_at_once_and_can_be_taken_back(database: Database, name: str) -> None:
    action, fields, expected = CHOICES[name]
    await meets_ada(database)
    before = await latest(database)
    clock = ManualClock(NOW)
    async with center(database, clock=clock) as served, served.browser() as ada:
        await ada.unlock()
        done = await ada.post(action, fields)
        known = await latest(database)
        undone = await ada.undo(done)

    got, was = drawn(known), drawn(before)
    assert {name: sorted(got[name]) if name == "opt_outs" else got[name] for name in expected} == {
        name: sorted(value) if name == "opt_outs" else value for name, value in expected.items()
    }
    assert {name: value for name, value in got.items() if name not in expected} == {
        name: value for name, value in was.items() if name not in expected
    }
    assert (done.status, undone.status) == (200, 200)
    assert without_version(await latest(database)) == without_version(before)
    assert {entry.way for entry in (await said(database))[1:]} == {"page"}


async def test_a_pause_that_another_one_followed_is_not_taken_back(database: Database) -> None:
    await meets_ada(database)
    clock = ManualClock(NOW)
    async with center(database, clock=clock) as served, served.browser() as ada:
        await ada.unlock()
        first = await ada.post("pause", {"span": "two_weeks"})
        clock.advance(timedelta(minutes=1))
        await ada.post("pause", {"span": "month"})

        late = await ada.undo(first)

    assert late.status == 409
    assert str((await latest(database)).pause_until) == "2026-12-24"


async def test_any_time_takes_all_limits_away(database: Database) -> None:
    await meets_ada(database)
    window = {"days": ["mon"], "begins": "09:00", "ends": "12:00"}
    await hears(database, happened("person.changed", contact_days=["mon"], inconvenient=[window]))
    async with center(database) as served, served.browser() as ada:
        await ada.unlock()
        await ada.post("hours", {"any_time": "true"})

    known = await latest(database)
    assert (known.contact_days, known.quiet_hours, known.inconvenient) == ((), None, ())


async def test_what_the_person_closed_they_open_again_and_nobody_elses_address(database: Database) -> None:
    await meets_ada(database)
    await hears(
        database,
        happened("consent.withdrawn", channel="sms"),
        happened("consent.withdrawn", channel="sms", address="+13035550188"),
        happened(
            "suppression.recorded",
            suppression_id="s-1",
            channel="email",
            kind="unreachable",
            address=EMAIL,
            origin="provider",
            at=NOW,
        ),
    )
    async with center(database) as served, served.browser() as ada:
        await ada.unlock()
        await ada.post("channels", {"channel": "sms", "wish": "allow"})

    known = await latest(database)
    assert sorted((out.channel, out.address) for out in known.opt_outs) == [
        ("email", EMAIL),
        ("sms", "+13035550188"),
    ]


async def test_not_me_closes_the_address_and_asks_a_human(database: Database) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser() as stranger:
        page = await stranger.post("not-me", {"said": "I am Bob"})

    known = await latest(database)
    (hold,) = known.holds
    assert [(out.channel, out.address) for out in known.opt_outs] == [("sms", SMS)]
    assert hold.asked is not None
    assert (hold.kind, hold.asked.kinds, hold.asked.text) == ("with_human", ("wrong_person",), "I am Bob")
    assert [secret for secret in SECRETS if secret in page.text] == []


async def test_what_is_the_persons_alone_needs_the_light_check(database: Database) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser() as stranger:
        for action, fields, _ in CHOICES.values():
            if action != "talk":
                page = await stranger.post(action, fields)
                assert (page.status, page.path) == (200, link_of())

    assert len(await said(database)) == 1


async def test_what_was_chosen_after_the_check_is_shown_to_no_stranger_and_undone_by_none(
    database: Database,
) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser() as ada, served.browser() as stranger:
        await ada.unlock()
        done = await ada.post("hardship", {"said": "Lost my job"})

        shown = await stranger.get(done.path.removeprefix(stranger.path))
        undone = await stranger.post("undo", {"change": "another"})

    assert ("Lost my job" in done.text, "Lost my job" in shown.text) == (True, False)
    assert shown.path == link_of()
    assert undone.status == 409
    assert len((await latest(database)).holds) == 1


async def test_what_was_chosen_after_the_check_can_be_taken_back_for_a_day_without_another(
    database: Database,
) -> None:
    await meets_ada(database)
    clock = ManualClock(NOW)
    async with center(database, clock=clock) as served, served.browser() as ada:
        await ada.unlock()
        done = await ada.post("hardship", {"said": "Lost my job"})
        clock.advance(timedelta(hours=23))

        undone = await ada.undo(done)

    assert (undone.status, undone.path, "Lost my job" in undone.text) == (200, done.path, False)
    assert (await latest(database)).holds == ()


async def test_a_stop_by_an_email_closes_that_email(database: Database) -> None:
    await meets_ada(database)
    async with center(database) as served, served.browser(link_of(EMAIL.upper())) as stranger:
        await stranger.post("stop")

    assert [(out.channel, out.address) for out in (await latest(database)).opt_outs] == [("email", EMAIL)]
