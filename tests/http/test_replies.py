"""What people text us: a stop binds before the answer; doubt pauses and goes to a human."""

from datetime import timedelta

import pytest

from foundation.database import Database
from outreach.desk.stopping import stop
from outreach.model.words import Channel
from tests.http.site import Site, signed_by_twilio
from tests.support.staff import STAFF
from tests.support.world import World, texts

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"
OPT_OUTS = "SELECT count(*) FROM suppressions WHERE kind = 'opted_out' AND lifted_at IS NULL"


async def somebody_with_a_text_due(database: Database) -> tuple[World, Site]:
    world = World(database, now=MORNING)
    await world.person(email=None)
    await world.has_a_text_due()
    return world, Site(world)


async def confirmed(world: World) -> int:
    return int(
        await world.asks("""SELECT count(*) FROM attempts JOIN touches USING (touch_id)
                                   WHERE called_at IS NOT NULL AND purpose = 'opt_out_confirmation'""")
    )


def sid(number: int) -> str:
    return f"SM{number:032}"


@pytest.mark.parametrize(
    "text",
    ["STOP", "stop", "Stop.", "  sToP!! ", "“stop”", "STOP 🙏", "quit", "End", "revoke", "Opt out", "opt-out",
     "CANCEL", "unsubscribe.", "STOPALL", "stop stop"],
)  # fmt: skip
async def test_a_stop_in_whatever_wording_binds_person_and_number_before_the_answer(
    database: Database, text: str
) -> None:
    world, site = await somebody_with_a_text_due(database)

    answer = await site.texts_us(text)

    assert (answer.status, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    (row,) = await world.rows("SELECT person_id, address, channel, kind FROM suppressions")
    assert tuple(row.values()) == ("ada", "+13125550142", "sms", "opted_out")
    await world.works_until("2026-03-02T15:04Z")
    assert await world.called("thank_you") == 0


async def test_a_stop_is_confirmed_once_however_often_it_is_said(database: Database) -> None:
    world, site = await somebody_with_a_text_due(database)

    for number in range(3):
        await site.texts_us("STOP", sid=sid(number))
        await site.texts_us("STOP", sid=sid(number))
    await world.works_until("2026-03-03T23:00Z")

    assert len(world.sms.sent) == 1
    assert (
        "no more texts" in texts(world.sms.sent)[0].casefold()
        or "stop" in texts(world.sms.sent)[0].casefold()
    )


async def test_a_stop_said_again_days_later_is_not_confirmed_again_but_one_after_a_start_is(
    database: Database,
) -> None:
    world, site = await somebody_with_a_text_due(database)
    for day, text in enumerate(("STOP", "stop!", "Unsubscribe", "START", "STOP"), start=3):
        await world.works_until(f"2026-03-0{day}T17:00Z")
        await site.texts_us(text, sid=sid(day))
    await world.works_until("2026-03-08T17:00Z")

    assert await confirmed(world) == 2


async def test_a_stop_that_twilio_confirmed_is_not_confirmed_again(database: Database) -> None:
    world, _ = await somebody_with_a_text_due(database)

    await Site(world, vendor_confirms=True).texts_us("STOP", OptOutType="STOP")
    await world.works_until("2026-03-03T23:00Z")

    assert world.sms.sent == []


async def test_a_stop_whose_confirmation_never_went_is_confirmed_when_it_is_said_again(
    database: Database,
) -> None:
    world, site = await somebody_with_a_text_due(database)
    await site.texts_us("STOP", sid=sid(1))
    world.clock.advance(timedelta(hours=1))
    await world.works()

    await site.texts_us("STOP", sid=sid(2))
    await world.works()

    assert await confirmed(world) == 1


@pytest.mark.parametrize("closes", ["staff", "a wrong number"])
async def test_a_start_of_what_it_does_not_open_is_read_by_a_human(database: Database, closes: str) -> None:
    world, site = await somebody_with_a_text_due(database)
    if closes == "staff":
        await stop("ada", channels=[Channel.SMS], actor=STAFF, database=database, clock=world.clock)
    else:
        await site.texts_us("you have the wrong number", sid=sid(1))
        await world.releases("ada")

    await site.texts_us("START", sid=sid(2))
    await world.works()

    assert await world.rows("SELECT understood, needs_human FROM replies WHERE understood = 'opt_in'") == [
        {
            "understood": "opt_in",
            "needs_human": True,
        }
    ]
    assert [text for text in texts(world.sms.sent) if "again" in text] == []


async def test_start_takes_back_what_stop_took_and_nothing_else(database: Database) -> None:
    world, site = await somebody_with_a_text_due(database)
    await site.texts_us("STOP", sid=sid(1))
    await world.unsubscribes()
    await site.texts_us("STOP", sid=sid(2), phone="+13125550199")

    await site.texts_us("START", sid=sid(3))

    left = await world.rows("SELECT address FROM suppressions WHERE lifted_at IS NULL ORDER BY address")
    assert [each["address"] for each in left] == ["+13125550199", "ada@example.com"]
    assert "suppression.lifted" in await world.published("outreach.replies.v1")


async def test_start_from_a_shared_number_takes_nothing_back_of_another(database: Database) -> None:
    world = World(database, now=MORNING)
    own, shared = ({"number": f"+1312555014{n}", "kind": "mobile"} for n in (1, 2))
    await world.hears(world.snapshot("ada", phones=[own, shared]))
    await world.hears(world.snapshot("bob", phones=[shared]))
    site = Site(world)
    await site.texts_us("STOP", sid=sid(1), phone="+13125550141")

    await site.texts_us("START", sid=sid(2), phone="+13125550142")

    assert await world.asks(OPT_OUTS) == 1


async def test_start_does_not_lift_a_complaint_made_by_email(database: Database) -> None:
    world, site = await somebody_with_a_text_due(database)
    await site.sendgrid(site.event("spamreport"))

    await site.texts_us("START")

    assert await world.asks(OPT_OUTS) == 1


async def test_help_is_answered_once_and_stops_nothing(database: Database) -> None:
    world, site = await somebody_with_a_text_due(database)

    await site.texts_us("HELP")
    await site.texts_us("HELP")
    await world.works()

    assert [each for each in texts(world.sms.sent) if "555" in each or "hello@" in each] != []
    assert await world.called("answer") == 1
    assert await world.asks("SELECT count(*) FROM suppressions") == 0


@pytest.mark.parametrize(
    "text",
    [
        "who told you that",
        "stop by on Friday?",
        "I paid already",
        "",
        "hm",
        "\u202eSTOP me if",
        "😡",
        "STOPPING",
    ],
)
async def test_anything_else_pauses_automation_and_goes_to_a_human(database: Database, text: str) -> None:
    world, site = await somebody_with_a_text_due(database)

    answer = await site.texts_us(text)
    await world.works_until("2026-03-03T23:00Z")

    assert answer.status == 200
    assert world.sent == []
    heard = await world.rows(
        "SELECT type, data FROM outbox WHERE topic = 'outreach.replies.v1' ORDER BY position"
    )
    assert [row["type"] for row in heard] == ["reply.received.v1", "reply.received.v2", "human.needed.v1"]
    for row in heard[:2]:
        assert (row["data"]["needs_human"], row["data"]["text"]) == (True, text)


async def test_a_picture_without_words_goes_to_a_human(database: Database) -> None:
    world, site = await somebody_with_a_text_due(database)

    where = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"
    await site.texts_us("", NumMedia="1", MediaUrl0=where)

    assert await world.asks("SELECT pictures FROM replies WHERE needs_human") == [where]
    told = await world.asks("SELECT data->'pictures' FROM outbox WHERE type = 'reply.received.v2'")
    assert told == [where]


async def test_a_text_that_holds_what_no_text_holds_is_not_passed_by(database: Database) -> None:
    """It may have been a stop."""
    world, site = await somebody_with_a_text_due(database)

    await site.texts_us("STOP\0")
    await world.works_until("2026-03-03T23:00Z")

    assert await world.called("thank_you") == 0


async def test_a_human_may_hand_the_person_back(database: Database) -> None:
    world, site = await somebody_with_a_text_due(database)
    await site.texts_us("who told you that")
    await world.works()

    assert await world.releases("ada") == 1
    await world.works()

    assert await world.called("thank_you") == 1


async def test_two_people_who_share_a_number_are_both_stopped_and_confirmed_once(database: Database) -> None:
    world = World(database, now=MORNING)
    for person in ("ada", "bob"):
        await world.person(person, email=None)
        await world.has_a_text_due(person)

    await Site(world).texts_us("STOP")
    await world.works_until("2026-03-03T23:00Z")

    assert await world.asks(OPT_OUTS) == 2
    assert len(world.sms.sent) == 1
    for person in ("ada", "bob"):
        heard = await world.published("outreach.replies.v1", to=person)
        assert heard == ["reply.received", "reply.received.v2", "suppression.recorded"]


async def test_two_people_who_share_a_number_both_wait_when_one_of_them_is_not_understood(
    database: Database,
) -> None:
    world = World(database, now=MORNING)
    for person in ("ada", "bob"):
        await world.person(person, email=None)
        await world.has_a_text_due(person)

    await Site(world).texts_us("who told you that?")
    await world.works_until("2026-03-03T23:00Z")

    assert world.sent == []


async def test_a_stop_from_a_number_nobody_has_binds_whoever_gets_it(database: Database) -> None:
    world = World(database, now=MORNING)
    await Site(world).texts_us("STOP", phone="+13125550177")

    await world.person(phone="+13125550177", email=None)
    await world.has_a_text_due()
    await world.works_until("2026-03-03T23:00Z")

    assert world.sent == []


async def test_a_text_from_a_number_nobody_has_is_kept_for_a_human(database: Database) -> None:
    world = World(database, now=MORNING)

    await Site(world).texts_us("wrong number", phone="+13125550177")

    (row,) = await world.rows("SELECT person_id, needs_human FROM replies")
    assert (row["person_id"], row["needs_human"]) == (None, True)


async def test_a_text_that_twilio_did_not_sign_changes_nothing(database: Database) -> None:
    world, site = await somebody_with_a_text_due(database)
    form = {"MessageSid": sid(1), "From": "+13125550142", "To": "+13125550100", "Body": "STOP"}
    path = "/webhooks/twilio/inbound"

    for headers in (
        [],
        [("X-Twilio-Signature", signed_by_twilio(path, {**form, "From": "+13125550143"}))],
        [("X-Twilio-Signature", signed_by_twilio("/webhooks/twilio/status", form))],
        [("X-Twilio-Signature", signed_by_twilio(path, form))] * 2,
    ):
        assert (await site.twilio(path, form, headers=headers)).status == 403

    assert await world.asks("SELECT count(*) FROM replies") == 0


async def test_a_word_that_only_the_vendor_takes_for_a_stop_is_a_stop(database: Database) -> None:
    world, site = await somebody_with_a_text_due(database)

    await site.texts_us("FIN22", OptOutType="STOP")  # a word of the agency's own, which no phrasebook has

    assert await world.asks(OPT_OUTS) == 1


async def test_a_word_that_only_the_vendor_takes_for_a_start_takes_back_the_stop(database: Database) -> None:
    world, site = await somebody_with_a_text_due(database)
    await site.texts_us("STOP", sid=sid(1))

    await site.texts_us("ALTA", sid=sid(2), OptOutType="START")

    assert await world.asks(OPT_OUTS) == 0
    assert await world.asks("SELECT count(*) FROM suppressions WHERE lifted_at IS NULL") == 0


async def test_a_start_of_the_vendors_never_overrules_a_stop_that_we_hear(database: Database) -> None:
    world, site = await somebody_with_a_text_due(database)

    await site.texts_us("stop texting me", OptOutType="START")

    assert await world.asks(OPT_OUTS) == 1


@pytest.mark.parametrize("sender", ["rcs:+13125550142", "whatsapp:+13125550142"])
async def test_a_stop_that_comes_by_rcs_or_whatsapp_binds_the_number(database: Database, sender: str) -> None:
    world, site = await somebody_with_a_text_due(database)

    answer = await site.texts_us("STOP", phone=sender, To="rcs:agent_example", NumMedia="0")

    (row,) = await world.rows("SELECT person_id, address, channel, kind FROM suppressions")
    assert (answer.status, *row.values()) == (200, "ada", "+13125550142", "sms", "opted_out")
    assert await world.asks("SELECT count(*) FROM replies") == 1


async def test_a_sender_that_is_no_number_is_counted_where_staff_see_it(database: Database) -> None:
    _, site = await somebody_with_a_text_due(database)

    await site.texts_us("hello", phone="68849")

    counted = 'outreach_webhooks_passed_by_total{provider="twilio",reason="no_phone_number"} 1.0'
    assert counted in site.metrics.render().decode()


async def test_after_start_texts_go_out_again(database: Database) -> None:
    world, site = await somebody_with_a_text_due(database)
    await site.texts_us("STOP", sid=sid(1))
    await site.texts_us("START", sid=sid(2))
    await world.works_until("2026-03-02T15:10Z")
    before = len(world.sms.sent)

    await world.hears(*world.thanks("ada", "d2"))
    await world.works_until("2026-03-12T15:00Z")

    assert len(world.sms.sent) > before
