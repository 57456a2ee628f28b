"""What holds a permitted touch back, and how channels and priorities are chosen."""

import asyncio
import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from foundation.clock import parse_instant
from foundation.database import Connection, Database, DatabaseUnavailable
from outreach.model.outcome import NotSent, Refused, Unknown
from outreach.model.playbook import ANSWERS
from outreach.sending.claim_result import Call
from outreach.sending.dispatching import Dispatching
from outreach.sending.obstacles import Obstacle
from outreach.sending.volume import VolumeLimits, brake_volume
from tests.support.world import SAMPLE, World, usd

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"


def _only(*plays: str) -> str:
    head, body = (SAMPLE / "playbook.yaml").read_text().split("plays:\n")
    blocks = dict(re.findall(r"^  (\w+):\n((?:    .*\n)+)", body, re.MULTILINE))
    return head + "plays:\n" + "".join(f"  {each}:\n{blocks[each]}" for each in plays)


ONLY_TWO_PLAYS = _only("check_in", "instalment_reminder")


async def a_text_due(database: Database, **dispatching: Any) -> World:
    world = World(database, now=MORNING, dispatching=Dispatching(spread=timedelta(0), **dispatching))
    await world.person()
    await world.has_a_text_due()
    return world


@pytest.mark.parametrize(
    "narrowed",
    [{}, {"play": "thank_you"}, {"creditor": "northwind"}, {"channel": "sms", "play": "thank_you"}],
    ids=["everything", "a play", "a creditor", "a channel of a play"],
)
async def test_what_is_paused_is_not_sent_until_it_is_resumed(
    database: Database, narrowed: dict[str, str]
) -> None:
    world = await a_text_due(database)
    await world.pauses(**narrowed)

    await world.works_until("2026-03-02T16:00Z")
    assert world.sms.sent == []

    await world.resumes(**narrowed)
    await world.works()
    assert len(world.sms.sent) == 1


async def test_a_pause_of_something_else_holds_nothing_back(database: Database) -> None:
    world = await a_text_due(database)
    await world.pauses(play="check_in")
    await world.pauses(creditor="lakeside")
    await world.pauses(channel="email")

    await world.works()

    assert len(world.sms.sent) == 1


async def a_text_gives_way_to_one_that_is_being_sent(database: Database) -> tuple[World, Call]:
    """Thanks wait two days for the introduction, of which nobody knows yet that it is never made."""
    world = World(database, now=MORNING, dispatching=Dispatching(spread=timedelta(0)))
    await world.person(email=None)
    await world.debt("ada")
    world.clock.advance(timedelta(hours=1))
    (introduction,) = await world.claims()
    await world.hears(*world.thanks("ada"))
    assert await world.claims() == []
    assert (await world.touch())["until"] is not None
    return world, introduction


async def test_what_gave_way_to_a_message_that_the_gate_refused_goes_at_once(database: Database) -> None:
    world, introduction = await a_text_gives_way_to_one_that_is_being_sent(database)

    await world.calls([introduction])
    await world.works()

    assert await world.called("introduction") == 0
    assert await world.called("thank_you") == 1


async def test_what_gave_way_to_a_message_that_was_never_called_goes_at_once(database: Database) -> None:
    world, _ = await a_text_gives_way_to_one_that_is_being_sent(database)

    world.clock.advance(timedelta(minutes=3))
    await world.works()

    assert await world.called("thank_you") == 1


async def test_what_gave_way_to_a_message_that_was_refused_goes_at_once(database: Database) -> None:
    world = World(database, now=MORNING, dispatching=Dispatching(spread=timedelta(0)))
    await world.person(email=None)
    await world.debt("ada")
    world.clock.advance(timedelta(hours=1))
    (introduction,) = await world.claims()
    world.sms.answers = [Refused("30450")]
    async with world.slow_call(introduction):
        await world.hears(*world.thanks("ada"))
        assert await world.claims() == []

    await world.works()

    assert await world.called("thank_you") == 1


async def test_a_provider_that_fails_again_and_again_is_given_a_rest_and_then_tried_once(
    database: Database,
) -> None:
    world = World(database, now=MORNING, dispatching=Dispatching(spread=timedelta(0), breaker_failures=3))
    for number in range(5):
        person = await world.person(f"p{number}", phone=f"+1312555014{number}")
        await world.has_a_text_due(person)
        world.sms.answers = [Unknown("502")]
        await world.works()

    assert len(world.sms.sent) == 3
    assert await world.asks("SELECT count(*) FROM touches WHERE reason = 'provider_resting'") == 2
    world.sms.answers = []
    world.clock.advance(world.dispatching.breaker_rest)
    await world.works()
    assert len(world.sms.sent) == 4
    world.clock.advance(world.dispatching.trial)
    await world.works()
    assert len(world.sms.sent) == 5


