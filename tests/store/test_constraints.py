"""What the tables refuse, whoever writes: each constraint bears the name of the rule it keeps."""

import asyncpg
import pytest

from foundation.database import Database
from tests.support.world import World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"

REFUSED = [
    ("UPDATE touches SET status = 'waiting', reason = NULL", "waiting_has_a_reason"),
    ("UPDATE touches SET status = 'suppressed', reason = NULL", "suppressed_has_a_reason"),
    ("UPDATE touches SET status = 'sending', attempt_id = NULL", "sending_has_an_attempt"),
    ("UPDATE touches SET status = 'lost'", "touches_have_a_known_status"),
    ("UPDATE touches SET expires_at = planned_for", "due_before_it_expires"),
    ("UPDATE touches SET touch_id = gen_random_uuid(), occasion = 'x'", None),
    (
        "UPDATE attempts SET settled_at = decided_at, outcome = 'accepted'",
        "only_a_called_attempt_may_have_gone_out",
    ),
    ("UPDATE attempts SET settled_at = decided_at", "settled_has_an_outcome"),
    (
        "UPDATE attempts SET outcome = 'lost', called_at = decided_at, settled_at = decided_at",
        "outcome_is_one_of_four",
    ),
    ("UPDATE decisions SET decision = 'maybe'", "decision_is_one_of_three"),
    (
        "INSERT INTO suppressions (suppression_id, kind, origin, at) VALUES ('s', 'pause', 'x', now())",
        "a_suppression_binds_somebody",
    ),
    (
        """INSERT INTO suppressions (suppression_id, person_id, kind, origin, at)
           VALUES ('s', 'ada', 'opted_out', 'x', now())""",
        "an_opt_out_names_its_channel",
    ),
    (
        "INSERT INTO config_in_force (one, version, policy, switched_at) VALUES (false, 'x', 'x', now())",
        "one_version_is_in_force",
    ),
    ("INSERT INTO addresses VALUES ('x', 'ada', 'voice')", "addresses_have_a_sending_channel"),
]


async def test_each_table_keeps_its_rules(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.person()
    await world.has_a_text_due()
    await world.claims()

    for statement, rule in REFUSED:
        if rule is None:
            await world.runs(statement)
            continue
        with pytest.raises(asyncpg.CheckViolationError) as refused:
            await world.runs(statement)
        assert refused.value.constraint_name == rule, statement


async def test_a_touch_exists_once_per_person_debt_play_and_occasion(database: Database) -> None:
    world = World(database, now=MORNING)
    await world.debt(await world.person())
    before = await world.rows("SELECT * FROM touches ORDER BY touch_id")

    await world.runs("UPDATE touches SET priority = 99, wording = 'another'")
    await world.replans()

    assert await world.rows("SELECT * FROM touches ORDER BY touch_id") == before
