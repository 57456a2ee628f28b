"""The rules read once more, by somebody in no hurry: whether this very minute is permitted.

Written apart from the engine, on purpose, and without its words for stretches of time: local
clocks are walked minute by minute, contacts are counted by hand, and nothing is searched for. It
shares with the engine the parsed rules alone.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from outreach.model.contact import Contact
from outreach.model.window import WeeklyWindow
from outreach.model.words import ContactOutcome, Direction, EventKind, HoldKind, Purpose
from outreach.policy.policy import AnyRule
from outreach.policy.rules.blackout_dates import BlackoutDates
from outreach.policy.rules.contact_window import ContactWindow
from outreach.policy.rules.cooldown import Cooldown
from outreach.policy.rules.frequency_cap import Counts, FrequencyCap, Scope
from outreach.policy.rules.notice import RequiresNotice
from outreach.policy.rules.spacing import Spacing
from outreach.policy.situation import Situation

ANSWERS = {Purpose.CONVERSATION_REPLY, Purpose.HELP_REPLY, Purpose.OPT_OUT_CONFIRMATION}
QUIETLESS = {Purpose.PAYMENT_CONFIRMATION, Purpose.CLOSURE, Purpose.PLAN_CONFIRMATION}
MINUTE = timedelta(minutes=1)
#: No clock is ever set by more than this, and it happens at most once in as long.
SHIFT = timedelta(hours=3)


def clock(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@lru_cache(maxsize=200_000)
def _after_now(instant: datetime, zone: str) -> datetime:
    """The least time that the clock there will yet show, without this very instant."""
    now, later = clock(instant, zone), clock(instant + SHIFT, zone)
    if later - now == SHIFT:
        return clock(instant + MINUTE, zone)
    # Clocks are set on whole minutes.
    whole = instant.replace(second=0, microsecond=0)
    return min(clock(whole + count * MINUTE, zone) for count in range(1, 181))


@lru_cache(maxsize=200_000)
def _up_to_now(instant: datetime, zone: str) -> datetime:
    """The greatest time that the clock there has shown up to this instant."""
    now, earlier = clock(instant, zone), clock(instant - SHIFT, zone)
    if now - earlier == SHIFT:
        return now
    whole = instant.replace(second=0, microsecond=0)
    return max(now, *(clock(whole - count * MINUTE, zone) for count in range(181)))


def surely_reached(instant: datetime, zone: str, local: datetime) -> bool:
    """True from the last instant on at which the clock shows that time, or has jumped over it."""
    return clock(instant, zone) >= local and _after_now(instant, zone) > local


def maybe_reached(instant: datetime, zone: str, local: datetime) -> bool:
    """True from the first instant on at which the clock shows that time, or has jumped over it."""
    return _up_to_now(instant, zone) >= local


def open_in(windows: Iterable[WeeklyWindow], zone: str, instant: datetime) -> bool:
    """A window is open once its opening has surely come, until its close may have."""
    return any(
        surely_reached(instant, zone, opens) and not maybe_reached(instant, zone, closes)
        for opens, closes in _near(windows, zone, instant)
    )


def forbidden_in(windows: Iterable[WeeklyWindow], zone: str, instant: datetime) -> bool:
    return any(
        maybe_reached(instant, zone, opens) and not surely_reached(instant, zone, closes)
        for opens, closes in _near(windows, zone, instant)
    )


def _near(
    windows: Iterable[WeeklyWindow], zone: str, instant: datetime
) -> Iterable[tuple[datetime, datetime]]:
    today = clock(instant, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    for each in windows:
        for back in (-1, 0, 1):
            day = today - timedelta(days=back)
            if day.weekday() in each.days:
                ends = each.ends if each.ends > each.begins else each.ends + 86_400
                yield day + timedelta(seconds=each.begins), day + timedelta(seconds=ends)


def reached(instant: datetime, day: date, zones: Iterable[str]) -> bool:
    """True once this date has begun, in the latest of the zones."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - what a wall clock shows
    return all(surely_reached(instant, zone, midnight) for zone in zones)


def attempted(contact: Contact) -> bool:
    return contact.direction is Direction.OUTBOUND and contact.outcome not in {
        ContactOutcome.NOT_SENT,
        ContactOutcome.REFUSED,
    }


def is_answer(place: int, ledger: tuple[Contact, ...]) -> bool:
    """True for the one prompt answer to a message of the person; of two at one instant neither is."""
    contact = ledger[place]
    spoken = contact.in_reply_to
    if spoken is None or (contact.purpose is not None and contact.purpose not in ANSWERS):
        return False
    as_early = [
        other
        for at, other in enumerate(ledger)
        if at != place and attempted(other) and other.in_reply_to == spoken and other.at <= contact.at
    ]
    return not as_early and timedelta(0) <= contact.at - spoken <= timedelta(hours=24)


def counted(situation: Situation) -> list[Contact]:
    return [
        contact
        for place, contact in enumerate(situation.ledger)
        if attempted(contact) and not is_answer(place, situation.ledger)
    ]


def answers_now(situation: Situation, instant: datetime) -> bool:
    """True while this message answers the person in time, and for the first time."""
    spoken = situation.subject.in_reply_to
    return (
        situation.subject.purpose in ANSWERS
        and spoken is not None
        and timedelta(0) <= instant - spoken <= timedelta(hours=24)
        and not any(attempted(each) and each.in_reply_to == spoken for each in situation.ledger)
    )


