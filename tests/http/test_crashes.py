"""A webhook that was cut off anywhere asks to be told again, and hearing it again does no harm."""

from collections.abc import Awaitable, Callable

import pytest

from foundation.database import Database
from outreach.listening.replies import bind_waiting
from outreach.listening.unsubscribe import bind_waiting_unsubscribes
from tests.http.site import Answer, Site
from tests.support.mortal import Ending, Work, ends_everywhere
from tests.support.story import story_of
from tests.support.world import World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"

#: Posts something to the routes.
Post = Callable[[Site], Awaitable[Answer]]


def phone_of(person: str) -> str:
    return f"+13125550{int(person[1:]):03}"


async def a_receipt(world: World, person: str) -> Post:
    await world.person(person, phone=phone_of(person), email=None)
    await world.has_a_text_due(person)
    (call,) = await world.claims()
    await world.calls([call])
    sid = "SM" + person[1:].zfill(32)
    form = {"MessageSid": sid, "MessageStatus": "undelivered", "ErrorCode": "21610"}
    return lambda site: site.twilio(f"/webhooks/twilio/status?attempt={call.attempt_id}", form)


async def a_stop(world: World, person: str) -> Post:
    await world.person(person, phone=phone_of(person))
    return lambda site: site.texts_us("STOP", sid="SM" + person[1:].zfill(32), phone=phone_of(person))


async def a_complaint(world: World, person: str) -> Post:
    await world.person(person, phone=None, email=f"{person}@example.com")
    event = {"event": "spamreport", "sg_event_id": person, "email": f"{person}@example.com"}
    at = int(world.clock.now().timestamp())
    return lambda site: site.sendgrid({**event, "timestamp": at})


async def a_click(world: World, person: str) -> Post:
    await world.person(person, phone=None, email=f"{person}@example.com")
    link = f"/unsubscribe/{world.links.sign([person, f'{person}@example.com'])}"
    return lambda site: site.ask("POST", link)


async def a_mail(world: World, person: str) -> Post:
    """An answer to an email of ours; `hear_mail` finds which one, and hears it as any reply."""
    await world.person(person, phone=None, email=f"{person}@example.com")
    await world.has_a_text_due(person)
    (call,) = await world.claims()
    await world.calls([call])
    to = world.reply_addresses.of(call.attempt_id)
    return lambda site: site.mails_us("Could you call me?", to=to, sender=f"<{person}@example.com>")


@pytest.mark.parametrize(
    "told",
    [a_receipt, a_stop, a_mail, a_complaint, a_click],
    ids=["a receipt", "a stop", "a mail", "a complaint", "a click"],
)
async def test_whoever_was_not_answered_tells_it_again_and_it_counts_once(
    database: Database, told: Callable[[World, str], Awaitable[Post]]
) -> None:
    world = World(database, now=MORNING)
    posts: dict[str, Post] = {}
    answers: dict[str, int] = {}
    stories: dict[str, object] = {}

    async def begin(person: str) -> Work:
        posts[person] = await told(world, person)

        async def on(mortal: Database) -> None:
            answers[person] = (await posts[person](Site(world, database=mortal))).status

        return on

    async def again(person: str) -> None:
        assert (await posts[person](Site(world))).status in {200, 204}
        stories[person] = await story_of(world, person)

    fates = await ends_everywhere(database, begin=begin, again=again, ending="outage")

    *cut_off, undisturbed = fates
    # What people write is tried again on a fresh connection: their vendor may not call a second time.
    cut_off_answer = 200 if told is a_stop else 204 if told is a_mail else 503
    assert answers == {**dict.fromkeys(cut_off, cut_off_answer), undisturbed: answers[undisturbed]}
    assert answers[undisturbed] in {200, 204}
    expected = await story_of(world, undisturbed)
    assert expected["published"]
    for person, story in stories.items():
        assert story == expected, f"it ended at {fates[person].moments[-1]}"


@pytest.mark.parametrize("ending", ["death", "outage"])
async def test_whoever_binds_what_waited_may_end_anywhere_and_it_is_bound_once(
    database: Database, ending: Ending
) -> None:
    """`hear_reply` has kept it, and a lock was in its way: `bind_waiting` and `bind_reply` go on."""
    world = World(database, now=MORNING)
    stories: dict[str, object] = {}

    async def begin(person: str) -> Work:
        await world.person(person, phone=phone_of(person))
        await world.runs(
            "INSERT INTO waiting_replies VALUES ($1, 'sms', $2, 'STOP', $3, false, false, false)",
            "SM" + person[1:].zfill(32),
            phone_of(person),
            world.clock.now(),
        )
        return lambda mortal: bind_waiting(
            database=mortal, clock=world.clock, playbook=world.guidance.playbook
        )

    async def again(person: str) -> None:
        await bind_waiting(database=database, clock=world.clock, playbook=world.guidance.playbook)
        stories[person] = await story_of(world, person)

    fates = await ends_everywhere(database, begin=begin, again=again, ending=ending)

    *_, undisturbed = fates
    expected = await story_of(world, undisturbed)
    assert expected["published"]
    assert fates[undisturbed].places == {
        "outreach/listening/replies.py bind_waiting",
        "outreach/listening/replies.py bind_reply",
    }
    for person, story in stories.items():
        assert story == expected, f"it ended at {fates[person].moments[-1]}"
    assert await world.asks("SELECT count(*) FROM waiting_replies") == 0


@pytest.mark.parametrize("ending", ["death", "outage"])
async def test_whoever_binds_an_unsubscribe_that_waited_may_end_anywhere(
    database: Database, ending: Ending
) -> None:
    """`unsubscribe.py unsubscribe` has kept it, and a lock was in its way."""
    world = World(database, now=MORNING)
    stories: dict[str, object] = {}

    async def begin(person: str) -> Work:
        address = f"{person}@example.com"
        await world.person(person, phone=None, email=address)
        await world.runs(
            "INSERT INTO waiting_unsubscribes VALUES ($1, $2, $3)", person, address, world.clock.now()
        )
        return lambda mortal: bind_waiting_unsubscribes(database=mortal, clock=world.clock)

    async def again(person: str) -> None:
        await bind_waiting_unsubscribes(database=database, clock=world.clock)
        stories[person] = await story_of(world, person)

    fates = await ends_everywhere(database, begin=begin, again=again, ending=ending)

    *_, undisturbed = fates
    expected = await story_of(world, undisturbed)
    assert expected["published"]
    assert fates[undisturbed].places == {
        "outreach/listening/unsubscribe.py bind_waiting_unsubscribes",
        "outreach/listening/unsubscribe.py _bind",
    }
    for person, story in stories.items():
        assert story == expected, f"it ended at {fates[person].moments[-1]}"
    assert await world.asks("SELECT count(*) FROM waiting_unsubscribes") == 0
