"""The link to the preference center: where it is written, and what people ask a human for behind it."""

import re
from datetime import timedelta
from typing import Any

import pytest

from foundation.database import Database
from outreach.desk.answering import CannotAnswer, answer_person
from outreach.desk.waiting import list_people_waiting
from outreach.listening.replies import bind_reply, bind_waiting
from outreach.listening.reply import Reply
from outreach.model.outcome import NotSent
from outreach.model.words import Channel
from outreach.sending.compose import CenterLinks
from outreach.store import replies
from outreach.wording.render import Rendered, RenderedSms, render
from schemas.links import LinkKey, read_token
from tests.support.staff import STAFF
from tests.support.world import World, guidance_of, texts

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"
KEY = LinkKey("a key that both services hold, of some length")
SMS = "+13125550142"
WISH = "Would like to talk on Thursday 05 March 2026, in the afternoon, on their own clock."
LINK = re.compile(r"https://choices\.example\.com/p/(\S{28})(?!\S)")


def the_world(database: Database) -> World:
    world = World(database, now=MORNING)
    world.center = CenterLinks(url="https://choices.example.com", key=KEY, last=timedelta(days=180))
    return world


def asks(hold_id: str = "page:1", *kinds: str, **more: Any) -> dict[str, Any]:
    """Return the hold that somebody's asking for a human is, as preferences tells it."""
    asked = {"kinds": list(kinds) or ["call_me"], "channel": "sms", "address": SMS, **more}
    return {"hold_id": hold_id, "kind": "with_human", "since": "2026-03-02T14:59:00Z", "asked": asked}


async def binds(world: World) -> int:
    return await bind_waiting(database=world.database, clock=world.clock, playbook=world.guidance.playbook)


async def test_the_first_text_to_a_number_carries_a_link_of_theirs_and_no_later_one(
    database: Database,
) -> None:
    world = the_world(database)
    await world.person(email=None)
    await world.has_a_text_due()
    await world.works()
    world.clock.advance(timedelta(days=8))
    await world.has_a_text_due(debt_id="d2")
    await world.works()

    first, second = texts(world.sms.sent)
    (token,) = LINK.findall(first)
    said = read_token(token)
    assert said is not None
    assert KEY.proves(said, "ada", SMS, revoked_at=None)
    assert said.expires_on.isoformat() == "2026-08-29"
    assert LINK.findall(second) == []


NEW = "+13125550177"


async def test_the_first_text_to_a_new_number_of_theirs_carries_a_link_for_it(database: Database) -> None:
    world = the_world(database)
    await world.person(email=None)
    await world.has_a_text_due()
    await world.works()
    world.clock.advance(timedelta(days=8))
    await world.person(email=None, phone=NEW)
    await world.has_a_text_due(debt_id="d2")
    await world.works()

    old, new = (LINK.findall(text) for text in texts(world.sms.sent))
    said = read_token(new[0])
    assert said is not None
    assert len(old) == 1
    assert KEY.proves(said, "ada", NEW, revoked_at=None)


async def test_a_number_that_another_person_was_texted_at_has_its_link_already(database: Database) -> None:
    world = the_world(database)
    for person in ("ada", "bob"):
        await world.person(person, email=None)
        await world.has_a_text_due(person)
        await world.works()
        world.clock.advance(timedelta(days=8))

    assert [len(LINK.findall(text)) for text in texts(world.sms.sent)] == [1, 0]


async def test_a_text_that_never_left_was_not_the_first(database: Database) -> None:
    world = the_world(database)
    await world.person(email=None)
    await world.has_a_text_due()
    world.sms.answers = [NotSent("20429")]
    await world.works()
    world.clock.advance(timedelta(hours=1))
    await world.works()

    assert [len(LINK.findall(text)) for text in texts(world.sms.sent)] == [1, 1]


async def test_every_email_carries_a_link_to_the_address_it_went_to(database: Database) -> None:
    world = the_world(database)
    await world.person(phone=None)
    for debt_id in ("d1", "d2"):
        await world.has_a_text_due(debt_id=debt_id)
        await world.works()
        world.clock.advance(timedelta(days=8))

    tokens = [LINK.findall(text) for text in texts(world.email.sent)]
    assert [len(found) for found in tokens] == [1, 1]
    assert all(
        KEY.proves(said, "ada", "ADA@example.com", revoked_at=None)
        for found in tokens
        if (said := read_token(found[0])) is not None
    )


async def test_a_link_written_after_a_revocation_works_and_one_from_before_does_not(
    database: Database,
) -> None:
    world = the_world(database)
    await world.person(email=None, links_revoked_at="2026-03-01T00:00:00Z")
    await world.has_a_text_due()
    await world.works()

    said = read_token(LINK.findall(texts(world.sms.sent)[0])[0])
    assert said is not None
    assert not KEY.proves(said, "ada", SMS, revoked_at=None)
    snapshot = await world.asks("SELECT snapshot FROM snapshots WHERE person_id = 'ada'")
    assert "2026-03-01T00:00:00Z" in str(snapshot)


