"""Nobody is disturbed at night, by their own clock, wherever they may be."""

from dataclasses import dataclass

from outreach.policy.rules.terms import Terms
from outreach.policy.timetable import Timetable


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactWindow:
    """Hold a message until a window is open in every zone the person may be in.

    `zone` fixes the clock instead. A `replaceable` window gives way, wholly, to the times the
    person told us are convenient. `hours` (policy.hours) asks all windows together.
    """

    terms: Terms
    timetable: Timetable
    zone: str | None = None
    replaceable: bool = False
