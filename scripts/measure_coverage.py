"""`make coverage`: count the lines that tests run, and hold the floors of the rooms that decide."""

import argparse
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_COVERAGE = [sys.executable, "-m", "coverage"]

#: Percent of lines and branches. What decides is tested best; a room rises to a new floor, and never sinks.
_FLOORS = {"policy": 96, "planning": 96, "sending": 94, "listening": 90}


def main(arguments: list[str]) -> int:
    """Return 0 when the tests pass and every floor holds; print the figure of each room and of all."""
    parser = argparse.ArgumentParser(prog="make coverage", description=__doc__)
    parser.add_argument("--workers", default="2", help="tests that run at a time")
    known, chosen = parser.parse_known_args(arguments)
    _coverage("erase")
    tests = ["-m", "pytest", "-q", "-n", known.workers, "-m", "not slow", *chosen]
    failed = _coverage("run", *tests) != 0
    # Each process has written a file of its own.
    _coverage("combine", "--quiet")
    print("\nLines and branches that the tests run, in percent:\n")
    for room, floor in _FLOORS.items():
        figure = _figure(f"services/outreach/{room}/*")
        failed |= figure < floor
        print(f"  {room:<12}{figure:6.1f}  {'of at least' if figure >= floor else 'BELOW'} {floor}")
    print(f"  {'everything':<12}{_figure('*'):6.1f}\n")
    return int(failed)


def _figure(files: str) -> float:
    command = [*_COVERAGE, "report", "--include", files, "--format", "total", "--precision", "1"]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    return float(done.stdout.strip() or 0)


def _coverage(*arguments: str) -> int:
    return subprocess.run([*_COVERAGE, *arguments], cwd=_ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
