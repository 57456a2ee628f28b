"""What a checkup finds: a line for each thing it looked at, and what to do where it is not right."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from foundation.command_line import ExitCode, print_json
from foundation.terminal import echo


class Condition(StrEnum):
    """`wrong` does harm or will; `weak` may be meant so; of `unknown` nobody here can tell."""

    OK = "ok"
    WEAK = "weak"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One thing that was looked at. `advice` says what to do; an observation that is ok has none."""

    subject: str
    condition: Condition
    says: str
    advice: str | None = None


#: Looks at one part of a deployment; what stops it is an observation too.
Checkup: TypeAlias = Callable[[], Awaitable[Sequence[Observation]]]

_WIDTH: Final = max(len(condition) for condition in Condition)


def ok(subject: str, says: str) -> Observation:
    """Return that something is as it has to be."""
    return Observation(subject=subject, condition=Condition.OK, says=says)


def weak(subject: str, says: str, advice: str) -> Observation:
    """Return that something may be meant so, and is not what we would do."""
    return Observation(subject=subject, condition=Condition.WEAK, says=says, advice=advice)


def wrong(subject: str, says: str, advice: str) -> Observation:
    """Return that something does harm or will."""
    return Observation(subject=subject, condition=Condition.WRONG, says=says, advice=advice)


def unknown(subject: str, says: str, advice: str) -> Observation:
    """Return that something cannot be told from here."""
    return Observation(subject=subject, condition=Condition.UNKNOWN, says=says, advice=advice)


async def examine(checkups: Iterable[tuple[str, Checkup]]) -> AsyncIterator[Observation]:
    """Yield what every checkup finds, in their order; one that breaks stops no other."""
    for subject, checkup in checkups:
        try:
            observations = await checkup()
        except Exception as error:  # noqa: BLE001 (a checkup that fails is an observation)
            observations = [
                unknown(subject, f"cannot be looked at ({type(error).__name__})", "look at it by hand")
            ]
        for observation in observations:
            yield observation


async def report(checkups: Iterable[tuple[str, Checkup]], *, as_json: bool) -> ExitCode:
    """Print a line for each observation, and return whether all is well: only what is wrong says no."""
    observations = []
    async for observation in examine(checkups):
        observations.append(observation)
        if not as_json:
            advice = f": {observation.advice}" if observation.advice else ""
            echo(f"{observation.condition:{_WIDTH}}  {observation.subject}: {observation.says}{advice}")
    if as_json:
        print_json(observations)
    return (
        ExitCode.NO
        if any(observation.condition is Condition.WRONG for observation in observations)
        else ExitCode.DONE
    )
