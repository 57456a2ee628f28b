"""`python -m bench`: measure, print a table, write bench-out/bench.json."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
import uvloop

from bench import (
    claiming,
    crowd,
    deciding,
    dispatch,
    greedy,
    ingest,
    latency,
    moving,
    replicas,
    rivals,
    servers,
    steady,
    views,
)
from bench.figures import Figure, machine, show, write
from bench.servers import Postgres
from foundation.garbage import collect_seldom

PARTS = (
    "decide",
    "ingest",
    "dispatch",
    "claim",
    "latency",
    "replicas",
    "steady",
    "rivals",
    "crowd",
    "moving",
    "greedy",
    "views",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured: enough to trust, or enough to see that it runs."""

    rounds: int
    people: int
    messages: int
    few: int
    many: int
    claims: int
    dead: int
    events: int
    seconds: int
    webhooks: int
    imported: int
    debts: int
    told: int


QUICK = Size(
    rounds=1,
    people=1000,
    messages=600,
    few=20_000,
    many=40_000,
    claims=10,
    dead=0,
    events=20,
    seconds=10,
    webhooks=100,
    imported=2000,
    debts=200,
    told=2000,
)
FULL = Size(
    rounds=3,
    people=6000,
    messages=6000,
    few=100_000,
    many=1_000_000,
    claims=100,
    dead=0,
    events=100,
    seconds=60,
    webhooks=1000,
    imported=50_000,
    debts=2000,
    told=50_000,
)
DEEP = Size(
    rounds=5,
    people=20_000,
    messages=7000,
    few=100_000,
    many=5_000_000,
    claims=100,
    dead=1_000_000,
    events=300,
    seconds=600,
    webhooks=5000,
    imported=1_000_000,
    debts=2000,
    told=50_000,
)


async def measure(size: Size, parts: Sequence[str]) -> list[Figure]:
    """Measure these parts one after the other, on servers that nobody else uses."""
    figures: list[Figure] = []
    if "decide" in parts:
        figures.append(deciding.measure(decisions=2000 * size.rounds, rounds=size.rounds))
    with servers.postgres() as postgres, servers.kafka() as kafka:
        for part in (part for part in parts if part != "decide"):
            print(f"measuring {part} …", file=sys.stderr, flush=True)
            figures += await _measured(part, size, postgres, kafka)
    return figures


async def _measured(part: str, size: Size, postgres: Postgres, kafka: str) -> list[Figure]:
    match part:
        case "ingest":
            return await ingest.measure(postgres, kafka, people=size.people, rounds=size.rounds)
        case "dispatch":
            return await dispatch.measure(postgres, kafka, people=size.messages, rounds=size.rounds)
        case "claim":
            return await claiming.measure(
                postgres, small=size.few, large=size.many, claims=size.claims, dead=size.dead
            )
        case "replicas":
            return await replicas.measure(postgres, kafka, people=size.messages)
        case "rivals":
            return await rivals.measure(postgres, messages=size.messages)
        case "greedy":
            return await greedy.measure(postgres, debts=size.debts, events=size.told)
        case _:
            # A broker of its own: what ingest left on the topics would be sent as well.
            with servers.kafka() as fresh:
                return await _measured_alone(part, size, postgres, fresh)


async def _measured_alone(part: str, size: Size, postgres: Postgres, kafka: str) -> list[Figure]:
    match part:
        case "latency":
            return [await latency.measure(postgres, kafka, events=size.events)]
        case "steady":
            return await steady.measure(postgres, kafka, messages=size.messages, seconds=size.seconds)
        case "views":
            return await views.measure(postgres, kafka, messages=size.messages // 3, seconds=size.seconds)
        case "crowd":
            return await crowd.measure(postgres, kafka, webhooks=size.webhooks)
        case "moving":
            return await moving.measure(postgres, kafka, people=size.imported, changes=size.events)
        case _:
            raise ValueError(part)


def main() -> None:
    """Read the command line; print and write what was measured."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute or two: whether it runs, no more")
    parser.add_argument("--deep", action="store_true", help="half an hour: five million touches, dead tuples")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="these parts alone")
    parser.add_argument("--out", type=Path, default=Path("bench-out"))
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    about = machine()
    size = QUICK if arguments.quick else DEEP if arguments.deep else FULL
    collect_seldom()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(measure(size, arguments.only))
    show(figures, about)
    print(write(figures, about, arguments.out))


if __name__ == "__main__":
    main()
