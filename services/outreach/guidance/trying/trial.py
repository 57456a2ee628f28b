"""Tries a change of policy on many situations, on every core; writes and sends nothing."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final

from outreach.guidance.files.problems import ConfigError, Finding
from outreach.guidance.trying.comparison import Comparison, Diff
from outreach.guidance.trying.replay import read_situation
from outreach.policy.engine import decide
from outreach.policy.policy import Policy

_CHUNK: Final = 1000
_Numbered = tuple[int, str | bytes]

#: What a worker process compares; set once where it begins.
_POLICIES: list[Policy] = []


def compare_lines(
    old: Policy,
    new: Policy,
    lines: Iterable[str | bytes],
    *,
    file: str,
    workers: int = 1,
    seen: Callable[[int], None] = lambda _: None,
) -> Diff:
    """Decide each line's situation under both policies and count what changes.

    `seen` is told how many lines were done each time. The result does not depend on `workers`.

    Raises:
        ConfigError: a line is not a situation, or names a pack that does not exist.
    """
    total = Comparison()
    for count, part in _compared(old, new, _chunks(lines), workers):
        if isinstance(part, Finding):
            raise ConfigError([Finding(file=file, line=part.line, column=1, message=part.message)])
        total.add(part)
        seen(count)
    return total.result()


def _compared(
    old: Policy, new: Policy, chunks: Iterator[list[_Numbered]], workers: int
) -> Iterator[tuple[int, Comparison | Finding]]:
    if workers == 1:
        _begin(old, new)
        yield from map(_compare, chunks)
        return
    # Forked, so that the policies need not be read again; nothing here has threads.
    context = multiprocessing.get_context("fork")
    with context.Pool(workers, initializer=_begin, initargs=(old, new)) as pool:
        yield from pool.imap(_compare, chunks)


def _begin(old: Policy, new: Policy) -> None:
    _POLICIES[:] = [old, new]


def _compare(chunk: list[_Numbered]) -> tuple[int, Comparison | Finding]:
    old, new = _POLICIES
    comparison = Comparison()
    for number, line in chunk:
        try:
            situation = read_situation(line)
            comparison.see(number, situation, decide(situation, old), decide(situation, new))
        except (ValueError, LookupError) as error:
            return len(chunk), Finding(file="", line=number, column=1, message=str(error))
    return len(chunk), comparison


def _chunks(lines: Iterable[str | bytes]) -> Iterator[list[_Numbered]]:
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    while chunk := list(islice(numbered, _CHUNK)):
        yield chunk
