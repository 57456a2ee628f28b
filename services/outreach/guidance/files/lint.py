"""Finds what is weak in a policy that can be read: rules that never bind, windows that leave no hour."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Final

from outreach.guidance.files.policy import build_policy
from outreach.guidance.files.problems import Finding, with_problems
from outreach.guidance.files.yaml_text import Document, Path
from outreach.model.person import Wishes
from outreach.model.words import Channel
from outreach.policy import tables
from outreach.policy.hours import SEARCH, Hours
from outreach.policy.place import Place
from outreach.policy.policy import AnyRule, Policy
from outreach.policy.rules.blackout_dates import BlackoutDates
from outreach.policy.rules.contact_window import ContactWindow
from outreach.policy.rules.cooldown import Cooldown
from outreach.policy.rules.frequency_cap import FrequencyCap, Scope
from outreach.policy.rules.spacing import Spacing
from outreach.policy.rules.terms import ALL_CHANNELS, Terms

#: One zone for each way that clocks run in the United States; a number and an address may differ.
AMERICAN: Final = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "America/Adak", "Pacific/Honolulu",
)  # fmt: skip

#: How many places a finding names; two are enough to see.
_SHOWN: Final = 2
_WEEK_SECONDS: Final = 7 * 86_400
_YEAR: Final = timedelta(days=366)


def check(document: Document, *, today: datetime, places: Iterable[frozenset[str]] = ()) -> list[Finding]:
    """Return what is wrong with a policy file, or weak in it.

    `places` are sets of zones that people in the data may be in; without any, every pair of
    American ones is tried.
    """
    policy, problems = with_problems(lambda: build_policy(document))
    if policy is None:
        return list(problems)
    return sorted(
        {
            *_never_fire(document, policy, today.date()),
            *_looser_than_packs(document, policy),
            *_leave_no_hour(document, policy, today=today, places=tuple(places) or _american_pairs()),
        }
    )


def _own(policy: Policy) -> Iterator[tuple[Path, AnyRule]]:
    for number, rule in enumerate(policy.own):
        yield ("rules", number), rule


def _never_fire(document: Document, policy: Policy, today: date) -> Iterator[Finding]:
    for path, rule in _own(policy):
        terms = rule.terms
        if terms.effective_until is not None and terms.effective_until < today:
            over = f"rule `{terms.id}` was last in force on {terms.effective_until}"
            yield document.problem((*path, "effective_until"), over, "take the rule out")
        if not terms.channels & ALL_CHANNELS:
            yield document.problem(
                (*path, "channels"),
                f"rule `{terms.id}` is about no channel that is ever asked about",
                "write some of sms, email, voice",
            )
        if terms.purposes is not None and terms.purposes <= terms.except_purposes:
            unused = f"rule `{terms.id}` excepts every purpose it is about"
            yield document.problem((*path, "except_purposes"), unused, "take the rule out, or an exception")
        if isinstance(rule, BlackoutDates):
            yield from _ends_soon(document, path, rule, today)
    for number, waiver in enumerate(policy.waivers):
        if waiver.until is not None and waiver.until < today:
            over = f"the waiver of `{waiver.rule}` ended on {waiver.until}"
            yield document.problem(("waive", number, "until"), over, "take it out")


def _ends_soon(document: Document, path: Path, rule: BlackoutDates, today: date) -> Iterator[Finding]:
    days = rule.days.in_year(today.year) | rule.days.in_year(today.year + 1)
    ahead = [day for day in days if day >= today]
    if not ahead:
        yield document.problem(
            (*path, "days"), f"rule `{rule.terms.id}` has no day ahead", "add the next ones"
        )
    elif not rule.days.in_year((today + 2 * _YEAR).year):
        yield document.problem(
            (*path, "days"),
            f"rule `{rule.terms.id}` ends on {max(ahead)}",
            'add the years after, or write days that return, such as "12-25"',
        )


def _looser_than_packs(document: Document, policy: Policy) -> Iterator[Finding]:
    everywhere = [
        rule
        for name, pack in policy.packs.items()
        if name in policy.always or (pack.everywhere and not pack.draft)
        for rule in pack.rules
    ]
    for path, rule in _own(policy):
        for other in everywhere:
            if _reaches(other.terms, rule.terms) and _is_at_least_as_strict(other, rule):
                yield document.problem(
                    path,
                    f"rule `{rule.terms.id}` never binds: `{other.terms.id}` is at least as strict",
                    "tighten it, or take it out; only a waiver loosens a pack",
                )


def _reaches(wide: Terms, narrow: Terms) -> bool:
    """True when the one rule is about every message that the other is about."""
    return (
        narrow.channels & ALL_CHANNELS <= wide.channels
        and narrow.roles <= wide.roles
        and not wide.dated
        and (wide.purposes is None or (narrow.purposes is not None and narrow.purposes <= wide.purposes))
        and wide.except_purposes <= narrow.except_purposes
        and not (wide.creditors or wide.portfolios or wide.plays)
    )


def _is_at_least_as_strict(pack: AnyRule, own: AnyRule) -> bool:
    match pack, own:
        case FrequencyCap(), FrequencyCap():
            return pack.limit <= own.limit and _lasts_as_long(pack, own) and _counts_as_much(pack, own)
        case Spacing(), Spacing():
            return pack.gap >= own.gap and _counts_as_much(pack, own)
        case Cooldown(), Cooldown():
            return pack.rest >= own.rest and own.events <= pack.events
        case ContactWindow(), ContactWindow():
            return (
                pack.zone == own.zone
                and (own.replaceable or not pack.replaceable)
                and _minutes_open(pack) <= _minutes_open(own)
            )
        case _:
            return False


def _lasts_as_long(pack: FrequencyCap, own: FrequencyCap) -> bool:
    if pack.window is None or own.window is None:
        return pack.window is own.window
    return pack.window >= own.window and pack.counts is own.counts


def _counts_as_much(pack: FrequencyCap | Spacing, own: FrequencyCap | Spacing) -> bool:
    purposes = getattr(pack, "counted_purposes", None)
    return (
        pack.scope in {Scope.PERSON, own.scope}
        and own.counted_channels <= pack.counted_channels
        and purposes is None
        and (pack.unanswered_count or not own.unanswered_count)
        and not getattr(pack, "to_work_address_only", False)
    )


def _minutes_open(rule: ContactWindow) -> frozenset[int]:
    """Return the minutes of the week at which a window is open, as if clocks were never set."""
    minutes: set[int] = set()
    for window in rule.timetable.windows:
        length = (window.ends - window.begins) % 86_400 or 86_400
        for day in window.days:
            begins = day * 86_400 + window.begins
            minutes.update(second % _WEEK_SECONDS // 60 for second in range(begins, begins + length, 60))
    return frozenset(minutes)


def _american_pairs() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(pair) for pair in combinations(AMERICAN, 2))


def _leave_no_hour(
    document: Document, policy: Policy, *, today: datetime, places: Sequence[frozenset[str]]
) -> Iterator[Finding]:
    """Try the agency's windows with those of the packs that are in force everywhere."""
    in_force = [
        rule
        for rule in policy.rules_of(policy.packs_in_force(frozenset()))
        if isinstance(rule, ContactWindow) and not rule.terms.shadow
    ]
    for path, rule in _own(policy):
        if not isinstance(rule, ContactWindow) or rule.terms.shadow:
            continue
        for channel in sorted(rule.terms.channels):
            together = tuple(other for other in in_force if _may_meet(rule.terms, other.terms, channel))
            closed = [
                zones
                for zones in places
                if _may_be_of(rule.terms, zones) and not _ever_opens(together, zones, today)
            ]
            if closed:
                yield document.problem(
                    (*path, "windows"),
                    f"rule `{rule.terms.id}` leaves no common hour by {channel} for people who may be "
                    f"in {_some_of(closed)}",
                    "widen the window",
                )


