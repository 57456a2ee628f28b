"""What is too long for a text, whatever it gives up, goes by the next channel, and its record says so."""

from foundation.database import Database
from tests.support.world import World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"
LONG = "Thank you. {{ agency.name }} received {{ payment.amount }} for {{ creditor.name }}. " + "Dear. " * 80
SHORT = "Thank you. {{ agency.name }} received {{ payment.amount }} for {{ creditor.name }}."


async def thanked(database: Database, text: str, **person: str | None) -> World:
    world = World(database, now=MORNING, files={"templates/en/payment_thanks.sms.txt": text})
    await world.person(**person)  # type: ignore[arg-type]
    await world.has_a_text_due()
    await world.works()
    return world


async def test_what_fits_goes_as_a_text(database: Database) -> None:
    world = await thanked(database, SHORT)

    assert (len(world.sms.sent), len(world.email.sent)) == (1, 0)


async def test_what_is_too_long_goes_by_email_and_the_record_says_why(database: Database) -> None:
    world = await thanked(database, LONG)

    assert (len(world.sms.sent), len(world.email.sent)) == (0, 1)
    (decided,) = await world.rows("SELECT channel, decision, answers FROM decisions WHERE decision = 'send'")
    assert (decided["channel"], decided["answers"]["sms"]) == ("email", ["too_long"])


async def test_where_there_is_no_other_channel_it_waits_for_shorter_words(database: Database) -> None:
    world = await thanked(database, LONG, email=None)

    assert world.sent == []
    assert await world.status() == "waiting"
