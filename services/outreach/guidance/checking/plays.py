"""Finds plays whose touches lapse before the rules let them go, and plays that say less than they seem to."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import combinations
from typing import Final

from outreach.guidance.checking.material import Material, rules_everywhere
from outreach.guidance.files.spellings import render_duration
from outreach.guidance.files.yaml_text import Document
from outreach.model.finding import Finding, Severity
from outreach.model.playbook import Occasion, Play, Playbook
from outreach.model.words import Reason
from outreach.policy.exemptions import passes
from outreach.policy.policy import AnyRule, Policy
from outreach.policy.rules.cooldown import Cooldown
from outreach.policy.rules.frequency_cap import FrequencyCap
from outreach.policy.rules.spacing import Spacing
from outreach.policy.rules.terms import Terms
from outreach.policy.situation import Subject

_DAY: Final = timedelta(days=1)
#: Touches of these are pointless when the day that they are about is over.
_OF_A_DAY: Final = frozenset({Occasion.INSTALMENT_DUE, Occasion.PROMISE_DUE})


def check_plays(material: Material) -> Iterator[Finding]:
    """Yield what is weak in plays that can be read, and what the rules make of them."""
    playbook, document = material.folder.playbook, material.folder.playbook_document
    if playbook is None or document is None:
        return
    for play in playbook.plays.values():
        yield from _of_itself(document, play)
        if play.until is not None and play.until < material.today:
            message = f"`{play.name}` is over since {play.until}: it plans nothing"
            fix = "take it out, or write a later `until`"
            yield document.finding(("plays", play.name, "until"), Severity.WARNING, message, fix=fix)
    yield from _twice(document, playbook)
    policy = material.folder.policy
    if policy is not None:
        rules = [rule for rule in (*rules_everywhere(policy), *policy.own) if not rule.terms.shadow]
        for play in playbook.plays.values():
            yield from _outlasted(document, play, rules)
            yield from _of_repeats(document, play, rules)
        yield from _of_cooldowns(material, playbook, policy)


def life(play: Play) -> timedelta:
    """Return how long a touch of the play is worth sending, from the moment it is due."""
    return min(play.expires, _until_the_day_is_over(play))


def _until_the_day_is_over(play: Play) -> timedelta:
    if play.on not in _OF_A_DAY:
        return timedelta.max
    at = timedelta(hours=play.at.hour, minutes=play.at.minute, seconds=play.at.second)
    return _DAY - at - play.after


def _of_itself(document: Document, play: Play) -> Iterator[Finding]:
    path, worth = ("plays", play.name), life(play)
    if worth <= timedelta(0):
        message = f"`{play.name}` falls due when the day that it is about is over: nothing is ever sent"
        yield document.problem((*path, "after"), message, 'write an earlier `after`, such as "-1d"')
    elif "patience" in document.value["plays"][play.name] and play.patience >= worth:
        message = (
            f"`{play.name}` waits {render_duration(play.patience)} for a better channel, and lapses "
            f"after {render_duration(worth)}"
        )
        yield document.finding(
            (*path, "patience"), Severity.WARNING, message, fix="let `expires` be longer than `patience`"
        )
    if play.fallback is not None and len(play.channels) == 1:
        message = f"`{play.name}` has one channel, and so none to fall back to"
        yield document.finding(
            (*path, "fallback"), Severity.WARNING, message, fix="add a channel, or leave `fallback` out"
        )
    if play.dry_run:
        message = f"`{play.name}` is a dry run: all is decided and recorded, and nothing of it is sent"
        yield document.finding((*path, "dry_run"), Severity.NOTE, message)


def _twice(document: Document, playbook: Playbook) -> Iterator[Finding]:
    """Yield a warning for each two plays that say the same about the same, at the same moment."""
    for one, other in combinations(playbook.plays.values(), 2):
        same = (one.on, one.after, one.wording) == (other.on, other.after, other.wording)
        alike = one.at == other.at and one.conditions == other.conditions
        if same and alike and (one.begins, one.until) == (other.begins, other.until):
            message = f"`{other.name}` says at the same moment what `{one.name}` says"
            fix = "take one of them out, or let them differ by `after`, `wording` or `conditions`"
            yield document.finding(("plays", other.name), Severity.WARNING, message, fix=fix)


def _binds(terms: Terms, play: Play) -> bool:
    """True when some message of the play may be about the rule."""
    creditors, portfolios = creditors_of(play), _portfolios_of(play)
    return (
        bool(terms.channels & set(play.channels))
        and (terms.purposes is None or play.purpose in terms.purposes)
        and play.purpose not in terms.except_purposes
        and (not terms.plays or play.name in terms.plays)
        and (not terms.creditors or creditors is None or bool(terms.creditors & creditors))
        and (not terms.portfolios or portfolios is None or bool(terms.portfolios & portfolios))
    )


def creditors_of(play: Play) -> frozenset[str] | None:
    """Return the creditors that a play is for; None is all of them."""
    asked = [part.creditors for part in play.conditions if part.creditors]
    return frozenset.intersection(*asked) if asked else None


def _portfolios_of(play: Play) -> frozenset[str] | None:
    asked = [part.portfolios for part in play.conditions if part.portfolios]
    return frozenset.intersection(*asked) if asked else None


def _passes(play: Play, reason: Reason) -> bool:
    return reason in passes(Subject(channel=play.channels[0], purpose=play.purpose), answered=False)


def _outlasted(document: Document, play: Play, rules: Sequence[AnyRule]) -> Iterator[Finding]:
    """Yield a warning where the time between two contacts is longer than a touch is worth sending."""
    worth = life(play)
    spacings = [rule for rule in rules if isinstance(rule, Spacing) and _binds(rule.terms, play)]
    if not spacings or _passes(play, Reason.SPACING) or worth <= timedelta(0):
        return
    longest = max(spacings, key=lambda rule: rule.gap)
    if longest.gap >= worth:
        gap = render_duration(longest.gap)
        message = (
            f"`{play.name}` lapses {render_duration(worth)} after it is due, and `{longest.terms.id}` may "
            f"hold it for {gap}: whoever was written to just before never gets it"
        )
        by_day = _until_the_day_is_over(play) <= longest.gap
        fix = f"let {'`after` be earlier' if by_day else '`expires` be longer'}, beyond {gap}"
        place = ("plays", play.name, "after" if by_day else "expires")
        yield document.finding(place, Severity.WARNING, message, fix=fix)


def _of_repeats(document: Document, play: Play, rules: Sequence[AnyRule]) -> Iterator[Finding]:
    repeat = play.repeat
    if repeat is None:
        return
    path = ("plays", play.name, "repeat")
    if repeat.at_most == 1:
        message = f"`{play.name}` never repeats: `at_most` counts the first touch too"
        yield document.finding(
            (*path, "at_most"), Severity.WARNING, message, fix="write 2 or more, or leave `repeat` out"
        )
        return
    if repeat.backoff < 1:
        message = f"`{play.name}` asks ever more often"
        fix = 'write a `backoff` of "1" or more, so that silence is met with patience'
        yield document.finding((*path, "backoff"), Severity.WARNING, message, fix=fix)
    gaps = [repeat.every * float(repeat.backoff**number) for number in range(repeat.at_most - 1)]
    for rule in rules:
        if _binds(rule.terms, play) and (held := _held(rule, gaps)) is not None:
            lapses = held >= life(play)
            what = "lapses before it may go" if lapses else "goes out later than it says"
            message = (
                f"a repeat of `{play.name}` {what}: `{rule.terms.id}` holds it for {render_duration(held)}"
            )
            fix = f"let `every` be longer{', or `expires`' if lapses else ''}"
            yield document.finding((*path, "every"), Severity.WARNING, message, fix=fix)
            return


def _held(rule: AnyRule, gaps: Sequence[timedelta]) -> timedelta | None:
    """Return how long a rule holds a repeat because of the touches before it, or None if it does not."""
    match rule:
        case Spacing(gap=gap):
            held = gap - min(gaps)
        case FrequencyCap(window=timedelta() as window, limit=limit) if limit <= len(gaps):
            sums = [sum(gaps[first : first + limit], timedelta(0)) for first in range(len(gaps) - limit + 1)]
            held = window - min(sums)
        case _:
            return None
    return held if held > timedelta(0) else None


def _of_cooldowns(material: Material, playbook: Playbook, policy: Policy) -> Iterator[Finding]:
    """Yield what each time of quiet makes lapse: a warning of the agency's own, a note of the packs'."""
    for number, rule in enumerate(policy.own):
        if isinstance(rule, Cooldown) and not rule.terms.shadow and material.folder.policy_document:
            message = _lapsing(rule, playbook)
            path = ("rules", number, "rest")
            if message:
                fix = "rest for less long, or let `expires` of those plays be longer"
                yield material.folder.policy_document.finding(path, Severity.WARNING, message, fix=fix)
    document = material.folder.playbook_document
    for rule in rules_everywhere(policy):
        if isinstance(rule, Cooldown) and document is not None and (message := _lapsing(rule, playbook)):
            yield document.finding(("plays",), Severity.NOTE, message)


def _lapsing(rule: Cooldown, playbook: Playbook) -> str:
    names = [
        play.name
        for play in playbook.plays.values()
        if timedelta(0) < life(play) <= rule.rest
        and _binds(rule.terms, play)
        and not _passes(play, Reason.COOLDOWN)
    ]
    if not names:
        return ""
    events = " or ".join(f"a {event}" for event in sorted(rule.events))
    return (
        f"`{rule.terms.id}` keeps quiet for {render_duration(rule.rest)} after {events}; what falls due in "
        f"that time lapses before its end: {', '.join(names)}"
    )
