"""Explanations: every rule's answer, the rule that binds, and the same decision as without asking why."""

from hypothesis import given

from outreach.desk.explanations import explanation_lines
from outreach.guidance.files.policy import build_policy, standard_policy
from outreach.guidance.files.yaml_text import read_yaml
from outreach.model.decision import Defer, Send
from outreach.model.person import Address, Evidence, Facts, Wishes
from outreach.model.words import Purpose, Reason
from outreach.policy.engine import decide
from outreach.policy.explanation import Verdict, explain
from outreach.policy.policy import AnyRule
from outreach.policy.situation import Situation
from tests.policy.builders import a_contact, a_policy, a_situation, at, consenting, window
from tests.policy.test_properties import asked, questions


@asked
@given(question=questions())
def test_asking_why_changes_nothing(question: tuple[Situation, tuple[AnyRule, ...]]) -> None:
    situation, rules = question
    policy = a_policy(*rules)

    explanation = explain(situation, policy)

    assert explanation.decision == decide(situation, policy)
    assert bool(explanation.binding) is not isinstance(explanation.decision, Send)


def test_the_binding_rule_is_the_one_that_sets_the_instant() -> None:
    # The day's cap frees on the 11th at noon, the 48 hours between contacts on the 12th.
    ledger = (a_contact("2026-06-10T12:00-04:00"),)

    explanation = explain(
        a_situation("2026-06-10T22:00-04:00", ledger=ledger, packs=("house",)), standard_policy()
    )

    assert explanation.decision == Defer(
        at("2026-06-12T12:00-04:00"), (Reason.OUTSIDE_CONTACT_WINDOW, Reason.FREQUENCY_CAP, Reason.SPACING)
    )
    assert explanation.binding == ("house.spacing",)
    answers = {each.rule: each for each in explanation.answers}
    assert answers["house.day"].until == at("2026-06-11T12:00-04:00")
    assert answers["house.hours"].until == at("2026-06-11T08:00-04:00")
    assert answers["house.week"].verdict is Verdict.NO_OBJECTION
    assert answers["house.week"].facts.startswith("1 (2026-06-10")


def test_a_suppression_is_bound_by_what_suppresses() -> None:
    explanation = explain(a_situation("2026-06-10T22:00-04:00", packs=("us-federal",)), standard_policy())

    assert explanation.binding == ("us-federal.sms_basis",)
    assert explanation.next_instant is None


def test_what_a_purpose_passes_is_shown() -> None:
    explanation = explain(
        a_situation(
            "2026-06-10T22:01-04:00",
            packs=("house",),
            purpose=Purpose.CONVERSATION_REPLY,
            in_reply_to=at("2026-06-10T22:00-04:00"),
        ),
        standard_policy(),
    )

    (hours,) = (each for each in explanation.answers if each.rule == "house.hours")
    assert hours.verdict is Verdict.PASSED


def test_rules_that_are_not_in_force_or_not_about_it_are_shown_as_such() -> None:
    explanation = explain(
        a_situation("2026-06-10T12:00-04:00", packs=("us-federal", "us-nyc"), facts=consenting()),
        standard_policy(),
    )

    verdicts = {each.rule: each.verdict for each in explanation.answers}
    assert verdicts["us-nyc.shield_three"] is Verdict.NOT_IN_FORCE
    assert verdicts["us-federal.seven_calls"] is Verdict.NOT_ABOUT
    assert verdicts["us-federal.way_to_stop"] is Verdict.CONTENT


def test_the_next_instant_is_told_on_each_of_the_persons_clocks() -> None:
    evidence = Evidence(
        addresses=(Address(country="US", region="CA", postal_code="90012"),), phones=("+12125550123",)
    )

    explanation = explain(
        a_situation("2026-06-10T10:30-04:00", evidence=evidence, packs=("us-federal",), facts=consenting()),
        standard_policy(),
    )

    assert {name: f"{local:%H:%M}" for name, local in explanation.local.items()} == {
        "America/Los_Angeles": "08:00",
        "America/New_York": "11:00",
    }
    assert [each.what for each in explanation.evidence] == ["address US CA 90012", "phone 1"]


def test_a_persons_own_times_answer_like_a_rule() -> None:
    wishes = Wishes(inconvenient=(window("mon-fri", "09:00", "17:00"),))

    explanation = explain(a_situation("2026-06-10T12:00-04:00", wishes=wishes), standard_policy())

    assert explanation.binding == ("engine.wishes",)
    assert explanation.answers[0].until == at("2026-06-10T17:00-04:00")


def test_shadow_rules_and_waivers_are_shown() -> None:
    text = """
policy: harbor
waive:
  - {rule: us-federal.hours, reason: trial, decided_by: operations, decided_on: "2026-06-01"}
rules:
  - {id: stop, kind: hold, shadow: true}
"""
    policy = build_policy(read_yaml(text, file="policy.yaml"))

    explanation = explain(
        a_situation("2026-06-10T22:00-04:00", packs=("us-federal",), facts=consenting()), policy
    )

    assert isinstance(explanation.decision, Send)
    assert explanation.with_shadow is not None
    assert [each.rule for each in explanation.waivers] == ["us-federal.hours"]
    (stop,) = (each for each in explanation.answers if each.rule == "agency.stop")
    assert (stop.shadow, stop.verdict) == (True, Verdict.SUPPRESS)


def test_no_fact_that_is_told_names_a_number_or_an_address() -> None:
    evidence = Evidence(phones=("+12125550123",))

    explanation = explain(
        a_situation("2026-06-10T12:00-04:00", evidence=evidence, packs=None, facts=Facts()), standard_policy()
    )

    assert "5550123" not in repr(explanation)


def test_a_rule_about_which_sources_disagree_says_in_what() -> None:
    brooklyn = Evidence(addresses=(Address(country="US", region="NY", postal_code="11201"),))
    explanation = explain(
        a_situation("2026-11-30T10:00-05:00", evidence=brooklyn, packs=None), standard_policy()
    )

    answers = {answer.rule: answer for answer in explanation.answers}
    assert answers["us-nyc.shield_consent"].verdict is Verdict.SUPPRESS
    assert "2027-01-01" in answers["us-nyc.shield_consent"].dispute
    assert answers["us-federal.hours"].dispute == ""

    [line] = [line for line in explanation_lines(explanation) if "us-nyc.shield_consent" in line]
    assert "sources disagree: In force from 2026-09-01 or from 2027-01-01" in line
