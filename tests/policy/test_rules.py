"""Rules by themselves, where no pack reaches them."""

from datetime import date, timedelta

import pytest

from outreach.model.decision import Defer, Send, Suppress
from outreach.model.person import Facts, Hold, Inbound, OptOut, PersonEvent
from outreach.model.words import Channel, EventKind, HoldKind, Purpose, Reason
from outreach.policy.engine import decide
from outreach.policy.policy import Policy
from outreach.policy.rules.cooldown import Cooldown
from outreach.policy.rules.frequency_cap import Counts, FrequencyCap, Scope
from outreach.policy.rules.spacing import Spacing
from outreach.policy.rules.standstill import Standstill
from outreach.policy.rules.suppress_if import Fact, SuppressIf
from outreach.policy.rules.terms import Terms
from tests.policy.builders import a_contact, a_policy, a_situation, at, decided

NOON = "2026-06-10T12:00-04:00"
TERMS = Terms(id="test.rule")


def test_a_cap_may_count_only_some_purposes() -> None:
    cap = FrequencyCap(
        terms=TERMS, limit=1, window=timedelta(days=7), counted_purposes=frozenset({Purpose.CONSENT_REQUEST})
    )
    ledger = (
        a_contact("2026-06-09T12:00-04:00", purpose=Purpose.REMINDER),
        a_contact("2026-06-09T13:00-04:00"),
    )

    assert isinstance(decide(a_situation(NOON, ledger=ledger, packs=("test",)), a_policy(cap)), Send)


def test_a_cap_may_be_kept_for_each_creditor() -> None:
    cap = a_policy(FrequencyCap(terms=TERMS, limit=1, window=timedelta(days=7), scope=Scope.CREDITOR))
    ledger = (a_contact("2026-06-09T12:00-04:00", creditor="one"),)

    same = decide(a_situation(NOON, ledger=ledger, creditor="one", packs=("test",)), cap)
    other = decide(a_situation(NOON, ledger=ledger, creditor="two", packs=("test",)), cap)

    assert same == Defer(at("2026-06-16T12:00-04:00"), (Reason.FREQUENCY_CAP,))
    assert isinstance(other, Send)


def test_conversations_are_counted_apart_from_attempts() -> None:
    cap = FrequencyCap(terms=TERMS, limit=2, window=timedelta(days=7), counts=Counts.CONVERSATIONS)
    talks = tuple(
        PersonEvent(kind=EventKind.CONVERSATION, at=at(each))
        for each in ("2026-06-08T12:00-04:00", "2026-06-09T12:00-04:00")
    )
    attempts = tuple(a_contact(f"2026-06-09T{hour:02}:00-04:00") for hour in range(5, 12))

    talked = decide(a_situation(NOON, facts=Facts(events=talks), packs=("test",)), a_policy(cap))
    tried = decide(a_situation(NOON, ledger=attempts, packs=("test",)), a_policy(cap))

    assert talked == Defer(at("2026-06-15T12:00-04:00"), (Reason.FREQUENCY_CAP,))
    assert isinstance(tried, Send)


def test_a_cap_for_work_addresses_binds_no_other() -> None:
    cap = a_policy(FrequencyCap(terms=TERMS, limit=1, window=timedelta(days=7), to_work_address_only=True))
    ledger = (a_contact("2026-06-09T12:00-04:00"),)
    at_work = Facts(work_address=frozenset({Channel.SMS}))

    assert isinstance(decide(a_situation(NOON, ledger=ledger, packs=("test",)), cap), Send)
    assert isinstance(decide(a_situation(NOON, ledger=ledger, facts=at_work, packs=("test",)), cap), Defer)


def test_a_cooldown_counts_from_its_own_events_only() -> None:
    rule = Cooldown(terms=TERMS, events=frozenset({EventKind.CONVERSATION}), rest=timedelta(days=7))
    paid = Facts(events=(PersonEvent(kind=EventKind.PAYMENT, at=at("2026-06-09T12:00-04:00")),))

    assert isinstance(decide(a_situation(NOON, facts=paid, packs=("test",)), a_policy(rule)), Send)


def test_a_cooldown_ends_exactly_when_it_says() -> None:
    rule = a_policy(Cooldown(terms=TERMS, events=frozenset({EventKind.PAYMENT}), rest=timedelta(hours=72)))
    paid = Facts(events=(PersonEvent(kind=EventKind.PAYMENT, at=at("2026-06-09T12:00-04:00")),))
    ends = at("2026-06-12T12:00-04:00")

    assert isinstance(decide(a_situation(ends, facts=paid, packs=("test",)), rule), Send)
    assert decide(a_situation(ends - timedelta(seconds=1), facts=paid, packs=("test",)), rule) == Defer(
        ends, (Reason.COOLDOWN,)
    )