async def test_what_is_the_persons_and_not_the_providers_fault_opens_no_breaker(database: Database) -> None:
    world = await a_text_due(database, breaker_failures=1)
    world.sms.answers = [NotSent("30610", our_fault=False)]

    await world.works()

    assert await world.asks("SELECT count(*) FROM breakers WHERE open_till IS NOT NULL") == 0


async def test_a_dry_run_decides_everything_and_sends_nothing(database: Database) -> None:
    world = await a_text_due(database, dry_run=True)

    await world.works()

    assert world.sent == []
    assert await world.asks("SELECT decision FROM decisions") == "send"
    assert (await world.touch())["reason"] == "dry_run"
    assert await world.ledger() == []


async def test_only_addresses_on_the_list_are_written_to_where_there_is_one(database: Database) -> None:
    world = await a_text_due(database, allowed=frozenset({"+13125550199"}))
    await world.person("bob", phone="+13125550199")
    await world.has_a_text_due("bob")

    await world.works()

    assert [each.to for each in world.sms.sent] == ["+13125550199"]
    assert (await world.touch())["reason"] == "not_on_the_allow_list"


async def test_the_persons_order_of_channels_comes_before_the_plays(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person(preferred_channels=["email"])
    await world.has_a_text_due()

    await world.works()

    assert (len(world.email.sent), len(world.sms.sent)) == (1, 0)


async def test_a_preferred_channel_that_opens_within_the_patience_is_waited_for(database: Database) -> None:
    """Texts may go again on Wednesday at the latest; the email could go at once."""
    world = World(database, now=MORNING)
    pause = {"hold_id": "h1", "kind": "hold", "until": "2026-03-03T10:00:00Z"}
    await world.person(holds=[pause])
    await world.has_a_text_due()

    await world.works_until("2026-03-03T14:00Z")

    assert len(world.sms.sent) == 1


async def test_silence_on_one_channel_is_followed_by_the_next(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.debt(await world.person())

    await world.works_until("2026-03-07T15:59Z")
    assert (len(world.email.sent), len(world.sms.sent)) == (1, 0)

    await world.works_until("2026-03-07T16:01Z")
    assert (len(world.email.sent), len(world.sms.sent)) == (1, 1)


async def test_somebody_who_answered_is_not_asked_again_on_another_channel(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.debt(await world.person())
    await world.works_until("2026-03-03T15:00Z")

    await world.hears(
        world.happens(
            "contact.recorded",
            to="ada",
            contact_id="c1",
            channel="voice",
            direction="inbound",
            outcome="answered",
        )
    )
    await world.works_until("2026-03-11T23:00Z")

    assert world.sms.sent == []


async def a_check_in_before_a_reminder(database: Database) -> World:
    """Debt d1 is quiet for ten days on the 12th; the reminder about d2 is due on the 13th."""
    world = World(database, now="2026-03-02T16:00Z", files={"playbook.yaml": ONLY_TWO_PLAYS})
    await world.person()
    await world.debt("ada", "d1")
    parts = [{"number": 1, "due_on": "2026-03-16", "amount": usd("80.00")}]
    agreed = world.happens("plan.agreed", to="ada", debt_id="d2", plan_id="p1", instalments=parts)
    await world.hears(world.places("ada", "d2"), agreed)
    await world.works_until("2026-03-12T17:00Z")
    return world


async def test_a_check_in_gives_way_to_a_reminder_that_falls_due_soon(database: Database) -> None:
    world = await a_check_in_before_a_reminder(database)
    check_in = await world.touch("check_in")
    assert (check_in["status"], check_in["reason"]) == ("planned", "gives_way")

    await world.works_until("2026-03-13T22:00Z")

    assert await world.called("instalment_reminder") == 1
    assert await world.called("check_in") == 0


async def test_what_gave_way_is_decided_again_when_the_other_is_called_off(database: Database) -> None:
    world = await a_check_in_before_a_reminder(database)
    assert await world.called("check_in") == 0

    await world.hears(world.happens("debt.closed", to="ada", debt_id="d2", reason="recalled"))
    await world.works()

    assert await world.called("check_in") == 1


async def test_nothing_is_claimed_while_something_stands_in_the_way(database: Database) -> None:
    world = await a_text_due(database)
    stop, asked = asyncio.Event(), asyncio.Semaphore(0)
    in_the_way: list[Obstacle | None] = [Obstacle("an input is old")]

    async def find_obstacle(_: Connection) -> Obstacle | None:
        asked.release()
        return in_the_way[0]

    dispatch = world.dispatch(find_obstacle=find_obstacle)
    running = asyncio.create_task(dispatch.run(stop, tick=timedelta(minutes=1)))
    await asked.acquire()
    dispatch.wake()
    # Asked a second time: whatever the first answer led to has been done.
    await asked.acquire()
    assert await world.asks("SELECT count(*) FROM attempts") == 0

    in_the_way[0] = None
    dispatch.wake()
    await world.sms.called.wait()
    stop.set()
    await running

    assert (await world.touch())["status"] == "accepted"


LIMITS = VolumeLimits(least=2, factor=2)
NEVER = VolumeLimits(least=1000)


async def many_due(database: Database, people: int) -> World:
    world = World(database, now=MORNING, dispatching=Dispatching(spread=timedelta(0)))
    for number in range(people):
        person = await world.person(f"p{number}", phone=f"+13125550{100 + number}")
        await world.has_a_text_due(person)
    return world


async def brakes(world: World, begun: dict[str, int], limits: VolumeLimits = LIMITS) -> list[str]:
    """Have one replica tell what it began, and return what the volume brake pauses for it."""
    told = await brake_volume(Counter(begun), limits=limits, database=world.database, clock=world.clock)
    return list(told)


async def test_a_play_that_leaps_over_its_own_past_is_paused_until_staff_resume_it(
    database: Database,
) -> None:
    world = await many_due(database, 3)
    dispatch = world.dispatch()
    await dispatch.send_due()
    assert dispatch.begun == {"thank_you": 3}

    paused = await brake_volume(dispatch.begun, limits=LIMITS, database=database, clock=world.clock)
    assert list(paused) == ["thank_you"]
    assert dispatch.begun.total() == 0
    assert await world.asks("SELECT paused_by FROM pauses") == "volume brake"

    after = await world.person("tess", phone="+13125550190")
    await world.has_a_text_due(after)
    await world.works()
    assert len(world.sms.sent) == 3

    await world.resumes(play="thank_you")
    await world.works()
    assert len(world.sms.sent) == 4
    # Staff have looked: the same hour does not pause it again.
    assert await brakes(world, {"thank_you": 1}) == []


@pytest.mark.parametrize(
    ("past", "leaps"), [(0, True), (1, True), (2, False), (3, False)], ids="{}_an_hour_ago".format
)
async def test_a_play_may_do_what_its_busiest_hour_of_the_week_did_and_some(
    database: Database, past: int, leaps: bool
) -> None:
    world = World(database, now=MORNING)
    if past:
        assert await brakes(world, {"thank_you": past}, NEVER) == []
    world.clock.move_to(parse_instant("2026-03-08T14:59Z"))

    assert await brakes(world, {"thank_you": 4}) == (["thank_you"] if leaps else [])


async def test_what_was_done_more_than_a_week_ago_says_nothing_about_today(database: Database) -> None:
    world = World(database, now=MORNING)
    assert await brakes(world, {"thank_you": 100}, NEVER) == []

    world.clock.move_to(parse_instant("2026-03-10T15:00Z"))

    assert await brakes(world, {"thank_you": 3}) == ["thank_you"]


async def test_two_replicas_count_together_and_pause_once(database: Database) -> None:
    world = World(database, now=MORNING)
    mine, theirs = Counter({"thank_you": 2}), Counter({"thank_you": 2, "check_in": 1})

    paused = await asyncio.gather(
        *(brake_volume(each, limits=LIMITS, database=database, clock=world.clock) for each in (mine, theirs))
    )

    assert sorted(play for each in paused for play in each) == ["thank_you"]
    assert await world.asks("SELECT count(*) FROM pauses") == 1


async def test_answers_to_people_are_never_braked(database: Database) -> None:
    world = World(database, now=MORNING)

    assert await brakes(world, {ANSWERS: 5000}) == []


async def test_what_could_not_be_noted_is_noted_next_time(database: Database) -> None:
    world, begun = World(database, now=MORNING), Counter({"thank_you": 3})
    with pytest.raises(DatabaseUnavailable):
        await brake_volume(begun, limits=LIMITS, database=world.away, clock=world.clock)

    assert await brakes(world, begun) == ["thank_you"]
