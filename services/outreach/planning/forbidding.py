"""What forbids here that somebody is erased, though preferences knows of nothing that does. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from outreach.model.debt import Debt, Dispute, Stamped
from outreach.model.suppression import Suppression
from outreach.understanding.kinds import Kind

#: Holds under which what is known may be evidence, as preferences has them too. A plain `hold` names no kind,
#: so nobody can tell that it is none of these.
LEGAL_HOLDS: Final = frozenset({"hold", "dispute", "attorney_represented", "bankruptcy"})
#: What a human may make such a hold of.
SPEAKING_OF_LAW: Final = frozenset({Kind.ATTORNEY, Kind.BANKRUPTCY, Kind.DISPUTE, Kind.IDENTITY_THEFT})
_A_DAY: Final = timedelta(days=1)


def forbidding_erasure(
    debts: Iterable[Debt],
    suppressions: Iterable[Suppression],
    waiting: Iterable[tuple[str, Sequence[str]]],
    *,
    now: datetime,
) -> list[str]:
    """Return what forbids that somebody is erased, each with what ends it; nothing where nothing does.

    Theirs are the debts, the suppressions and the replies, given with their kinds, that wait for a human.
    What holds of snapshots forbid is for preferences to say, which publishes them.
    """
    return [
        *(why for debt in debts for why in _of_disputes(debt, now=now)),
        *(
            f"the hold {held.suppression_id} ({held.kind}) stands: it is lifted by its name"
            for held in suppressions
            if held.kind in LEGAL_HOLDS and (held.until is None or held.until > now)
        ),
        *(
            f"the reply {reply_id} may be of a dispute, a lawyer or a bankruptcy, and waits for a human:"
            " release it"
            for reply_id, kinds in waiting
            if not SPEAKING_OF_LAW.isdisjoint(kinds)
        ),
    ]


def _of_disputes(debt: Debt, *, now: datetime) -> Iterator[str]:
    for dispute_id, dispute in sorted(debt.disputes.items()):
        if dispute.value.is_open and not _is_over(dispute, now=now):
            yield (
                f"the debt {debt.debt_id} is disputed ({dispute_id}): publish debt.dispute_resolved once that"
                " is over"
            )


def _is_over(stated: Stamped[Dispute], *, now: datetime) -> bool:
    """Tell whether the hold of a dispute has ended, everywhere on earth."""
    dispute = stated.value
    ends = [_edge(dispute.until, now=now)] if dispute.until is not None else []
    if dispute.days is not None:
        since = stated.at if dispute.since is None else _edge(dispute.since, now=now)
        ends.append(since + timedelta(days=dispute.days))
    return bool(ends) and min(ends) + _A_DAY < now


def _edge(written: str, *, now: datetime) -> datetime:
    if len(written) == len("2026-03-02"):
        return datetime.combine(date.fromisoformat(written), datetime.min.time(), tzinfo=now.tzinfo)
    return datetime.fromisoformat(written)
