# ruff: noqa: E501 - a change a line
"""The changes that operations staff make every week can be made in the files, and do what they say."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from outreach.guidance.files.folder import read_folder, read_guidance
from outreach.guidance.guidance import Guidance
from outreach.model.debt import Debt, Instalment, Placement, Plan, Stamped
from outreach.model.decision import Defer, Send, Suppress
from outreach.model.finding import Severity
from outreach.model.money import Money
from outreach.model.touch import DesiredTouch
from outreach.model.words import Channel, Reason, Role
from outreach.planning.desire import Past, desired_touches
from outreach.policy.engine import decide
from outreach.policy.explanation import explain
from tests.checking.folders import play, playbook, rule, said_of, sample
from tests.policy.builders import a_contact, a_situation, consenting
from tests.support.world import SAMPLE

NOON = "2026-12-02T12:00-05:00"
PLACED = datetime(2026, 11, 1, 12, tzinfo=UTC)
WAIVER = 'waive: [{rule: house.week, reason: a trial, decided_by: Ops, decided_on: "2026-11-20", from: "2026-12-01", until: "2026-12-31"}]'
WINTER = playbook(
    "    wording: check_in\n",
    '    wording: check_in\n    instead: [{wording: closure, from: "2026-11-10", until: "2026-11-12"}]\n',
)


def guidance(changed: Mapping[str, str]) -> Guidance:
    """Return the sample with these files, which nothing is wrong with."""
    errors = [finding for finding in said_of(changed) if finding.severity is Severity.ERROR]
    assert errors == []
    return read_guidance({**read_folder(SAMPLE), **changed})


def a_debt(*, owes: str = "100", plan: Plan | None = None, **placement: Any) -> Debt:
    whose = {"creditor": "northwind", "role": Role.THIRD_PARTY, "reference": "NW-1"} | placement
    return Debt(
        person_id="ada",
        debt_id="d1",
        placement=Stamped(Placement(**whose), PLACED, "s/1"),
        balance=Stamped(Money(Decimal(owes), "USD"), PLACED, "s/1"),
        plans={} if plan is None else {"p": Stamped(plan, PLACED, "s/2")},
    )


def desired(changed: Mapping[str, str], debt: Debt, name: str) -> list[DesiredTouch]:
    touches = desired_touches([debt], playbook=guidance(changed).playbook, past=Past(), now=PLACED)
    return [touch for touch in touches if touch.play == name]


@pytest.mark.parametrize(
    ("written", "asked", "decision", "reason"),
    [
        pytest.param("{id: a, kind: frequency_cap, limit: 1, within: 7d, per: creditor, creditors: [lakeside]}", {"creditor": "lakeside", "ledger": (a_contact("2026-11-29T12:00-05:00", creditor="lakeside"),)}, Defer, Reason.FREQUENCY_CAP, id="one creditor once a week"),
        pytest.param("{id: a, kind: suppress_if, fact: always, channels: [sms], creditors: [lakeside]}", {"creditor": "lakeside"}, Suppress, Reason.AGENCY_DECISION, id="no text for a creditor"),
        pytest.param("{id: a, kind: suppress_if, fact: always, channels: [sms], creditors: [lakeside]}", {"creditor": "northwind"}, Send, None, id="but for the others"),
        pytest.param('{id: a, kind: blackout_dates, days: ["12-01..12-03", "2026-12-09"]}', {}, Defer, Reason.BLACKOUT_DAY, id="days in a row"),
        pytest.param('{id: a, kind: contact_window, other_days: open, windows: [{days: fri, from: "09:00", to: "15:00"}]}', {}, Send, None, id="a stricter Friday leaves Wednesday open"),
        pytest.param('{id: a, kind: contact_window, other_days: open, windows: [{days: wed, from: "09:00", to: "11:00"}]}', {}, Defer, Reason.OUTSIDE_CONTACT_WINDOW, id="a stricter Wednesday binds on Wednesday"),
        pytest.param("{id: a, kind: frequency_cap, limit: 1, within: 7d, channels: [sms], counted_channels: [sms]}", {"ledger": (a_contact("2026-11-29T12:00-05:00", channel=Channel.EMAIL),)}, Send, None, id="a cap on texts counts no email"),
        pytest.param('{id: a, kind: hold, effective_from: "2027-01-01"}', {}, Send, None, id="in force from January"),
    ],
)  # fmt: skip
def test_a_rule_does_what_it_says(
    written: str, asked: dict[str, Any], decision: type, reason: Reason | None
) -> None:
    policy = guidance(rule(written)).policy

    decided = decide(a_situation(NOON, facts=consenting(), **asked), policy)

    assert isinstance(decided, decision), decided
    assert reason is None or reason in getattr(decided, "reasons", ())


def test_the_agencys_own_words_stand_in_the_explanation() -> None:
    policy = guidance(
        rule('{id: letters, kind: suppress_if, fact: always, because: "Lakeside wants letters only"}')
    ).policy

    explanation = explain(a_situation(NOON, facts=consenting()), policy)

    (answer,) = [answer for answer in explanation.answers if answer.rule == "agency.letters"]
    assert answer.facts == "Lakeside wants letters only - always: yes"


@pytest.mark.parametrize(
    ("day", "rules"),
    [("2026-11-30", 1), ("2026-12-15", 0), ("2027-01-01", 1)],
    ids=["the day before", "meanwhile", "the day after"],
)
def test_a_waiver_is_for_its_time_alone(day: str, rules: int) -> None:
    policy = guidance({"policy.yaml": f"policy: a\n{WAIVER}\n"}).policy

    week = [
        one for one in policy.packs["house"].rules
        if one.terms.id == "house.week"
        and (one.terms.effective_from or date.min) <= date.fromisoformat(day) <= (one.terms.effective_until or date.max)
    ]  # fmt: skip
    assert len(week) == rules


def test_a_waived_rule_of_law_is_said_in_every_explanation_and_one_of_the_house_is_not() -> None:
    text = 'policy: a\nwaive:\n  - {rule: us-federal.way_to_stop, reason: r, decided_by: d, decided_on: "2026-11-20"}\n  - {rule: house.week, reason: r, decided_by: d, decided_on: "2026-11-20"}\n'
    policy = guidance({"policy.yaml": text}).policy

    explanation = explain(a_situation(NOON, facts=consenting(), packs=("house", "us-federal")), policy)

    (caution,) = explanation.cautions
    assert caution.startswith("`us-federal.way_to_stop` is a rule of law and is set aside: r")


@pytest.mark.parametrize(
    ("conditions", "debt", "planned"),
    [
        ('{minimum_balance: "25"}', a_debt(owes="25"), True),
        ('{minimum_balance: "25"}', a_debt(owes="24.99"), False),
        ('{maximum_balance: "25"}', a_debt(owes="25.01"), False),
        ("{older_than: 1095d}", a_debt(owed_since=date(2023, 1, 1)), True),
        ("{older_than: 1095d}", a_debt(owed_since=date(2024, 1, 1)), False),
        ("{younger_than: 1095d}", a_debt(owed_since=date(2024, 1, 1)), True),
        ("{younger_than: 1095d}", a_debt(), True),
        ("{kinds: [medical]}", a_debt(kind="medical"), True),
        ("{kinds: [medical]}", a_debt(), False),
        ("[worth_it, medical]", a_debt(kind="medical", owes="30"), True),
        ("[worth_it, medical]", a_debt(kind="medical", owes="20"), False),
        ("worth_it", a_debt(owes="20"), False),
    ],
)
def test_conditions_ask_for_balance_age_and_kind_in_one_place(
    conditions: str, debt: Debt, planned: bool
) -> None:
    text = sample("playbook.yaml").replace("expires: 10d", f"conditions: {conditions}\n    expires: 10d", 1)
    named = 'conditions: {worth_it: {minimum_balance: "25"}, medical: {kinds: [medical]}}\n\nplays:'
    text = text.replace("plays:", named, 1)

    assert bool(desired({"playbook.yaml": text}, debt, "check_in")) is planned


def test_conditions_that_nobody_wrote_are_named_with_those_that_are_like_them() -> None:
    text = playbook("expires: 10d", "conditions: worthit\n    expires: 10d")["playbook.yaml"]
    text = text.replace("plays:", 'conditions: {worth_it: {minimum_balance: "25"}}\n\nplays:', 1)

    (finding,) = said_of({"playbook.yaml": text})

    assert "no conditions called `worthit`" in finding.message
    assert finding.fix == "did you mean `worth_it`?"


def test_a_reminder_before_the_day_and_one_on_the_day_fall_due_at_nine() -> None:
    plan = Plan((Instalment(1, date(2026, 11, 20), Money(Decimal(40), "USD")),))
    both = play(
        'early: {on: instalment.due, after: "-2d", at: "09:00", purpose: reminder, wording: instalment_reminder, channels: [sms]}\n  same_day: {on: instalment.due, after: "0d", at: "09:00", purpose: reminder, wording: instalment_reminder, channels: [sms]}'
    )

    due = [
        touch.due_at for name in ("early", "same_day") for touch in _unchecked(both, a_debt(plan=plan), name)
    ]

    assert due == [datetime(2026, 11, 18, 15, tzinfo=UTC), datetime(2026, 11, 20, 15, tzinfo=UTC)]
    assert any("`same_day` lapses 15h after it is due" in finding.message for finding in said_of(both))


@pytest.mark.parametrize(
    ("dates", "planned"),
    [('from: "2026-11-11"', True), ('from: "2026-11-12"', False), ('until: "2026-11-11"', True), ('until: "2026-11-10"', False)],
)  # fmt: skip
def test_a_play_is_in_force_from_a_day_until_another(dates: str, planned: bool) -> None:
    changed = playbook("expires: 10d", f"{dates}\n    expires: 10d")

    assert bool(desired(changed, a_debt(), "check_in")) is planned


def test_other_words_are_used_for_a_time() -> None:
    (in_time,) = desired(WINTER, a_debt(), "check_in")
    (later,) = desired(
        {"playbook.yaml": WINTER["playbook.yaml"].replace("after: 10d", "after: 12d")}, a_debt(), "check_in"
    )

    assert (in_time.wording, later.wording) == ("closure", "check_in")


def test_what_a_portfolio_says_comes_before_what_its_creditor_says() -> None:
    changed = playbook(
        "name: Lakeside Clinic",
        'name: Lakeside Clinic\n    phone: "+1 202 555 0102"\n    sms_sender: "+12025550102"\n    complaints: the clinic',
    )
    changed["playbook.yaml"] += '\nportfolios:\n  dental: {phone: "+1 202 555 0103"}\n  other:\n'
    directory = guidance(changed).directory

    dental, clinic = directory.creditor("lakeside", "dental"), directory.creditor("lakeside", "other")

    assert (dental.phone, dental.sms_sender) == ("+1 202 555 0103", "+12025550102")
    assert directory.agency_for(dental).phone == "+1 202 555 0103"
    assert directory.agency_for(clinic).phone == "+1 202 555 0102"
    assert directory.agency_for(clinic).complaints == "the clinic"
    assert directory.agency_for(directory.creditor("northwind")).phone == "+1 202 555 0100"


def _unchecked(changed: Mapping[str, str], debt: Debt, name: str) -> list[DesiredTouch]:
    book = read_guidance({**read_folder(SAMPLE), **changed}).playbook
    touches = desired_touches([debt], playbook=book, past=Past(), now=PLACED + timedelta(hours=1))
    return [touch for touch in touches if touch.play == name]


def test_a_check_in_stops_after_two() -> None:
    changed = playbook("at_most: 3", "at_most: 2")

    repeat = guidance(changed).playbook.plays["check_in"].repeat

    assert repeat is not None
    assert repeat.at_most == 2


def test_a_pilot_of_one_portfolio_is_planned_for_it_alone() -> None:
    pilot = playbook(
        "expires: 10d", "dry_run: true\n    conditions: {portfolios: [clinic]}\n    expires: 10d"
    )
    pilot["playbook.yaml"] += "\nportfolios: {clinic: {}}\n"

    assert guidance(pilot).playbook.plays["check_in"].dry_run
    assert desired(pilot, a_debt(portfolio="clinic"), "check_in")
    assert not desired(pilot, a_debt(), "check_in")


def test_email_comes_first_for_one_portfolio() -> None:
    written = "{id: a, kind: channel_order, order: [email, sms], portfolios: [clinic]}"
    policy = guidance({**rule(written), **playbook("zone:", "portfolios: {clinic: {}}\n\nzone:")}).policy

    def asked(portfolio: str | None) -> bool:
        explained = explain(a_situation(NOON, facts=consenting(), portfolio=portfolio), policy)
        return any(answer.rule == "agency.a" and "email, sms" in answer.facts for answer in explained.answers)

    assert asked("clinic")
    assert not asked("dental")


def test_a_holiday_range_holds_through_its_last_day() -> None:
    policy = guidance(rule('{id: a, kind: blackout_dates, days: ["12-24..12-26"]}')).policy

    on_the_last = decide(a_situation("2026-12-26T12:00-05:00", facts=consenting()), policy)
    after_it = decide(a_situation("2026-12-28T12:00-05:00", facts=consenting()), policy)

    assert isinstance(on_the_last, Defer)
    assert isinstance(after_it, Send)


def test_consent_is_asked_for_in_one_country_alone() -> None:
    written = "{id: a, kind: require_basis, channels: [email], places: [DE], any_of: [direct]}"

    assert [found.message for found in said_of(rule(written)) if found.severity is Severity.ERROR] == []
