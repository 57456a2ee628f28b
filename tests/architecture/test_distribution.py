"""What is installed is what is in the tree, and what it needs is pinned."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.support.sources import ROOT, kept_files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in a wheel built from this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [built] = folder.glob("*.whl")
    return set(ZipFile(built).namelist())


def test_the_wheel_holds_every_file_of_the_packages(wheel: set[str]) -> None:
    ours = [path.relative_to(ROOT) for path in kept_files()]
    packaged = {
        str(path.relative_to("services") if path.parts[0] == "services" else path)
        for path in ours
        if path.parts[0] in {"services", "schemas"}
    }

    assert packaged - wheel == set()


def test_the_wheel_holds_no_tests_and_no_settings(wheel: set[str]) -> None:
    folders = {name.split("/")[0] for name in wheel}

    assert {name for name in folders if not name.endswith(".dist-info")} == {
        "foundation",
        "outreach",
        "preferences",
        "schemas",
        "simulator",
    }


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_requirement_is_pinned_with_its_hash(lock: str) -> None:
    text = (ROOT / lock).read_text()
    pins = re.findall(r"^([\w.\[\],-]+)==\S+.*\\\n( +--hash=sha256:)?", text, re.MULTILINE)
    pinned = {name.lower().split("[")[0] for name, _ in pins}

    assert [name for name, first_hash in pins if not first_hash] == []
    assert {named_in(each) for each in PROJECT["project"]["dependencies"]} - pinned == set()


def test_what_we_run_is_what_we_test() -> None:
    assert versions_in("requirements.lock").items() <= versions_in("requirements-dev.lock").items()


def named_in(requirement: str) -> str:
    return re.split(r"[\[<>=~! ]", requirement, maxsplit=1)[0].lower()


def versions_in(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==(\S+)", Path(ROOT / lock).read_text(), re.MULTILINE))
