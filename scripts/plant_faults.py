"""Plant faults one at a time, in a copy, and show that the suite catches each.

`tests/architecture/faults.toml` lists them: the file, the text to find, what to put there, and the
test that must fail. A fault that no test notices, that can no longer be planted, or whose test did not
run (it is skipped where a server cannot be started), ends the run with 1.
"""

import argparse
import compileall
import os
import py_compile
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

from foundation.local.kafka import running_kafka
from foundation.local.postgres import running_postgres
from foundation.local.processes import ServerUnavailable

ROOT = Path(__file__).parent.parent
FAULTS = ROOT / "tests" / "architecture" / "faults.toml"
COPIED = ("services", "schemas", "tests", "scripts", "deploy", "docs", "pyproject.toml", "README.md")
_NOT_COPIED = shutil.ignore_patterns("__pycache__", ".hypothesis", "*.pyc", "node_modules")
_FAILED = 1
#: Seconds, several times what the longest of the tests takes on a busy machine.
_ENDS_WITHIN = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One line made wrong. `breaks` says what would then happen to somebody."""

    file: str
    find: str
    replace: str
    test: str
    breaks: str


def read_faults(file: Path) -> list[Fault]:
    return [Fault(**table) for table in tomllib.loads(file.read_text(encoding="utf-8"))["fault"]]


def plant(fault: Fault, copy: Path) -> str | None:
    """Plant one fault in a copy and run its test; return what is wrong, or None if the test failed."""
    target = copy / fault.file
    right = target.read_text(encoding="utf-8")
    if right.count(fault.find) != 1:
        return f"found {right.count(fault.find)} times in {fault.file}: {fault.find!r}"
    target.write_text(right.replace(fault.find, fault.replace), encoding="utf-8")
    try:
        return _run(fault, copy)
    finally:
        target.write_text(right, encoding="utf-8")


def _run(fault: Fault, copy: Path) -> str | None:
    paths = os.pathsep.join([str(copy / "services"), str(copy)])
    # What is compiled while a fault stands is not kept: it would outlive the fault.
    environment = os.environ | {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    with TemporaryDirectory(prefix="fault-") as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", fault.test, "-q", "-x", "-p", "no:cacheprovider"]
        command += ["-o", "junit_family=xunit2", f"--junitxml={report}"]
        try:
            done = subprocess.run(
                command,
                cwd=copy,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=_ENDS_WITHIN,
            )
        except subprocess.TimeoutExpired:
            # Somebody would notice: with the fault in it the program never gets to an end.
            return None
        if done.returncode == _FAILED:
            return None
        if done.returncode == 0 and _ran_all(report):
            return "survived"
    return f"the test did not run:\n{done.stdout[-2000:]}{done.stderr[-500:]}"


def _ran_all(report: Path) -> bool:
    """Say whether the tests of a report ran, and none was skipped: a server that could not start, say."""
    suite = ET.parse(report).getroot().find("testsuite")  # noqa: S314 - pytest wrote it a moment ago
    return suite is not None and int(suite.get("tests", 0)) > 0 and int(suite.get("skipped", 0)) == 0


def _plant_all(faults: Sequence[tuple[int, Fault]], total: int) -> list[Fault]:
    """Plant these faults one after another in a copy of their own; return those not caught."""
    escaped = []
    with TemporaryDirectory(prefix="faults-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=_NOT_COPIED)
            else:
                shutil.copy(source, copy / name)
        _compile(copy / "services")
        _compile(copy / "schemas")
        for number, fault in faults:
            wrong = plant(fault, copy)
            print(
                f"{number:>3}/{total} {_in_a_word(wrong):11} {fault.breaks}",
                flush=True,
            )
            if wrong is not None:
                print(f"        {fault.file}: {wrong}", flush=True)
                escaped.append(fault)
    return escaped


def _compile(folder: Path) -> None:
    """Keep byte code that is held against its source whenever it is read, not against the source's time.

    A fault planted within one second of the last would go unnoticed by the time.
    """
    compileall.compile_dir(folder, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)


def _start_servers(running: ExitStack) -> None:
    """Start one PostgreSQL and one Kafka for all tests that take them from the environment.

    Where one cannot be started, the tests that need it say so themselves.
    """
    home = Path(running.enter_context(TemporaryDirectory(prefix="fault-servers-")))
    # PostgreSQL may run as another user, who has to get in.
    home.chmod(0o755)
    with suppress(ServerUnavailable):
        os.environ["DATABASE_URL"] = running.enter_context(
            running_postgres(home / "postgres", durable=False)
        ).url
    with suppress(ServerUnavailable):
        os.environ["KAFKA_BOOTSTRAP_SERVERS"] = running.enter_context(running_kafka(home / "kafka")).address


def _in_a_word(wrong: str | None) -> str:
    match wrong:
        case None:
            return "caught"
        case "survived":
            return "SURVIVED"
        case _ if wrong.startswith("the test did not run"):
            return "DID NOT RUN"
        case _:
            return "NOT FOUND"


def main() -> None:
    """Plant what is asked for and say how many were caught."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", default="", help="plant only faults in files whose path contains this")
    arguments.add_argument("--workers", type=int, default=2, help="copies worked on at once")
    asked = arguments.parse_args()
    faults = list(enumerate((fault for fault in read_faults(FAULTS) if asked.only in fault.file), 1))
    shares = [faults[worker :: asked.workers] for worker in range(asked.workers)]
    with ExitStack() as running, ThreadPoolExecutor(asked.workers) as pool:
        _start_servers(running)
        escaped = [
            fault
            for share in pool.map(lambda share: _plant_all(share, len(faults)), shares)
            for fault in share
        ]
    print(f"{len(faults) - len(escaped)} of {len(faults)} faults caught")
    sys.exit(_FAILED if escaped else 0)


if __name__ == "__main__":
    main()
