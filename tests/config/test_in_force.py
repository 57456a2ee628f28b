"""A changed config takes effect whole, on every replica, or not at all (P11)."""

import shutil
from pathlib import Path

import pytest

from foundation.clock import ManualClock, parse_instant
from foundation.database import Database
from foundation.metrics import Metrics
from outreach.app import METRICS
from outreach.guidance.files.problems import ConfigError
from outreach.guidance.in_force import InForce
from outreach.store import operations
from tests.support.driver import files_of
from tests.support.world import SAMPLE, World


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "config"))


def replica(folder: Path, database: Database) -> tuple[InForce, Metrics]:
    metrics = Metrics(prefix="outreach", declared=METRICS)
    clock = ManualClock(parse_instant("2026-03-02T15:00Z"))
    return InForce(folder=folder, database=database, clock=clock, metrics=metrics), metrics


def says_invalid(metrics: Metrics) -> bool:
    return b"outreach_config_invalid 1.0" in metrics.render()


async def test_a_changed_file_is_in_force_on_every_replica_after_its_tick(
    database: Database, folder: Path
) -> None:
    ours, _ = replica(folder, database)
    theirs, _ = replica(SAMPLE, database)
    await ours.start()
    await theirs.start()

    playbook = folder / "playbook.yaml"
    playbook.write_text(playbook.read_text().replace("after: 10d", "after: 12d"))
    await ours.tick()
    await theirs.tick()

    assert ours.guidance().version == theirs.guidance().version
    assert theirs.guidance().playbook.plays["check_in"].after.days == 12


async def test_a_file_that_does_not_validate_changes_nothing_and_says_so_until_it_is_mended(
    database: Database, folder: Path
) -> None:
    in_force, metrics = replica(folder, database)
    await in_force.start()
    before = in_force.guidance().version

    playbook = folder / "playbook.yaml"
    good = playbook.read_text()
    playbook.write_text(good.replace("wording: check_in", "wording: shout"))
    await in_force.tick()
    await in_force.tick()

    assert in_force.guidance().version == before
    assert says_invalid(metrics)

    playbook.write_text(good.replace("after: 10d", "after: 11d"))
    await in_force.tick()

    assert in_force.guidance().playbook.plays["check_in"].after.days == 11
    assert not says_invalid(metrics)


async def test_files_that_do_not_validate_at_the_start_stop_the_start(
    database: Database, folder: Path
) -> None:
    (folder / "policy.yaml").write_text("policy: harbor\nquiet: yes\n")
    in_force, _ = replica(folder, database)

    with pytest.raises(ConfigError) as refused:
        await in_force.start()

    assert refused.value.problems[0].line == 2


async def test_a_version_is_kept_with_its_content_its_time_and_who_changed_it(
    database: Database, folder: Path
) -> None:
    in_force, _ = replica(folder, database)
    await in_force.start()

    async with database.transaction() as connection:
        kept = await connection.fetchrow("SELECT version, content, loaded_at, loaded_by FROM config_versions")

    assert kept["version"] == in_force.guidance().version
    assert kept["content"]["policy.yaml"] == (folder / "policy.yaml").read_text()
    assert kept["loaded_at"] == parse_instant("2026-03-02T15:00Z")
    assert kept["loaded_by"] == folder.owner()


async def test_a_new_playbook_takes_hold_of_what_is_planned(database: Database, folder: Path) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    ada = await world.person()
    await world.debt(ada)
    in_force, _ = replica(folder, database)
    playbook = folder / "playbook.yaml"
    playbook.write_text(
        playbook.read_text().replace(
            "after: 1h\n    purpose: introduction", "after: 5h\n    purpose: introduction"
        )
    )

    await in_force.start()
    await in_force.tick()

    due = await world.asks("SELECT due_at FROM touches WHERE play = 'introduction'")
    assert due == parse_instant("2026-03-02T20:00Z")


async def test_a_restart_with_superseded_files_takes_nothing_back_and_says_so(
    database: Database, folder: Path
) -> None:
    ours, _ = replica(folder, database)
    await ours.start()
    playbook = folder / "playbook.yaml"
    playbook.write_text(playbook.read_text().replace("after: 10d", "after: 12d"))
    await ours.tick()

    restarted, _ = replica(SAMPLE, database)
    await restarted.start()
    await restarted.tick()
    await ours.tick()

    assert restarted.guidance().version == ours.guidance().version
    assert ours.guidance().playbook.plays["check_in"].after.days == 12
    assert "the files here are" in (await restarted.says_superseded() or "")
    assert await ours.says_superseded() is None


async def test_files_changed_back_under_a_running_replica_are_in_force_again_with_the_next_number(
    database: Database, folder: Path
) -> None:
    ours, _ = replica(folder, database)
    await ours.start()
    playbook = folder / "playbook.yaml"
    before = playbook.read_text()
    numbers = []
    for text in (before.replace("after: 10d", "after: 12d"), before):
        playbook.write_text(text)
        await ours.tick()
        async with database.transaction() as connection:
            in_force = await operations.find_config_in_force(connection)
        assert in_force is not None
        numbers.append(in_force.number)

    assert ours.guidance().playbook.plays["check_in"].after.days == 10
    assert numbers == [2, 3]


async def test_files_that_were_never_seen_are_put_in_force_by_a_start(
    database: Database, folder: Path
) -> None:
    first, _ = replica(SAMPLE, database)
    await first.start()
    playbook = folder / "playbook.yaml"
    playbook.write_text(playbook.read_text().replace("after: 10d", "after: 12d"))

    second, _ = replica(folder, database)
    await second.start()
    await first.tick()

    assert first.guidance().playbook.plays["check_in"].after.days == 12


async def test_the_same_files_mean_what_a_new_release_makes_of_them(database: Database, folder: Path) -> None:
    world = World(database, now="2026-03-02T15:00Z")
    await world.person()
    await world.has_a_text_due()
    # As an earlier release left it, whose packs were others.
    await world.runs("UPDATE config_in_force SET policy = 'by the packs of before'")
    await world.works()
    assert world.sent == []

    for name, text in files_of(SAMPLE).items():
        (folder / name).write_text(text)
    ours, _ = replica(folder, database)
    await ours.start()
    assert ours.guidance().version == world.guidance.version
    assert ours.guidance().policy.version == world.guidance.policy.version
    await world.works_until("2026-03-02T18:00Z")

    assert len(world.sent) == 1
    async with database.transaction() as connection:
        content = await operations.find_content_of_policy(connection, world.guidance.policy.version)
    assert content is not None