def _may_be_of(terms: Terms, zones: frozenset[str]) -> bool:
    """True when somebody in all these zones may be where the rule is for."""
    return not terms.places or any(zones & _zones_of(place) for place in terms.places)


def _zones_of(place: Place) -> frozenset[str]:
    of_region = tables.regions().get(place.country, {}).get(place.region or "")
    return of_region or tables.countries().get(place.country, frozenset())


def _ever_opens(windows: tuple[ContactWindow, ...], zones: frozenset[str], today: datetime) -> bool:
    hours = Hours(windows, (), zones=zones, wishes=Wishes())
    return hours.opens_at(today, by=today + SEARCH) is not None


def _some_of(places: Sequence[frozenset[str]]) -> str:
    first = "; ".join(" and ".join(sorted(zones)) for zones in places[:_SHOWN])
    return f"{first} and {len(places) - _SHOWN} more" if len(places) > _SHOWN else first


def _may_meet(one: Terms, other: Terms, channel: Channel) -> bool:
    """True when some message on the channel may be about both rules."""
    if channel not in other.channels or not one.roles & other.roles:
        return False
    return not (
        (one.creditors and other.creditors and not one.creditors & other.creditors)
        or (one.portfolios and other.portfolios and not one.portfolios & other.portfolios)
        or (one.plays and other.plays and not one.plays & other.plays)
        or (one.purposes is not None and other.purposes is not None and not one.purposes & other.purposes)
    )
