"""Which touches the playbook desires for one person: a pure function of the facts.

Because it only looks at facts, events heard in any order end in the same desires.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from outreach.model.debt import Debt, Instalment, PaymentState, Placement, PromiseState, Stamped, Status
from outreach.model.playbook import Ending, Occasion, Play, Playbook
from outreach.model.touch import DesiredTouch, FinishedTouch, TouchStatus


class Past(Struct, frozen=True, kw_only=True):
    """What planning must remember of one person.

    `done` maps (debt, play, occasion) to what became of that touch, for plays that repeat
    or fall back; `last_heard` is when the person last spoke to us or was spoken with.
    """

    done: Mapping[tuple[str, str, str], FinishedTouch] = {}
    last_heard: datetime | None = None


def desired_touches(
    debts: Iterable[Debt], *, playbook: Playbook, past: Past, now: datetime
) -> list[DesiredTouch]:
    """Return every touch that should exist and is not past its time.

    Touches already sent are desired again, under the same key: storing them again does nothing.
    """
    desired = [
        touch
        for debt in debts
        if debt.placement is not None
        for play in playbook.plays.values()
        if _conditions_hold(play, debt, debt.placement.value)
        for touch in _touches_of_play(play, debt, debt.placement.value, past)
    ]
    return [touch for touch in desired if touch.expires_at > now]


def looks_the_same(before: Debt, after: Debt, *, playbook: Playbook) -> bool:
    """Tell whether the playbook must desire the same of a debt after an event as before it.

    The commonest event of all is a balance that grew by its interest: nothing is to be planned for it.
    """
    if before is after:
        return True
    if replace(before, **_UNSEEN) != replace(after, **_UNSEEN):
        return False
    placement = after.placement
    return (
        placement is None
        or before.known_balance == after.known_balance
        or all(
            _conditions_hold(play, before, placement.value) == _conditions_hold(play, after, placement.value)
            for play in playbook.plays.values()
        )
    )


#: What a plan is not made of. The balance is seen by conditions only.
_UNSEEN: Mapping[str, None] = {"balance": None, "reference": None, "validation_period_ends": None}


def _conditions_hold(play: Play, debt: Debt, placement: Placement) -> bool:
    conditions, balance = play.conditions, debt.known_balance
    return (
        (not conditions.creditors or placement.creditor in conditions.creditors)
        and (not conditions.portfolios or placement.portfolio in conditions.portfolios)
        and (
            conditions.minimum_balance is None
            or (balance is not None and balance.amount >= conditions.minimum_balance)
        )
    )


class _Moment(Struct, frozen=True):
    """One occasion of a play: its name, when it began, is due and is pointless, and what it is about."""

    occasion: str
    since: datetime
    due_at: datetime
    expires_at: datetime | None = None
    details: Mapping[str, object] = {}


def _touches_of_play(play: Play, debt: Debt, placement: Placement, past: Past) -> Iterator[DesiredTouch]:
    moments = [*_MOMENTS[play.on](play, debt, past)]
    if not moments:
        return
    ended = max(_endings(play, debt, past), default=None)
    for moment in moments:
        if ended is not None and ended > moment.since:
            continue
        expires_at = moment.due_at + play.expires
        if moment.expires_at is not None:
            expires_at = min(expires_at, moment.expires_at)
        if expires_at <= moment.due_at:
            continue
        first = DesiredTouch(
            person_id=debt.person_id,
            debt_id=debt.debt_id,
            play=play.name,
            occasion=moment.occasion,
            purpose=play.purpose,
            wording=play.wording,
            channels=play.channels,
            priority=play.priority,
            patience=play.patience,
            fallback=play.fallback,
            creditor=placement.creditor,
            portfolio=placement.portfolio,
            role=placement.role,
            due_at=moment.due_at,
            expires_at=expires_at,
            details=moment.details,
        )
        yield first
        if play.fallback is not None:
            yield from _fallback(first, debt, play.fallback, play.expires, past)


def _fallback(
    first: DesiredTouch, debt: Debt, patience: timedelta, expires: timedelta, past: Past
) -> Iterator[DesiredTouch]:
    """After a bounce, or silence for the play's fallback time, try the channels that are left, once."""
    done = past.done.get((first.debt_id, first.play, first.occasion))
    if done is None or done.channel is None:
        return
    left = tuple(channel for channel in first.channels if channel is not done.channel)
    bounced = done.status in (TouchStatus.UNDELIVERED, TouchStatus.REFUSED)
    reached = done.status in (TouchStatus.ACCEPTED, TouchStatus.DELIVERED)
    heard_since = _last_sign_of_life(debt, past) > done.at
    if left and not heard_since and (bounced or reached):
        due_at = done.at if bounced else done.at + patience
        yield replace(
            first,
            occasion=f"{first.occasion}~{left[0]}",
            channels=left,
            fallback=None,
            due_at=due_at,
            expires_at=due_at + expires,
        )


