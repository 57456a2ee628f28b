"""`python -m bench`: measure, print a table, write bench-out/bench.json."""

import argparse
import asyncio
import logging
from pathlib import Path

import structlog
import uvloop

from bench import ingest, servers
from bench.figures import Figure, machine, show, write

async def _run(arguments: argparse.Namespace) -> list[Figure]:
    figures = []
    with servers.postgres() as postgres, servers.kafka() as kafka:
        figures.append(await ingest.measure(postgres, kafka, people=arguments.people, rounds=arguments.rounds))
    return figures


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    about = machine()
    figures = uvloop.run(_run(arguments))
    show(figures, about)
    print(write(figures, about, Path("bench-out")))


if __name__ == "__main__":
    main()
