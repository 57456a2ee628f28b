"""What a machine says to what somebody wrote: at most one thing, and nothing where it could hurt."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.listening.answer import answer_to
from outreach.listening.reply import Office, Reply, ReplyFacts
from outreach.model.touch import DesiredTouch
from outreach.model.words import Channel, Purpose
from outreach.understanding.kinds import TREATMENTS, Kind, Urgency
from outreach.understanding.meaning import Understanding
from tests.policy.builders import at

#: A Monday, nine in the morning in Chicago.
NOW = at("2026-03-02T15:00Z")
CRISES = [kind for kind, treatment in TREATMENTS.items() if treatment.urgency is Urgency.CRISIS]
KINDS = st.lists(st.sampled_from(list(Kind)), min_size=1, max_size=5, unique=True)
KNOWN = ReplyFacts(people=["ada"], debts=(), liftable=())


def a_reply(**more: object) -> Reply:
    said = {
        "reply_id": "r",
        "channel": Channel.SMS,
        "address": "+13125550142",
        "text": "?",
        "received_at": NOW,
    }
    return Reply(**{**said, **more})  # type: ignore[arg-type]


def answer(
    *kinds: Kind,
    reply: Reply | None = None,
    facts: ReplyFacts = KNOWN,
    acknowledges: bool = True,
    doubtful: bool = False,
) -> DesiredTouch | None:
    meaning = Understanding(kinds=kinds, doubtful=doubtful)
    office = Office(acknowledges=acknowledges)
    return answer_to(reply or a_reply(), meaning, facts=facts, office=office, now=NOW)


@given(
    crisis=st.sampled_from(CRISES),
    kinds=KINDS,
    acknowledges=st.booleans(),
    channel=st.sampled_from([Channel.SMS, Channel.EMAIL]),
    doubtful=st.booleans(),
    by_vendor=st.booleans(),
    keyword=st.sampled_from([{}, {"stopped_at_vendor": True}, {"started_at_vendor": True}]),
    closes=st.sets(st.sampled_from(list(Channel))),
)
def test_no_machine_answers_a_crisis_whatever_is_configured(
    *,
    crisis: Kind,
    kinds: list[Kind],
    acknowledges: bool,
    channel: Channel,
    doubtful: bool,
    by_vendor: bool,
    keyword: dict[str, bool],
    closes: set[Channel],
) -> None:
    reply = a_reply(channel=channel, confirmed_by_vendor=by_vendor, **keyword)
    meaning = Understanding(kinds=(crisis, *kinds), closes=frozenset(closes), doubtful=doubtful)
    office = Office(acknowledges=acknowledges)

    assert answer_to(reply, meaning, facts=KNOWN, office=office, now=NOW) is None


@pytest.mark.parametrize(
    ("kind", "purpose"),
    [
        (Kind.OPT_OUT, Purpose.OPT_OUT_CONFIRMATION),
        (Kind.OPT_IN, Purpose.CONVERSATION_REPLY),
        (Kind.HELP, Purpose.HELP_REPLY),
    ],
)
def test_what_needs_no_human_is_answered_at_once(kind: Kind, purpose: Purpose) -> None:
    said = answer(kind, acknowledges=False)

    assert said is not None
    assert (said.purpose, said.due_at, said.debt_id) == (purpose, NOW, "")


@pytest.mark.parametrize("kind", [Kind.OPT_OUT, Kind.OPT_IN, Kind.HELP, Kind.HARDSHIP])
@pytest.mark.parametrize(
    "reply",
    [
        a_reply(is_proven=False),
        a_reply(automatic="auto_reply"),
        a_reply(confirmed_by_vendor=True),
        a_reply(received_at=NOW - timedelta(days=2)),
    ],
    ids=["from anybody", "from a program", "answered by the vendor", "long ago"],
)
def test_whoever_may_be_anybody_or_a_program_is_answered_nothing(kind: Kind, reply: Reply) -> None:
    # That somebody will read it is said however late.
    is_said = kind is Kind.HARDSHIP and reply.received_at < NOW

    assert (answer(kind, reply=reply) is not None) is is_said


def test_an_unsafe_address_gets_nothing_not_even_help() -> None:
    unsafe = ReplyFacts(people=["ada"], debts=(), liftable=(), is_unsafe=True)

    assert [answer(kind, facts=unsafe) for kind in Kind] == [None] * len(Kind)


@pytest.mark.parametrize("kind", [Kind.THANKS, Kind.REACTION])
def test_thanks_get_no_answer(kind: Kind) -> None:
    assert answer(kind) is None


@pytest.mark.parametrize(
    ("kind", "is_open"), list(product([Kind.HARDSHIP, Kind.ALREADY_PAID], [True, False]))
)
def test_that_somebody_will_read_it_is_said_where_the_agency_wants_it(kind: Kind, is_open: bool) -> None:
    said = answer(kind, acknowledges=is_open)

    assert (said is not None) == is_open
    if said is not None:
        # Three in the afternoon in the office's zone, which is UTC here: it is open.
        assert (said.purpose, said.wording, said.due_at) == (
            Purpose.HUMAN_REPLY,
            "reply_acknowledgement",
            NOW,
        )


def test_it_is_said_within_office_hours_only() -> None:
    evening = at("2026-03-06T22:00Z")

    said = answer_to(
        a_reply(received_at=evening),
        Understanding(kinds=(Kind.HARDSHIP,)),
        facts=KNOWN,
        office=Office(acknowledges=True),
        now=evening,
    )

    assert said is not None
    # By the end of the day after somebody has read it.
    assert (said.due_at, said.expires_at) == (at("2026-03-09T09:00Z"), at("2026-03-10T17:00Z"))


@pytest.mark.parametrize("kind", [Kind.WRONG_PERSON, Kind.CEASE, Kind.BEREAVEMENT, Kind.COMPLAINT])
def test_who_asked_for_silence_or_waits_urgently_is_not_told_that_somebody_will_read(kind: Kind) -> None:
    assert answer(kind) is None


def test_a_stop_with_something_else_in_it_is_obeyed_in_silence() -> None:
    assert answer(Kind.OPT_OUT, Kind.BEREAVEMENT) is None
    assert answer(Kind.OPT_OUT, doubtful=True) is None
