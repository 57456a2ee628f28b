"""A service says what is wrong, ticks on whatever happens, and counts what it does."""

import asyncio
import os
from datetime import timedelta

import pytest

from foundation.database import Database
from foundation.health import Health, database_answers, kafka_answers
from foundation.local.processes import free_ports
from foundation.metrics import Metric, Metrics
from foundation.settings import KafkaSettings
from foundation.ticks import Ticks
from tests.support.broker import Broker
from tests.support.eventually import eventually


async def fine() -> str | None:
    return None


async def away() -> str | None:
    return "away"


async def broken() -> str | None:
    raise ConnectionError("postgresql://user:secret@host")


async def silent() -> str | None:
    await asyncio.Event().wait()
    return None


async def test_ready_is_all_checks_and_live_only_those_a_restart_helps() -> None:
    health = Health(answers_within=timedelta(milliseconds=50))
    health.add("loop", fine, restart_helps=True)
    for name, check in (("database", away), ("broker", broken), ("copy", silent)):
        health.add(name, check)

    assert (await health.live()).as_json() == {
        "status": "ok",
        "checks": {"loop": "ok"},
        "process": os.getpid(),
    }
    assert (await health.ready()).as_json() == {
        "status": "failing",
        "checks": {"loop": "ok", "database": "away", "broker": "ConnectionError", "copy": "no answer"},
        "process": os.getpid(),
    }


async def test_a_check_that_is_added_while_others_are_asked_is_asked_next_time() -> None:
    health = Health()

    async def starting() -> str | None:
        health.add("reading", away)
        return None

    health.add("database", starting)

    assert (await health.ready()).checks == {"database": "ok"}
    assert (await health.ready()).as_json()["checks"] == {"database": "ok", "reading": "away"}


@pytest.mark.migrated(None)
async def test_a_database_answers_or_not(database: Database) -> None:
    health = Health()
    health.add("database", database_answers(database))

    assert (await health.ready()).ok
    await database.connections.pool.close()
    assert not (await health.ready()).ok


async def test_a_kafka_answers_or_not(kafka: Broker) -> None:
    health = Health()
    health.add("here", kafka_answers(KafkaSettings(bootstrap_servers=kafka.address)))
    health.add("away", kafka_answers(KafkaSettings(bootstrap_servers=f"127.0.0.1:{free_ports(1)[0]}")))

    assert (await health.ready()).checks == {"here": "ok", "away": "cannot be reached: nothing listens there"}


async def test_a_service_without_checks_is_well() -> None:
    assert (await Health().ready()).ok


async def test_a_tick_that_raises_is_counted_and_runs_again() -> None:
    metrics, runs = Metrics(prefix="test"), []

    async def fail() -> None:
        runs.append(1)
        raise ZeroDivisionError

    ticks = Ticks(metrics=metrics)
    ticks.add("failing", fail, every=timedelta(milliseconds=20))
    ticks.start()
    await eventually(lambda: len(runs) >= 3)
    await ticks.stop()

    assert f'test_tick_failures_total{{tick="failing"}} {len(runs)}.0' in metrics.render().decode()


async def test_a_tick_never_overlaps_itself_and_stopping_waits_for_it() -> None:
    running, most, finished = 0, 0, 0
    gate = asyncio.Event()

    async def slow() -> None:
        nonlocal running, most, finished
        running += 1
        most = max(most, running)
        await gate.wait()
        running -= 1
        finished += 1

    ticks = Ticks(metrics=Metrics(prefix="test"))
    ticks.add("slow", slow, every=timedelta(milliseconds=10))
    beats = 0

    async def beat() -> None:
        nonlocal beats
        beats += 1

    ticks.add("beat", beat, every=timedelta(milliseconds=10))
    ticks.start()
    await eventually(lambda: running == 1 and beats >= 5)
    stopping = asyncio.create_task(ticks.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    gate.set()
    await stopping

    assert most == 1
    assert running == 0
    assert finished >= 1


def test_metrics_are_rendered_with_prefix_help_and_labels() -> None:
    metrics = Metrics(
        prefix="test",
        declared={"touches_total": Metric(kind="counter", help="Touches.", labels=("channel",))},
    )
    metrics.count("touches_total", channel="sms")
    metrics.set("outbox_waiting", 7)
    metrics.observe("tick_seconds", 0.2, tick="relay")

    rendered = metrics.render().decode()
    assert "# HELP test_touches_total Touches." in rendered
    assert 'test_touches_total{channel="sms"} 1.0' in rendered
    assert "test_outbox_waiting 7.0" in rendered
    assert 'test_tick_seconds_count{tick="relay"} 1.0' in rendered


def test_label_values_that_no_longer_hold_are_forgotten() -> None:
    metrics = Metrics(prefix="test")
    metrics.set("quarantine_open", 3, topic="a", reason="not_json")
    metrics.clear("quarantine_open")
    metrics.set("quarantine_open", 1, topic="b", reason="empty")

    assert 'topic="a"' not in metrics.render().decode()


def test_a_metric_that_was_not_declared_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        Metrics(prefix="test").count("surprises_total")
