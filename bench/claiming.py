"""The claim's transaction with few and with very many touches planned: it must not feel the difference."""

import time
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from bench import agency, rig
from bench.figures import Figure, median, percentile
from bench.servers import Postgres
from foundation.database import Database
from outreach.sending.claim import claim_due_touches
from outreach.sending.dispatching import Dispatching
from outreach.store.people import lock_people_with_due_touches

_PER_PERSON = 4

_PEOPLE = """
INSERT INTO people (person_id, revision, heard_at)
SELECT 'p' || lpad(n::text, 8, '0'), 1, $1 FROM generate_series(0, $2::int - 1) AS n
"""
_SNAPSHOTS = """
INSERT INTO snapshots (person_id, version, snapshot, heard_at)
SELECT 'p' || lpad(n::text, 8, '0'), 1,
       replace(replace($1, '+13125550142', '+1312555' || lpad((n % 10000)::text, 4, '0')), 'p00000000',
               'p' || lpad(n::text, 8, '0'))::json, $2
  FROM generate_series(0, $3::int - 1) AS n
"""
_DEBTS = """
INSERT INTO debts (person_id, debt_id, facts)
SELECT person_id, 'd1', replace($1, 'p00000000', person_id)::json FROM people
"""
# Of each person's touches one is a reminder and the rest are further off; the first people's are due now.
_TOUCHES = """
INSERT INTO touches (touch_id, person_id, debt_id, play, occasion, purpose, wording, channels, priority, patience,
                     creditor, role, details, planned_for, due_at, expires_at, status, changed_at)
SELECT md5(n::text || '/' || k)::uuid, 'p' || lpad(n::text, 8, '0'), 'd1', 'instalment_reminder', 'o' || k, 'reminder',
       'instalment_reminder', '{sms,email}', 30, '1 day', 'northwind', 'third_party',
       '{"instalment": {"number": 1, "due_on": "2026-03-05", "amount": "80.00", "currency": "USD"}}',
       due_at, due_at, due_at + '3 days', 'planned', $1
  FROM (SELECT n, k, CASE WHEN n % $3::int = 0 AND k = 0 THEN $1::timestamptz - '1 hour'::interval - (n % 977) * '1 second'::interval
                          ELSE $1::timestamptz + '10 days'::interval * (k + 1) + (n % 100003) * '7 second'::interval END
                     AS due_at
          FROM generate_series(0, $2::int - 1) AS n, generate_series(0, $4::int - 1) AS k) AS planned
"""
# What a day of sending leaves behind at the head of the queue: entries that point to touches no longer due.
_KILL = """
WITH head AS (SELECT touch_id FROM touches WHERE status = 'planned' AND due_at > $1 ORDER BY due_at LIMIT $2)
UPDATE touches SET due_at = $1::timestamptz - '2 hours'::interval FROM head WHERE touches.touch_id = head.touch_id
"""
_REVIVE = """
UPDATE touches SET due_at = $1::timestamptz + '20 days'::interval WHERE due_at = $1::timestamptz - '2 hours'::interval
"""


async def measure(server: Postgres, *, small: int, large: int, claims: int, dead: int = 0) -> list[Figure]:
    """Compare `claims` claims with `small` and with `large` numbers of touches planned."""
    few, few_locks = await _claims(server, small, claims)
    many, many_locks = await _claims(server, large, claims)
    figures = [
        _figure(
            f"claim of 200 people, p99, {large:,} touches planned", many, few, small, many_locks, few_locks
        )
    ]
    if dead:
        worn, worn_locks = await _claims(server, large, claims, dead=dead)
        name = f"claim of 200 people, p99, {large:,} planned and {dead:,} dead tuples"
        figures.append(_figure(name, worn, few, small, worn_locks, few_locks))
    return figures


def _figure(
    name: str,
    many: Sequence[float],
    few: Sequence[float],
    small: int,
    many_locks: Sequence[float],
    few_locks: Sequence[float],
) -> Figure:
    value, floor = percentile(many, 0.99), percentile(few, 0.99)
    return Figure(
        name=name,
        value=value,
        unit="ms",
        rounds=[median(many), value],
        floor=floor,
        floor_name=f"(at {small:,})",
        ratio=value / floor,
        goal="≤ 1.5",
        met=value / floor <= 1.5,
        details={
            "p50_ms": median(many),
            "floor_p50_ms": median(few),
            "finding_and_locking_people_p50_ms": median(many_locks),
            "finding_and_locking_people_p50_ms_floor": median(few_locks),
            "claims": len(many),
        },
    )


async def _claims(
    server: Postgres, planned: int, claims: int, *, dead: int = 0
) -> tuple[list[float], list[float]]:
    """Return how long each claim took, and how long only its first statement, in milliseconds."""
    batch = Dispatching().batch
    if batch * (claims + 5) > planned // _PER_PERSON:
        raise ValueError(f"{planned:,} touches are those of too few people for {claims} claims")
    url = await server.migrated(f"claim_{planned}_{dead}")
    held, clock = rig.guidance(), rig.ShiftedClock(rig.NOON)
    async with Database.open(url, size=2, name="bench") as database:
        await rig.put_in_force(database, held, now=rig.NOON)
        await _fill(database, planned, due=batch * (claims + 5))
        if dead:
            async with database.transaction() as connection:
                await connection.execute(_KILL, rig.NOON, dead, timeout=600)
            async with database.transaction() as connection:
                await connection.execute(_REVIVE, rig.NOON, timeout=600)
        locks = [await _lock_only(database, batch) for _ in range(claims)]
        whole = []
        for _ in range(claims + 2):
            began = time.perf_counter()
            calls, _claimed = await claim_due_touches(
                held, database=database, clock=clock, compose=rig.compose(), dispatching=Dispatching()
            )
            whole.append((time.perf_counter() - began) * 1000)
            assert len(calls) == batch, f"{len(calls)} calls"
    await server.drop(url)
    return whole[2:], locks


async def _lock_only(database: Database, batch: int) -> float:
    async with database.transaction() as connection:
        began = time.perf_counter()
        people = await lock_people_with_due_touches(connection, now=rig.NOON, limit=batch)
        took = (time.perf_counter() - began) * 1000
        assert len(people) == batch
    return took


async def _fill(database: Database, planned: int, *, due: int) -> None:
    people = planned // _PER_PERSON
    every = max(people // due, 1)
    person = msgspec.json.encode({**agency.snapshot(0, at=rig.NOON - timedelta(days=40))}).decode()
    person = person.replace(agency.phone(0), "+13125550142")
    debt = (
        '{"debt_id": "d1", "person_id": "p00000000", "placement": {"value": {"creditor": "northwind", '
        '"role": "third_party", "reference": "NW-1"}, "at": "2026-01-01T00:00:00Z", "by": "bench"}}'
    )
    async with database.transaction() as connection:
        for statement, arguments in (
            (_PEOPLE, (rig.NOON, people)),
            (_SNAPSHOTS, (person, rig.NOON, people)),
            (_DEBTS, (debt,)),
            (_TOUCHES, (rig.NOON, people, every, _PER_PERSON)),
        ):
            await connection.execute(statement, *arguments, timeout=900)
    async with database.dedicated() as connection:
        await connection.execute("VACUUM ANALYZE", timeout=900)
