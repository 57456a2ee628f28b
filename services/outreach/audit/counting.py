"""Whether it was too often, or too soon; counted one by one."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from outreach.audit.message import Message
from outreach.audit.recorded import Contact, Happened
from outreach.policy.rules.cooldown import Cooldown
from outreach.policy.rules.frequency_cap import Counts, FrequencyCap, Scope
from outreach.policy.rules.spacing import Spacing

_PASS_COOLDOWN = frozenset({"payment_confirmation", "closure", "plan_confirmation"})


def over_caps(message: Message) -> Iterator[str]:
    """Say which caps were full already."""
    if message.is_a_fresh_answer or message.is_a_humans_answer or message.reached_nobody:
        return
    for rule in message.rules:
        if not isinstance(rule, FrequencyCap):
            continue
        at_work = message.situation.subject.channel in message.situation.facts.work_address
        if rule.to_work_address_only and not at_work:
            continue
        count = _most_counted(rule, message)
        if count >= rule.limit:
            length = "the calendar month" if rule.window is None else f"{rule.window.days or 1} d"
            yield f"{rule.terms.id}: {count} before it in {length}, {rule.limit} allowed"


def too_soon(message: Message) -> Iterator[str]:
    """Say which gap or rest was cut short."""
    if message.is_a_fresh_answer or message.is_a_humans_answer or message.reached_nobody:
        return
    for rule in message.rules:
        if isinstance(rule, Spacing):
            for contact in message.counted:
                if _is_counted(rule, contact, message) and message.at < contact.at + rule.gap:
                    yield f"{rule.terms.id}: {_hours(message.at, contact.at)} h after the contact before"
        if isinstance(rule, Cooldown) and message.purpose not in _PASS_COOLDOWN:
            for event in message.situation.facts.events:
                if _was_asked_for(event, message):
                    continue
                if event.kind in rule.events and event.at <= message.at < event.at + rule.rest:
                    yield f"{rule.terms.id}: {_hours(message.at, event.at)} h after a {event.kind}"


def _was_asked_for(event: Happened, message: Message) -> bool:
    """True of the plan that a reminder is about, and of the call of the day before in which it was agreed."""
    agreed_at = message.situation.subject.agreed_at
    if agreed_at is None:
        return False
    is_the_plan = event.kind == "plan" and event.at == agreed_at
    is_the_call = event.kind == "conversation" and timedelta(0) <= agreed_at - event.at <= timedelta(hours=24)
    return is_the_plan or is_the_call


def _most_counted(rule: FrequencyCap, message: Message) -> int:
    if rule.counts is Counts.CONVERSATIONS:
        spoken = [event.at for event in message.situation.facts.events if event.kind == "conversation"]
    else:
        spoken = [contact.at for contact in message.counted if _counts(rule, contact, message)]
    spoken = [instant for instant in spoken if instant <= message.at]
    if rule.window is not None:
        return sum(message.at - rule.window < instant for instant in spoken)
    return max((_in_month(spoken, message.at, zone) for zone in message.places.zones), default=0)


def _in_month(spoken: Sequence[datetime], at: datetime, zone_name: str) -> int:
    zone = ZoneInfo(zone_name)
    local = at.astimezone(zone)
    return sum(
        (instant.astimezone(zone).year, instant.astimezone(zone).month) == (local.year, local.month)
        for instant in spoken
    )


def _counts(rule: FrequencyCap, contact: Contact, message: Message) -> bool:
    purposes = rule.counted_purposes
    return (purposes is None or contact.purpose in purposes) and _is_counted(rule, contact, message)


def _is_counted(rule: FrequencyCap | Spacing, contact: Contact, message: Message) -> bool:
    creditor = message.situation.subject.creditor
    if contact.channel not in rule.counted_channels:
        return False
    if not rule.unanswered_count and contact.outcome == "unanswered":
        return False
    if rule.scope is Scope.ACCOUNT and not message.concerns_the_debt(contact.debts):
        return False
    return rule.scope is not Scope.CREDITOR or creditor is None or contact.creditor in (None, creditor)


def _hours(later: datetime, earlier: datetime) -> int:
    return int((later - earlier).total_seconds() // 3600)
