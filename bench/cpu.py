"""Processor time by part. It stays the same when others use the machine, which rates do not."""

import os
from collections.abc import Mapping
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def used_by(pid: int) -> float:
    """Return the seconds of processor time that a process and all below it have used."""
    total = 0.0
    for member in _family(pid):
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        # user, system, and those of children that ended
        total += sum(int(field) for field in fields[11:15]) / _TICK
    return total


def _family(pid: int) -> list[int]:
    family, fresh = [pid], [pid]
    while fresh:
        below = []
        for member in fresh:
            for task in Path(f"/proc/{member}/task").glob("*/children"):
                try:
                    below += [int(child) for child in task.read_text().split()]
                except OSError:
                    continue
        family += below
        fresh = below
    return family


class Meter:
    """Splits processor time among named processes, from now on."""

    def __init__(self, parts: Mapping[str, int]) -> None:
        self._parts = dict(parts)
        self._own = _own()
        self._before = {name: used_by(pid) for name, pid in self._parts.items()}

    def microseconds_per(self, items: int) -> dict[str, float]:
        """Return what each part used per item; `python` is this process alone."""
        spent = {name: used_by(pid) - self._before[name] for name, pid in self._parts.items()}
        spent["python"] = _own() - self._own
        return {name: round(seconds * 1e6 / items, 1) for name, seconds in spent.items()}


def _own() -> float:
    times = os.times()
    return times.user + times.system
