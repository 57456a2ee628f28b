"""What the repository names: no machine, no registry, nothing outside itself."""

import re
from pathlib import Path

import pytest

from tests.support.sources import ROOT, kept_files

# Put together here, so that this file does not name them either.
REGISTRIES = [
    ".".join(parts)
    for parts in [
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("repo1", "maven", "org"),
        ("repo", "maven", "apache", "org"),
        ("registry", "npmjs", "org"),
        ("proxy", "golang", "org"),
        ("docker", "io"),
        ("ghcr", "io"),
    ]
]
MACHINES = re.compile("|".join(["/work" + "/", "/root" + "/", "/home" + r"/[a-z]", "/Users" + "/"]))
OUTSIDE = "../" + "shared"
MAY_LOOK_OUTSIDE = {".ci/run"}


def texts() -> list[tuple[str, str]]:
    return [(str(path.relative_to(ROOT)), path.read_text(errors="replace")) for path in kept_files()]


@pytest.mark.parametrize("host", REGISTRIES)
def test_no_file_names_a_registry(host: str) -> None:
    whole = re.compile(rf"(?<![\w.-]){re.escape(host)}(?![\w.-])")

    assert [path for path, text in texts() if whole.search(text)] == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert [
        f"{path}:{line}"
        for path, text in texts()
        for line, words in enumerate(text.splitlines(), start=1)
        if MACHINES.search(words) and not path.endswith(".lock")
    ] == []


def test_nothing_outside_the_repository_is_relied_on() -> None:
    assert {path for path, text in texts() if OUTSIDE in text} <= MAY_LOOK_OUTSIDE


def test_every_text_ends_with_a_line() -> None:
    unended = [path for path, text in texts() if text and not text.endswith("\n")]

    assert [path for path in unended if Path(path).suffix not in {".svg", ".png", ".ico"}] == []
