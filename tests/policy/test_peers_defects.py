"""What other systems get wrong about contact, kept as tests, each named after what it guards."""

from datetime import timedelta

import pytest

from outreach.guidance.files.policy import build_policy
from outreach.guidance.files.problems import ConfigError
from outreach.guidance.files.yaml_text import read_yaml
from outreach.model.decision import Defer, Send, Suppress
from outreach.model.person import Address, Evidence, Wishes
from outreach.model.words import Channel, Reason
from outreach.policy.engine import decide
from outreach.policy.rules.contact_window import ContactWindow
from outreach.policy.rules.frequency_cap import FrequencyCap
from outreach.policy.rules.terms import Terms
from outreach.policy.timetable import Timetable
from tests.policy.builders import a_contact, a_policy, a_situation, at, consenting, decided, window

AUCKLAND = Evidence(zones=("Pacific/Auckland",))


def _window(*windows: object, zone: str | None = None) -> ContactWindow:
    return ContactWindow(
        terms=Terms(id="test.hours"),
        timetable=Timetable(tuple(windows)),  # type: ignore[arg-type]
        zone=zone,
    )


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        pytest.param(
            "2026-06-08T01:00-04:00", "2026-06-08T22:00-04:00", id="Monday 01:00 belongs to Sunday night"
        ),
        pytest.param("2026-06-09T23:00-04:00", "2026-06-15T22:00-04:00", id="Tuesday 23:00 is another night"),
    ],
)
def test_an_overnight_window_does_not_leak_into_another_day(now: str, opens: str) -> None:
    nights = a_policy(_window(window("mon", "22:00", "02:00")))

    decision = decide(a_situation(now, packs=("test",)), nights)

    assert decision == Defer(at(opens), (Reason.OUTSIDE_CONTACT_WINDOW,))


def test_an_overnight_window_runs_into_the_next_morning() -> None:
    nights = a_policy(_window(window("mon", "22:00", "02:00")))

    decision = decide(a_situation("2026-06-09T01:59-04:00", packs=("test",)), nights)

    assert decision == Send(at("2026-06-09T02:00-04:00"))


@pytest.mark.parametrize(
    ("evening_before", "opens"),
    [
        pytest.param("2026-03-07T21:30-05:00", "2026-03-08T08:00-04:00", id="clocks go forward overnight"),
        pytest.param("2026-10-31T21:30-04:00", "2026-11-01T08:00-05:00", id="clocks go back overnight"),
    ],
)
def test_tomorrows_opening_is_computed_with_tomorrows_offset(evening_before: str, opens: str) -> None:
    daily = a_policy(_window(window("mon-sun", "08:00", "21:00")))

    decision = decide(a_situation(evening_before, packs=("test",)), daily)

    assert decision == Defer(at(opens), (Reason.OUTSIDE_CONTACT_WINDOW,))


def test_the_weekday_is_read_on_the_same_clock_as_the_hour() -> None:
    weekdays = a_policy(_window(window("mon-fri", "08:00", "20:00")))
    # Monday 09:00 in Auckland is still Sunday in UTC.
    monday = a_situation("2026-06-08T09:00+12:00", evidence=AUCKLAND, packs=("test",))

    assert isinstance(decide(monday, weekdays), Send)


def test_a_window_whose_end_comes_first_is_not_turned_round() -> None:
    nights = a_policy(_window(window("mon-sun", "22:00", "06:00")))

    noon = decide(a_situation("2026-06-09T12:00-04:00", packs=("test",)), nights)
    night = decide(a_situation("2026-06-09T23:00-04:00", packs=("test",)), nights)

    assert noon == Defer(at("2026-06-09T22:00-04:00"), (Reason.OUTSIDE_CONTACT_WINDOW,))
    assert isinstance(night, Send)


