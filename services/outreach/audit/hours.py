"""Whether it was a decent hour, on every clock the person may live by."""

from collections.abc import Iterable, Iterator

from outreach.audit.clocks import WallClock, Weekly
from outreach.audit.days import is_named
from outreach.audit.message import Message
from outreach.policy.rules.blackout_dates import BlackoutDates
from outreach.policy.rules.contact_window import ContactWindow


def bad_hours(message: Message) -> Iterator[str]:
    """Say which windows were shut, and whose."""
    if message.is_a_fresh_answer or message.is_a_prompt_humans_answer:
        return
    wishes, clocks = message.situation.wishes, message.clocks()
    windows = [rule for rule in message.rules if isinstance(rule, ContactWindow)]
    for rule in windows:
        if rule.replaceable and wishes.convenient:
            continue
        open_at: Iterable[Weekly] = rule.timetable.windows
        yield from _shut(rule.terms.id, open_at, message.clocks(rule.zone))
    if wishes.convenient:
        yield from _shut("the person's convenient times", wishes.convenient, clocks)
    for zone, clock in clocks.items():
        if any(clock.may_be_inside(window) for window in wishes.inconvenient):
            yield f"an inconvenient time of the person's: {clock.shows:%a %H:%M} in {zone}"


def blackout_days(message: Message) -> Iterator[str]:
    """Say on which holiday it was."""
    if message.is_a_fresh_answer or message.is_a_prompt_humans_answer:
        return
    for rule in message.rules:
        if not isinstance(rule, BlackoutDates):
            continue
        for zone, clock in message.clocks(rule.zone).items():
            named = [
                day
                for day in clock.days_around
                if clock.may_be_on(day) and any(is_named(day, spelling) for spelling in rule.days.spelled)
            ]
            if named:
                yield f"{rule.terms.id}: {named[0]} in {zone}"


def _shut(name: str, windows: Iterable[Weekly], clocks: dict[str, WallClock]) -> Iterator[str]:
    for zone, clock in clocks.items():
        if not any(clock.is_inside(window) for window in windows):
            yield f"{name}: {clock.shows:%a %H:%M} in {zone}"