def rendered(creditor: str) -> Rendered:
    guidance = guidance_of()
    token = KEY.sign("ada", SMS, revoked_at=None, expires_on=read_token("A" * 28).expires_on)  # type: ignore[union-attr]
    return render(
        guidance.wordings,
        name="introduction",
        channel=Channel.SMS,
        language="en",
        facts={
            "person": {"given_name": "Ada"},
            "agency": {"name": "Harbor Recovery", "phone": "+1 202 555 0100"},
            "creditor": {"name": creditor},
            "links": {"preferences_first": f"https://choices.example.com/p/{token}"},
        },
    )


def test_a_text_without_room_gives_up_the_link_before_the_name() -> None:
    long, short = rendered("Lakeside Clinic " * 12), rendered("Lakeside Clinic")

    assert isinstance(long, RenderedSms)
    assert isinstance(short, RenderedSms)
    assert (long.given_up, short.given_up) == (("center_link",), ())
    assert "/p/" not in long.body
    assert "Hi Ada" in long.body
    assert LINK.search(short.body)


async def test_somebody_who_asks_to_talk_waits_for_a_human_and_gets_nothing_meanwhile(
    database: Database,
) -> None:
    world = the_world(database)
    await world.person()
    await world.has_a_text_due()
    await world.person(holds=[asks(text="After four, please", day="2026-03-05", part_of_day="afternoon")])

    await world.works()
    assert await binds(world) == 1
    await world.works()

    (waiting,) = await list_people_waiting(database)
    (reply,) = waiting.replies
    assert (waiting.person_id, waiting.kinds, reply.text) == (
        "ada",
        ("time_wish", "call_me"),
        f"{WISH}\nAfter four, please",
    )
    assert (world.sms.sent, world.email.sent) == ([], [])
    assert await world.published("outreach.replies.v1") == ["human.needed"]


async def test_what_is_asked_is_bound_once_however_often_it_is_told(database: Database) -> None:
    world = the_world(database)
    for language in ("en", "es", "en"):
        await world.person(language=language, holds=[asks()])
        await binds(world)

    assert await world.published("outreach.replies.v1") == ["human.needed"]
    assert await world.asks("SELECT count(*) FROM waiting_replies") == 0


@pytest.mark.parametrize("bound", [True, False], ids=["after it was bound", "before it was bound"])
async def test_what_is_taken_back_waits_no_more(database: Database, *, bound: bool) -> None:
    world = the_world(database)
    await world.has_a_text_due(await world.person())
    await world.person(holds=[asks()])
    if bound:
        await binds(world)

    await world.person(lifted_holds=["page:1"])
    await binds(world)
    await world.works()

    assert await list_people_waiting(database) == []
    assert len(world.sms.sent) == 1


async def test_what_is_taken_back_while_it_is_being_bound_waits_no_more(database: Database) -> None:
    world = the_world(database)
    await world.person(holds=[asks()])
    async with database.reading() as connection:
        (row,) = await replies.list_waiting(connection, limit=10)
    asked = Reply(
        **{
            **row,
            "channel": Channel(row["channel"]),
            "pictures": (),
            "attachments": (),
            "asked": tuple(row["asked"]),
        }
    )

    # Listed by one process, taken back meanwhile, and only then bound.
    await world.person(lifted_holds=["page:1"])
    await bind_reply(asked, database=database, clock=world.clock, playbook=world.guidance.playbook)

    assert await list_people_waiting(database) == []


async def test_words_that_tell_of_danger_come_first_whatever_was_chosen(database: Database) -> None:
    world = the_world(database)
    await world.person(holds=[asks("page:1", "hardship", text="I want to end my life")])

    await binds(world)

    (waiting,) = await list_people_waiting(database)
    assert (waiting.urgency, waiting.kinds) == ("crisis", ("self_harm", "hardship"))


async def test_whoever_says_not_me_is_not_answered_as_if_they_were_the_person(database: Database) -> None:
    world = the_world(database)
    await world.person(holds=[asks("page:1", "wrong_person")])
    await binds(world)

    with pytest.raises(CannotAnswer):
        await answer_person(
            "ada",
            text="Thank you.",
            wording=None,
            actor=STAFF,
            guidance=world.guidance,
            database=database,
            clock=world.clock,
        )
    assert await world.ledger() == []


async def test_only_whoever_asked_waits_though_others_have_the_number(database: Database) -> None:
    world = the_world(database)
    await world.person("bob")
    await world.has_a_text_due("bob")
    await world.person("ada", holds=[asks()])

    await binds(world)
    await world.works()

    assert [waiting.person_id for waiting in await list_people_waiting(database)] == ["ada"]
    assert len(world.sms.sent) == 1


async def test_a_human_who_deals_with_it_ends_the_wait(database: Database) -> None:
    world = the_world(database)
    await world.person(holds=[asks()])
    await binds(world)

    assert await world.releases("ada") == 1
    assert await world.published("outreach.replies.v1") == ["human.needed", "human.done"]