def test_two_people_at_one_instant_are_not_given_one_offset() -> None:
    daily = a_policy(_window(window("mon-sun", "08:00", "21:00")))
    now = "2026-06-09T12:30Z"

    in_new_york = decide(a_situation(now, packs=("test",)), daily)
    in_los_angeles = decide(
        a_situation(now, evidence=Evidence(zones=("America/Los_Angeles",)), packs=("test",)), daily
    )

    assert isinstance(in_new_york, Send)
    assert in_los_angeles == Defer(at("2026-06-09T08:00-07:00"), (Reason.OUTSIDE_CONTACT_WINDOW,))


def test_summer_and_winter_are_not_given_one_offset() -> None:
    daily = a_policy(_window(window("mon-sun", "08:00", "21:00")))

    summer = decide(a_situation("2026-07-01T12:30Z", packs=("test",)), daily)
    winter = decide(a_situation("2026-12-01T12:30Z", packs=("test",)), daily)

    assert isinstance(summer, Send)
    assert winter == Defer(at("2026-12-01T08:00-05:00"), (Reason.OUTSIDE_CONTACT_WINDOW,))


@pytest.mark.parametrize(
    "evidence",
    [
        pytest.param(Evidence(), id="nothing at all"),
        pytest.param(Evidence(phones=("+18005550100",)), id="a toll-free number"),
        pytest.param(Evidence(zones=("Middle/Earth",)), id="a zone that does not exist"),
        pytest.param(
            Evidence(addresses=(Address(country="US", region="AE", postal_code="09012"),)),
            id="an army post office",
        ),
    ],
)
def test_a_missing_zone_means_neither_utc_nor_send(evidence: Evidence) -> None:
    decision = decided(a_situation("2026-06-09T12:00Z", evidence=evidence, facts=consenting(), packs=None))

    assert isinstance(decision, Suppress)
    assert Reason.LOCATION_UNKNOWN in decision.reasons


def test_a_conflict_of_places_is_not_settled_by_picking_one() -> None:
    # The area code says Eastern, the address Pacific: 21:30 in New York is 18:30 in Los Angeles.
    both = Evidence(
        addresses=(Address(country="US", region="CA", postal_code="90012"),), phones=("+12125550123",)
    )

    decision = decided(
        a_situation("2026-06-09T18:30-07:00", evidence=both, facts=consenting(), packs=("us-federal",))
    )

    assert decision == Defer(at("2026-06-10T11:00-04:00"), (Reason.OUTSIDE_CONTACT_WINDOW,))


def test_a_full_cap_waits_until_the_slot_frees_and_not_a_whole_period() -> None:
    weekly = a_policy(FrequencyCap(terms=Terms(id="test.week"), limit=2, window=timedelta(days=7)))
    ledger = (a_contact("2026-06-03T10:00:07-04:00"), a_contact("2026-06-08T10:00-04:00"))

    decision = decide(a_situation("2026-06-09T12:00-04:00", ledger=ledger, packs=("test",)), weekly)

    assert decision == Defer(at("2026-06-10T10:00:07-04:00"), (Reason.FREQUENCY_CAP,))


def test_a_limit_of_nothing_is_refused_and_not_read_as_all_or_none() -> None:
    text = """
policy: test
rules:
  - id: never
    kind: frequency_cap
    limit: 0
    within: 7d
"""

    with pytest.raises(ConfigError) as refused:
        build_policy(read_yaml(text, file="policy.yaml"))

    (problem,) = refused.value.problems
    assert (problem.line, problem.column) == (6, 12)
    assert "suppress_if" in problem.fix


def test_counting_and_sending_leaves_no_gap_for_a_second_message() -> None:
    # A second touch decided in the same batch sees the reservation that the first one made.
    daily = a_policy(FrequencyCap(terms=Terms(id="test.day"), limit=1, window=timedelta(days=1)))
    now = "2026-06-09T12:00-04:00"
    first = a_situation(now, packs=("test",))

    assert isinstance(decide(first, daily), Send)

    reserved = a_contact(now, channel=Channel.SMS)
    second = a_situation(now, ledger=(reserved,), packs=("test",))
    assert decide(second, daily) == Defer(at("2026-06-10T12:00-04:00"), (Reason.FREQUENCY_CAP,))


