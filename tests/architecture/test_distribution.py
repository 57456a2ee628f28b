"""What is installed is what is in the tree, and what it needs is pinned."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.support.sources import ROOT, code, imported_by, kept_files

OURS = {"foundation", "outreach", "preferences", "schemas", "simulator"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
# What only demos and tests need is looked for where it is used. So is jsonschema_rs,
# with which the simulator checks requests where a test gives it the vendors' specs.
OPTIONAL = {"jsonschema_rs"}
DECLARED = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["local"]


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
    # Whoever imports the wire contract has its types checked.
    assert "schemas/py.typed" in wheel


def test_the_wheel_holds_no_tests_and_no_settings(wheel: set[str]) -> None:
    folders = {name.split("/")[0] for name in wheel}

    assert {name for name in folders if not name.endswith(".dist-info")} == OURS


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
    return normal(re.split(r"[\[<>=~! ]", requirement, maxsplit=1)[0])


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def versions_in(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==(\S+)", Path(ROOT / lock).read_text(), re.MULTILINE))


def test_everything_the_product_imports_is_declared() -> None:
    """What comes only because something else needs it may go with that."""
    distributions = packages_distributions()
    declared = {named_in(each) for each in DECLARED}
    undeclared = {
        f"{path}: {name}"
        for path, tree in code("services", "schemas")
        for name in {each.split(".")[0] for each in imported_by(tree)}
        if name and name not in sys.stdlib_module_names | OURS | OPTIONAL
        if not declared & {normal(each) for each in distributions.get(name, [name])}
    }

    assert undeclared == set()
