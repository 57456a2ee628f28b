"""What the documents name is there: files, folders, arrows, commands, settings."""

import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from outreach.cli.main import cli as outreach
from preferences.cli.main import cli as preferences
from tests.support.sources import ROOT, kept_files

PAGES = sorted(
    str(path.relative_to(ROOT))
    for pattern in ("*.md", "docs/**/*.md", "decisions/*.md", "schemas/README.md")
    for path in ROOT.glob(pattern)
)
#: A page may leave these out in front of a path, and the folder it lies in itself.
BEGINNINGS = ("", "services/", "services/outreach/", "deploy/config/")
ENDINGS = {".py", ".sql", ".yaml", ".yml", ".md", ".toml", ".json", ".jsonl", ".txt", ".html", ".lock"}
#: Whose folders the architecture lists.
HOLD_CODE = ("services/", "schemas/", "tests/")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
COMMANDS = {"outreach": outreach, "preferences": preferences}


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def paths_in(page: str) -> Iterator[str]:
    """Yield what stands in backticks and looks like a path of this repository."""
    prose = re.sub(r"^```.*?^```$", "", text_of(page), flags=re.MULTILINE | re.DOTALL)
    for span in re.findall(r"`([^`\n]+)`", prose):
        path = re.sub(r"<\w+>|NNNN", "*", span)
        if re.fullmatch(r"[a-z_.*][\w.*-]*(/[\w.*-]*)*", path) and (
            "/" in path or Path(path).suffix in ENDINGS
        ):
            yield path


def is_there(path: str, names: set[str], *, page: str) -> bool:
    """Say whether a file or a folder of this name is kept, or one that git is told to leave alone."""
    if path.split("/", maxsplit=1)[0] + "/" in (ROOT / ".gitignore").read_text().splitlines():
        return True
    patterns = [f"{beginning}{path.rstrip('/')}" for beginning in (*BEGINNINGS, f"{Path(page).parent}/")]
    if "/" not in path.rstrip("/"):
        patterns.append(f"*/{path.rstrip('/')}")
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def kept_names() -> set[str]:
    """Return every kept file, and every folder of one, from the root."""
    files = [path.relative_to(ROOT) for path in kept_files()]
    return {str(name) for file in files for name in (file, *file.parents)}


@pytest.mark.parametrize("page", PAGES)
def test_every_path_a_page_names_is_there(page: str) -> None:
    names = kept_names()

    assert [path for path in paths_in(page) if not is_there(path, names, page=page)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", text_of(page))

    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []


def test_the_tables_of_the_architecture_list_the_folders_there_are() -> None:
    listed = re.findall(r"^\| `([\w/]+/)` \|", text_of("ARCHITECTURE.md"), re.MULTILINE)
    folders = {f"{path.relative_to(ROOT).parent}/" for path in kept_files() if path.suffix == ".py"}
    rooms = {folder for folder in folders if folder.startswith(HOLD_CODE)} - {"tests/"}

    assert sorted(listed) == sorted(rooms)


@pytest.mark.parametrize("service", ["outreach", "preferences"])
def test_the_arrows_of_the_architecture_are_those_of_the_import_contract(service: str) -> None:
    block = re.search(
        rf"^```arrows {service}\n(.*?)^```$", text_of("ARCHITECTURE.md"), re.MULTILINE | re.DOTALL
    )
    assert block
    printed = [[room.strip() for room in layer.split("|")] for layer in block[1].split("→")]

    (layers,) = [
        contract["layers"]
        for contract in PROJECT["tool"]["importlinter"]["contracts"]
        if contract.get("containers") == [service]
    ]
    assert printed == [[room.strip(" ()") for room in layer.split("|")] for layer in layers]


def test_every_page_stands_in_the_index() -> None:
    linked = re.findall(r"\]\(([^)#\s]+)\)", text_of("docs/README.md"))
    reached = {(ROOT / "docs" / link).resolve() for link in linked}
    pages = {
        path for path in kept_files() if path.suffix == ".md" and not path.is_relative_to(ROOT / ".github")
    } - {ROOT / "docs" / "README.md"}
    covered = {page for page in pages if page in reached or page.parent in reached}

    assert sorted(str(page.relative_to(ROOT)) for page in pages - covered) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_command_a_page_shows_is_one(page: str) -> None:
    assert [line for line in shown_commands(page) if not is_command(*line.split())] == []


def shown_commands(page: str) -> Iterator[str]:
    """Yield the lines for a shell, and the spans, that begin with a command of ours."""
    blocks = re.findall(r"^```(?:sh|console)?\n(.*?)^```$", text_of(page), re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", text_of(page))
    for line in [*(line for block in blocks for line in block.splitlines()), *spans]:
        command = line.removeprefix("$ ").removeprefix(".venv/bin/").split("#")[0]
        if re.match(r"(outreach|preferences) [a-z]", command):
            yield command


def is_command(service: str, name: str, below: str = "", *_rest: str) -> bool:
    command = get_command(COMMANDS[service])
    for word in (name, below):
        if word and isinstance(command, TyperGroup):
            inner = command.commands.get(word)
            if inner is None:
                return False
            command = inner
    return True


def test_the_readme_and_the_contributor_s_guide_name_only_targets_of_make() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        f"{page}: make {target}"
        for page in PAGES
        for target in re.findall(r"[`\n]make ([a-z-]+)", text_of(page))
        if target not in targets
    }

    assert named == set()
