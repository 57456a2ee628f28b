"""What follows from what a reply says: one table. `docs/replies.md` shows it, and a test holds it to this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from outreach.model.words import HoldKind
from outreach.understanding.kinds import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedHold:
    """The hold that fits what a reply says: a human is offered it, and alone may place it.

    `lasts` is None where it stands until somebody lifts it. `why` is what the human reads beside it.
    """

    kind: HoldKind
    lasts: timedelta | None
    why: str


_MONTH: Final = timedelta(days=30)
_TWO_MONTHS: Final = timedelta(days=60)

#: By what a reply says, the most binding first. Until a human has looked, all of them wait (`with_human`).
#: Bereavement is a rest for whoever grieves, not `deceased`: that is said of the person who owes, and
#: closes for good only by a human's or a publisher's word.
OFFERED_HOLDS: Final[Mapping[Kind, OfferedHold]] = {
    Kind.CEASE: OfferedHold(
        kind=HoldKind.CEASE_COMMUNICATION, lasts=None, why="they asked in writing that all contact cease"
    ),
    Kind.ATTORNEY: OfferedHold(
        kind=HoldKind.ATTORNEY_REPRESENTED, lasts=None, why="a lawyer speaks for them; ask which one"
    ),
    Kind.BANKRUPTCY: OfferedHold(
        kind=HoldKind.BANKRUPTCY, lasts=None, why="a court may have forbidden contact; check the case"
    ),
    Kind.IDENTITY_THEFT: OfferedHold(
        kind=HoldKind.DISPUTE, lasts=None, why="they say it is not their debt; send the form for a report"
    ),
    Kind.DISPUTE: OfferedHold(
        kind=HoldKind.DISPUTE, lasts=None, why="they dispute it; nothing goes on before it is verified"
    ),
    Kind.MILITARY: OfferedHold(
        kind=HoldKind.HOLD, lasts=_MONTH, why="they may be in service; look them up before going on"
    ),
    Kind.ADVISER: OfferedHold(
        kind=HoldKind.HOLD, lasts=_TWO_MONTHS, why="an adviser works with them on what they can pay"
    ),
    Kind.BEREAVEMENT: OfferedHold(
        kind=HoldKind.HOLD, lasts=_TWO_MONTHS, why="somebody died; give them time, then ask how to go on"
    ),
    Kind.DISASTER: OfferedHold(
        kind=HoldKind.HOLD, lasts=_TWO_MONTHS, why="their home was hit; give them time"
    ),
    Kind.ILLNESS: OfferedHold(kind=HoldKind.HARDSHIP, lasts=_MONTH, why="they are ill, or care for somebody"),
    Kind.JOB_LOSS: OfferedHold(kind=HoldKind.HARDSHIP, lasts=_MONTH, why="they lost their income"),
    Kind.HARDSHIP: OfferedHold(kind=HoldKind.HARDSHIP, lasts=_MONTH, why="they cannot pay now"),
}


def offered_hold(kinds: Sequence[str]) -> OfferedHold | None:
    """Return the hold to offer for replies that say these things, or None where none fits."""
    return next((hold for kind, hold in OFFERED_HOLDS.items() if kind in kinds), None)
