"""Promises that hold for everybody, everywhere, at every minute."""

import os
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outreach.model.decision import Decision, Defer, Send, Suppress
from outreach.model.words import Reason
from outreach.policy.engine import decide
from outreach.policy.evidence import locate
from outreach.policy.policy import AnyRule
from outreach.policy.situation import Situation
from tests.policy.brute_force import hours_permit, permitted
from tests.policy.builders import a_policy
from tests.policy.strategies import rules, situations

MINUTE = timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)
#: Set it to thousands for a night's run.
EXAMPLES = int(os.environ.get("OUTREACH_POLICY_EXAMPLES", "30"))
#: A walk of every minute is cut here; the edges around the answer are walked whatever its distance.
WALK = 1440 if EXAMPLES < 100 else 5 * 1440

asked = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Situation, tuple[AnyRule, ...]]:
    situation = draw(situations())
    return situation, draw(rules(situation.now))


def minutes_before(end: datetime, *, since: datetime) -> list[datetime]:
    """Every minute from `since` up to, and without, `end`, and the last moments before it."""
    count = min(int((end - since) / MINUTE) + 1, WALK)
    walked = [since + step * MINUTE for step in range(count)]
    near = [end - MOMENT, end - timedelta(seconds=1), *(end - step * MINUTE for step in range(1, 200))]
    return [each for each in (*walked, *near) if since <= each < end]


@asked
@given(question=questions())
def test_every_instant_before_until_is_forbidden_and_until_itself_is_not(
    question: tuple[Situation, tuple[AnyRule, ...]],
) -> None:
    situation, in_force = question
    zones = locate(situation.evidence).zones

    decision = decide(situation, a_policy(*in_force))

    match decision:
        case Defer(until, _):
            assert permitted(situation, in_force, zones, until)
            for instant in minutes_before(until, since=situation.now):
                assert not permitted(situation, in_force, zones, instant), instant
        case Send(valid_until):
            for instant in minutes_before(valid_until, since=situation.now)[:720]:
                assert permitted(situation, in_force, zones, instant), instant
            assert permitted(situation, in_force, zones, valid_until - MOMENT)
        case Suppress(reasons):
            assert reasons[0] is Reason.NO_COMMON_CONTACT_WINDOW
            for count in range(10 * 24 * 4):
                instant = situation.now + count * timedelta(minutes=15)
                assert not permitted(situation, in_force, zones, instant), instant


@asked
@given(question=questions())
def test_without_a_common_hour_there_is_none_for_sixty_days(
    question: tuple[Situation, tuple[AnyRule, ...]],
) -> None:
    situation, in_force = question
    zones = locate(situation.evidence).zones

    decision = decide(situation, a_policy(*in_force))

    if isinstance(decision, Suppress):
        for count in range(50 * 24 * 2):
            instant = situation.now + timedelta(days=10) + count * timedelta(minutes=30)
            assert not hours_permit(situation, in_force, zones, instant), instant


@asked
@given(question=questions(), data=st.data())
def test_the_order_of_the_rules_never_matters(
    question: tuple[Situation, tuple[AnyRule, ...]], data: st.DataObject
) -> None:
    situation, in_force = question
    shuffled = data.draw(st.permutations(in_force))

    assert decide(situation, a_policy(*in_force)) == decide(situation, a_policy(*shuffled))


@asked
@given(question=questions(), data=st.data())
def test_the_order_of_the_ledger_never_matters(
    question: tuple[Situation, tuple[AnyRule, ...]], data: st.DataObject
) -> None:
    situation, in_force = question
    shuffled = Situation(
        **{name: getattr(situation, name) for name in Situation.__struct_fields__}
        | {"ledger": tuple(data.draw(st.permutations(situation.ledger)))}
    )

    assert decide(situation, a_policy(*in_force)) == decide(shuffled, a_policy(*in_force))


@asked
@given(question=questions(), data=st.data())
def test_one_more_rule_never_makes_a_touch_go_out_sooner(
    question: tuple[Situation, tuple[AnyRule, ...]], data: st.DataObject
) -> None:
    situation, in_force = question
    more = (*in_force, *data.draw(rules(situation.now)))
    # A window among the new rules may be one that the person's convenient times replace.
    before, after = decide(situation, a_policy(*in_force)), decide(situation, a_policy(*more))

    assert _first(after) >= _first(before)


def _first(decision: Decision) -> tuple[int, datetime | None]:
    match decision:
        case Send():
            return (0, None)
        case Defer(until, _):
            return (1, until)
        case Suppress():
            return (2, None)


@asked
@given(question=questions())
def test_a_deferral_ends_later_than_now(question: tuple[Situation, tuple[AnyRule, ...]]) -> None:
    situation, in_force = question

    decision = decide(situation, a_policy(*in_force))

    if isinstance(decision, Defer):
        assert decision.until > situation.now
    if isinstance(decision, Send):
        assert decision.valid_until > situation.now
