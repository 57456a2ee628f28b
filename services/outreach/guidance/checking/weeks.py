"""Says what windows do to the week, and finds those that leave no hour of it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final, TypeAlias

from outreach.guidance.checking.material import Material, own_rules
from outreach.guidance.files.spellings import render_time
from outreach.guidance.files.yaml_text import Document, Path
from outreach.model.finding import Finding, Severity
from outreach.model.person import Wishes
from outreach.model.window import Weekday
from outreach.model.words import Channel
from outreach.policy import tables
from outreach.policy.hours import SEARCH, Hours
from outreach.policy.place import Place
from outreach.policy.policy import Policy
from outreach.policy.rules.contact_window import ContactWindow
from outreach.policy.rules.terms import ALL_CHANNELS, Terms

#: One zone for each way that clocks run in the United States; a number and an address may differ.
AMERICAN: Final = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "America/Adak", "Pacific/Honolulu",
)  # fmt: skip

#: How many places a finding names; two are enough to see.
_SHOWN: Final = 2
_DAY: Final = 24 * 60
_WEEK: Final = 7 * _DAY
_DAYS: Final = tuple(Weekday)

#: The agency's own windows by their ids, and where in the document each stands.
_Own: TypeAlias = Mapping[str, tuple[Path, ContactWindow]]


def check_weeks(material: Material) -> Iterator[Finding]:
    """Yield what each window of the agency's own does to the week that the packs leave open."""
    policy, document = material.folder.policy, material.folder.policy_document
    if policy is None or document is None:
        return
    own = {
        rule.terms.id: (path, rule)
        for path, rule in own_rules(policy)
        if isinstance(rule, ContactWindow) and not rule.terms.shadow
    }
    windows = _windows(policy)
    shipped = [rule for rule in windows if rule.terms.id not in own]
    closed = {name for name, (_, rule) in own.items() if not _open_with(rule, shipped)}
    sound = [rule for name, (_, rule) in own.items() if name not in closed]
    against = _against_each_other(sound, shipped)
    for together in against:
        if not any(fewer < together for fewer in against):
            yield _of_several(document, together, own)
    said = frozenset[str]().union(*against)
    for one, other in combinations([rule for rule in sound if rule.terms.id not in said], 2):
        if days := _days_apart(one, other, shipped):
            yield _of_days_apart(document, one, other, days=days, own=own)
            said |= {one.terms.id, other.terms.id}
    for name, (path, rule) in own.items():
        if name not in said:
            # One that leaves nothing by itself is told of by itself, and no other is blamed for it.
            fair = [window for window in windows if window is rule or window.terms.id not in closed]
            yield from _of_window(document, path, rule, windows=fair, material=material)


def minutes_open(rule: ContactWindow) -> frozenset[int]:
    """Return the minutes of the week at which a window is open, as if clocks were never set."""
    minutes: set[int] = set()
    for window in rule.timetable.windows:
        length = ((window.ends - window.begins) % 86_400 or 86_400) // 60
        for day in window.days:
            begins = day * _DAY + window.begins // 60
            minutes.update(minute % _WEEK for minute in range(begins, begins + length))
    return frozenset(minutes)


def _against_each_other(
    windows: Sequence[ContactWindow], shipped: Sequence[ContactWindow]
) -> set[frozenset[str]]:
    """Return which windows leave no hour in common, though each leaves one alone.

    Two at a time; all that meet where no two do it, but all together.
    """
    found: set[frozenset[str]] = set()
    for rule in windows:
        others = [
            other
            for other in windows
            if other is not rule and other.zone == rule.zone and _may_meet(rule.terms, other.terms)
        ]
        if not _open_with(rule, [*shipped, *others]):
            pairs = [[other] for other in others if not _open_with(rule, [*shipped, other])]
            for against in pairs or [others]:
                found.add(frozenset({rule.terms.id, *(other.terms.id for other in against)}))
    return found