def _endings(play: Play, debt: Debt, past: Past) -> Iterator[datetime]:
    """Yield the instants of everything that ends the play."""
    if Ending.PAYMENT in play.ends_on:
        yield from (
            payment.at for payment in debt.payments.values() if payment.value.state is PaymentState.RECEIVED
        )
    if Ending.PLAN in play.ends_on:
        yield from (plan.at for plan in debt.plans.values() if plan.value.instalments)
    if Ending.PROMISE in play.ends_on:
        yield from (
            promise.at for promise in debt.promises.values() if promise.value.state is PromiseState.MADE
        )
    if Ending.DISPUTE in play.ends_on:
        yield from (dispute.at for dispute in debt.disputes.values() if dispute.value.is_open)
    if Ending.REPLY in play.ends_on and past.last_heard is not None:
        yield past.last_heard


def _notice_placement(play: Play, debt: Debt, _past: Past) -> Iterator[_Moment]:
    if debt.is_open and debt.placement is not None:
        yield _Moment("placed", debt.placement.at, debt.placement.at + play.after)


def _check_in(play: Play, debt: Debt, past: Past) -> Iterator[_Moment]:
    """Only the next check-in is desired; anything the person does starts the count again."""
    promised = any(promise.value.state is PromiseState.MADE for promise in debt.promises.values())
    disputed = any(dispute.value.is_open for dispute in debt.disputes.values())
    if not debt.is_open or debt.plan is not None or promised or disputed:
        return
    anchor = _last_sign_of_life(debt, past)
    prefix = f"{anchor.isoformat()}#"
    done = [
        result.at
        for (debt_id, name, occasion), result in past.done.items()
        if debt_id == debt.debt_id and name == play.name and occasion.startswith(prefix)
    ]
    repeat = play.repeat
    if not done:
        yield _Moment(f"{prefix}1", anchor, anchor + play.after)
    elif repeat is not None and len(done) < repeat.at_most:
        gap = repeat.every * float(repeat.backoff ** (len(done) - 1))
        yield _Moment(f"{prefix}{len(done) + 1}", anchor, max(done) + gap)


def _last_sign_of_life(debt: Debt, past: Past) -> datetime:
    assert debt.placement is not None
    facts: list[Stamped[object]] = [
        *debt.payments.values(),  # type: ignore[list-item]
        *debt.plans.values(),  # type: ignore[list-item]
        *debt.promises.values(),  # type: ignore[list-item]
        *debt.disputes.values(),  # type: ignore[list-item]
    ]
    instants = [debt.placement.at, *(fact.at for fact in facts)]
    if past.last_heard is not None:
        instants.append(past.last_heard)
    return max(instants)


def _notice_disputes(play: Play, debt: Debt, _past: Past) -> Iterator[_Moment]:
    for dispute_id, dispute in debt.disputes.items():
        if dispute.value.is_open:
            yield _Moment(dispute_id, dispute.at, dispute.at + play.after)


def _notice_closing(play: Play, debt: Debt, _past: Past) -> Iterator[_Moment]:
    if debt.status is not None and debt.status.value in (Status.PAID, Status.SETTLED):
        yield _Moment(debt.status.value, debt.status.at, debt.status.at + play.after)


def _notice_payments(state: PaymentState, play: Play, debt: Debt) -> Iterator[_Moment]:
    for payment_id, payment in debt.payments.items():
        if payment.value.state is state:
            amount = payment.value.amount
            details: dict[str, object] = {"on": payment.at.date().isoformat()}
            if amount is not None:
                details |= {"amount": str(amount.amount), "currency": amount.currency}
            yield _Moment(payment_id, payment.at, payment.at + play.after, details={"payment": details})


def _notice_received(play: Play, debt: Debt, _past: Past) -> Iterator[_Moment]:
    yield from _notice_payments(PaymentState.RECEIVED, play, debt)