def test_contacts_at_one_instant_are_all_counted() -> None:
    two_a_day = a_policy(FrequencyCap(terms=Terms(id="test.day"), limit=2, window=timedelta(days=1)))
    at_once = (
        a_contact("2026-06-09T10:00-04:00"),
        a_contact("2026-06-09T10:00-04:00", channel=Channel.EMAIL),
    )

    decision = decide(a_situation("2026-06-09T12:00-04:00", ledger=at_once, packs=("test",)), two_a_day)

    assert decision == Defer(at("2026-06-10T10:00-04:00"), (Reason.FREQUENCY_CAP,))


def test_of_two_answers_at_one_instant_neither_was_the_first_and_both_count() -> None:
    two_a_day = a_policy(FrequencyCap(terms=Terms(id="test.day"), limit=2, window=timedelta(days=1)))
    asked = at("2026-06-09T09:00-04:00")
    answers = [
        a_contact("2026-06-09T10:00-04:00", channel=channel, in_reply_to=asked)
        for channel in (Channel.SMS, Channel.EMAIL)
    ]

    for ledger in (answers, answers[::-1]):
        situation = a_situation("2026-06-09T12:00-04:00", ledger=tuple(ledger), packs=("test",))
        decision = decide(situation, two_a_day)

        assert decision == Defer(at("2026-06-10T10:00-04:00"), (Reason.FREQUENCY_CAP,))


def test_channels_share_one_cap() -> None:
    daily = a_policy(FrequencyCap(terms=Terms(id="test.day"), limit=1, window=timedelta(days=1)))
    called = (a_contact("2026-06-09T10:00-04:00", channel=Channel.VOICE),)

    decision = decide(a_situation("2026-06-09T12:00-04:00", ledger=called, packs=("test",)), daily)

    assert isinstance(decision, Defer)


def test_a_window_is_closed_at_its_very_end() -> None:
    daily = a_policy(_window(window("mon-sun", "08:00", "21:00")))

    assert isinstance(decide(a_situation("2026-06-09T20:59:59-04:00", packs=("test",)), daily), Send)
    assert isinstance(decide(a_situation("2026-06-09T21:00:00-04:00", packs=("test",)), daily), Defer)
    assert isinstance(decide(a_situation("2026-06-09T08:00:00-04:00", packs=("test",)), daily), Send)
    assert isinstance(decide(a_situation("2026-06-09T07:59:59-04:00", packs=("test",)), daily), Defer)


def test_a_pause_somebody_asked_for_holds_the_message_and_is_not_only_noted() -> None:
    nothing_convenient = Wishes(inconvenient=(window("mon-sun", "00:00", "24:00"),))

    decision = decided(a_situation("2026-06-09T12:00-04:00", wishes=nothing_convenient))

    assert decision == Suppress((Reason.NO_COMMON_CONTACT_WINDOW, Reason.INCONVENIENT_TIME))


def test_a_search_that_finds_nothing_says_so_and_does_not_answer_now() -> None:
    nowhere = a_policy(_window(window("mon", "08:00", "09:00")), _window(window("tue", "08:00", "09:00")))

    decision = decide(a_situation("2026-06-09T12:00-04:00", packs=("test",)), nowhere)

    assert decision == Suppress((Reason.NO_COMMON_CONTACT_WINDOW, Reason.OUTSIDE_CONTACT_WINDOW))


def test_what_came_too_late_is_dropped_and_not_flushed_after_an_outage() -> None:
    decision = decided(a_situation("2026-06-09T12:00-04:00", expires_at=at("2026-06-09T11:00-04:00")))

    assert decision == Suppress((Reason.EXPIRED,))
    assert decision.closes
