"""A stop beats a call that is not made yet, by whichever way it is heard."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from foundation.database import Database
from outreach.desk.releasing import Decided
from outreach.desk.stopping import stop
from outreach.model.message import Email
from outreach.model.words import Channel
from tests.http.site import Site
from tests.support.staff import STAFF
from tests.support.world import World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"
NUMBER = "+13125550142"

#: Hears something in a world; given the address for answers to the email that went before.
Way = Callable[[World, str], Awaitable[object]]


async def text(said: str, world: World, **more: str) -> None:
    assert (await Site(world).texts_us(said, **more)).status == 200


async def mail(said: str, world: World, to: str) -> None:
    assert (await Site(world).mails_us(said, to=to)).status == 204


async def told(subject: str, world: World) -> None:
    await stop(subject, channels=(), actor=STAFF, database=world.database, clock=world.clock)


async def understood_by_a_human(world: World) -> None:
    await text("hmm what", world)
    await world.releases("ada", Decided.STOP_THIS)


async def clicked(world: World) -> None:
    link = f"/unsubscribe/{world.links.sign(['ada', 'ada@example.com'])}"
    assert (await Site(world).ask("POST", link)).status == 200


BY_TEXT: dict[str, Way] = {
    "a keyword": lambda world, _: text("STOP", world),
    "in words": lambda world, _: text("please stop texting me", world),
    "in Spanish": lambda world, _: text("deje de escribirme por favor", world),
    "a word that only the vendor knows": lambda world, _: text("GENUG", world, OptOutType="STOP"),
    "by RCS": lambda world, _: text("STOP", world, phone=f"rcs:{NUMBER}"),
    "by WhatsApp": lambda world, _: text("STOP", world, phone=f"whatsapp:{NUMBER}"),
    "a wrong number": lambda world, _: text("you have the wrong number", world),
    "an unsafe number": lambda world, _: text("he reads my phone, dont text here", world),
    "by phone, of the person": lambda world, _: told("ada", world),
    "by phone, of the number": lambda world, _: told("+1 312 555 0142", world),
    "by a human who read it": lambda world, _: understood_by_a_human(world),
}
BY_EMAIL: dict[str, Way] = {
    "an answer to our email": lambda world, to: mail("unsubscribe", world, to),
    "an email from anybody": lambda world, _: mail("Stop emailing me", world, "hello@reply.example.com"),
    "the link": lambda world, _: clicked(world),
    "by letter, of the address": lambda world, _: told("Ada@example.com", world),
}
WAYS = pytest.mark.parametrize(
    ("channel", "way"),
    [
        *(pytest.param(Channel.SMS, way, id=name) for name, way in BY_TEXT.items()),
        *(pytest.param(Channel.EMAIL, way, id=name) for name, way in BY_EMAIL.items()),
    ],
)


async def somebody_with_a_message_due(database: Database, channel: Channel) -> tuple[World, str]:
    """Return a world where a message to ada is due by one channel, and where answers to email go."""
    world, answers_to = World(database, now=MORNING), ""
    if channel is Channel.SMS:
        await world.person(email=None)
    else:
        await world.person(phone=None)
        await world.has_a_text_due("ada", "d0")
        await world.works()
        (email,) = world.email.sent
        assert isinstance(email, Email)
        answers_to = email.reply_to or ""
        world.clock.advance(timedelta(days=4))
    await world.has_a_text_due("ada", "d1")
    return world, answers_to


@WAYS
async def test_a_stop_before_the_claim_is_in_the_decision(
    database: Database, channel: Channel, way: Way
) -> None:
    world, answers_to = await somebody_with_a_message_due(database, channel)
    before = await world.called("thank_you")

    await way(world, answers_to)
    await world.works_until("2026-03-09T17:00Z")

    assert await world.called("thank_you") == before


@WAYS
async def test_a_stop_between_claim_and_gate_keeps_the_gate_shut(
    database: Database, channel: Channel, way: Way
) -> None:
    world, answers_to = await somebody_with_a_message_due(database, channel)
    before, calls = await world.called("thank_you"), await world.claims()
    assert len(calls) == 1

    await way(world, answers_to)
    await world.calls(calls)
    await world.works_until("2026-03-09T17:00Z")

    assert await world.called("thank_you") == before