def _days_apart(one: ContactWindow, other: ContactWindow, shipped: Sequence[ContactWindow]) -> frozenset[int]:
    """Return the days on which both windows are open, but never at the same time."""
    if one.zone != other.zone or not _may_meet(one.terms, other.terms):
        return frozenset()
    both = _days_of(_open_with(one, shipped)) & _days_of(_open_with(other, shipped))
    return both - _days_of(_open_with(one, [*shipped, other]))


def _open_with(rule: ContactWindow, others: Sequence[ContactWindow]) -> frozenset[int]:
    """Return the minutes of a window that the others leave open for what it binds."""
    meeting = [other for other in others if _may_meet(rule.terms, other.terms)]
    return _open_together([rule, *meeting], like=rule)


def _of_several(document: Document, together: frozenset[str], own: _Own) -> Finding:
    """Return one finding, at the last of the windows, which says where the others stand."""
    *others, last = (name for name in own if name in together)
    lines = {name: document.place((*own[name][0], "windows"))[0] for name in others}
    names = ", ".join(f"`{name}` of line {line}" for name, line in lines.items())
    message = f"rule `{last}` and {names} leave no hour of the week in common: all would wait"
    return document.problem((*own[last][0], "windows"), message, "widen one of the windows")


def _of_days_apart(
    document: Document, one: ContactWindow, other: ContactWindow, *, days: frozenset[int], own: _Own
) -> Finding:
    """Return one finding, at the second of two windows, which says where the first stands."""
    line, _ = document.place((*own[one.terms.id][0], "windows"))
    names = f"rule `{other.terms.id}` and `{one.terms.id}` of line {line}"
    message = f"{names} leave no hour of {_day_words(days)} in common: these days are closed"
    place = (*own[other.terms.id][0], "windows")
    return document.finding(place, Severity.WARNING, message, fix="widen one of the windows")


def _of_window(
    document: Document,
    path: Path,
    rule: ContactWindow,
    *,
    windows: Sequence[ContactWindow],
    material: Material,
) -> Iterator[Finding]:
    """Yield the worst that is to be said of a window, once for all its channels."""
    place = (*path, "windows")
    meeting = [other for other in windows if _may_meet(rule.terms, other.terms)]
    without = _open_together([other for other in meeting if other is not rule], like=rule)
    left = without & minutes_open(rule)
    if overnight := _overnight(rule):
        severity = Severity.WARNING if left else Severity.ERROR
        message = f"rule `{rule.terms.id}` runs overnight, {overnight}; {_hours_left(left, without)}"
        yield document.finding(place, severity, message, fix="did you swap `from` and `to`?")
    elif not left:
        names = ", ".join(f"`{other.terms.id}`" for other in meeting if other is not rule)
        message = f"rule `{rule.terms.id}` leaves no hour of the week that {names} leave open: all would wait"
        yield document.problem(place, message, "widen the window")
    elif closed := _nowhere_in_common(rule, windows, material):
        # What the data shows is so; that somebody may be in two American zones is a guess.
        severity = Severity.ERROR if material.places else Severity.WARNING
        message = f"rule `{rule.terms.id}` leaves no common hour {closed}"
        yield document.finding(place, severity, message, fix="widen the window")
    else:
        yield from _of_days(document, path, rule, without=without, left=left)


def _of_days(
    document: Document, path: Path, rule: ContactWindow, *, without: frozenset[int], left: frozenset[int]
) -> Iterator[Finding]:
    hours = _hours_left(left, without)
    closed = _days_of(without) - _days_of(left)
    said = document.value["rules"][path[1]].get("other_days")
    if closed and said is None:
        message = f"rule `{rule.terms.id}` closes {_day_words(closed)}: {hours}"
        fix = "to leave those days as they are write `other_days: open`; if it is meant, `other_days: closed`"
        yield document.finding((*path, "windows"), Severity.WARNING, message, fix=fix)
    elif left != without:
        also = f" and closes {_day_words(closed)}" if closed else ""
        message = f"rule `{rule.terms.id}` narrows the week{also}: {hours}"
        yield document.finding((*path, "windows"), Severity.NOTE, message)


