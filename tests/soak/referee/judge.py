"""The verdict on a run."""

from collections.abc import Iterator

from tests.soak.record import Record
from tests.soak.referee import messages
from tests.soak.referee.messages import Case, judge_losses, judge_messages
from tests.soak.referee.published import judge_published
from tests.soak.referee.violation import Violation

__all__ = ["Violation", "judge", "unsent"]


def judge(record: Record) -> list[Violation]:
    """Return every promise that was not kept."""
    case = Case(record=record)
    return [
        *judge_messages(case),
        *messages.unsent(case),
        *judge_losses(case),
        *judge_published(case),
        *_vendors(record),
    ]


def unsent(record: Record) -> list[Violation]:
    """Return what is due and permitted, and still unsent: while a run lasts it may only be late."""
    case = Case(record=record)
    return messages.unsent(case)


def _vendors(record: Record) -> Iterator[Violation]:
    if record.elsewhere:
        yield Violation("clock", "everybody", f"{record.elsewhere} calls of a sender whose clock is wrong")
    for each in record.refusals:
        if not each.planted:
            yield Violation("request", each.to or "nobody", f"a vendor answered {each.status}")
