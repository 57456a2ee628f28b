"""What preferences tells, outreach understands: both sides of `people.v1` and `outreach.replies.v1`."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from foundation import offsets
from foundation.clock import ManualClock, parse_instant
from foundation.database import Connection, Database
from foundation.intake import Batch
from outreach.desk.releasing import Decided, Decision, release_person
from outreach.desk.waiting import list_people_waiting
from outreach.listening.replies import hear_reply
from outreach.listening.reply import Reply
from outreach.model.known import PersonFacts
from outreach.model.playbook import Playbook
from outreach.model.snapshot import parse_snapshot
from outreach.model.words import Channel, HoldKind
from outreach.planning.ingest import ingest
from outreach.planning.inputs import PREFERENCES_HEARD
from outreach.sending.facts import address_for, facts_of, wishes_of
from outreach.store import people, suppressions
from preferences.desk.erasing import erase
from schemas.envelope import Event
from tests.preferences.stories import ADA, SMS, broken_record, happened, hears, published
from tests.support.databases import Databases
from tests.support.searched import search
from tests.support.staff import STAFF

NOW = parse_instant("2026-11-24T16:30Z")
LATER = parse_instant("2026-11-24T16:35Z")
CLOCK = ManualClock(NOW)
PLAYBOOK = Playbook(version="0", plays={})


@pytest.fixture
async def preferences(databases: Databases) -> AsyncIterator[Database]:
    """The database of the other service; the test's own is that of outreach."""
    url = await databases.fresh("preferences")
    async with Database.open(url, size=1, name="test") as opened:
        yield opened
    await databases.drop(url)


async def pass_on(here: Database, there: Database, topic: str) -> None:
    """Carry what one service has published so far to the other, as Kafka does."""
    async with here.transaction() as connection:
        events = await published(connection, topic)
    if topic == "people.v1":
        await ingest(Batch(events=events), database=there, playbook=PLAYBOOK, clock=CLOCK)
    else:
        await hears(there, *events)


async def bound(connection: Connection) -> Sequence[str]:
    return [each.kind for each in (await suppressions.read_suppressions(connection, [ADA])).get(ADA, [])]


async def kinds(database: Database) -> Sequence[str]:
    async with database.transaction() as connection:
        return sorted(await bound(connection))


async def known(database: Database) -> PersonFacts:
    async with database.transaction() as connection:
        stored = (await people.read_people(connection, [ADA]))[ADA]
    assert stored.snapshot is not None
    return PersonFacts(snapshot=parse_snapshot(stored.snapshot))


def reply(text: str, reply_id: str = "SM1") -> Reply:
    return Reply(reply_id=reply_id, channel=Channel.SMS, address=SMS, text=text, received_at=NOW)


async def _meet_ada(database: Database, preferences: Database) -> None:
    await hears(preferences, happened("person.changed", phones=[{"number": SMS, "kind": "mobile"}]))
    await pass_on(preferences, database, "people.v1")


async def test_a_human_who_has_answered_sets_automation_free(
    database: Database, preferences: Database
) -> None:
    await _meet_ada(database, preferences)
    await hear_reply(reply("Could you call me?"), database=database, clock=CLOCK, playbook=PLAYBOOK)
    await pass_on(database, preferences, "outreach.replies.v1")
    await pass_on(preferences, database, "people.v1")
    assert await kinds(database) == ["with_human"]
    assert [each.kind for each in facts_of(await known(database), None, Channel.SMS).holds] == ["with_human"]

    await hears(preferences, happened("hold.lifted", "2026-11-24T16:31Z", hold_id="SM1"), now=LATER)
    await pass_on(preferences, database, "people.v1")

    assert await kinds(database) == []
    assert facts_of(await known(database), None, Channel.SMS).holds == ()
    assert await list_people_waiting(database) == []


async def test_whoever_is_handed_back_here_is_free_in_preferences_too(
    database: Database, preferences: Database
) -> None:
    await _meet_ada(database, preferences)
    await hear_reply(reply("Could you call me?"), database=database, clock=CLOCK, playbook=PLAYBOOK)
    await pass_on(database, preferences, "outreach.replies.v1")
    await pass_on(preferences, database, "people.v1")

    decision = Decision(decided=Decided.NONE, actor=STAFF)
    await release_person(ADA, decision, database=database, clock=CLOCK)
    assert facts_of(await known(database), None, Channel.SMS).holds != (), "preferences did not hear it yet"
    await pass_on(database, preferences, "outreach.replies.v1")
    await pass_on(preferences, database, "people.v1")

    assert await kinds(database) == []
    assert facts_of(await known(database), None, Channel.SMS).holds == ()


