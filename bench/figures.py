"""What was measured: one figure per row, its floor beside it, and the goal it is held against."""

import json
import math
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row of the table. `value` is the median of `rounds`; `ratio` is value to floor."""

    name: str
    value: float
    unit: str
    rounds: Sequence[float] = ()
    floor: float | None = None
    floor_name: str = ""
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None
    details: dict[str, Any] = field(default_factory=dict)


def median(rounds: Sequence[float]) -> float:
    return statistics.median(rounds)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


def p99_beside(
    name: str, beside: Sequence[float], *, alone: Sequence[float], details: Mapping[str, Any]
) -> Figure:
    """Return the p99 of how long something took beside something else, in ms, against the same without it."""
    value, floor = percentile(beside, 0.99), percentile(alone, 0.99)
    return Figure(
        name=name,
        value=value,
        unit="ms",
        floor=floor,
        floor_name="without them",
        ratio=value / floor,
        details={
            "p50_ms": percentile(beside, 0.5),
            "most_ms": max(beside),
            "p50_alone_ms": percentile(alone, 0.5),
            "most_alone_ms": max(alone),
            **details,
        },
    )


def machine() -> dict[str, Any]:
    """Describe what this ran on: a figure without its machine says nothing."""
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = next(
        int(line.split()[1]) // 1024
        for line in Path("/proc/meminfo").read_text().splitlines()
        if line.startswith("MemTotal")
    )
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_mb": memory,
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
    }


def show(figures: Sequence[Figure], about: dict[str, Any]) -> None:
    """Print the table for people."""
    table = Table(
        title=f"{about['cores']} × {about['cpu']}, {about['memory_mb']} MB, Python {about['python']}"
    )
    for title in ("what", "figure", "floor in the same run", "ratio", "goal", ""):
        table.add_column(title, justify="right" if title in ("figure", "ratio") else "left")
    for figure in figures:
        table.add_row(
            figure.name,
            f"{number(figure.value)} {figure.unit}",
            f"{number(figure.floor)} {figure.unit} {figure.floor_name}"
            if figure.floor is not None
            else figure.floor_name,
            f"{figure.ratio:.2f}" if figure.ratio is not None else "",
            figure.goal,
            {True: "met", False: "MISSED", None: ""}[figure.met],
        )
    Console(width=170).print(table)


def write(figures: Sequence[Figure], about: dict[str, Any], folder: Path) -> Path:
    """Write everything that was measured as JSON; return where."""
    folder.mkdir(exist_ok=True)
    path = folder / "bench.json"
    path.write_text(
        json.dumps({"machine": about, "figures": [asdict(figure) for figure in figures]}, indent=1)
    )
    return path


def number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
