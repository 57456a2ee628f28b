"""The record of a person is what the ledger folds to, in any order of its entries."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preferences.model.entry import Entry, HeardStatement, Statement, entry_of
from preferences.model.fold import as_of, fold, needs_the_whole_ledger
from preferences.model.record import Record, merged
from preferences.model.snapshot import snapshot_of
from schemas.envelope import Event
from tests.preferences.stories import ADA, NOW, SMS, batches, happened
from tests.preferences.streams import streams


def said(events: Sequence[Event]) -> list[HeardStatement]:
    return [
        HeardStatement(
            statement=Statement(event=event, caller=event.source, way="event"),
            heard_at=NOW + timedelta(microseconds=place),
        )
        for place, event in enumerate(events)
    ]


def stored(statements: Sequence[HeardStatement]) -> list[Entry]:
    """Return the entries as they come back from where JSON was written."""
    text = msgspec.json.encode([entry_of(statement) for statement in statements])
    return msgspec.json.decode(text, type=list[Entry])


def remembered(statements: Sequence[HeardStatement], sizes: Sequence[int]) -> Record:
    """Return the record that batches leave, one after the other, as `ledger.tell` folds them."""
    record: Record = {}
    ledger: list[Entry] = []
    for batch in batches(statements, sizes):
        ledger += stored(batch)
        heard = [statement.heard for statement in batch]
        record = fold(ledger) if needs_the_whole_ledger(heard) else merged(record, heard)
    return record


def check_any_order(stream: list[Event], sizes: list[int], data: st.DataObject) -> None:
    statements = said(stream)
    entries = stored(statements)
    shuffled = data.draw(st.permutations(entries))

    record = remembered(statements, sizes)

    assert fold(shuffled) == fold(entries) == record
    drawn = [snapshot_of(ADA, folded, unreadable=False) for folded in (fold(shuffled), record)]
    assert drawn[0] == drawn[1]


HISTORIES = {
    "stream": streams(longest=20, corrected=True),
    "sizes": st.lists(st.integers(1, 5), min_size=1),
    "data": st.data(),
}


@settings(max_examples=60)
@given(**HISTORIES)
def test_any_order_of_the_entries_makes_the_record(
    stream: list[Event], sizes: list[int], data: st.DataObject
) -> None:
    check_any_order(stream, sizes, data)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@settings(max_examples=10_000, deadline=None)
@given(**HISTORIES)
def test_ten_thousand_histories_make_the_same_record_in_any_order(
    stream: list[Event], sizes: list[int], data: st.DataObject
) -> None:
    check_any_order(stream, sizes, data)


@settings(max_examples=40)
@given(stream=streams(longest=12, corrected=True), until=st.integers(0, 20))
def test_the_record_as_of_an_instant_is_what_was_remembered_then(stream: list[Event], until: int) -> None:
    statements = said(stream)
    instant = NOW + timedelta(microseconds=until)

    assert fold(as_of(stored(statements), instant)) == remembered(statements[: until + 1], [3])


@settings(max_examples=40)
@given(stream=streams(longest=12, corrected=True))
def test_no_correction_opens_what_a_stop_or_a_hold_has_closed(stream: list[Event]) -> None:
    corrections = [event for event in stream if event.type == "statement.corrected.v1"]
    others = [event for event in stream if event.type != "statement.corrected.v1"]

    before = snapshot_of(ADA, fold(stored(said(others))), unreadable=False)
    after = snapshot_of(ADA, fold(stored(said([*others, *corrections]))), unreadable=False)

    assert ids(before["opt_outs"], "opt_out_id") <= ids(after["opt_outs"], "opt_out_id")
    assert ids(before["holds"], "hold_id") - {"pause_until"} <= ids(after["holds"], "hold_id")


def ids(listed: Sequence[dict[str, Any]], name: str) -> set[str]:
    return {part[name] for part in listed}


def test_a_corrected_consent_opens_nothing_any_more_though_the_correction_came_first() -> None:
    stopped = happened("consent.withdrawn", "2026-11-10T10:00Z", channel="sms", address=SMS)
    granted = happened("consent.granted", "2026-11-11T10:00Z", channel="sms", basis="direct", address=SMS)
    wrong = happened(
        "statement.corrected", event_source="/crm", event_id=granted.id, reason="another person's consent"
    )
    story = said([stopped, granted, wrong])

    opened = snapshot_of(ADA, fold(stored(story[:2])), unreadable=False)
    closed = snapshot_of(ADA, fold(stored(story)), unreadable=False)

    assert (opened["opt_outs"], len(closed["opt_outs"])) == ([], 1)
    assert (closed["consents"], closed["lifted"]) == ([], [])
    assert fold(stored(said([wrong, stopped, granted]))).keys() == fold(stored(story)).keys()


def test_a_corrected_number_gives_way_to_the_one_before() -> None:
    right = happened("person.changed", "2026-11-10T10:00Z", phones=[{"number": SMS}])
    slip = happened("person.changed", "2026-11-11T10:00Z", phones=[{"number": "+13035550199"}])
    wrong = happened("statement.corrected", event_source="/crm", event_id=slip.id, reason="misheard")

    snapshot = snapshot_of(ADA, fold(stored(said([right, slip, wrong]))), unreadable=False)

    assert [phone["number"] for phone in snapshot["phones"]] == [SMS]


PROVENANCE: dict[str, tuple[Event, tuple[str, str | None, str]]] = {
    "a system that says no more": (
        happened("hold.placed", hold_id="h", kind="pause"),
        ("system", None, "event"),
    ),
    "an agent on the telephone": (
        happened(
            "hold.placed",
            hold_id="h",
            kind="pause",
            provenance={"by": "agent", "way": "call", "speaker": "agent-7"},
        ),
        ("agent", "agent-7", "call"),
    ),
    "a withdrawal": (happened("consent.withdrawn", channel="sms"), ("person", None, "event")),
    "a text": (
        happened(
            "reply.received",
            reply_id="r",
            channel="sms",
            understood="other",
            needs_human=True,
            text="?",
            received_at="2026-11-20T10:00Z",
        ),
        ("person", None, "text"),
    ),
    "a vendor": (
        happened(
            "suppression.recorded",
            suppression_id="s",
            channel="email",
            kind="unreachable",
            origin="provider",
            at="2026-11-20T10:00Z",
        ),
        ("outreach", None, "event"),
    ),
}


@pytest.mark.parametrize(("event", "expected"), PROVENANCE.values(), ids=PROVENANCE)
def test_an_entry_tells_who_said_it_and_how(event: Event, expected: tuple[str, str | None, str]) -> None:
    (entry,) = stored(said([event]))

    assert (entry.said_by, entry.speaker, entry.way) == expected


def test_a_persons_own_pause_is_a_hold_until_it_is_taken_back() -> None:
    paused = happened("person.changed", "2026-11-20T10:00Z", pause_until="2026-12-01")
    resumed = happened("person.changed", "2026-11-21T10:00Z", pause_until=None)

    during = snapshot_of(ADA, fold(stored(said([paused]))), unreadable=False)
    after = snapshot_of(ADA, fold(stored(said([paused, resumed]))), unreadable=False)

    assert [(hold["hold_id"], hold["kind"], hold["until"]) for hold in during["holds"]] == [
        ("pause_until", "pause", "2026-12-01")
    ]
    assert (after["holds"], after["lifted_holds"]) == ([], ["pause_until"])


def test_a_corrected_pause_ends_by_name_and_what_was_asked_for_before_it_stands() -> None:
    asked = happened("person.changed", "2026-11-09T10:00Z", pause_until="2026-11-30")
    slip = happened("person.changed", "2026-11-10T10:00Z", pause_until="2026-12-24")
    wrong = happened("statement.corrected", event_source="/crm", event_id=slip.id, reason="somebody else")

    alone = snapshot_of(ADA, fold(stored(said([slip, wrong]))), unreadable=False)
    after_another = snapshot_of(ADA, fold(stored(said([asked, slip, wrong]))), unreadable=False)

    assert (alone["holds"], alone["lifted_holds"]) == ([], ["pause_until"])
    assert [hold["until"] for hold in after_another["holds"]] == ["2026-11-30"]
    assert after_another["lifted_holds"] == []


CLOSINGS: dict[str, Event] = {
    "a withdrawal": happened("consent.withdrawn", channel="sms"),
    "a hold": happened("hold.placed", hold_id="h-1", kind="hardship"),
}


@pytest.mark.parametrize("closing", CLOSINGS.values(), ids=CLOSINGS)
def test_what_closed_something_stands_though_somebody_calls_it_wrong(closing: Event) -> None:
    wrong = happened("statement.corrected", event_source="/crm", event_id=closing.id, reason="a slip")

    snapshot = snapshot_of(ADA, fold(stored(said([closing, wrong]))), unreadable=False)

    assert len(snapshot["opt_outs"]) + len(snapshot["holds"]) == 1