async def test_a_hold_that_a_human_places_instead_of_the_wait_is_lifted_by_its_name(
    database: Database, preferences: Database
) -> None:
    await _meet_ada(database, preferences)
    await hear_reply(reply("Could you call me?"), database=database, clock=CLOCK, playbook=PLAYBOOK)
    decision = Decision(decided=Decided.HOLD, actor=STAFF, hold=HoldKind.HARDSHIP)
    await release_person(ADA, decision, database=database, clock=CLOCK)
    await pass_on(database, preferences, "outreach.replies.v1")
    await pass_on(preferences, database, "people.v1")
    (hold,) = facts_of(await known(database), None, Channel.SMS).holds
    assert (hold.kind, await kinds(database)) == ("hardship", ["hardship"])

    lifted = happened("hold.lifted", "2026-11-24T16:31Z", hold_id=f"hold-SM1-{ADA}")
    await hears(preferences, lifted, now=LATER)
    await pass_on(preferences, database, "people.v1")

    assert await kinds(database) == []
    assert facts_of(await known(database), None, Channel.SMS).holds == ()


async def test_lifting_a_hold_never_lifts_an_opt_out_of_the_same_name(
    database: Database, preferences: Database
) -> None:
    await _meet_ada(database, preferences)
    await hear_reply(reply("STOP"), database=database, clock=CLOCK, playbook=PLAYBOOK)

    await hears(preferences, happened("hold.lifted", "2026-11-24T16:31Z", hold_id="SM1"), now=LATER)
    await pass_on(preferences, database, "people.v1")

    assert await kinds(database) == ["opted_out"]


async def test_a_stop_is_kept_by_preferences_and_lifted_by_a_later_consent(
    database: Database, preferences: Database
) -> None:
    await _meet_ada(database, preferences)
    await hear_reply(reply("STOP"), database=database, clock=CLOCK, playbook=PLAYBOOK)
    await pass_on(database, preferences, "outreach.replies.v1")
    await pass_on(preferences, database, "people.v1")
    assert await kinds(database) == ["opted_out"]
    assert [each.channel for each in facts_of(await known(database), None, Channel.SMS).opt_outs] == ["sms"]

    granted = happened("consent.granted", "2026-11-24T16:32Z", channel="sms", basis="direct", address=SMS)
    await hears(preferences, granted, now=LATER)
    await pass_on(preferences, database, "people.v1")

    assert await kinds(database) == []
    assert facts_of(await known(database), None, Channel.SMS).opt_outs == ()


async def test_quiet_hours_a_pause_and_a_safe_number_are_kept_by_outreach(
    database: Database, preferences: Database
) -> None:
    await _meet_ada(database, preferences)
    wished = happened(
        "person.changed",
        "2026-11-24T16:31Z",
        quiet_hours={"begins": "20:00", "ends": "09:00"},
        pause_until="2026-12-01",
        safe_contact={"channel": "sms", "address": "+13035550155"},
    )

    await hears(preferences, wished, now=LATER)
    await pass_on(preferences, database, "people.v1")

    facts = await known(database)
    assert [hold.kind for hold in facts_of(facts, None, Channel.SMS).holds] == ["pause"]
    assert address_for(facts, Channel.SMS) == "+13035550155"
    wishes = wishes_of(facts.snapshot)
    assert len(wishes.inconvenient) == 1
    assert wishes.refused_channels == {Channel.EMAIL, Channel.VOICE, Channel.POST}


async def test_nothing_is_assumed_of_somebody_whom_preferences_could_not_read_about(
    database: Database, preferences: Database
) -> None:
    await _meet_ada(database, preferences)
    assert not facts_of(await known(database), None, Channel.SMS).unavailable

    await hears(preferences, broken_record())
    await pass_on(preferences, database, "people.v1")

    assert facts_of(await known(database), None, Channel.SMS).unavailable


