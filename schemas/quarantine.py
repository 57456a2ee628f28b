"""Records that could not be read (`outreach.quarantine.v1`): where they are, never what they hold."""

from typing import Annotated, get_args

from pydantic import Field

from schemas.values import EventData, Id, Text
from schemas.vocabulary import MalformedReason


class RecordQuarantined(EventData):
    """A pointer to a record that was kept aside. `problem` names the field and what to do."""

    topic: Id
    partition: Annotated[int, Field(ge=0)]
    offset: Annotated[int, Field(ge=0)]
    reason: MalformedReason
    problem: Text


def published_reason(reason: str) -> str:
    """Return the reason as this version of the event can say it: its vocabulary does not grow.

    What it has no word for is `wrong_schema`, and the problem says what is meant.
    """
    return reason if reason in get_args(MalformedReason) else "wrong_schema"
