"""`make soak`: any number of seeded runs, each judged by the referee."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.soak.fleet import running_fleet
from tests.soak.record import load
from tests.soak.referee.judge import judge
from tests.soak.report import keep, summary, told
from tests.soak.run import Size, Verdict, run, watching


def main(arguments: list[str]) -> int:
    """Make the runs; return 1 if any of them is not clean."""
    asked = _parser().parse_args(arguments)
    if asked.judge is not None:
        return _judge_again(asked.judge)
    size = Size(people=asked.people, kills=asked.kills, deeds=asked.deeds, over=asked.over)
    with TemporaryDirectory(prefix="soak-logs-") as folder:
        verdicts = asyncio.run(_runs(asked, size, Path(folder)))
    sys.stdout.write(summary(verdicts))
    return 0 if all(each.is_clean for each in verdicts) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1, help="that of the first run; the others count on")
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--kills", type=int, default=6, help="how many times a role is killed in each run")
    parser.add_argument("--deeds", type=int, default=3, help="how many other deeds there are in each run")
    parser.add_argument("--over", type=float, default=15, help="within how many seconds people begin to live")
    parser.add_argument("--keep", action="store_true", help="keep every run, clean ones too")
    parser.add_argument("--judge", type=Path, help="judge a record that was kept, and make no run")
    return parser


async def _runs(asked: argparse.Namespace, size: Size, logs: Path) -> list[Verdict]:
    verdicts = []
    async with running_fleet(logs) as fleet, watching(fleet) as watch:
        for seed in range(asked.seed, asked.seed + asked.runs):
            verdict = await run(seed, fleet=fleet, watch=watch, size=size)
            sys.stdout.write(told(verdict))
            if asked.keep or not verdict.is_clean:
                sys.stdout.write(keep(verdict, logs, size))
            sys.stdout.flush()
            verdicts.append(verdict)
    return verdicts


def _judge_again(file: Path) -> int:
    violations = judge(load(file))
    for each in violations:
        sys.stdout.write(f"{each}\n")
    sys.stdout.write(f"{len(violations)} violations\n")
    return 1 if violations else 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    # Asked to end by whoever runs it, it leaves nothing behind either.
    signal.signal(signal.SIGTERM, _interrupt)
    sys.exit(main(sys.argv[1:]))
