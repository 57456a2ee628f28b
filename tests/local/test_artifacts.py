"""What is fetched is fetched once, however many want it, and is whole or not there."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

#: Stands for jgo: counts its calls in a folder, is slow about it, and fails or dies where a test says so.
SLOW_JGO = """
import os, pathlib, types
def build(endpoint, cache_dir):
    calls = pathlib.Path(os.environ["CALLS"])
    (calls / str(os.getpid())).touch()
    repository = pathlib.Path(os.environ["M2_REPO"]) / "kafka.jar"
    repository.parent.mkdir(parents=True)
    repository.write_text("ha")
    if os.environ.get("DIES"):
        os._exit(9)
    import threading
    threading.Event().wait(0.3)
    repository.write_text("half" "whole")
    return types.SimpleNamespace(all_jars=[repository])
"""
ASK = "from foundation.local.artifacts import find_jars; print(find_jars())"


@pytest.fixture
def machine(tmp_path: Path) -> Mapping[str, str]:
    """The environment of a machine whose caches are empty, with a `jgo` that can be watched."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "jgo.py").write_text(SLOW_JGO)
    (tmp_path / "calls").mkdir()
    return os.environ | {
        "HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "PYTHONPATH": os.pathsep.join(
            [str(tmp_path / "modules"), *filter(None, [os.environ.get("PYTHONPATH")])]
        ),
        "CALLS": str(tmp_path / "calls"),
    }


def asking(machine: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", ASK], env=machine, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_four_who_ask_at_once_fetch_once_and_all_get_it_whole(machine: Mapping[str, str]) -> None:
    answers = [process.communicate()[0].strip() for process in [asking(machine) for _ in range(4)]]

    assert len(list(Path(machine["CALLS"]).iterdir())) == 1
    assert len(set(answers)) == 1
    assert Path(answers[0]).read_text() == "halfwhole"


def test_who_dies_while_fetching_leaves_nothing_that_is_taken_for_whole(
    machine: Mapping[str, str],
) -> None:
    dead = asking({**machine, "DIES": "1"})
    said = dead.communicate()[1]

    after = asking(machine).communicate()[0].strip()

    assert dead.returncode == 1
    assert "could not be fetched" in said
    assert Path(after).read_text() == "halfwhole"
