"""What the commands of every service share: exit codes, problems, JSON, tables, settings.

Exit codes, the same for every command:

| code | meaning |
| --- | --- |
| 0 | done; the answer is yes |
| 1 | the answer is no: a check failed, something differs, there is no such thing |
| 2 | it could not be asked: wrong use, a file or setting that cannot be used, a server out of reach |
"""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import msgspec
import typer

from foundation.terminal import echo, echo_json, shown

if TYPE_CHECKING:
    from foundation.settings import KafkaSettings, Settings

T = TypeVar("T")
S = TypeVar("S", bound="Settings")

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


class ExitCode(IntEnum):
    """How a command ends; see the table above."""

    DONE = 0
    NO = 1
    CANNOT = 2


def fail(*problems: object, code: ExitCode = ExitCode.CANNOT) -> NoReturn:
    """Print each problem on a line of its own, where errors go, and end the command."""
    for problem in problems:
        echo(problem, err=True)
    raise typer.Exit(code)


def print_json(value: Any) -> None:
    """Print a value, records and instants in it too, as JSON that people can read as well."""
    text = json.dumps(msgspec.to_builtins(value, str_keys=True), indent=2, ensure_ascii=False)
    echo_json(text)


def print_table(names: Sequence[str], rows: Iterable[Sequence[object]], *, indent: int = 0) -> None:
    """Print a line for each row under the names of the columns; the last column is as long as it is.

    Lines are never cut or wrapped, so that `grep` finds what stands in one.
    """
    cells = [list(names), *([shown(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        padded = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        echo(" " * indent + padded.rstrip())


def load_or_exit(settings: type[S], environment: Mapping[str, str] | None = None) -> S:
    """Read settings, or print one line for each that is missing or wrong and exit with 2.

    `environment` is where from, where it is not that of this process.
    """
    from foundation.settings import BadSettings, load  # noqa: PLC0415 (what --help needs not)

    try:
        return load(settings, environment)
    except BadSettings as error:
        fail(*error.lines)


def run_or_exit(
    work: Coroutine[Any, Any, T],
    *,
    prefix: str,
    kafka: "KafkaSettings | None" = None,
    problems: Callable[[BaseException], Iterable[object]] = lambda _: (),
    runner: Callable[[Coroutine[Any, Any, T]], T] = asyncio.run,
) -> T:
    """Do the work; where something stops it, print a line that names it and exit with 2.

    Kafka, reached as `kafka` says, is tried once more to say why it does not work. `problems` may name those
    that only the service knows. A fault of our own goes on as it is.
    """
    try:
        return runner(work)
    except typer.Exit:
        raise
    except Exception as error:
        # Imported here, for it brings every server's driver, and most commands need none of them.
        from foundation.failures import explain_failure, leaves, why_kafka_fails  # noqa: PLC0415

        lines = [problem for leaf in leaves(error) for problem in problems(leaf)]
        if lines:
            fail(*lines)
        why = why_kafka_fails(error, kafka)
        if line := explain_failure(error, prefix=prefix, kafka=why):
            fail(line)
        raise