async def test_hearing_everything_again_in_another_order_changes_nothing(
    database: Database, preferences: Database
) -> None:
    await _meet_ada(database, preferences)
    await hear_reply(reply("STOP"), database=database, clock=CLOCK, playbook=PLAYBOOK)
    await pass_on(database, preferences, "outreach.replies.v1")
    async with preferences.transaction() as connection:
        events: list[Event] = await published(connection)
    for each in reversed(events):
        await ingest(Batch(events=[each]), database=database, playbook=PLAYBOOK, clock=CLOCK)

    newest = (await known(database)).snapshot

    assert newest is not None
    assert newest.version == max(each.data.model_dump()["version"] for each in events)


async def test_outreach_knows_until_when_preferences_has_heard_each_of_its_topics(database: Database) -> None:
    one_lags = [
        {"topic": "person-events.v1", "caught_up_at": "2026-11-24T16:29Z"},
        {"topic": "outreach.replies.v1", "caught_up_at": "2026-11-24T16:28Z"},
    ]
    said = happened(
        "preferences.caught_up", to="preferences", caught_up_at="2026-11-24T16:28Z", topics=one_lags
    )
    await ingest(Batch(events=[said]), database=database, playbook=PLAYBOOK, clock=CLOCK)

    async with database.transaction() as connection:
        heard = [await offsets.caught_up_at(connection, consumed) for consumed in PREFERENCES_HEARD]
        people_met = await connection.fetchval("SELECT count(*) FROM people")
    assert heard == [parse_instant("2026-11-24T16:29Z"), parse_instant("2026-11-24T16:28Z")]
    assert people_met == 0


async def test_a_preferences_of_before_says_one_instant_for_all_its_topics(database: Database) -> None:
    said = happened("preferences.caught_up", to="preferences", caught_up_at="2026-11-24T16:29Z")
    await ingest(Batch(events=[said]), database=database, playbook=PLAYBOOK, clock=CLOCK)

    async with database.transaction() as connection:
        heard = [await offsets.caught_up_at(connection, consumed) for consumed in PREFERENCES_HEARD]
    assert heard == [parse_instant("2026-11-24T16:29Z")] * 2


async def test_preferences_cannot_have_heard_what_is_yet_to_come(database: Database) -> None:
    said = happened("preferences.caught_up", to="preferences", caught_up_at="2027-11-24T16:29Z")
    await ingest(Batch(events=[said]), database=database, playbook=PLAYBOOK, clock=CLOCK)

    async with database.transaction() as connection:
        heard = [await offsets.caught_up_at(connection, consumed) for consumed in PREFERENCES_HEARD]
    assert heard == [CLOCK.now()] * 2


async def test_somebody_is_forgotten_by_both_and_their_stop_is_met_and_lifted_in_both(
    database: Database, preferences: Database
) -> None:
    await _meet_ada(database, preferences)
    await hear_reply(reply("STOP"), database=database, clock=CLOCK, playbook=PLAYBOOK)
    await pass_on(database, preferences, "outreach.replies.v1")
    await erase(ADA, reason="asked", others=None, actor=STAFF, database=preferences, clock=ManualClock(LATER))
    await pass_on(preferences, database, "people.v1")
    for service in (database, preferences):
        async with service.transaction() as connection:
            await connection.execute("DELETE FROM outbox")
        assert await search(service, (SMS, "3035550123")) == set()

    # The number comes again under another id: the stop binds in both, and a later yes lifts it in both.
    number = happened("person.changed", to="person-2", phones=[{"number": SMS, "kind": "mobile"}])
    await hears(preferences, number, now=LATER)
    await pass_on(preferences, database, "people.v1")
    assert await stops_of(database, "person-2") == ["opted_out"]
    yes = happened(
        "consent.granted", LATER.isoformat(), to="person-2", channel="sms", basis="direct", address=SMS
    )
    await hears(preferences, yes, now=LATER + timedelta(minutes=1))
    await pass_on(preferences, database, "people.v1")
    assert await stops_of(database, "person-2") == []


async def stops_of(database: Database, person: str) -> Sequence[str]:
    async with database.transaction() as connection:
        return [
            each.kind for each in (await suppressions.read_suppressions(connection, [person])).get(person, [])
        ]
