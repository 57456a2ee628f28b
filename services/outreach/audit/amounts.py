"""What was left to pay when a message was decided, worked out anew from the facts as they were heard.

A fact that was heard only afterwards had no part in the message; where one took the place of what was known
then, nothing can be said, and nothing is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import blake2s
from typing import Any

#: A day that may have been the same one as another, wherever the person was.
_MAY_BE_ONE_DAY = timedelta(hours=36)
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Amount:
    """So much, in this currency (ISO 4217)."""

    of: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtThen:
    """A debt as it is stored, asked for what was known of it at an instant.

    `heard` says when each event was heard, by source and id; of one that nobody remembers any more, when it
    happened counts.
    """

    facts: Mapping[str, Any]
    heard: Mapping[str, datetime]
    at: datetime

    def knew(self, fact: Mapping[str, Any]) -> bool:
        """True where the event that states a fact was heard by then."""
        return self.heard.get(fact["by"], instant(fact["at"])) <= self.at

    def balance(self) -> Amount | None:
        """Return what was last said to be owed; None where it was not known, or cannot be told any more."""
        stated = [balance for balance in self.facts.get("balances", ()) if self.knew(balance)]
        latest = max(stated, key=lambda balance: (balance["at"], balance["by"]), default=None)
        return None if latest is None or latest["value"] is None else amount(latest["value"])

    def paid(self, payment_id: str) -> Amount | None:
        """Return what came by a payment and stayed."""
        payment = self.facts.get("payments", {}).get(payment_id)
        if payment is None or payment["value"]["state"] != "received" or not self.knew(payment):
            return None
        money = payment["value"].get("amount")
        if money is None:
            return None
        back = self.facts.get("reversals", {}).get(payment_id)
        if back is None or not self.knew(back) or (back["at"], back["by"]) < (payment["at"], payment["by"]):
            return amount(money)
        gone = amount(back["value"]) if back["value"] is not None else amount(money)
        same = gone.currency == amount(money).currency
        return Amount(amount(money).of - gone.of, gone.currency) if same else None

    def left_of_instalment(self, number: int, due_on: str) -> Amount | None:
        """Return what no money had covered of an instalment, or None where it cannot be told any more."""
        plan_id, plan = self._plan_in_force()
        if plan is None or plan_id is None or self._something_was_under_way():
            return None
        parts = sorted(plan["value"]["instalments"], key=lambda part: (part["due_on"], part["number"]))
        if not any((part["number"], part["due_on"]) == (number, due_on) for part in parts):
            return None
        currency = next(part["amount"]["currency"] for part in parts if part["number"] == number)
        parts = [part for part in parts if part["amount"]["currency"] == currency]
        begun = instant(self.facts.get("begun", {}).get(f"plan:{plan_id}", plan["at"]))
        down = self._down_payment(plan_id, parts, begun=begun, currency=currency)
        if down is None:
            return None
        left = {part["number"]: amount(part["amount"]).of for part in parts}
        free = down
        for payment_id, payment in self._money(since=begun):
            money = self.paid(payment_id)
            if money is None or money.currency != currency:
                continue
            meant = payment["value"].get("meant_for") or {}
            rest = money.of
            if meant.get("instalment") in left and meant.get("plan_id") in (None, plan_id):
                taken = min(rest, left[meant["instalment"]])
                left[meant["instalment"]] -= taken
                rest -= taken
            free += rest
        for part in parts:
            taken = min(free, left[part["number"]])
            left[part["number"]] -= taken
            free -= taken
        return Amount(left[number], currency)

    def left_of_promise(self, promise_id: str) -> Amount | None:
        """Return what had not come of a promise, or None where it cannot be told any more."""
        promise = self.facts.get("promises", {}).get(promise_id)
        unknown = promise is None or not self.knew(promise) or promise["value"].get("amount") is None
        if unknown or self._something_was_under_way():
            return None
        whole = amount(promise["value"]["amount"])
        begun = instant(self.facts.get("begun", {}).get(f"promise:{promise_id}", promise["at"]))
        came = _NOTHING
        for payment_id, payment in self.facts.get("payments", {}).items():
            meant = payment["value"].get("meant_for") or {}
            money = self.paid(payment_id)
            counts = instant(payment["at"]) >= begun or meant.get("promise_id") == promise_id
            if counts and money is not None and money.currency == whole.currency:
                came += money.of
        return Amount(whole.of - came, whole.currency)

    def _plan_in_force(self) -> tuple[str | None, Mapping[str, Any] | None]:
        plans = self.facts.get("plans", {})
        if not all(self.knew(plan) for plan in plans.values()):
            return None, None
        standing = {name: plan for name, plan in plans.items() if plan["value"].get("instalments")}
        since = {name: (self._said_first(name, plan), plan["by"]) for name, plan in standing.items()}
        since |= {
            name: (anew, since[name][1])
            for name in since
            if (anew := self._agreed_anew(name, said=since[name][0])) is not None
        }
        ended = {name: self.facts.get("ended", {}).get(f"plan:{name}") for name in since}
        since = {name: at for name, at in since.items() if not ended[name] or at[0] > instant(ended[name])}
        name = max(since, key=lambda name: since[name], default=None)
        return name, standing.get(name or "")

    def _agreed_anew(self, name: str, *, said: datetime) -> datetime | None:
        """Return when a plan was agreed on again after it had been cancelled."""
        agreed, ended = (self.facts.get(fact, {}).get(f"plan:{name}") for fact in ("agreed", "ended"))
        if not agreed or not ended or said > instant(ended):
            return None
        return instant(agreed) if instant(agreed) > instant(ended) else None

    def _said_first(self, name: str, plan: Mapping[str, Any]) -> datetime:
        """Return since when a plan was said to be as it is: saying it again agrees on nothing new."""
        lines = [f"plan:{name} changed" if plan["value"].get("is_change") else f"plan:{name}"]
        for part in plan["value"]["instalments"]:
            money = amount(part["amount"])
            lines.append(f"{part['number']} {part['due_on']} {money.of.normalize():f} {money.currency}")
        digest = blake2s("\n".join([lines[0], *sorted(lines[1:])]).encode(), digest_size=8).hexdigest()
        first = self.facts.get("said_first", {}).get(digest, plan["at"])
        return min(instant(first), instant(plan["at"]))

    def _something_was_under_way(self) -> bool:
        """True where a payment was on its way then, or may have been: it is known by what became of it."""
        return any(
            payment["value"]["state"] in ("started", "failed") or not self.knew(payment)
            for payment in self.facts.get("payments", {}).values()
        )

    def _down_payment(
        self, plan_id: str, parts: Sequence[Mapping[str, Any]], *, begun: datetime, currency: str
    ) -> Decimal | None:
        opening = self.facts.get("openings", {}).get(f"plan:{plan_id}")
        if opening is not None and not self.knew(opening):
            return None
        if opening is not None and opening["value"] is not None:
            total = sum((amount(part["amount"]).of for part in parts), _NOTHING)
            return (
                max(total - amount(opening["value"]).of, _NOTHING)
                if (opening["value"]["currency"] == currency)
                else None
            )
        near = (
            payment
            for payment in self.facts.get("payments", {}).values()
            if begun - _MAY_BE_ONE_DAY < instant(payment["at"]) < begun
        )
        return None if any(near) else _NOTHING

    def _money(self, *, since: datetime) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for payment_id, payment in self.facts.get("payments", {}).items():
            if instant(payment["at"]) >= since:
                yield payment_id, payment


def amount(written: Mapping[str, Any]) -> Amount:
    """Read an amount as facts and touches have it."""
    return Amount(Decimal(str(written["amount"])), str(written["currency"]))


def instant(written: str) -> datetime:
    """Read an instant as facts have it."""
    return datetime.fromisoformat(written)