def permitted(
    situation: Situation, rules: Iterable[AnyRule], zones: frozenset[str], instant: datetime
) -> bool:
    """True when all deferring rules permit this instant."""
    in_force = [each for each in rules if _in_force(each, zones, instant)]
    if _held(situation, zones, instant) or any(_waits(each, situation, zones, instant) for each in in_force):
        return False
    if answers_now(situation, instant):
        return True
    ledger = counted(situation)
    return (
        _hours_permit(situation, in_force, zones, instant)
        and not any(_too_often(each, situation, ledger, zones, instant) for each in in_force)
        and not any(_too_soon(each, situation, instant) for each in in_force)
    )


def hours_permit(
    situation: Situation, rules: Iterable[AnyRule], zones: frozenset[str], instant: datetime
) -> bool:
    """True when the windows alone permit it."""
    in_force = [each for each in rules if _in_force(each, zones, instant)]
    return answers_now(situation, instant) or _hours_permit(situation, in_force, zones, instant)


def _in_force(rule: AnyRule, zones: frozenset[str], instant: datetime) -> bool:
    begins, last = rule.terms.effective_from, rule.terms.effective_until
    return (begins is None or reached(instant, begins, zones)) and (
        last is None or not reached(instant, last + timedelta(days=1), zones)
    )


def _hours_permit(
    situation: Situation, rules: Iterable[AnyRule], zones: frozenset[str], instant: datetime
) -> bool:
    wishes = situation.wishes
    for zone in zones:
        if wishes.convenient and not open_in(wishes.convenient, zone, instant):
            return False
        if forbidden_in(wishes.inconvenient, zone, instant):
            return False
    for rule in rules:
        if isinstance(rule, ContactWindow) and not (rule.replaceable and wishes.convenient):
            asked = zones if rule.zone is None else {rule.zone}
            if not all(open_in(rule.timetable.windows, zone, instant) for zone in asked):
                return False
        if isinstance(rule, BlackoutDates):
            asked = zones if rule.zone is None else {rule.zone}
            if any(_dark(rule, zone, instant) for zone in asked):
                return False
    return True


def _dark(rule: BlackoutDates, zone: str, instant: datetime) -> bool:
    today = clock(instant, zone).date()
    for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
        begins = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - what a wall clock shows
        ends = begins + timedelta(days=1)
        if (
            rule.days.include(day)
            and maybe_reached(instant, zone, begins)
            and not surely_reached(instant, zone, ends)
        ):
            return True
    return False


def _too_often(
    rule: AnyRule, situation: Situation, ledger: list[Contact], zones: frozenset[str], instant: datetime
) -> bool:
    if isinstance(rule, Spacing):
        return any(
            each.at <= instant < each.at + rule.gap for each in ledger if _is_about(rule, each, situation)
        )
    if not isinstance(rule, FrequencyCap):
        return False
    if rule.counts is Counts.CONVERSATIONS:
        times = [each.at for each in situation.facts.events if each.kind is EventKind.CONVERSATION]
    else:
        times = [each.at for each in ledger if _is_about(rule, each, situation)]
    past = [each for each in times if each <= instant]
    if rule.window is not None:
        return sum(each > instant - rule.window for each in past) >= rule.limit
    return any(
        sum(
            (clock(each, zone).year, clock(each, zone).month)
            == (clock(instant, zone).year, clock(instant, zone).month)
            for each in past
        )
        >= rule.limit
        for zone in zones
    )


def _is_about(rule: FrequencyCap | Spacing, contact: Contact, situation: Situation) -> bool:
    if contact.channel not in rule.counted_channels:
        return False
    if not rule.unanswered_count and contact.outcome is ContactOutcome.UNANSWERED:
        return False
    if (
        isinstance(rule, FrequencyCap)
        and rule.counted_purposes is not None
        and contact.purpose not in rule.counted_purposes
    ):
        return False
    debt = situation.subject.debt
    if rule.scope is Scope.ACCOUNT and debt is not None and contact.debts and debt not in contact.debts:
        return False
    creditor = situation.subject.creditor
    return not (
        rule.scope is Scope.CREDITOR and creditor and contact.creditor and creditor != contact.creditor
    )


def _too_soon(rule: AnyRule, situation: Situation, instant: datetime) -> bool:
    if not isinstance(rule, Cooldown) or situation.subject.purpose in QUIETLESS:
        return False
    return any(
        each.at <= instant < each.at + rule.rest
        for each in situation.facts.events
        if each.kind in rule.events
    )


def _waits(rule: AnyRule, situation: Situation, zones: frozenset[str], instant: datetime) -> bool:
    if not isinstance(rule, RequiresNotice) or rule.notice not in situation.facts.notices:
        return False
    ready = situation.facts.notices[rule.notice] + timedelta(days=rule.wait_days)
    return not reached(instant, ready, zones)


def _held(situation: Situation, zones: frozenset[str], instant: datetime) -> bool:
    """True while a pause or hold is in force whose end is known."""
    for each in situation.facts.holds:
        ends: list[bool] = []
        if each.kind not in {HoldKind.HOLD, HoldKind.PAUSE}:
            continue
        if each.since is not None and not _passed(each.since, zones, instant):
            continue
        if each.until is not None:
            ends.append(_passed(each.until, zones, instant))
        if each.days is not None and isinstance(each.since, datetime):
            ends.append(instant >= each.since + timedelta(days=each.days))
        if ends and not all(ends):
            return True
    return False


def _passed(moment: datetime | date, zones: frozenset[str], instant: datetime) -> bool:
    return instant >= moment if isinstance(moment, datetime) else reached(instant, moment, zones)
