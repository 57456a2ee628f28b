"""The image's recipe, read rather than run: what it copies is there, and it runs as nobody special."""

import re
from fnmatch import fnmatch

import pytest

from tests.support.sources import ROOT

DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
IGNORED = (ROOT / ".dockerignore").read_text()


def instructions() -> list[tuple[str, str]]:
    joined = re.sub(r"\\\n\s*", " ", DOCKERFILE)
    lines = [line for line in joined.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def last_stage() -> list[tuple[str, str]]:
    steps = instructions()
    begins = max(number for number, (word, _) in enumerate(steps) if word == "FROM")
    return steps[begins:]


def copied() -> list[str]:
    sources = [rest.split()[:-1] for word, rest in instructions() if word == "COPY" and "--from=" not in rest]
    return [each for some in sources for each in some]


def let_through() -> set[str]:
    return {line.removeprefix("!") for line in IGNORED.splitlines() if line.startswith("!")}


@pytest.mark.parametrize("source", copied())
def test_what_is_copied_is_there_and_let_into_the_context(source: str) -> None:
    assert (ROOT / source).exists()
    assert source in let_through()


def test_everything_else_stays_outside_the_context() -> None:
    assert "*" in IGNORED.splitlines()
    assert let_through() == set(copied())
    assert not any(fnmatch(each, ".*") for each in let_through())


def test_what_runs_is_built_in_another_stage() -> None:
    assert sum(word == "FROM" for word, _ in instructions()) == 2
    assert not [rest for word, rest in last_stage() if word == "RUN" and "pip" in rest]


def test_it_does_not_run_as_root() -> None:
    users = [rest for word, rest in last_stage() if word == "USER"]

    assert users
    assert int(users[-1]) > 0


def test_it_says_whether_it_is_well() -> None:
    assert [rest for word, rest in last_stage() if word == "HEALTHCHECK" and "CMD" in rest]


def test_everything_it_installs_is_pinned_with_hashes() -> None:
    installs = [part for _, rest in instructions() for part in rest.split("&&") if "pip install" in part]

    assert installs
    assert all("--require-hashes" in each or "--no-index" in each for each in installs)


def test_the_wheel_is_built_with_what_the_tests_were_built_with() -> None:
    pins = set(re.findall(r"^[\w.-]+==\S+", (ROOT / "deploy" / "build.lock").read_text(), re.MULTILINE))
    tested = set(re.findall(r"^[\w.-]+==\S+", (ROOT / "requirements-dev.lock").read_text(), re.MULTILINE))

    assert pins
    assert pins <= tested
