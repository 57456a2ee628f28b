"""A replica that puts a new config in force may lose the database at any moment: its next tick ends it."""

import shutil
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from foundation.database import Database, DatabaseUnavailable
from foundation.metrics import Metrics
from outreach.app import METRICS
from outreach.guidance.files.folder import read_folder
from outreach.guidance.in_force import InForce
from outreach.store import operations
from tests.support.mortal import Fate, MortalDatabase, WorkerDied
from tests.support.world import SAMPLE, World


async def test_a_changed_config_takes_hold_at_the_next_tick_after_an_outage(
    database: Database, tmp_path: Path
) -> None:
    """The database goes away at the begin of each transaction that it takes, and after the commit of each."""
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "config"))
    world = World(database, now="2026-03-02T15:00Z")
    await world.debt(await world.person())
    metrics = Metrics(prefix="outreach", declared=METRICS)
    wavering = MortalDatabase(database, Fate("never"))
    replica = InForce(folder=folder, database=wavering, clock=world.clock, metrics=metrics)
    await replica.start()
    await replica.tick()
    wavering.fate = Fate("never")
    changed(folder, "undisturbed")
    await replica.tick()
    moments = wavering.fate.moments
    assert {moment.place.removeprefix("outreach/") for moment in moments} == {
        "guidance/in_force.py _admit",
        "guidance/in_force.py _switch",
        "guidance/in_force.py follow",
        "guidance/in_force.py _replan",
        "planning/replan.py replan_everybody",
    }

    for at, moment in enumerate(moments, 1):
        if moment.name not in {"begin", "committed"}:
            continue
        changed(folder, f"cut off at {moment}, the {at}th moment")
        wavering.fate = Fate(at, ending="outage")
        with pytest.raises(DatabaseUnavailable):
            await replica.tick()
        await replica.tick()

        async with database.transaction() as connection:
            in_force = await operations.find_config_in_force(connection)
        assert in_force is not None
        assert in_force.content == read_folder(folder)
        assert in_force.replanned
        assert replica.guidance().version == in_force.version


def changed(folder: Path, why: str) -> None:
    with (folder / "playbook.yaml").open("a") as playbook:
        playbook.write(f"# {why}\n")


async def test_whoever_starts_a_new_release_may_die_anywhere_and_the_next_start_ends_it(
    database: Database, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "config"))
    world = World(database, now="2026-03-02T15:00Z")
    metrics = Metrics(prefix="outreach", declared=METRICS)

    def on(chosen: Database) -> InForce:
        return InForce(folder=folder, database=chosen, clock=world.clock, metrics=metrics)

    await on(database).start()
    places: set[str] = set()
    for at in count(1):
        await world.runs("UPDATE config_in_force SET policy = 'by the packs of before'")
        fate = Fate(at)
        with suppress(WorkerDied):
            await on(MortalDatabase(database, fate)).start()
        places |= {place.removeprefix("outreach/") for place in fate.places}
        again = on(database)
        await again.start()
        assert await world.asks("SELECT policy FROM config_in_force") == again.guidance().policy.version
        if not fate.ended:
            break

    assert places >= {"guidance/in_force.py _renew", "guidance/in_force.py _switch"}
