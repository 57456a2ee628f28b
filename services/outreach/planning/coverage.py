"""What the money that came covers, and what is left of each instalment and promise. Pure.

One place for the most delicate sentence there is: "we have not seen your payment". Money is counted per debt
and currency, oldest due first, by amount. The balance is a witness: where it says that more came than we were
told of, what that money may have covered is in doubt, and nobody is asked for what is in doubt.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from outreach.model.debt import Debt, Instalment, MoneyIn, PaymentState, Plan, Stamped
from outreach.model.money import Money

#: The calendar on which days are counted: the day of an instant, where the person lives.
Calendar = Callable[[datetime], date]

_NOTHING = Decimal(0)


class Left(Struct, frozen=True, kw_only=True):
    """What is left to pay of something that was agreed.

    `amount` is what was agreed, `left` what of it no money covers; it is more than nothing.
    `is_missing`: money in all does not cover what was due until then. `in_doubt`: it may have been covered
    by what the balance tells, or by a payment of which nobody said how much, or in another currency.
    `on_its_way_until`: a payment that was started is waited for until then; it would cover all of it, or
    `left` is the rest.
    """

    due_on: date
    amount: Money
    left: Money
    number: int = 0
    is_missing: bool = True
    in_doubt: bool = False
    on_its_way_until: datetime | None = None


def instalments_left(debt: Debt, *, calendar: Calendar, now: datetime) -> Sequence[Left]:
    """Return the instalments of the plan in force that are not covered, oldest due first.

    Money counts from the agreement on, whatever was changed of the plan since. What came before counts
    where it was a down payment: what the plan's total exceeds the balance of its day by; where that is
    not known, what came on that day. `now` says which payments are still waited for.
    """
    plan_id, plan = debt.plan_id, debt.plan
    if plan_id is None or plan is None or not debt.is_open or _owes_nothing(debt):
        return ()
    left: list[Left] = []
    instalments = sorted(plan.value.instalments, key=lambda part: (part.due_on, part.number))
    for currency in sorted({part.amount.currency for part in instalments}):
        parts = [part for part in instalments if part.amount.currency == currency]
        begun = debt.begun.get(f"plan:{plan_id}", plan.at)
        came = _money_since(debt, begun, currency=currency)
        down = _down_payment(debt, plan, plan_id, begun=begun, currency=currency, calendar=calendar)
        left += _spread(debt, parts, came=came, down=down, plan_id=plan_id, now=now)
    return sorted(left, key=lambda part: (part.due_on, part.number))


def promise_left(debt: Debt, *, now: datetime) -> Left | None:
    """Return what is left of the promise that stands, or None where none stands or all of it came.

    A plan that was agreed after a promise takes its place: nobody is asked for the same money twice.
    Money counts that came since the promise was made; it may cover an instalment at the same time.
    """
    promise_id = debt.promise_id
    if promise_id is None or not debt.is_open or _owes_nothing(debt):
        return None
    promise = debt.promise_called(promise_id)
    amount, due_on = promise.value.amount, promise.value.due_on
    begun = debt.begun.get(f"promise:{promise_id}", promise.at)
    if amount is None or due_on is None or _is_replaced(debt, begun):
        return None
    came = [
        money
        for money in debt.money_in()
        if money.at >= begun or (money.meant_for is not None and money.meant_for.promise_id == promise_id)
    ]
    paid = _sum(money for money in came if _is_in(money, amount.currency))
    rest = amount.amount - paid
    if rest <= _NOTHING:
        return None
    whole = Left(due_on=due_on, amount=amount, left=Money(rest, amount.currency))
    doubt = _untold(debt, f"promise:{promise_id}", came, currency=amount.currency)
    waits = _on_its_way(debt, currency=amount.currency, now=now)
    [judged] = _judge(debt, [whole], doubt=doubt, waits=waits, currency=amount.currency)
    return judged


def _is_replaced(debt: Debt, promised_at: datetime) -> bool:
    plan = debt.plan
    return plan is not None and plan.at > promised_at


def _spread(
    debt: Debt,
    parts: Sequence[Instalment],
    *,
    came: Sequence[MoneyIn],
    down: Decimal,
    plan_id: str,
    now: datetime,
) -> list[Left]:
    """Lay money of one currency on the instalments: what was meant for one, then the oldest due first."""
    currency = parts[0].amount.currency
    open_parts = {part.number: part.amount.amount for part in parts}
    free = down
    for money in came:
        assert money.amount is not None
        rest = money.amount.amount
        meant = money.meant_for
        if meant is not None and meant.instalment in open_parts and meant.plan_id in (None, plan_id):
            taken = min(rest, open_parts[meant.instalment])
            open_parts[meant.instalment] -= taken
            rest -= taken
        free += rest
    for part in parts:
        taken = min(free, open_parts[part.number])
        open_parts[part.number] -= taken
        free -= taken
    paid, due, left = down + _sum(came), _NOTHING, []
    for part in parts:
        due += part.amount.amount
        if open_parts[part.number] > _NOTHING:
            left.append(
                Left(
                    due_on=part.due_on,
                    amount=part.amount,
                    left=Money(open_parts[part.number], currency),
                    number=part.number,
                    is_missing=paid < due,
                )
            )
    doubt = _untold(debt, f"plan:{plan_id}", debt.money_in(), currency=currency)
    owed = debt.known_balance
    if owed is not None and owed.currency == currency:
        # A plan may be for less than is owed, never for more: what is left of it and not owed was paid.
        doubt = max(doubt, _sum_of(left) - owed.amount)
    waits = _promised(debt, _on_its_way(debt, currency=currency, now=now), currency=currency, now=now)
    return _judge(debt, left, doubt=doubt, waits=waits, currency=currency)


def _judge(
    debt: Debt,
    left: Sequence[Left],
    *,
    doubt: Decimal,
    waits: tuple[Decimal, datetime | None],
    currency: str,
) -> list[Left]:
    """Mark what may have been covered by money we were not told of, and what money on its way would cover."""
    unknown = _speaks_of_other_money(debt, currency) or any(
        money.amount is None or money.amount.currency != currency for money in debt.money_in()
    )
    waited_for, until = waits
    judged = []
    for part in left:
        in_doubt = unknown or doubt > _NOTHING
        doubt -= min(doubt, part.left.amount)
        covered = min(waited_for, part.left.amount)
        waited_for -= covered
        is_covered = covered > _NOTHING and covered == part.left.amount
        judged.append(
            replace(
                part,
                in_doubt=in_doubt,
                left=part.left if is_covered else Money(part.left.amount - covered, currency),
                on_its_way_until=until if is_covered else None,
            )
        )
    return judged


def _speaks_of_other_money(debt: Debt, currency: str) -> bool:
    """Say whether what is owed is in another currency than what was agreed: one of the two is a mistake."""
    return debt.currency is not None and debt.currency != currency


def _untold(debt: Debt, name: str, came: Iterable[MoneyIn], *, currency: str) -> Decimal:
    """Return by how much more the balance fell since something was agreed than payments tell."""
    opening, balance = debt.openings.get(name), debt.balance
    if opening is None or opening.value is None or balance is None or balance.value is None:
        return _NOTHING
    if {opening.value.currency, balance.value.currency} != {currency} or balance.at <= opening.at:
        return _NOTHING
    announced = _sum(
        money for money in came if _is_in(money, currency) and opening.at < money.at <= balance.at
    )
    fell = opening.value.amount - balance.value.amount
    return max(fell - announced, _NOTHING)


def _down_payment(
    debt: Debt, plan: Stamped[Plan], plan_id: str, *, begun: datetime, currency: str, calendar: Calendar
) -> Decimal:
    opening = debt.openings.get(f"plan:{plan_id}")
    if opening is not None and opening.value is not None and opening.value.currency == currency:
        total = sum((part.amount.amount for part in plan.value.instalments), _NOTHING)
        return max(total - opening.value.amount, _NOTHING)
    day = calendar(begun)
    return _sum(
        money
        for money in debt.money_in()
        if _is_in(money, currency) and money.at < begun and calendar(money.at) == day
    )


def _money_since(debt: Debt, begun: datetime, *, currency: str) -> list[MoneyIn]:
    return [money for money in debt.money_in() if money.at >= begun and _is_in(money, currency)]


def _on_its_way(debt: Debt, *, currency: str, now: datetime) -> tuple[Decimal, datetime | None]:
    """Return how much was started and is still waited for, and until when."""
    started = [
        payment.value
        for payment in debt.payments.values()
        if payment.value.state is PaymentState.STARTED
        and payment.value.amount is not None
        and payment.value.amount.currency == currency
        and payment.value.expected_by is not None
        and payment.value.expected_by > now
    ]
    amount = sum((payment.amount.amount for payment in started if payment.amount is not None), _NOTHING)
    return amount, max((payment.expected_by for payment in started if payment.expected_by), default=None)


def _promised(
    debt: Debt, on_its_way: tuple[Decimal, datetime | None], *, currency: str, now: datetime
) -> tuple[Decimal, datetime | None]:
    """Add what somebody promised beside their plan: it is waited for until its day is over everywhere."""
    waited_for, until = on_its_way
    promise = promise_left(debt, now=now)
    if promise is None or promise.left.currency != currency:
        return on_its_way
    day_ends = datetime.combine(promise.due_on + timedelta(days=1), time(12), tzinfo=UTC)
    if day_ends <= now:
        return on_its_way
    # What is on its way already may be what was promised.
    rest = promise.left.amount if promise.on_its_way_until is None else _NOTHING
    return waited_for + rest, max(until or day_ends, day_ends)


def _owes_nothing(debt: Debt) -> bool:
    balance = debt.known_balance
    return balance is not None and balance.amount <= _NOTHING


def _is_in(money: MoneyIn, currency: str) -> bool:
    return money.amount is not None and money.amount.currency == currency


def _sum(came: Iterable[MoneyIn]) -> Decimal:
    return sum((money.amount.amount for money in came if money.amount is not None), _NOTHING)


def _sum_of(left: Iterable[Left]) -> Decimal:
    return sum((part.left.amount for part in left), _NOTHING)
