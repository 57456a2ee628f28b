"""What the policy may look at, gathered from what is stored of a person, a debt and a channel. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from outreach.model.debt import Debt, PaymentState
from outreach.model.known import PersonFacts
from outreach.model.person import (
    Consent,
    Facts,
    Hold,
    NumberCheck,
    OptOut,
    PersonEvent,
    Wishes,
)
from outreach.model.snapshot import OptedOut, Snapshot, Window
from outreach.model.suppression import UNSAFE, Suppression
from outreach.model.window import Weekday, WeeklyWindow
from outreach.model.words import (
    Channel,
    CheckResult,
    ContactOutcome,
    EventKind,
    HoldKind,
)
from outreach.wording.given_names import tells_of_death
from schemas.addresses import comparable, is_same_address, reaches

_NO_WISHES = Wishes()


def address_for(known: PersonFacts, channel: Channel) -> str | None:
    """Return the address that this channel would use, or None where there is none.

    A text never goes to a landline; a private address is preferred to one at work.
    """
    snapshot = known.snapshot
    if snapshot is None:
        return None
    bad = {
        suppression.address
        for suppression in known.suppressions
        if suppression.kind in ("unreachable", "wrong_party", UNSAFE)
    }
    if channel is Channel.SMS:
        phones = sorted(
            (phone for phone in snapshot.phones if phone.kind != "landline"),
            key=lambda phone: (comparable(phone.number) in bad, phone.work, phone.kind != "mobile"),
        )
        return phones[0].number if phones else None
    if channel is Channel.EMAIL:
        emails = sorted(snapshot.emails, key=lambda email: (comparable(email.address) in bad, email.work))
        return emails[0].address if emails else None
    return None


def wishes_of(snapshot: Snapshot | None) -> Wishes:
    """Return what the person asked for."""
    if snapshot is None or not (snapshot.convenient or snapshot.inconvenient or snapshot.refused_channels):
        return _NO_WISHES
    return Wishes(
        convenient=tuple(_window(window) for window in snapshot.convenient),
        inconvenient=tuple(_window(window) for window in snapshot.inconvenient),
        refused_channels=frozenset(snapshot.refused_channels),
    )


def facts_of(known: PersonFacts, debt: Debt | None, channel: Channel) -> Facts:
    """Return what is known for one debt and one channel."""
    snapshot = known.snapshot
    if snapshot is None or known.unreadable or snapshot.unreadable:
        return Facts(unavailable=True)
    address = address_for(known, channel)
    debt_id = debt.debt_id if debt is not None else None
    number_check = _number_check(snapshot, address) if channel is Channel.SMS else None
    return Facts(
        consents=_consents(snapshot, channel, address),
        last_inbound=_last_inbound(known, channel, address, number_check=number_check),
        number_check=number_check,
        opt_outs=tuple(_opt_outs(snapshot, known.suppressions, channel, address)),
        work_address=frozenset({channel}) if _is_at_work(snapshot, address) else frozenset(),
        holds=tuple(_holds(snapshot, known, debt=debt, channel=channel, address=address)),
        notices={
            notice.name: notice.on
            for notice in snapshot.notices
            if notice.debt_id is None or notice.debt_id == debt_id
        },
        events=tuple(_events(known)),
        validation_period_ends=(
            debt.validation_period_ends.value if debt is not None and debt.validation_period_ends else None
        ),
        nothing_due=debt is not None and debt.owes_nothing,
    )


def _window(window: Window) -> WeeklyWindow:
    return WeeklyWindow(
        days=frozenset(list(Weekday).index(Weekday(day)) for day in window.days),
        begins=_seconds(window.begins),
        ends=_seconds(window.ends),
    )


def _seconds(local: str) -> int:
    return int(local[:2]) * 3600 + int(local[3:]) * 60


def _consents(
    snapshot: Snapshot, channel: Channel, address: str | None
) -> Mapping[Channel, tuple[Consent, ...]]:
    consents = tuple(
        Consent(basis=consent.basis, at=consent.at, heard_at=consent.heard_at)
        for consent in snapshot.consents
        if consent.channel is channel
        and (consent.address is None or is_same_address(consent.address, address))
    )
    return {channel: consents} if consents else {}


def _last_inbound(
    known: PersonFacts, channel: Channel, address: str | None, *, number_check: NumberCheck | None
) -> Mapping[Channel, datetime]:
    """Return when the person last wrote from the address that would be used, where it was certainly they.

    Who writes from an address that several people have, or from a number that somebody else was given,
    may be anybody.

    Source: 12 CFR 1006.6(d)(5)(i), (ii): the consumer used the very number.
    """
    if address is None or comparable(address) in known.shared_addresses:
        return {}
    if number_check is not None and number_check.result is CheckResult.REASSIGNED:
        return {}
    wrote_at = known.wrote_from.get((channel, comparable(address)))
    return {} if wrote_at is None else {channel: wrote_at}


def _number_check(snapshot: Snapshot, number: str | None) -> NumberCheck | None:
    checks = [
        number_check
        for number_check in snapshot.number_checks
        if is_same_address(number_check.number, number)
    ]
    if not checks:
        return None
    newest = max(checks, key=lambda check: check.at)
    return NumberCheck(at=newest.at, result=newest.result)


def _opt_outs(
    snapshot: Snapshot, suppressions: Iterable[Suppression], channel: Channel, address: str | None
) -> Iterable[OptOut]:
    for out in snapshot.opt_outs:
        if out.channel == channel and out.kind in ("opted_out", "complained") and _covers(out, address):
            yield OptOut(channel=channel, at=out.at)
    for suppression in suppressions:
        elsewhere = suppression.is_local and not is_same_address(suppression.address, address)
        if suppression.kind == "opted_out" and suppression.channel is channel and not elsewhere:
            # By person it closes the channel, whatever the address; by address, whoever uses it.
            yield OptOut(channel=channel, at=suppression.at)


def _is_at_work(snapshot: Snapshot, address: str | None) -> bool:
    return any(phone.work for phone in snapshot.phones if phone.number == address) or any(
        email.work for email in snapshot.emails if email.address == address
    )


def _holds(
    snapshot: Snapshot, known: PersonFacts, *, debt: Debt | None, channel: Channel, address: str | None
) -> Iterable[Hold]:
    debt_id = debt.debt_id if debt is not None else None
    for hold in snapshot.holds:
        # What stops one debt stops nothing else; what is about no debt in particular stops all.
        if hold.debt_id is None or debt_id is None or hold.debt_id == debt_id:
            since, until = _edge(hold.since), _edge(hold.until)
            yield Hold(kind=HoldKind(hold.kind), since=since, until=until, days=hold.days)
    if debt is not None:
        yield from _disputes(debt)
    yield from _bad_addresses(snapshot, channel, address)
    names = snapshot.names
    # Of a snapshot that an earlier release kept, nothing was recorded yet.
    are_unseen = names is not None and not known.names_were_kept
    if names is not None and are_unseen and tells_of_death(names.given, names.family, names.full):
        yield Hold(kind=HoldKind.WITH_HUMAN)
    for suppression in known.suppressions:
        at_hand = suppression.address is None or is_same_address(suppression.address, address)
        if suppression.kind != "opted_out" and suppression.channel in (None, channel) and at_hand:
            # What is unsafe is as the person's own wish for a pause without an end: nothing passes it.
            kind = HoldKind.PAUSE if suppression.kind == UNSAFE else HoldKind(suppression.kind)
            yield Hold(kind=kind, since=suppression.at, until=suppression.until)
    if channel is Channel.VOICE:
        yield from _numbers_not_to_call(snapshot, known)


def _numbers_not_to_call(snapshot: Snapshot, known: PersonFacts) -> Iterable[Hold]:
    """Close calls, which any of the person's numbers may get, by what was heard of these numbers by text.

    One that others read is not to ring either; a wrong one leaves calls open while there is another.
    """
    numbers = {comparable(phone.number) for phone in snapshot.phones}
    told = [one for one in known.suppressions if one.channel is not Channel.VOICE and one.address in numbers]
    unsafe = [one.at for one in told if one.kind == UNSAFE]
    wrong = {one.address: one.at for one in told if one.kind == HoldKind.WRONG_PARTY}
    if unsafe:
        yield Hold(kind=HoldKind.PAUSE, since=min(unsafe))
    elif numbers and numbers <= wrong.keys():
        yield Hold(kind=HoldKind.WRONG_PARTY, since=max(wrong.values()))


def _disputes(debt: Debt) -> Iterable[Hold]:
    for stated in debt.disputes.values():
        dispute = stated.value
        if dispute.is_open:
            since, until = _edge(dispute.since), _edge(dispute.until)
            yield Hold(kind=HoldKind.DISPUTE, since=since, until=until, days=dispute.days)


def _bad_addresses(snapshot: Snapshot, channel: Channel, address: str | None) -> Iterable[Hold]:
    for out in snapshot.opt_outs:
        if out.kind in ("unreachable", "wrong_party") and out.channel == channel and _covers(out, address):
            yield Hold(kind=HoldKind(out.kind), since=out.at)
    if address is None and channel in (Channel.SMS, Channel.EMAIL):
        yield Hold(kind=HoldKind.UNREACHABLE)


def _events(known: PersonFacts) -> Iterable[PersonEvent]:
    """A payment on one debt buys quiet about all of them."""
    for contact in known.ledger:
        if contact.outcome is ContactOutcome.ANSWERED and contact.channel is Channel.VOICE:
            yield PersonEvent(kind=EventKind.CONVERSATION, at=contact.at)
    for debt in known.debts.values():
        for payment in debt.payments.values():
            if payment.value.state is PaymentState.RECEIVED:
                yield PersonEvent(kind=EventKind.PAYMENT, at=payment.at)
        for plan in map(debt.plan_called, debt.plans):
            if plan.value.instalments:
                yield PersonEvent(kind=EventKind.PLAN, at=plan.at)


def _edge(edge: str | None) -> datetime | date | None:
    if edge is None:
        return None
    return date.fromisoformat(edge) if len(edge) == len("2026-03-02") else datetime.fromisoformat(edge)


def _covers(out: OptedOut, address: str | None) -> bool:
    """Tell whether an opt-out closes this address; one whose own cannot be read closes the channel."""
    return (
        out.address is None or not reaches(out.channel, out.address) or is_same_address(out.address, address)
    )