def test_spacing_ends_exactly_when_it_says() -> None:
    rule = a_policy(Spacing(terms=TERMS, gap=timedelta(hours=48)))
    ledger = (a_contact("2026-06-09T12:00-04:00"),)
    ends = at("2026-06-11T12:00-04:00")

    assert isinstance(decide(a_situation(ends, ledger=ledger, packs=("test",)), rule), Send)
    assert isinstance(
        decide(a_situation(ends - timedelta(seconds=1), ledger=ledger, packs=("test",)), rule), Defer
    )


def test_a_contact_that_is_still_to_come_counts_when_it_has_come() -> None:
    rule = a_policy(FrequencyCap(terms=TERMS, limit=1, window=timedelta(hours=24)))
    ledger = (a_contact("2026-06-10T13:00-04:00"),)

    assert decide(a_situation(NOON, ledger=ledger, packs=("test",)), rule) == Send(
        at("2026-06-10T13:00-04:00")
    )


def test_a_message_that_nobody_has_understood_yet_holds_everything_back() -> None:
    unread = Facts(inbound=(Inbound(channel=Channel.SMS, at=at("2026-06-10T11:00-04:00"), text="hm"),))

    assert decided(a_situation(NOON, facts=unread)) == Suppress((Reason.WITH_HUMAN,))


@pytest.mark.parametrize(
    ("fact", "facts"),
    [
        pytest.param(Fact.ALWAYS, Facts(), id="always"),
        pytest.param(
            Fact.OPTED_OUT_ANYWHERE,
            Facts(opt_outs=(OptOut(channel=Channel.EMAIL, at=at("2026-06-01T12:00Z")),)),
            id="opted out of another channel",
        ),
        pytest.param(Fact.WORK_ADDRESS, Facts(work_address=frozenset({Channel.SMS})), id="a work number"),
    ],
)
def test_an_agency_may_stop_messages_by_a_fact_of_its_own(fact: Fact, facts: Facts) -> None:
    rule = SuppressIf(terms=TERMS, fact=fact, reason=Reason.WITH_HUMAN)

    decision = decide(a_situation(NOON, facts=facts, packs=("test",)), a_policy(rule))

    assert decision == Suppress((Reason.WITH_HUMAN,))
    assert not decision.closes


def test_a_standstill_ends_on_its_day_in_the_latest_zone() -> None:
    rule = a_policy(Standstill(terms=TERMS, until=date(2026, 6, 12)))

    assert decide(a_situation(NOON, packs=("test",)), rule) == Defer(
        at("2026-06-12T00:00-04:00"), (Reason.HOLD,)
    )


def test_a_standstill_without_an_end_waits_for_a_change_of_policy() -> None:
    decision = decide(a_situation(NOON, packs=("test",)), a_policy(Standstill(terms=TERMS)))

    assert decision == Suppress((Reason.HOLD,))


@pytest.mark.parametrize(
    ("subject", "bound"),
    [
        pytest.param({"creditor": "one"}, True, id="that creditor"),
        pytest.param({"creditor": "two"}, False, id="another creditor"),
        pytest.param({"creditor": "one", "channel": Channel.EMAIL}, False, id="another channel"),
    ],
)
def test_an_own_rule_binds_only_what_it_is_about(subject: dict[str, str], *, bound: bool) -> None:
    terms = Terms(id="agency.one", creditors=frozenset({"one"}), channels=frozenset({Channel.SMS}))
    policy = Policy(version="test", packs={}, own=(Standstill(terms=terms),))

    decision = decide(a_situation(NOON, **subject), policy)

    assert isinstance(decision, Suppress) is bound


def test_a_pack_that_does_not_exist_is_said_and_not_passed_over() -> None:
    with pytest.raises(LookupError, match="us-xx"):
        decided(a_situation(NOON, packs=("us-xx",)))


def test_facts_that_could_not_be_read_close_nothing_for_good() -> None:
    decision = decided(
        a_situation(
            "2026-06-10T23:00-04:00",
            packs=("us-federal",),
            facts=Facts(unavailable=True),
            expires_at=at("2026-06-11T01:00-04:00"),
        )
    )

    assert isinstance(decision, Suppress)
    assert Reason.FACTS_UNAVAILABLE in decision.reasons
    assert not decision.closes


def test_reasons_come_with_the_strongest_first() -> None:
    facts = Facts(
        holds=(Hold(kind=HoldKind.DISPUTE), Hold(kind=HoldKind.DECEASED)),
        events=(PersonEvent(kind=EventKind.PAYMENT, at=at("2026-06-10T11:00-04:00")),),
    )

    decision = decided(a_situation(NOON, packs=("house",), facts=facts))

    assert decision == Suppress((Reason.DECEASED, Reason.DISPUTED, Reason.COOLDOWN))
