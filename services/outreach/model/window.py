"""Weekly windows in local wall-clock time."""

from enum import StrEnum

from msgspec import Struct


class Weekday(StrEnum):
    """A day of the week, in the spelling of config files."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class WeeklyWindow(Struct, frozen=True):
    """A span of local time on certain days.

    `begins` and `ends` are seconds since local midnight of the day the window opens
    (`24:00` is 86,400): `begins` is inside the window, `ends` is not. Where `ends` is
    smaller than `begins` the window runs into the next day; equal ends are refused
    where windows are read. `days` (0 = Monday) name the day it opens.
    """

    days: frozenset[int]
    begins: int
    ends: int