def _windows(policy: Policy) -> list[ContactWindow]:
    """Return the windows of the packs that are in force everywhere, and the agency's own."""
    return [
        rule
        for rule in policy.rules_of(policy.packs_in_force(frozenset()))
        if isinstance(rule, ContactWindow) and not rule.terms.shadow
    ]


def _open_together(windows: Sequence[ContactWindow], *, like: ContactWindow) -> frozenset[int]:
    """Return the minutes that all of them leave open, of those that read the same clock."""
    minutes = frozenset(range(_WEEK))
    for window in windows:
        if window.zone == like.zone:
            minutes &= minutes_open(window)
    return minutes


def _overnight(rule: ContactWindow) -> str:
    return ", ".join(
        f"{render_time(window.begins)} to {render_time(window.ends)} of the next day"
        for window in rule.timetable.windows
        if 0 < window.ends < window.begins
    )


def _hours_left(left: frozenset[int], without: frozenset[int]) -> str:
    return f"{len(left) / 60:g} of {len(without) / 60:g} hours a week are left"


def _days_of(minutes: frozenset[int]) -> frozenset[int]:
    return frozenset(minute // _DAY for minute in minutes)


def _day_words(days: frozenset[int]) -> str:
    """Write `mon-thu and sat`."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    words = [
        _DAYS[run[0]] if len(run) == 1 else f"{_DAYS[run[0]]}{'-' if len(run) > 2 else ', '}{_DAYS[run[-1]]}"  # noqa: PLR2004 - two days are listed
        for run in runs
    ]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _nowhere_in_common(rule: ContactWindow, windows: Sequence[ContactWindow], material: Material) -> str:
    """Say by which channels, and for whom, no hour is open in all places they may be in."""
    places = material.places or tuple(frozenset(pair) for pair in combinations(AMERICAN, 2))
    by_windows: dict[tuple[ContactWindow, ...], list[Channel]] = {}
    for channel in sorted(rule.terms.channels & ALL_CHANNELS):
        together = tuple(other for other in windows if _may_meet(rule.terms, other.terms, channel))
        by_windows.setdefault(together, []).append(channel)
    said = []
    for together, channels in by_windows.items():
        closed = [
            zones
            for zones in places
            if _may_be_of(rule.terms, zones) and not _ever_opens(together, zones, material)
        ]
        if closed:
            said.append(f"by {' or '.join(channels)} for people who may be in {_some_of(closed)}")
    return "; ".join(said)


def _may_be_of(terms: Terms, zones: frozenset[str]) -> bool:
    """True when somebody in all these zones may be where the rule is for."""
    return not terms.places or any(zones & _zones_of(place) for place in terms.places)


def _zones_of(place: Place) -> frozenset[str]:
    of_region = tables.regions().get(place.country, {}).get(place.region or "")
    return of_region or tables.countries().get(place.country, frozenset())


def _ever_opens(windows: tuple[ContactWindow, ...], zones: frozenset[str], material: Material) -> bool:
    hours = Hours(windows, (), zones=zones, wishes=Wishes())
    return hours.opens_at(material.now, by=material.now + SEARCH) is not None


def _some_of(places: Sequence[frozenset[str]]) -> str:
    first = "; ".join(" and ".join(sorted(zones)) for zones in places[:_SHOWN])
    return f"{first} and {len(places) - _SHOWN} more" if len(places) > _SHOWN else first


def _may_meet(one: Terms, other: Terms, channel: Channel | None = None) -> bool:
    return may_meet(one, other) and (
        bool(one.channels & other.channels) if channel is None else channel in other.channels
    )


def may_meet(one: Terms, other: Terms) -> bool:
    """True when some message may be about both rules, on whatever channel."""
    return bool(one.roles & other.roles) and not (
        (one.creditors and other.creditors and not one.creditors & other.creditors)
        or (one.portfolios and other.portfolios and not one.portfolios & other.portfolios)
        or (one.plays and other.plays and not one.plays & other.plays)
        or (one.purposes is not None and other.purposes is not None and not one.purposes & other.purposes)
    )
