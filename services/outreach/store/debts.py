"""Debts: one document of facts each, written under the person's lock."""

from collections import defaultdict
from collections.abc import Collection, Sequence

import msgspec

from foundation.database import Connection, to_json
from foundation.sql import queries
from outreach.model.debt import Debt

_SQL = queries(__file__)
_decode = msgspec.json.Decoder(Debt).decode


async def read_debts(connection: Connection, people: Sequence[str]) -> list[Debt]:
    """Return every debt of these people."""
    return [_decode(debt["facts"]) for debt in await _SQL.read_debts(connection, people=people)]


async def read_named_debts(connection: Connection, people: Sequence[str], debts: Sequence[str]) -> list[Debt]:
    """Return those debts of these people that have one of these ids."""
    found = await _SQL.read_named_debts(connection, people=people, debts=debts)
    return [_decode(debt["facts"]) for debt in found]


async def list_who_owe(
    connection: Connection, debts: Collection[str], *, at_most: int
) -> dict[str, set[str]]:
    """Return who owes each of these debts; of a debt that more people owe, some `at_most` of them."""
    owing: defaultdict[str, set[str]] = defaultdict(set)
    if debts:
        for row in await _SQL.list_who_owe(connection, debts=sorted(debts), at_most=at_most):
            owing[row["debt_id"]].add(row["person_id"])
    return owing


async def list_creditors_and_portfolios(connection: Connection) -> list[tuple[str, str | None]]:
    """Return whose debts there are, and in which portfolios, in order."""
    return [(row["creditor"], row["portfolio"]) for row in await _SQL.list_names(connection)]


async def keep_debts(connection: Connection, debts: Collection[Debt]) -> None:
    """Store these debts as they are now; the caller holds their people's locks."""
    if debts:
        await _SQL.keep_debts(
            connection,
            people=[debt.person_id for debt in debts],
            debts=[debt.debt_id for debt in debts],
            facts=[to_json(debt) for debt in debts],
        )
