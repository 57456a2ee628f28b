"""The same events always end in the same record, and only the person opens what was closed."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from preferences.model.record import HeardEvent, Record, changed_at, in_order_of_hearing, merged, moment
from preferences.model.snapshot import snapshot_of
from preferences.model.stored_record import read_record
from schemas.envelope import Event
from schemas.people import PersonSnapshot
from tests.preferences.stories import ADA, EMAIL, NOW, SMS, batches, happened
from tests.preferences.streams import streams


def drawn(*events: Event) -> PersonSnapshot:
    return read(snapshot_of(ADA, merged({}, heard(events)), unreadable=False))


def heard(events: Iterable[Event], *, now: datetime = NOW) -> list[HeardEvent]:
    return in_order_of_hearing(events, now=now)


def read(data: dict[str, Any]) -> PersonSnapshot:
    return PersonSnapshot.model_validate(
        {**data, "version": 1, "changed_at": "2026-11-20T10:00:00Z"}, strict=False
    )


@given(stream=streams(longest=20), sizes=st.lists(st.integers(1, 5), min_size=1), data=st.data())
def test_order_repetition_and_batches_never_matter(
    stream: list[Event], sizes: list[int], data: st.DataObject
) -> None:
    told = heard(stream)
    again = data.draw(st.permutations(told + data.draw(st.lists(st.sampled_from(told), max_size=5))))
    record: Record = {}
    for batch in batches(again, sizes):
        record = merged(record, batch)

    assert record == merged({}, told)
    assert snapshot_of(ADA, record, unreadable=False) == snapshot_of(ADA, merged({}, told), unreadable=False)


@given(stream=streams(longest=20))
def test_every_record_makes_a_snapshot_that_the_contract_allows(stream: list[Event]) -> None:
    mine = [each for each in stream if each.person_id == ADA]

    assert read(snapshot_of(ADA, merged({}, heard(mine)), unreadable=False)).person_id == ADA


@given(stream=streams(longest=20), more=streams(longest=5))
def test_every_opt_out_either_stands_or_is_lifted_by_name(stream: list[Event], more: list[Event]) -> None:
    record = merged({}, heard(stream))
    before = snapshot_of(ADA, record, unreadable=False)
    later = heard(more, now=NOW + timedelta(hours=1))
    after = snapshot_of(ADA, merged(record, later), unreadable=False)

    told = {each["opt_out_id"] for each in before["opt_outs"]} | set(before["lifted"])
    assert told <= {each["opt_out_id"] for each in after["opt_outs"]} | set(after["lifted"])


def test_a_field_keeps_the_latest_word_whoever_is_heard_last() -> None:
    spanish = happened("person.changed", "2026-11-20T10:00Z", language="es")
    english = happened("person.changed", "2026-11-20T09:00Z", language="en", zones=["America/Denver"])

    snapshot = drawn(spanish, english)

    assert (snapshot.language, snapshot.zones) == ("es", ("America/Denver",))


def test_a_field_that_is_left_out_stays_and_one_that_is_null_is_cleared() -> None:
    named = happened("person.changed", "2026-11-20T10:00Z", names={"given": "Ada"}, language="en")
    cleared = happened("person.changed", "2026-11-20T11:00Z", language=None)

    snapshot = drawn(named, cleared)

    assert snapshot.names is not None
    assert snapshot.language is None


def test_two_words_at_the_same_instant_are_settled_by_their_names() -> None:
    one = happened("person.changed", source="/a", language="en")
    other = happened("person.changed", source="/b", language="es")

    assert drawn(one, other).language == drawn(other, one).language == "es"


def test_a_withdrawal_closes_and_leaves_the_consent_as_it_was() -> None:
    granted = happened("consent.granted", "2026-11-01T10:00Z", channel="sms", basis="direct")
    withdrawn = happened("consent.withdrawn", "2026-11-02T10:00Z", channel="sms")

    snapshot = drawn(granted, withdrawn)

    assert [each.channel for each in snapshot.opt_outs] == ["sms"]
    assert [each.basis for each in snapshot.consents] == ["direct"]
    assert snapshot.lifted == ()


STOP = "2026-11-10T10:00Z"


CONSENTS: dict[str, tuple[dict[str, Any], bool]] = {
    "of the person, later": ({"channel": "sms", "basis": "direct", "at": "2026-11-10T10:00:01Z"}, True),
    "in writing, later": ({"channel": "sms", "basis": "written", "at": "2026-11-11T10:00Z"}, True),
    "for the number": ({"channel": "sms", "basis": "direct", "address": SMS}, True),
    "at the same instant": ({"channel": "sms", "basis": "direct", "at": STOP}, False),
    "earlier, but heard later": ({"channel": "sms", "basis": "direct", "at": "2026-11-09T10:00Z"}, False),
    "of nobody knows when": ({"channel": "sms", "basis": "direct", "at": None}, False),
    "passed on by the creditor": ({"channel": "sms", "basis": "creditor_notice"}, False),
    "inferred from use": ({"channel": "sms", "basis": "consumer_used"}, False),
    "for another channel": ({"channel": "email", "basis": "direct"}, False),
    "for another number": ({"channel": "sms", "basis": "direct", "address": "+13035550199"}, False),
}


@pytest.mark.parametrize(("consent", "opens"), CONSENTS.values(), ids=CONSENTS)
def test_only_a_later_consent_of_the_person_lifts_an_opt_out(consent: dict[str, Any], opens: bool) -> None:
    stopped = happened(
        "suppression.recorded",
        STOP,
        suppression_id="stop-1",
        channel="sms",
        kind="opted_out",
        address=SMS,
        origin="reply",
        at=STOP,
    )
    granted = happened("consent.granted", "2026-11-12T10:00Z", **consent)

    heard_after, heard_before = drawn(stopped, granted), drawn(granted, stopped)

    assert heard_after.lifted == (("stop-1",) if opens else ())
    assert len(heard_after.opt_outs) == (0 if opens else 1)
    assert (heard_before.lifted, len(heard_before.opt_outs)) == ((), 1)


def test_a_stop_after_the_consent_closes_again() -> None:
    stops = [
        happened(
            "suppression.recorded",
            at,
            suppression_id=name,
            channel="sms",
            kind="opted_out",
            address=SMS,
            origin="reply",
            at=at,
        )
        for name, at in (("first", "2026-11-10T10:00Z"), ("second", "2026-11-12T10:00Z"))
    ]
    granted = happened("consent.granted", "2026-11-11T10:00Z", channel="sms", basis="direct")

    snapshot = drawn(*stops, granted)

    assert [each.opt_out_id for each in snapshot.opt_outs] == ["second"]
    assert snapshot.lifted == ("first",)


@pytest.mark.parametrize(("address", "opens"), [(None, False), (EMAIL, True), (EMAIL.upper(), True)])
def test_an_address_that_bounced_is_opened_only_by_a_consent_for_it(address: str | None, opens: bool) -> None:
    bounced = happened(
        "suppression.recorded",
        suppression_id="bounce",
        channel="email",
        kind="unreachable",
        address=EMAIL,
        origin="provider",
        at="2026-11-20T10:00Z",
    )
    granted = happened(
        "consent.granted", "2026-11-21T10:00Z", channel="email", basis="direct", address=address
    )

    assert (drawn(bounced, granted).lifted == ("bounce",)) is opens


def test_start_lifts_what_stop_closed_even_if_it_is_heard_first() -> None:
    stopped = happened(
        "suppression.recorded",
        "2026-11-20T10:00Z",
        suppression_id="stop-1",
        channel="sms",
        kind="opted_out",
        origin="reply",
        at="2026-11-20T10:00Z",
    )
    started = happened(
        "suppression.lifted",
        "2026-11-20T11:00Z",
        suppression_id="stop-1",
        channel="sms",
        at="2026-11-20T11:00Z",
    )

    for snapshot in (drawn(stopped, started), drawn(started, stopped)):
        assert (snapshot.opt_outs, snapshot.lifted) == ((), ("stop-1",))


def test_a_hold_stands_until_it_is_lifted_by_name_and_may_be_placed_again() -> None:
    placed = happened("hold.placed", "2026-11-20T10:00Z", hold_id="h-1", kind="hardship", days=30)
    other = happened("hold.placed", "2026-11-20T10:00Z", hold_id="h-2", kind="pause", until="2026-12-01")
    lifted = happened("hold.lifted", "2026-11-21T10:00Z", hold_id="h-1")
    again = happened("hold.placed", "2026-11-22T10:00Z", hold_id="h-1", kind="attorney_represented")

    before = drawn(lifted, placed, other)
    after = drawn(again, lifted, placed, other)

    assert ([each.hold_id for each in before.holds], before.lifted_holds) == (["h-2"], ("h-1",))
    assert ([each.kind for each in after.holds], after.lifted_holds) == (
        ["attorney_represented", "pause"],
        (),
    )


def test_a_hold_begins_when_it_was_placed_unless_it_says_otherwise() -> None:
    said = happened("hold.placed", "2026-11-20T10:00Z", hold_id="h-1", kind="pause", since="2026-11-01")
    unsaid = happened("hold.placed", "2026-11-20T10:00Z", hold_id="h-2", kind="pause", since=None)

    assert [str(each.since) for each in drawn(said, unsaid).holds] == [
        "2026-11-01",
        "2026-11-20 10:00:00+00:00",
    ]


def test_a_reply_that_needs_a_human_holds_until_the_hold_of_its_name_is_lifted() -> None:
    reply: dict[str, Any] = {
        "reply_id": "r-1",
        "channel": "sms",
        "understood": "other",
        "text": "?",
        "received_at": STOP,
    }
    asked = happened("reply.received", STOP, needs_human=True, **reply)
    answered = happened("hold.lifted", "2026-11-20T10:00Z", hold_id="r-1")
    thanked = happened("reply.received", STOP, needs_human=False, **{**reply, "reply_id": "r-2"})

    assert [(each.hold_id, each.kind) for each in drawn(asked, thanked).holds] == [("r-1", "with_human")]
    assert drawn(asked, thanked, answered).lifted_holds == ("r-1",)


def test_the_check_that_was_made_last_counts_whenever_it_is_told() -> None:
    late = happened(
        "number.checked", "2026-11-20T10:00Z", number=SMS, result="reassigned", at="2026-11-19T10:00Z"
    )
    early = happened(
        "number.checked", "2026-11-21T10:00Z", number=SMS, result="not_reassigned", at="2026-11-18T10:00Z"
    )

    assert [each.result for each in drawn(late, early).number_checks] == ["reassigned"]


def test_a_notice_is_kept_for_its_debt() -> None:
    posted = [
        happened("notice.posted", name="written_notice", on="2026-11-01", debt_id=debt)
        for debt in ("d-1", None)
    ]

    assert {each.debt_id for each in drawn(*posted).notices} == {"d-1", None}


def test_an_older_consent_that_is_told_later_takes_nothing_back() -> None:
    stopped = happened("consent.withdrawn", "2026-11-10T10:00Z", channel="sms")
    given = [
        happened("consent.granted", told, channel="sms", basis="direct", at=at)
        for told, at in (
            ("2026-11-12T10:00Z", "2026-11-11T10:00Z"),
            ("2026-11-13T10:00Z", "2026-11-09T10:00Z"),
        )
    ]

    assert drawn(stopped, *given).opt_outs == ()


def test_an_opt_out_that_is_recorded_again_after_it_was_lifted_stands_again() -> None:
    stop = {"suppression_id": "stop-1", "channel": "sms", "kind": "opted_out", "origin": "reply"}
    stopped = happened("suppression.recorded", "2026-11-20T10:00Z", at="2026-11-20T10:00Z", **stop)
    started = happened(
        "suppression.lifted",
        "2026-11-20T11:00Z",
        suppression_id="stop-1",
        channel="sms",
        at="2026-11-20T11:00Z",
    )
    again = happened("suppression.recorded", "2026-11-20T12:00Z", at="2026-11-20T12:00Z", **stop)

    assert [each.opt_out_id for each in drawn(again, started, stopped).opt_outs] == ["stop-1"]


def a_stop(at: datetime) -> Event:
    return happened(
        "suppression.recorded",
        at.isoformat(),
        suppression_id="stop-1",
        channel="sms",
        kind="opted_out",
        address=SMS,
        origin="reply",
        at=at.isoformat(),
    )


def a_consent(at: datetime, **more: Any) -> Event:
    return happened("consent.granted", at.isoformat(), channel="sms", basis="direct", **more)


@pytest.mark.parametrize("ahead", [timedelta(minutes=4), timedelta(days=36 * 365)])
def test_a_consent_stamped_ahead_never_undoes_a_stop_that_is_heard_after_it(ahead: timedelta) -> None:
    record = merged({}, [HeardEvent(a_consent(NOW + ahead), NOW)])
    stopped = merged(record, [HeardEvent(a_stop(NOW + timedelta(minutes=1)), NOW + timedelta(minutes=1))])

    assert read(snapshot_of(ADA, stopped, unreadable=False)).lifted == ()


def test_a_consent_stamped_ahead_was_given_when_it_was_heard() -> None:
    record = merged({}, [HeardEvent(a_consent(NOW + timedelta(days=365)), NOW)])

    told = read(snapshot_of(ADA, record, unreadable=False))

    assert [consent.at for consent in told.consents] == [NOW]
    assert changed_at(record) == moment(NOW)


def test_a_consent_given_earlier_and_heard_later_lifts_what_was_heard_between_the_two() -> None:
    hour = timedelta(hours=1)
    consents = [
        HeardEvent(a_consent(NOW + 5 * hour), NOW + 5 * hour),
        HeardEvent(a_consent(NOW + 3 * hour), NOW + 6 * hour),
    ]
    stop = HeardEvent(a_stop(NOW + 2 * hour), NOW + 5 * hour)

    assert read(snapshot_of(ADA, merged({}, [stop, *consents]), unreadable=False)).lifted == ("stop-1",)


def test_a_stop_stamped_by_a_slow_clock_is_not_undone_by_a_consent_heard_before_it() -> None:
    record = merged({}, [HeardEvent(a_consent(NOW - timedelta(minutes=5)), NOW - timedelta(minutes=5))])
    stopped = merged(record, [HeardEvent(a_stop(NOW - timedelta(minutes=10)), NOW)])

    assert read(snapshot_of(ADA, stopped, unreadable=False)).lifted == ()


@given(data=st.data(), hours=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1))
def test_any_consent_heard_and_given_after_the_stop_lifts_it_and_no_other(
    data: st.DataObject, hours: list[tuple[int, int]]
) -> None:
    told = [
        HeardEvent(a_consent(NOW + timedelta(hours=given)), NOW + timedelta(hours=hearing))
        for given, hearing in hours
    ]
    stop = HeardEvent(a_stop(NOW + timedelta(hours=2)), NOW + timedelta(hours=5))
    lifts = any(min(given, hearing) > 2 and hearing > 5 for given, hearing in hours)

    record = merged({}, data.draw(st.permutations([stop, *told])))

    assert read(snapshot_of(ADA, record, unreadable=False)).lifted == (("stop-1",) if lifts else ())


def test_a_withdrawal_whose_address_cannot_be_read_closes_the_whole_channel() -> None:
    snapshot = drawn(happened("consent.withdrawn", channel="sms", address="303-555-0123"))

    assert [(each.channel, each.address) for each in snapshot.opt_outs] == [("sms", None)]


@pytest.mark.parametrize("address", ["+1-303-555-0123", "tel:+13035550123", SMS])
def test_consents_of_one_number_in_two_spellings_are_consents_of_one_number(address: str) -> None:
    stopped = a_stop(NOW - timedelta(hours=2))

    assert drawn(stopped, a_consent(NOW - timedelta(hours=1), address=address)).lifted == ("stop-1",)


def test_a_record_stored_by_an_earlier_version_is_read_as_it_was_meant() -> None:
    past, ahead = "2026-11-20T10:00:00.000000Z", "2062-03-01T00:00:00.000000Z"
    stored: dict[str, Any] = {
        "consent sms +1-303-555-0123 direct": [[past, "/crm", "e1"], {"basis": "direct"}],
        "opened sms +1-303-555-0123": [[past, "/crm", "e1"], past],
        "opened sms ": [[ahead, "/crm", "e2"], ahead],
    }

    record = read_record(stored, now=NOW)

    assert record[f"opened sms {SMS}"].value == [[past, past]]
    assert record[f"consent sms {SMS} direct"].stamp.heard == past
    assert "opened sms " not in record
    assert read_record(msgspec.to_builtins(record), now=NOW) == record


@pytest.mark.parametrize(
    ("said", "closes"),
    [
        ("+1 303 555 0123", "+13035550123"),
        ("+1 (303) 555-0123", "+13035550123"),
        (" +13035550123 ", "+13035550123"),
        ("+13035550123", "+13035550123"),
        ("my mobile", None),
        ("303 555 0123", None),
        ("", None),
        ("x" * 400, None),
        ("ada@example.com", None),
    ],
)
def test_a_withdrawal_binds_what_was_said_or_closes_the_channel(said: str, closes: str | None) -> None:
    snapshot = drawn(happened("consent.withdrawn", channel="sms", address=said))

    (out,) = snapshot.opt_outs
    assert (out.channel, out.address) == ("sms", closes)


def test_an_address_that_a_snapshot_cannot_tell_closes_the_channel() -> None:
    snapshot = drawn(happened("consent.withdrawn", channel="email", address='"ada smith"@example.com'))

    assert [out.address for out in snapshot.opt_outs] == [None]
