"""The center may die at any moment of a tap; whoever taps again ends as if nobody had died."""

import pytest

from foundation.database import Database
from preferences.center import choosing
from preferences.center.checking import answer_check
from preferences.center.opening import OpenLink
from preferences.center.revoking import revoke_links
from preferences.pages.forms import Form, NotMeForm, StopAllForm
from preferences.store import light_checks
from preferences.store.choices import Choice
from preferences.store.entries import read_entries
from preferences.store.links import Place
from schemas.light_check import Fact
from schemas.provenance import Evidence
from tests.preferences.stories import NOW, SMS, happened, hears, latest
from tests.preferences.test_crashes import CLOCK, LATER, story_of
from tests.preferences.visitors import CHECK_KEY, facts_of
from tests.support.mortal import Work, ends_everywhere
from tests.support.staff import staff

pytestmark = pytest.mark.migrated("preferences")


TAPS: dict[str, Form] = {"a stop of everything": StopAllForm(), "not me": NotMeForm(said="I am Bob")}
SEEN = Evidence(kind="page", reference="center-1-en-tap", wording="What the page said.")


def link_to(person: str) -> OpenLink:
    return OpenLink(token="t" * 28, place=Place(person, SMS))


async def taps(form: Form, person: str, on: Database) -> Choice:
    return await choosing.choose(
        form,
        link_to(person),
        is_known=True,
        today=NOW.date(),
        evidence=SEEN,
        session=b"",
        database=on,
        clock=CLOCK,
    )


async def takes_back(choice: Choice, on: Database) -> Choice | None:
    return await choosing.undo(
        choice.choice_id, link_to(choice.person_id), is_known=True, evidence=SEEN, database=on, clock=LATER
    )


@pytest.mark.parametrize("name", TAPS)
async def test_a_choice_that_dies_is_whole_or_not_there_and_tapped_again_it_is_made_once(
    database: Database, name: str
) -> None:
    async def begin(person: str) -> Work:
        await hears(database, happened("person.changed", to=person, phones=[{"number": SMS}]))
        return lambda mortal: taps(TAPS[name], person, mortal)

    fates = await ends_everywhere(
        database, begin=begin, again=lambda person: taps(TAPS[name], person, database)
    )

    *_, (undisturbed, fate) = fates.items()
    assert fate.places == {"preferences/center/choosing.py choose"}
    expected = await story_of(database, undisturbed)
    async with database.reading() as connection:
        entries = await read_entries(connection, list(fates))
        kept = await connection.fetchval("SELECT count(*) FROM choices")
    for person in fates:
        assert await story_of(database, person) == expected, f"it ended at {fates[person].moments[-1]}"
        assert len(entries[person]) == len(entries[undisturbed]) > 2
    assert kept == len(fates)


@pytest.mark.parametrize("name", TAPS)
async def test_taking_back_that_dies_is_whole_or_not_there_and_asked_again_it_is_done_once(
    database: Database, name: str
) -> None:
    made: dict[str, Choice] = {}

    async def begin(person: str) -> Work:
        await hears(database, happened("person.changed", to=person, phones=[{"number": SMS}]))
        made[person] = await taps(TAPS[name], person, database)
        return lambda mortal: takes_back(made[person], mortal)

    fates = await ends_everywhere(
        database, begin=begin, again=lambda person: takes_back(made[person], database)
    )

    *_, (undisturbed, fate) = fates.items()
    assert fate.places == {"preferences/center/choosing.py undo"}
    expected = await story_of(database, undisturbed)
    assert (await latest(database, undisturbed)).opt_outs == ()
    for person in fates:
        assert await story_of(database, person) == expected, f"it ended at {fates[person].moments[-1]}"
        assert await takes_back(made[person], database) is None


async def test_an_answer_to_the_light_check_that_dies_is_counted_once_or_not_at_all(
    database: Database,
) -> None:
    """Whoever's answer died gave one more: no death lets anybody try more often."""
    wrong: dict[Fact, str] = {"birth_year": "1971"}

    async def answers(person: str, on: Database) -> None:
        async with on.transaction() as connection:
            await answer_check(connection, person, wrong, key=CHECK_KEY, now=NOW)

    async def begin(person: str) -> Work:
        await hears(database, happened("person.changed", to=person, light_check=facts_of(person)))
        return lambda mortal: answers(person, mortal)

    fates = await ends_everywhere(database, begin=begin, again=lambda person: answers(person, database))

    async with database.reading() as connection:
        counts = [await light_checks.find_count(connection, person) for person in fates]
    assert [count.wrong for count in counts if count is not None] == [1] * len(fates)


async def test_a_revocation_that_dies_is_whole_or_not_there(database: Database) -> None:
    async def revokes(person: str, on: Database) -> None:
        await revoke_links(person, actor=staff("eve"), database=on, clock=CLOCK)

    async def begin(person: str) -> Work:
        await hears(database, happened("person.changed", to=person, language="en"))
        return lambda mortal: revokes(person, mortal)

    fates = await ends_everywhere(database, begin=begin, again=lambda person: revokes(person, database))

    *_, fate = fates.values()
    assert fate.places == {"preferences/center/revoking.py revoke_links"}
    async with database.reading() as connection:
        entries = await read_entries(connection, list(fates))
        acts = await connection.fetch("SELECT subject FROM acts WHERE act = 'revoke links'")
    assert {person: len(said) for person, said in entries.items()} == dict.fromkeys(fates, 2)
    assert {row["subject"] for row in acts} == set(fates)
