"""What is known here alone and may be evidence forbids that somebody is erased, until it is over."""

from datetime import UTC, datetime, timedelta

import pytest

from outreach.listening.consequences import OFFERED_HOLDS
from outreach.model.debt import Debt, Dispute, Stamped
from outreach.model.suppression import Suppression
from outreach.planning.forbidding import LEGAL_HOLDS, SPEAKING_OF_LAW, forbidding_erasure
from outreach.understanding.kinds import Kind

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)


def disputed(*, is_open: bool = True, **edges: object) -> Debt:
    dispute = Dispute(is_open=is_open, **edges)  # type: ignore[arg-type]
    return Debt(
        debt_id="d1", person_id="ada", disputes={"x1": Stamped(dispute, NOW - timedelta(days=9), "a 1")}
    )


def held(kind: str, *, until: datetime | None = None) -> Suppression:
    return Suppression(
        suppression_id="h1", person_id="ada", address=None, channel=None, kind=kind, at=NOW, until=until
    )


@pytest.mark.parametrize(
    "debt",
    [
        disputed(),
        disputed(until="2026-03-02"),
        disputed(until="2026-03-09T00:00:00+00:00"),
        disputed(since="2026-02-20", days=60),
    ],
)
def test_an_open_dispute_forbids_it(debt: Debt) -> None:
    assert forbidding_erasure([debt], [], [], now=NOW) == [
        "the debt d1 is disputed (x1): publish debt.dispute_resolved once that is over"
    ]


@pytest.mark.parametrize(
    "debt",
    [
        disputed(is_open=False),
        disputed(until="2026-02-28"),
        disputed(until="2026-02-28T00:00:00+00:00"),
        disputed(days=5),
        disputed(since="2026-01-01", days=5, until="2026-12-01"),
    ],
)
def test_a_dispute_that_is_over_forbids_nothing(debt: Debt) -> None:
    assert forbidding_erasure([debt], [], [], now=NOW) == []


@pytest.mark.parametrize("kind", sorted(LEGAL_HOLDS))
def test_a_legal_hold_forbids_it_while_it_stands(kind: str) -> None:
    assert forbidding_erasure([], [held(kind)], [], now=NOW) == [
        f"the hold h1 ({kind}) stands: it is lifted by its name"
    ]
    assert forbidding_erasure([], [held(kind, until=NOW)], [], now=NOW) == []


@pytest.mark.parametrize("kind", ["opted_out", "with_human", "hardship", "pause", "cease_communication"])
def test_what_is_no_evidence_forbids_nothing(kind: str) -> None:
    assert forbidding_erasure([], [held(kind)], [("r1", ["call_me"])], now=NOW) == []


@pytest.mark.parametrize("kind", sorted(SPEAKING_OF_LAW))
def test_a_reply_that_may_become_a_legal_hold_forbids_it_until_a_human_has_read_it(kind: str) -> None:
    assert forbidding_erasure([], [], [("r1", ["question", kind])], now=NOW) == [
        "the reply r1 may be of a dispute, a lawyer or a bankruptcy, and waits for a human: release it"
    ]


def test_every_reply_of_which_a_human_may_make_a_legal_hold_of_a_kind_speaks_of_law() -> None:
    # A plain hold is offered for a rest alone: for service, an adviser, a death, a storm.
    named = LEGAL_HOLDS - {"hold"}
    assert {kind for kind, hold in OFFERED_HOLDS.items() if hold.kind in named} == set(SPEAKING_OF_LAW)
    assert set(Kind) >= SPEAKING_OF_LAW
