"""Finds rules that never bind, that end, or that speak against each other."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations
from typing import Final

from outreach.guidance.checking.material import Material, own_rules, rules_everywhere
from outreach.guidance.checking.weeks import may_meet, minutes_open
from outreach.guidance.files.yaml_text import Document, Path
from outreach.model.finding import Finding, Severity
from outreach.policy.policy import AnyRule, Policy
from outreach.policy.rules.blackout_dates import BlackoutDates
from outreach.policy.rules.contact_window import ContactWindow
from outreach.policy.rules.content import ChannelOrder
from outreach.policy.rules.cooldown import Cooldown
from outreach.policy.rules.frequency_cap import FrequencyCap, Scope
from outreach.policy.rules.spacing import Spacing
from outreach.policy.rules.terms import ALL_CHANNELS, Terms

_YEAR: Final = timedelta(days=366)


def check_rules(material: Material) -> Iterator[Finding]:
    """Yield what is weak in rules that can be read."""
    policy, document = material.folder.policy, material.folder.policy_document
    if policy is None or document is None:
        return
    yield from _never_fire(document, policy)
    yield from _dates(document, policy, material.today)
    yield from _looser_than_packs(document, policy)
    yield from _against_each_other(document, policy)


def _never_fire(document: Document, policy: Policy) -> Iterator[Finding]:
    for path, rule in own_rules(policy):
        terms = rule.terms
        if not terms.channels & ALL_CHANNELS:
            yield document.finding(
                (*path, "channels"),
                Severity.WARNING,
                f"rule `{terms.id}` is about no channel that is ever asked about",
                fix="write some of sms, email, voice",
            )
        if terms.purposes is not None and terms.purposes <= terms.except_purposes:
            unused = f"rule `{terms.id}` excepts every purpose it is about"
            fix = "take the rule out, or an exception"
            yield document.finding((*path, "except_purposes"), Severity.WARNING, unused, fix=fix)


def _dates(document: Document, policy: Policy, today: date) -> Iterator[Finding]:
    for path, rule in own_rules(policy):
        terms = rule.terms
        if terms.effective_until is not None and terms.effective_until < today:
            over = f"rule `{terms.id}` was last in force on {terms.effective_until}"
            yield document.finding((*path, "effective_until"), Severity.NOTE, over, fix="take the rule out")
        if terms.effective_from is not None and terms.effective_from > today:
            ahead = f"rule `{terms.id}` comes into force on {terms.effective_from}"
            yield document.finding((*path, "effective_from"), Severity.NOTE, ahead)
        if isinstance(rule, BlackoutDates):
            yield from _ends_soon(document, path, rule, today)


def _ends_soon(document: Document, path: Path, rule: BlackoutDates, today: date) -> Iterator[Finding]:
    days = rule.days.in_year(today.year) | rule.days.in_year(today.year + 1)
    ahead = [day for day in days if day >= today]
    place = (*path, "days")
    if not ahead:
        message = f"rule `{rule.terms.id}` has no day ahead"
        yield document.finding(place, Severity.WARNING, message, fix="add the next ones")
    elif not rule.days.in_year((today + 2 * _YEAR).year):
        message = f"rule `{rule.terms.id}` ends on {max(ahead)}"
        fix = 'if it is to go on add the years after, or write days that return, such as "12-25"'
        yield document.finding(place, Severity.NOTE, message, fix=fix)


def _looser_than_packs(document: Document, policy: Policy) -> Iterator[Finding]:
    everywhere = rules_everywhere(policy)
    for path, rule in own_rules(policy):
        for other in everywhere:
            if _reaches(other.terms, rule.terms) and _is_at_least_as_strict(other, rule):
                message = f"rule `{rule.terms.id}` never binds: `{other.terms.id}` is at least as strict"
                fix = "tighten it, or take it out; only a waiver loosens a pack"
                yield document.finding(path, Severity.WARNING, message, fix=fix)


def _against_each_other(document: Document, policy: Policy) -> Iterator[Finding]:
    """Yield a warning for each pair of orders that one message would have to follow both."""
    orders = [(path, rule) for path, rule in own_rules(policy) if isinstance(rule, ChannelOrder)]
    for (_, one), (path, other) in combinations(orders, 2):
        if (
            one.order != other.order
            and one.terms.channels & other.terms.channels
            and may_meet(one.terms, other.terms)
        ):
            message = (
                f"rule `{other.terms.id}` says {', '.join(other.order)} where "
                f"`{one.terms.id}` says {', '.join(one.order)}"
            )
            fix = "keep one, or narrow each by creditors, portfolios, plays or purposes"
            yield document.finding((*path, "order"), Severity.WARNING, message, fix=fix)


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
                and minutes_open(pack) <= minutes_open(own)
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