def _notice_failed(play: Play, debt: Debt, _past: Past) -> Iterator[_Moment]:
    """A failed payment is not mentioned once a later one came in."""
    last_received = max(
        (payment.at for payment in debt.payments.values() if payment.value.state is PaymentState.RECEIVED),
        default=None,
    )
    if not debt.is_open:
        return
    for moment in _notice_payments(PaymentState.FAILED, play, debt):
        if last_received is None or debt.payments[moment.occasion].at > last_received:
            yield moment


def _notice_plan(play: Play, debt: Debt, _past: Past) -> Iterator[_Moment]:
    plan = debt.plan
    if debt.is_open and plan is not None:
        instalments = [_instalment(instalment) for instalment in plan.value.instalments]
        yield _Moment(
            plan.at.isoformat(), plan.at, plan.at + play.after, details={"plan": {"instalments": instalments}}
        )


def _remind_of_due(play: Play, debt: Debt, _past: Past) -> Iterator[_Moment]:
    # "Your payment is due today" must not arrive tomorrow.
    yield from _remind_of_instalments(play, debt, only_until_its_day_ends=True)


def _remind_of_missed(play: Play, debt: Debt, _past: Past) -> Iterator[_Moment]:
    yield from _remind_of_instalments(play, debt, only_until_its_day_ends=False)


def _remind_of_instalments(play: Play, debt: Debt, *, only_until_its_day_ends: bool) -> Iterator[_Moment]:
    plan = debt.plan
    if plan is None:
        return
    for instalment in uncovered_instalments(debt):
        day_ends = (
            _on(instalment.due_on + timedelta(days=1), time(0), play) if only_until_its_day_ends else None
        )
        yield _Moment(
            f"{instalment.due_on.isoformat()}:{instalment.number}",
            plan.at,
            _on(instalment.due_on, play.at, play) + play.after,
            expires_at=day_ends,
            details={"instalment": _instalment(instalment)},
        )


def _remind_of_promises(play: Play, debt: Debt, _past: Past) -> Iterator[_Moment]:
    for promise_id, stated in debt.promises.items():
        promise = stated.value
        if debt.is_open and promise.state is PromiseState.MADE and promise.due_on is not None:
            amount = promise.amount
            details: dict[str, object] = {"due_on": promise.due_on.isoformat()}
            if amount is not None:
                details |= {"amount": str(amount.amount), "currency": amount.currency}
            yield _Moment(
                f"{promise_id}:{promise.due_on.isoformat()}",
                debt.promises[promise_id].at,
                _on(promise.due_on, play.at, play) + play.after,
                expires_at=_on(promise.due_on + timedelta(days=1), time(0), play),
                details={"promise": details},
            )


def uncovered_instalments(debt: Debt) -> Sequence[Instalment]:
    """Instalments of the plan in force that payments since it was agreed do not cover, earliest first."""
    plan = debt.plan
    if plan is None or not debt.is_open:
        return ()
    paid = sum(
        (
            payment.value.amount.amount
            for payment in debt.payments.values()
            if payment.value.state is PaymentState.RECEIVED
            and payment.value.amount is not None
            and payment.at >= plan.at
        ),
        Decimal(0),
    )
    uncovered, total = [], Decimal(0)
    for instalment in sorted(plan.value.instalments, key=lambda one: (one.due_on, one.number)):
        total += instalment.amount.amount
        if paid < total:
            uncovered.append(instalment)
    return uncovered


def _instalment(instalment: Instalment) -> dict[str, object]:
    return {
        "number": instalment.number,
        "due_on": instalment.due_on.isoformat(),
        "amount": str(instalment.amount.amount),
        "currency": instalment.amount.currency,
    }


def _on(day: date, at: time, play: Play) -> datetime:
    return datetime.combine(day, at, tzinfo=play.zone).astimezone(UTC)


_MOMENTS = {
    Occasion.DEBT_PLACED: _notice_placement,
    Occasion.DEBT_QUIET: _check_in,
    Occasion.DEBT_DISPUTED: _notice_disputes,
    Occasion.DEBT_CLOSED: _notice_closing,
    Occasion.PAYMENT_RECEIVED: _notice_received,
    Occasion.PAYMENT_FAILED: _notice_failed,
    Occasion.PLAN_AGREED: _notice_plan,
    Occasion.INSTALMENT_DUE: _remind_of_due,
    Occasion.INSTALMENT_MISSED: _remind_of_missed,
    Occasion.PROMISE_DUE: _remind_of_promises,
}
