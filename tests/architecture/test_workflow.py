"""The workflow for a public forge, read rather than run: it calls the Makefile, and all is pinned."""

import re
from typing import Any

import pytest
import yaml

from tests.support.sources import ROOT

PATH = ROOT / ".github" / "workflows" / "checks.yaml"
TEXT = PATH.read_text()
WORKFLOW: dict[Any, Any] = yaml.safe_load(TEXT)
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
STEPS: list[dict[str, Any]] = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
PROJECT = (ROOT / "pyproject.toml").read_text()


def test_every_command_is_a_target_of_make_that_exists() -> None:
    commands = [step["run"] for step in STEPS if "run" in step]
    called = [
        match[1] if (match := re.match(r"make ([a-z-]+)( ARGS=\"[^\"]*\")?$", command)) else command
        for command in commands
    ]

    assert called
    assert set(called) <= TARGETS
    assert {"check", "test", "test-slow", "sbom", "scan"} <= set(called)


def test_every_action_is_pinned_by_a_commit_and_says_its_version() -> None:
    used = re.findall(r"uses: (.*)", TEXT)

    assert used
    assert [
        line for line in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)
    ] == []
    assert len(set(used)) == len({line.partition("@")[0] for line in used})


def test_it_tries_every_python_and_every_postgresql_that_we_say_it_runs_on() -> None:
    matrix = WORKFLOW["jobs"]["test"]["strategy"]["matrix"]
    pythons = {*matrix["python"], *(row["python"] for row in matrix["include"])}
    postgres = {*matrix["postgres"], *(row["postgres"] for row in matrix["include"])}

    assert pythons == {"3.11", "3.12", "3.13", "3.14"}
    assert 'requires-python = ">=3.11"' in PROJECT
    assert postgres == {"15", "16", "17", "18"}


@pytest.mark.parametrize("job", WORKFLOW["jobs"])
def test_a_job_ends_and_may_only_read(job: str) -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert "permissions" not in WORKFLOW["jobs"][job]
    assert 0 < WORKFLOW["jobs"][job]["timeout-minutes"] <= 120
    for step in WORKFLOW["jobs"][job]["steps"]:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_it_says_that_nobody_has_run_it() -> None:
    assert "NOT RUN YET" in TEXT
