"""Records that could not be read (`outreach.quarantine.v1`): where they are, never what they hold."""

from typing import Annotated

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
