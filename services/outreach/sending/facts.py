"""What the policy may look at, gathered from what is stored of a person, a debt and a channel. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from outreach.model.contact import Contact
from outreach.model.debt import Debt, PaymentState
from outreach.model.known import PersonFacts
from outreach.model.person import (
    Consent,
    Evidence,
    Facts,
    Hold,
    NumberCheck,
    OptOut,
    PersonEvent,
    Wishes,
)
from outreach.model.snapshot import Snapshot, Window
from outreach.model.suppression import Suppression
from outreach.model.window import Weekday, WeeklyWindow
from outreach.model.words import (
    Channel,
    ContactOutcome,
    Direction,
    EventKind,
    HoldKind,
)

_NO_WISHES = Wishes()


def address_for(known: PersonFacts, channel: Channel) -> str | None:
    """Return the address that this channel would use, or None where there is none.

    A text never goes to a landline; a private address is preferred to one at work.
    """
    snapshot = known.snapshot
    if snapshot is None:
        return None
    bad = {each.address for each in known.suppressions if each.kind in ("unreachable", "wrong_party")}
    if channel is Channel.SMS:
        phones = sorted(
            (each for each in snapshot.phones if each.kind != "landline"),
            key=lambda each: (each.number in bad, each.work, each.kind != "mobile"),
        )
        return phones[0].number if phones else None
    if channel is Channel.EMAIL:
        emails = sorted(snapshot.emails, key=lambda each: (each.address.casefold() in bad, each.work))
        return emails[0].address if emails else None
    return None


def evidence_of(snapshot: Snapshot | None) -> Evidence:
    """Return everything that suggests where the person is."""
    if snapshot is None:
        return Evidence()
    return Evidence(
        addresses=snapshot.addresses,
        phones=tuple([each.number for each in snapshot.phones]),
        zones=snapshot.zones,
    )


def wishes_of(snapshot: Snapshot | None) -> Wishes:
    """Return what the person asked for."""
    if snapshot is None or not (snapshot.convenient or snapshot.inconvenient or snapshot.refused_channels):
        return _NO_WISHES
    return Wishes(
        convenient=tuple(_window(each) for each in snapshot.convenient),
        inconvenient=tuple(_window(each) for each in snapshot.inconvenient),
        refused_channels=frozenset(snapshot.refused_channels),
    )


def facts_of(known: PersonFacts, debt: Debt | None, channel: Channel) -> Facts:
    """Return what is known for one debt and one channel."""
    snapshot = known.snapshot
    if snapshot is None or known.unreadable or snapshot.unreadable:
        return Facts(unavailable=True)
    address = address_for(known, channel)
    debt_id = debt.debt_id if debt is not None else None
    return Facts(
        consents=_consents(snapshot, channel, address),
        last_inbound=_last_inbound(known.ledger),
        number_check=_number_check(snapshot, address) if channel is Channel.SMS else None,
        opt_outs=tuple(_opt_outs(snapshot, known.suppressions, channel, address)),
        work_address=frozenset({channel}) if _is_at_work(snapshot, address) else frozenset(),
        holds=tuple(_holds(snapshot, known, debt, channel, address)),
        notices={
            each.name: each.on for each in snapshot.notices if each.debt_id is None or each.debt_id == debt_id
        },
        events=tuple(_events(known)),
        validation_period_ends=(
            debt.validation_period_ends.value if debt is not None and debt.validation_period_ends else None
        ),
        nothing_due=debt is not None and debt.owes_nothing,
    )


def _window(window: Window) -> WeeklyWindow:
    return WeeklyWindow(
        days=frozenset(list(Weekday).index(Weekday(each)) for each in window.days),
        begins=_seconds(window.begins),
        ends=_seconds(window.ends),
    )


def _seconds(local: str) -> int:
    return int(local[:2]) * 3600 + int(local[3:]) * 60


def _consents(
    snapshot: Snapshot, channel: Channel, address: str | None
) -> Mapping[Channel, tuple[Consent, ...]]:
    found = tuple(
        Consent(basis=each.basis, at=each.at)
        for each in snapshot.consents
        if each.channel is channel and (each.address is None or _folded(each.address) == _folded(address))
    )
    return {channel: found} if found else {}


def _last_inbound(ledger: Iterable[Contact]) -> Mapping[Channel, datetime]:
    last: dict[Channel, datetime] = {}
    for each in ledger:
        if each.direction is Direction.INBOUND:
            last[each.channel] = max(each.at, last.get(each.channel, each.at))
    return last


def _number_check(snapshot: Snapshot, number: str | None) -> NumberCheck | None:
    checks = [each for each in snapshot.number_checks if each.number == number]
    if not checks:
        return None
    newest = max(checks, key=lambda each: each.at)
    return NumberCheck(at=newest.at, result=newest.result)


def _opt_outs(
    snapshot: Snapshot, suppressions: Iterable[Suppression], channel: Channel, address: str | None
) -> Iterable[OptOut]:
    for out in snapshot.opt_outs:
        if (
            out.channel == channel
            and out.kind in ("opted_out", "complained")
            and (out.address is None or _folded(out.address) == _folded(address))
        ):
            yield OptOut(channel=channel, at=out.at)
    for each in suppressions:
        if each.kind == "opted_out" and each.channel is channel:
            # By person it closes the channel, whatever the address; by address, whoever uses it.
            yield OptOut(channel=channel, at=each.at)


def _is_at_work(snapshot: Snapshot, address: str | None) -> bool:
    return any(each.work for each in snapshot.phones if each.number == address) or any(
        each.work for each in snapshot.emails if each.address == address
    )


def _holds(
    snapshot: Snapshot, known: PersonFacts, debt: Debt | None, channel: Channel, address: str | None
) -> Iterable[Hold]:
    debt_id = debt.debt_id if debt is not None else None
    for each in snapshot.holds:
        # What stops one debt stops nothing else; what is about no debt in particular stops all.
        if each.debt_id is None or debt_id is None or each.debt_id == debt_id:
            since, until = _edge(each.since), _edge(each.until)
            yield Hold(kind=HoldKind(each.kind), since=since, until=until, days=each.days)
    if debt is not None:
        yield from _disputes(debt)
    yield from _bad_addresses(snapshot, channel, address)
    for suppression in known.suppressions:
        at_hand = suppression.address is None or suppression.address == _folded(address)
        if suppression.kind != "opted_out" and suppression.channel in (None, channel) and at_hand:
            yield Hold(kind=HoldKind(suppression.kind), since=suppression.at, until=suppression.until)


def _disputes(debt: Debt) -> Iterable[Hold]:
    for each in debt.disputes.values():
        dispute = each.value
        if dispute.is_open:
            since, until = _edge(dispute.since), _edge(dispute.until)
            yield Hold(kind=HoldKind.DISPUTE, since=since, until=until, days=dispute.days)


def _bad_addresses(snapshot: Snapshot, channel: Channel, address: str | None) -> Iterable[Hold]:
    for out in snapshot.opt_outs:
        at_hand = out.address is None or _folded(out.address) == _folded(address)
        if out.kind in ("unreachable", "wrong_party") and out.channel == channel and at_hand:
            yield Hold(kind=HoldKind(out.kind), since=out.at)
    if address is None and channel in (Channel.SMS, Channel.EMAIL):
        yield Hold(kind=HoldKind.UNREACHABLE)


def _events(known: PersonFacts) -> Iterable[PersonEvent]:
    """A payment on one debt buys quiet about all of them."""
    for each in known.ledger:
        if each.outcome is ContactOutcome.ANSWERED and each.channel is Channel.VOICE:
            yield PersonEvent(kind=EventKind.CONVERSATION, at=each.at)
    for debt in known.debts.values():
        for payment in debt.payments.values():
            if payment.value.state is PaymentState.RECEIVED:
                yield PersonEvent(kind=EventKind.PAYMENT, at=payment.at)
        for plan in debt.plans.values():
            if plan.value.instalments:
                yield PersonEvent(kind=EventKind.PLAN, at=plan.at)


def _edge(edge: str | None) -> datetime | date | None:
    if edge is None:
        return None
    return date.fromisoformat(edge) if len(edge) == len("2026-03-02") else datetime.fromisoformat(edge)


def _folded(address: str | None) -> str | None:
    return None if address is None else address.casefold()
