"""How long a permission lasts: to the next instant at which a rule would object, and no longer."""

from datetime import timedelta

import pytest

from outreach.model.decision import Defer, Send
from outreach.model.person import Consent, Facts, Hold
from outreach.model.words import Basis, Channel, HoldKind, Purpose
from outreach.policy.spans import MOMENT
from tests.policy.builders import a_situation, at, consenting, decided


def test_a_permission_ends_when_the_window_closes() -> None:
    decision = decided(a_situation("2026-06-10T12:00-04:00", packs=("us-federal",), facts=consenting()))

    assert decision == Send(at("2026-06-10T21:00-04:00"))


def test_a_permission_ends_when_the_message_expires() -> None:
    expires = at("2026-06-10T15:00-04:00")

    decision = decided(
        a_situation("2026-06-10T12:00-04:00", packs=("us-federal",), facts=consenting(), expires_at=expires)
    )

    assert decision == Send(expires)


def test_a_permission_ends_when_a_hold_begins() -> None:
    begins = at("2026-06-10T15:00-04:00")
    held = Facts(holds=(Hold(kind=HoldKind.BANKRUPTCY, since=begins),))

    assert decided(a_situation("2026-06-10T12:00-04:00", facts=held)) == Send(begins)


def test_a_permission_ends_right_after_a_consent_becomes_too_old() -> None:
    given = at("2026-04-11T15:00-04:00")
    facts = Facts(consents={Channel.SMS: (Consent(basis=Basis.DIRECT, at=given),)})

    decision = decided(a_situation("2026-06-10T12:00-04:00", packs=("us-federal",), facts=facts))

    assert decision == Send(given + timedelta(days=60) + MOMENT)


def test_a_permission_ends_when_a_new_rule_comes_into_force() -> None:
    email = Facts(consents={Channel.EMAIL: (Consent(basis=Basis.CREDITOR_NOTICE),)})

    decision = decided(
        a_situation("2026-08-31T20:00-04:00", packs=("us-nyc",), channel=Channel.EMAIL, facts=email)
    )

    assert decision == Send(at("2026-09-01T00:00-04:00"))


def test_an_answer_at_night_is_permitted_for_a_day() -> None:
    spoken = at("2026-06-09T22:40-04:00")

    decision = decided(
        a_situation(
            "2026-06-09T22:41-04:00",
            packs=("house",),
            purpose=Purpose.CONVERSATION_REPLY,
            in_reply_to=spoken,
        )
    )

    assert decision == Send(spoken + timedelta(hours=24) + MOMENT)


@pytest.mark.parametrize(("by_machine", "decision"), [(False, Send), (True, Defer)])
def test_a_human_may_answer_at_night_and_a_machine_that_says_one_will_may_not(
    by_machine: bool, decision: type
) -> None:
    asked = {
        "packs": ("house",),
        "purpose": Purpose.HUMAN_REPLY,
        "in_reply_to": at("2026-06-09T22:40-04:00"),
        "by_machine": by_machine,
        "facts": Facts(holds=(Hold(kind=HoldKind.WITH_HUMAN),)),
    }

    at_night = a_situation("2026-06-09T22:41-04:00", **asked)
    at_noon = a_situation("2026-06-10T12:00-04:00", **asked)

    assert isinstance(decided(at_night), decision)
    assert isinstance(decided(at_noon), Send)


def test_the_confirmation_of_an_opt_out_is_permitted_for_five_minutes() -> None:
    spoken = at("2026-06-09T22:40-04:00")

    decision = decided(
        a_situation("2026-06-09T22:41-04:00", purpose=Purpose.OPT_OUT_CONFIRMATION, in_reply_to=spoken)
    )

    assert decision == Send(spoken + timedelta(minutes=5) + MOMENT)


def test_no_permission_is_given_for_longer_than_a_week() -> None:
    now = at("2026-06-10T12:00-04:00")

    assert decided(a_situation(now)) == Send(now + timedelta(days=7))
