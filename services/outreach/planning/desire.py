"""Which touches the playbook desires for one person: a pure function of the facts.

Because it only looks at facts, events heard in any order end in the same desires.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from operator import attrgetter

from msgspec import Struct
from msgspec.structs import replace

from outreach.model.debt import Debt, PaymentState, Placement, PromiseState, Status
from outreach.model.money import Money
from outreach.model.playbook import Conditions, Ending, Occasion, Play, Playbook
from outreach.model.touch import DesiredTouch, FinishedTouch, TouchStatus
from outreach.planning.coverage import Left, instalments_left, promise_left
from outreach.planning.whereabouts import NOWHERE, Whereabouts


class Past(Struct, frozen=True, kw_only=True):
    """What planning must remember of one person.

    `done` maps (debt, play, occasion) to what became of that touch, for plays that repeat
    or fall back; `last_heard` is when the person last spoke to us or was spoken with; `whereabouts`
    is where their days begin.
    """

    done: Mapping[tuple[str, str, str], FinishedTouch] = {}
    last_heard: datetime | None = None
    whereabouts: Whereabouts = NOWHERE


def desired_touches(
    debts: Iterable[Debt], *, playbook: Playbook, past: Past, now: datetime
) -> list[DesiredTouch]:
    """Return every touch that should exist and is not past its time.

    Touches already sent are desired again, under the same key: storing them again does nothing.
    """
    wanted = [
        touch
        for debt in debts
        if debt.placement is not None
        for play in playbook.plays.values()
        if _SPEAKS_OF[play.on](debt) and _conditions_hold(play, debt, debt.placement.value)
        for touch in _of_play(play, debt, debt.placement.value, past, now)
    ]
    return [touch for touch in wanted if touch.expires_at > now]


def looks_the_same(before: Debt, after: Debt, *, playbook: Playbook) -> bool:
    """Tell whether the playbook must desire the same of a debt after an event as before it.

    The commonest event of all is a balance that grew by its interest: nothing is to be planned for it.
    """
    if before is after:
        return True
    if replace(before, **_UNSEEN) != replace(after, **_UNSEEN):
        return False
    placement = after.placement
    if placement is None or (before.balance, before.balances) == (after.balance, after.balances):
        return True
    return _witnessed(before) == _witnessed(after) and all(
        _conditions_hold(play, before, placement.value) == _conditions_hold(play, after, placement.value)
        for play in playbook.plays.values()
    )


#: What a plan is not made of. The balance is seen by conditions, and as a witness.
_UNSEEN: Mapping[str, object] = {
    "balance": None,
    "balances": (),
    "reference": None,
    "is_owed_by_many": False,
    "validation_period_ends": None,
}
#: Before any payment that is waited for, so that all of them are.
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def _witnessed(debt: Debt) -> object:
    """Return what the balance may change of a plan: what is in doubt, and whether anything is owed."""
    return (
        _is_said_to_be_owed(debt),
        instalments_left(debt, calendar=_utc_day, now=_LONG_AGO),
        promise_left(debt, now=_LONG_AGO),
    )


def _utc_day(instant: datetime) -> date:
    return instant.astimezone(UTC).date()


def _conditions_hold(play: Play, debt: Debt, placement: Placement) -> bool:
    return not play.conditions or all(_holds(conditions, debt, placement) for conditions in play.conditions)


def _holds(conditions: Conditions, debt: Debt, placement: Placement) -> bool:
    """Tell whether all is so that does not change with the day; a balance that nobody knows fits no bound."""
    balance, low, high = debt.known_balance, conditions.minimum_balance, conditions.maximum_balance
    return (
        (not conditions.creditors or placement.creditor in conditions.creditors)
        and (not conditions.portfolios or placement.portfolio in conditions.portfolios)
        and (not conditions.kinds or placement.kind in conditions.kinds)
        and (low is None or (balance is not None and balance.amount >= low))
        and (high is None or (balance is not None and balance.amount <= high))
    )


def _is_of_age(play: Play, debt: Debt, placement: Placement, due: date) -> bool:
    """Tell whether the debt is as old as the play asks for on the day that a touch is due."""
    assert debt.placement is not None
    since = placement.owed_since or (debt.first_placed or debt.placement.at).astimezone(play.zone).date()
    age = due - since
    return all(
        (conditions.older_than is None or age > conditions.older_than)
        and (conditions.younger_than is None or age <= conditions.younger_than)
        for conditions in play.conditions
    )


class _Moment(Struct, frozen=True):
    """One occasion of a play: its name, when it began, is due and is pointless, and what it is about."""

    occasion: str
    since: datetime
    due_at: datetime
    expires_at: datetime | None = None
    details: Mapping[str, object] = {}


def _of_play(
    play: Play, debt: Debt, placement: Placement, past: Past, now: datetime
) -> Iterator[DesiredTouch]:
    moments = [*_MOMENTS[play.on](play, debt, past, now)]
    if not moments:
        return
    ended = max(_endings(play, debt, past), default=None)
    for moment in moments:
        due = moment.due_at.astimezone(play.zone).date()
        is_over = ended is not None and ended > moment.since
        if is_over or not play.plans_on(due) or not _is_of_age(play, debt, placement, due):
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
            wording=play.wording_on(due),
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
        yield from (money.at for money in debt.money_in())
    if Ending.PLAN in play.ends_on:
        plans = (debt.plan_called(name) for name in debt.plans)
        yield from (plan.at for plan in plans if plan.value.instalments)
    if Ending.PROMISE in play.ends_on:
        promises = (debt.promise_called(name) for name in debt.promises)
        yield from (promise.at for promise in promises if promise.value.state is PromiseState.MADE)
    if Ending.DISPUTE in play.ends_on:
        yield from (dispute.at for dispute in debt.disputes.values() if dispute.value.is_open)
    if Ending.REPLY in play.ends_on and past.last_heard is not None:
        yield past.last_heard


def _moments_of_placement(play: Play, debt: Debt, _past: Past, _now: datetime) -> Iterator[_Moment]:
    """Publishing a debt again is no news: it is placed when it was placed first."""
    if debt.is_open and debt.placement is not None:
        placed_at = debt.first_placed or debt.placement.at
        yield _Moment("placed", placed_at, placed_at + play.after)


def _moments_of_silence(play: Play, debt: Debt, past: Past, _now: datetime) -> Iterator[_Moment]:
    """Only the next check-in is desired; anything the person does starts the count again."""
    promised = debt.promise_id is not None
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
    instants = [
        debt.first_placed or debt.placement.at,
        *(payment.at for payment in debt.payments.values() if payment.value.payer is None),
        *(reversal.at for reversal in debt.reversals.values()),
        *(debt.plan_called(name).at for name in debt.plans),
        *(debt.promise_called(name).at for name in debt.promises),
        *(dispute.at for dispute in debt.disputes.values()),
    ]
    if past.last_heard is not None:
        instants.append(past.last_heard)
    return max(instants)


def _moments_of_disputes(play: Play, debt: Debt, _past: Past, _now: datetime) -> Iterator[_Moment]:
    for dispute_id, dispute in debt.disputes.items():
        if dispute.value.is_open:
            yield _Moment(dispute_id, dispute.at, dispute.at + play.after)


def _moments_of_closing(play: Play, debt: Debt, _past: Past, _now: datetime) -> Iterator[_Moment]:
    """A debt that is closed and still said to be owed is not said to be done with, until facts agree."""
    status = debt.status
    if status is None or status.value not in (Status.PAID, Status.SETTLED):
        return
    went_back = any(status.is_older_than(reversal) for reversal in debt.reversals.values())
    if not went_back and not _is_said_to_be_owed(debt):
        yield _Moment(status.value, status.at, status.at + play.after)


def _is_said_to_be_owed(debt: Debt) -> bool:
    """Say whether a later statement says that something is owed; a settlement may leave a rest."""
    status, balance = debt.status, debt.balance
    if status is None or status.value is not Status.PAID or balance is None or balance.value is None:
        return False
    return balance.value.amount > 0 and status.is_older_than(balance)


def _moments_of_money_in(play: Play, debt: Debt, past: Past, _now: datetime) -> Iterator[_Moment]:
    """Whoever paid is thanked for what stayed; who owes the same debt is not."""
    for money in debt.money_in():
        if money.payer is None:
            yield _money_moment(play, past, money.payment_id, at=money.at, amount=money.amount)


def _moments_of_failures(play: Play, debt: Debt, past: Past, _now: datetime) -> Iterator[_Moment]:
    """A failed payment is not mentioned once a later one came in."""
    if not debt.is_open:
        return
    last_received = max((money.at for money in debt.money_in()), default=None)
    for payment_id, payment in debt.payments.items():
        failed = payment.value.state is PaymentState.FAILED and payment.value.payer is None
        if failed and (last_received is None or payment.at > last_received):
            yield _money_moment(play, past, payment_id, at=payment.at, amount=payment.value.amount)


def _money_moment(play: Play, past: Past, payment_id: str, *, at: datetime, amount: Money | None) -> _Moment:
    """Return the moment of a payment; its day is told only where it was the same day everywhere."""
    details: dict[str, object] = {}
    if (day := past.whereabouts.day_of(at)) is not None:
        details["on"] = day.isoformat()
    if amount is not None:
        details |= _written(amount)
    return _Moment(payment_id, at, at + play.after, details={"payment": details})


def _moments_of_agreement(play: Play, debt: Debt, _past: Past, _now: datetime) -> Iterator[_Moment]:
    plan = debt.plan
    if debt.is_open and plan is not None:
        instalments = [
            {
                "number": instalment.number,
                "due_on": instalment.due_on.isoformat(),
                **_written(instalment.amount),
            }
            for instalment in plan.value.instalments
        ]
        yield _Moment(
            plan.at.isoformat(), plan.at, plan.at + play.after, details={"plan": {"instalments": instalments}}
        )


def _moments_of_due_instalments(play: Play, debt: Debt, past: Past, now: datetime) -> Iterator[_Moment]:
    """Remind of what is left; "due today" does not arrive tomorrow."""
    for part in _instalments_left(play, debt, past, now):
        day_ends = past.whereabouts.end_of(part.due_on, otherwise=play.zone)
        yield _instalment_moment(play, debt, past, part, expires_at=day_ends)


def _moments_of_missed_instalments(play: Play, debt: Debt, past: Past, now: datetime) -> Iterator[_Moment]:
    """Only what is missing, by all that came, is said to be."""
    for part in _instalments_left(play, debt, past, now):
        if part.is_missing:
            yield _instalment_moment(play, debt, past, part, expires_at=None)


def _instalments_left(play: Play, debt: Debt, past: Past, now: datetime) -> Iterator[Left]:
    """Yield what is left of the plan; nobody is asked for what is in doubt."""
    calendar = partial(past.whereabouts.calendar_day, otherwise=play.zone)
    for part in instalments_left(debt, calendar=calendar, now=now):
        if not part.in_doubt:
            yield part


def _instalment_moment(
    play: Play, debt: Debt, past: Past, part: Left, *, expires_at: datetime | None
) -> _Moment:
    plan = debt.plan
    assert plan is not None
    return _Moment(
        f"{part.due_on.isoformat()}:{part.number}",
        plan.at,
        _due_at(play, past, part),
        expires_at=expires_at,
        details={
            "instalment": {"number": part.number, **_rest(part)},
            "agreed_at": plan.at.isoformat(),
        },
    )


def _moments_of_promises(play: Play, debt: Debt, past: Past, now: datetime) -> Iterator[_Moment]:
    """Remind of what is left of the promise that stands, until its day is over."""
    promise_id, part = debt.promise_id, promise_left(debt, now=now)
    if promise_id is None or part is None or part.in_doubt:
        return
    promise = debt.promise_called(promise_id)
    yield _Moment(
        f"{promise_id}:{part.due_on.isoformat()}",
        promise.at,
        _due_at(play, past, part),
        expires_at=past.whereabouts.end_of(part.due_on, otherwise=play.zone),
        details={"promise": _rest(part), "agreed_at": promise.at.isoformat()},
    )


def _due_at(play: Play, past: Past, part: Left) -> datetime:
    """Return when to speak of a day: by the person's own clock, on either side of a clock change.

    What a payment on its way would cover is left alone until it should have come.
    """
    days, rest = divmod(play.after, timedelta(days=1))
    day = part.due_on + timedelta(days=days)
    due_at = past.whereabouts.at(day, play.at, otherwise=play.zone) + rest
    return due_at if part.on_its_way_until is None else max(due_at, part.on_its_way_until)


def _rest(part: Left) -> dict[str, object]:
    """Write what is left of something agreed, and what was agreed where that is more."""
    written = {"due_on": part.due_on.isoformat(), **_written(part.left)}
    if part.left != part.amount:
        written |= {"is_rest": True, "agreed": _written(part.amount)}
    return written


def _written(money: Money) -> dict[str, object]:
    return {"amount": str(money.amount), "currency": money.currency}


#: What a debt must have for there to be such an occasion: most debts have little of it.
_SPEAKS_OF: Mapping[Occasion, Callable[[Debt], object]] = {
    Occasion.DEBT_PLACED: attrgetter("placement"),
    Occasion.DEBT_QUIET: attrgetter("placement"),
    Occasion.DEBT_DISPUTED: attrgetter("disputes"),
    Occasion.DEBT_CLOSED: attrgetter("status"),
    Occasion.PAYMENT_RECEIVED: attrgetter("payments"),
    Occasion.PAYMENT_FAILED: attrgetter("payments"),
    Occasion.PLAN_AGREED: attrgetter("plans"),
    Occasion.INSTALMENT_DUE: attrgetter("plans"),
    Occasion.INSTALMENT_MISSED: attrgetter("plans"),
    Occasion.PROMISE_DUE: attrgetter("promises"),
}
_MOMENTS = {
    Occasion.DEBT_PLACED: _moments_of_placement,
    Occasion.DEBT_QUIET: _moments_of_silence,
    Occasion.DEBT_DISPUTED: _moments_of_disputes,
    Occasion.DEBT_CLOSED: _moments_of_closing,
    Occasion.PAYMENT_RECEIVED: _moments_of_money_in,
    Occasion.PAYMENT_FAILED: _moments_of_failures,
    Occasion.PLAN_AGREED: _moments_of_agreement,
    Occasion.INSTALMENT_DUE: _moments_of_due_instalments,
    Occasion.INSTALMENT_MISSED: _moments_of_missed_instalments,
    Occasion.PROMISE_DUE: _moments_of_promises,
}
