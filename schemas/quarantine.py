"""Records that could not be read, and events that contradict the rest (`outreach.quarantine.v1`)."""

from typing import Annotated, get_args

from pydantic import Field

from schemas.values import EventData, Id, Line, Text, Word
from schemas.vocabulary import MalformedReason


class RecordQuarantined(EventData):
    """A pointer to a record that was kept aside. `problem` names the field and what to do."""

    topic: Id
    partition: Annotated[int, Field(ge=0)]
    offset: Annotated[int, Field(ge=0)]
    reason: MalformedReason
    problem: Text


class EventQuestioned(EventData):
    """An event was taken that contradicts the rest of what is known: somebody should look at it.

    Nothing waits for an answer but sentences that would rest on the contradiction. `question` is its kind;
    `about` what in the debt it is about, such as `plan:p1`; `problem` says what to do. It is asked once,
    and no event says that it is answered: `outreach questions` lists those that stand.
    """

    debt_id: Id
    question: Word
    about: Line | None = None
    event_source: Line
    event_id: Id
    problem: Text


def published_reason(reason: str) -> str:
    """Return the reason as this version of the event can say it: its vocabulary does not grow.

    What it has no word for is `wrong_schema`, and the problem says what is meant.
    """
    return reason if reason in get_args(MalformedReason) else "wrong_schema"
