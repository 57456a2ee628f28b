"""Whether it was allowed at all: consent, opt-outs, holds, notices, and what else stops a message."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from outreach.audit.message import Message
from outreach.audit.recorded import Hold
from outreach.audit.sent import Stop
from outreach.policy.rules.basis import RequiresBasis
from outreach.policy.rules.notice import RequiresNotice
from outreach.policy.rules.number_check import RequiresFreshNumber
from outreach.policy.rules.standstill import Standstill
from outreach.policy.rules.suppress_if import Fact, SuppressIf
from outreach.policy.rules.work_address import AvoidsWork

_OWN = frozenset({"direct", "written", "consumer_used"})
_A_DAY = timedelta(days=1)
_CONFIRMS_WITHIN = timedelta(minutes=5)


def lacks_consent(message: Message) -> Iterator[str]:
    """Say which right to use the channel was missing, or too old."""
    facts, channel = message.situation.facts, message.situation.subject.channel
    bases = _bases(message)
    if message.purpose == "consent_request":
        return
    for rule in message.rules:
        if isinstance(rule, RequiresBasis):
            sufficient = bases & rule.any_of
            only_used = rule.used_within is not None and sufficient <= {"consumer_used"}
            used_at = facts.last_inbound.get(channel)
            stale = only_used and (used_at is None or message.at > used_at + (rule.used_within or _A_DAY))
            if not sufficient or stale:
                yield f"{rule.terms.id}: no {' or '.join(sorted(rule.any_of))} consent for {channel}"
        if isinstance(rule, RequiresFreshNumber):
            proofs = _proofs(message)
            if not proofs or message.at > max(proofs) + rule.within:
                yield f"{rule.terms.id}: the number was not known to be the person's for {rule.within.days} d"


def lacks_notice(message: Message) -> Iterator[str]:
    """Say which written notice had not come first."""
    for rule in message.rules:
        if isinstance(rule, RequiresNotice):
            posted = message.situation.facts.notices.get(rule.notice)
            waited = posted is not None and message.has_begun(
                (posted + timedelta(days=rule.wait_days)).isoformat()
            )
            if not waited:
                yield f"{rule.terms.id}: {rule.notice} posted {posted or 'never'}"


def held(message: Message) -> Iterator[str]:
    """Say which fact in force should have stopped it."""
    for hold in message.situation.facts.holds:
        if _is_in_force(hold, message) and not _passes(hold, message):
            yield f"hold {hold.kind}"
    for rule in message.rules:
        if isinstance(rule, Standstill) and (
            rule.until is None or not message.has_begun(rule.until.isoformat())
        ):
            yield f"{rule.terms.id}: everything stands still"
        if isinstance(rule, SuppressIf) and _is_so(rule.fact, message):
            yield f"{rule.terms.id}: {rule.fact}"


def closed(message: Message) -> Iterator[str]:
    """Say which door the person, or the number, had closed."""
    facts, wishes = message.situation.facts, message.situation.wishes
    channel = message.situation.subject.channel
    if any(opt_out.channel == channel for opt_out in facts.opt_outs) and not may_pass_a_stop(message):
        yield f"opted out of {channel}"
    if channel in wishes.refused_channels:
        yield f"refused {channel}"
    check = facts.number_check
    if channel == "sms" and check is not None and check.result == "reassigned":
        proofs = [
            consent.at
            for consent in facts.consents.get("sms", ())
            if consent.basis in ("direct", "written") and consent.at is not None
        ]
        proofs += [facts.last_inbound["sms"]] if "sms" in facts.last_inbound else []
        if all(proof <= check.at for proof in proofs):
            yield "the number was reassigned"
    for rule in message.rules:
        if (
            isinstance(rule, AvoidsWork)
            and channel in facts.work_address
            and not _bases(message) & rule.unless
        ):
            yield f"{rule.terms.id}: the employer's address"


def pointless(message: Message) -> Iterator[str]:
    """Say why it should have been dropped: too late, nothing due, nobody knew where or what."""
    subject, facts = message.situation.subject, message.situation.facts
    if subject.expires_at is not None and message.at >= subject.expires_at:
        yield f"expired at {subject.expires_at.isoformat()}"
    thanks = ("payment_confirmation", "closure", "collection_terminated_notice")
    if facts.nothing_due and message.purpose not in thanks:
        yield "nothing was due"
    if facts.unavailable:
        yield "the facts could not be read"
    if facts.inbound:
        yield "a message of the person's had not been understood"
    if not message.places.zones:
        yield "nobody knew where the person was"
    spoken = subject.in_reply_to
    if message.purpose == "opt_out_confirmation" and spoken and message.at > spoken + _CONFIRMS_WITHIN:
        yield "an opt-out confirmed after more than five minutes"


def may_pass_a_stop(message: Message) -> bool:
    """True for the one confirmation within five minutes of a stop, and for an answer to a call for help."""
    spoken = message.situation.subject.in_reply_to
    if spoken is None or not message.is_a_fresh_answer:
        return False
    if message.purpose == "opt_out_confirmation":
        return message.at <= spoken + _CONFIRMS_WITHIN
    return message.purpose == "help_reply"


def was_opened_by_the_person(stop: Stop, message: Message) -> bool:
    """Tell whether an opt-out was lifted by right: by START, or by an own consent that came after it.

    What came after is judged by when it was heard, and by when it was given: no stated time alone
    undoes what a person told us.
    """
    if stop.kind != "opted_out" or stop.lifted_by != "preferences":
        return True
    return any(
        consent.basis in ("direct", "written")
        and consent.at is not None
        and consent.at > stop.heard_at
        and stop.heard_at < (consent.heard_at or consent.at) <= message.called.called_at
        for consent in message.situation.facts.consents.get(message.called.channel, ())
    )


def _bases(message: Message) -> set[str]:
    facts, channel = message.situation.facts, message.situation.subject.channel
    bases = {consent.basis for consent in facts.consents.get(channel, ())}
    if "written" in bases:
        bases.add("direct")
    if channel in facts.last_inbound:
        bases.add("consumer_used")
    return bases


def _proofs(message: Message) -> list[datetime]:
    facts = message.situation.facts
    proofs = [
        consent.at
        for consent in facts.consents.get("sms", ())
        if consent.basis in _OWN and consent.at is not None
    ]
    if "sms" in facts.last_inbound:
        proofs.append(facts.last_inbound["sms"])
    if facts.number_check is not None and facts.number_check.result == "not_reassigned":
        proofs.append(facts.number_check.at)
    return proofs


def _is_in_force(hold: Hold, message: Message) -> bool:
    if hold.since is not None and not message.has_begun(hold.since):
        return False
    if hold.kind == "dispute" and _began_in_validation(hold, message):
        return True
    ends = [] if hold.until is None else [message.has_begun(hold.until)]
    if hold.days is not None:
        ends.append(hold.since is not None and _days_have_passed(hold.since, hold.days, message))
    # Of two ends the later one; without any it is in force until it is lifted.
    return not (ends and all(ends))


def _days_have_passed(since: str, days: int, message: Message) -> bool:
    """Days of 24 hours from an edge; a date begins at midnight in the latest zone."""
    then = message.at - timedelta(days=days)
    if len(since) > len("2026-03-02"):
        return then >= datetime.fromisoformat(since)
    return message.has_begun_at(since, then)


def _began_in_validation(hold: Hold, message: Message) -> bool:
    ends = message.situation.facts.validation_period_ends
    if ends is None:
        return False
    if hold.since is None:
        return True
    if len(hold.since) == len("2026-03-02"):
        return hold.since < ends.isoformat()
    return not message.has_begun_at(ends.isoformat(), datetime.fromisoformat(hold.since))


#: What a human's answer passes, for a week (policy-cases: purposes).
FOR_A_HUMAN = frozenset({"with_human", "hardship", "dispute"})


def _passes(hold: Hold, message: Message) -> bool:
    """What a purpose passes: the notice that collection ended, an acknowledgment of a dispute, a human."""
    if message.is_a_humans_answer and hold.kind in FOR_A_HUMAN:
        return True
    if hold.kind == "cease_communication":
        return message.purpose == "collection_terminated_notice"
    if hold.kind != "dispute" or message.purpose != "dispute_acknowledgement":
        return False
    return not any(
        consent.purpose == "dispute_acknowledgement"
        and message.concerns_the_debt(consent.debts)
        and (hold.since is None or message.has_begun_at(hold.since, consent.at))
        for consent in message.made
    )


def _is_so(fact: Fact, message: Message) -> bool:
    facts = message.situation.facts
    match fact:
        case Fact.ALWAYS:
            return True
        case Fact.OPTED_OUT_ANYWHERE:
            return bool(facts.opt_outs)
        case Fact.OPTED_OUT_OF_TEXTS:
            return any(opt_out.channel == "sms" for opt_out in facts.opt_outs)
        case Fact.REFUSED_ANYWHERE:
            return bool(message.situation.wishes.refused_channels)
        case Fact.NUMBER_REASSIGNED:
            return facts.number_check is not None and facts.number_check.result == "reassigned"
        case Fact.WORK_ADDRESS:
            return message.situation.subject.channel in facts.work_address
        case Fact.ANY_HOLD:
            return bool(facts.holds)
