"""Reads a config folder whole, policy.yaml, playbook.yaml and templates/, and gathers every problem."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from outreach.guidance.files.nearest import did_you_mean
from outreach.guidance.files.playbook import playbook_of
from outreach.guidance.files.policy import POLICY_FILE, build_policy
from outreach.guidance.files.problems import ConfigError, Finding, with_problems
from outreach.guidance.files.yaml_text import Document, read_yaml
from outreach.guidance.guidance import Guidance
from outreach.model.directory import Directory
from outreach.model.finding import Severity
from outreach.model.playbook import Playbook
from outreach.policy.policy import Policy
from outreach.wording.wordings import Wordings, load_shipped, read_wordings

T = TypeVar("T")

POLICY, PLAYBOOK, TEMPLATES = POLICY_FILE, "playbook.yaml", "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """What the files of a config folder say, as far as each can be read, and all that keeps one from it.

    The documents know where in its file everything stands; there is none of what is not YAML.
    """

    files: Mapping[str, str]
    policy_document: Document | None = None
    policy: Policy | None = None
    playbook_document: Document | None = None
    playbook: Playbook | None = None
    directory: Directory | None = None
    wordings: Wordings | None = None
    problems: Sequence[Finding] = ()


def read_folder(folder: Path) -> dict[str, str]:
    """Return the text of every file that says something, by its path below the folder.

    Raises:
        ConfigError: files are missing or are not UTF-8; every one is named.
    """
    files, problems = read_files(folder)
    if problems:
        raise ConfigError(problems)
    return files


def read_files(folder: Path, *, only: str = "") -> tuple[dict[str, str], Sequence[Finding]]:
    """Return the text of every file that can be read, by its path, and what is wrong with the others.

    `only` names one file that is to be read alone.
    """
    whole = (folder / POLICY, folder / PLAYBOOK, *sorted((folder / TEMPLATES).rglob("*.*")))
    paths = (folder / only,) if only else whole
    files: dict[str, str] = {}
    problems: list[Finding] = []
    for path in paths:
        if path.is_dir():
            continue
        name = path.relative_to(folder).as_posix()
        try:
            # Some editors begin a file with a mark that nobody sees, and that is no part of what it says.
            files[name] = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            problems.append(Finding(file=name, message="is missing", fix=_instead_of(path)))
        except UnicodeDecodeError as error:
            line = path.read_bytes()[: error.start].count(b"\n") + 1
            problems.append(Finding(file=name, line=line, message="is not UTF-8", fix="save it as UTF-8"))
        except OSError as error:
            problems.append(Finding(file=name, message=f"cannot be read: {error.strerror}"))
    return files, problems


def not_read(folder: Path) -> Iterator[Finding]:
    """Yield a note for each copy that stands beside a file and may be taken for it."""
    for name in (POLICY, PLAYBOOK):
        # Where the file itself is missing, what is said of that names the copy.
        for path in _copies_of(folder / name) if (folder / name).is_file() else ():
            message = f"is not read: {name} is what counts"
            fix = f"move it elsewhere, or rename it {name} if it is the right one"
            yield Finding(file=path.name, message=message, fix=fix, severity=Severity.NOTE)


def changed_by(folder: Path) -> str | None:
    """Return who owns the file that changed last, if the system knows."""
    paths = [path for path in folder.rglob("*.*") if path.is_file()]
    newest = max(paths, key=lambda path: path.stat().st_mtime)
    try:
        return newest.owner()
    except (KeyError, OSError):
        return None


def understand(files: Mapping[str, str]) -> Folder:
    """Return what each file says, and every problem of every one; what is not there is no problem here."""
    policy_document, unreadable_policy = _document(files, POLICY)
    policy, policy_problems = _built(policy_document, build_policy)
    playbook_document, unreadable_playbook = _document(files, PLAYBOOK)
    plays, playbook_problems = _built(playbook_document, playbook_of)
    playbook, directory = plays or (None, None)
    wordings, wording_problems = read_wordings({**load_shipped(), **own_templates(files)})
    problems = [*unreadable_policy, *policy_problems, *unreadable_playbook, *playbook_problems]
    problems += (replace(problem, file=f"{TEMPLATES}/{problem.file}") for problem in wording_problems)
    if playbook is not None and playbook_document is not None and wordings is not None:
        problems += _missing_wordings(playbook_document, playbook, wordings)
    return Folder(
        files=files,
        policy_document=policy_document,
        policy=policy,
        playbook_document=playbook_document,
        playbook=playbook,
        directory=directory,
        wordings=wordings,
        problems=tuple(problems),
    )


def read_guidance(files: Mapping[str, str]) -> Guidance:
    """Return what the files say together; the version is the hash of them all.

    Raises:
        ConfigError: with every problem of every file, its line and its fix.
    """
    return guidance_of(understand(files))


def guidance_of(folder: Folder) -> Guidance:
    """Return what a folder says as one value.

    Raises:
        ConfigError: something in it cannot be used; every problem is listed.
    """
    policy, playbook, directory, wordings = folder.policy, folder.playbook, folder.directory, folder.wordings
    if folder.problems or policy is None or playbook is None or directory is None or wordings is None:
        raise ConfigError(folder.problems)
    return Guidance(
        version=_version(folder.files),
        policy=policy,
        playbook=playbook,
        wordings=wordings,
        directory=directory,
    )


def own_templates(files: Mapping[str, str]) -> dict[str, str]:
    """Return the templates among the files, by their path below `templates/`."""
    prefix = f"{TEMPLATES}/"
    return {name.removeprefix(prefix): text for name, text in files.items() if name.startswith(prefix)}


def _document(files: Mapping[str, str], name: str) -> tuple[Document | None, Sequence[Finding]]:
    if name not in files:
        return None, ()
    return with_problems(lambda: read_yaml(files[name], file=name))


def _built(document: Document | None, build: Callable[[Document], T]) -> tuple[T | None, Sequence[Finding]]:
    return (None, ()) if document is None else with_problems(lambda: build(document))


def _missing_wordings(document: Document, playbook: Playbook, wordings: Wordings) -> Iterator[Finding]:
    for play in playbook.plays.values():
        for number, wording in enumerate(play.wordings):
            unwritten = [channel for channel in play.channels if wording not in wordings.names(channel)]
            if unwritten:
                none = " and no ".join(unwritten)
                message = f"play `{play.name}` uses the wording `{wording}`, which has no {none} template"
                path = ("wording",) if number == 0 else ("instead", number - 1, "wording")
                fix = _how_to_write(wording, unwritten, wordings)
                yield document.problem(("plays", play.name, *path), message, fix)


def _how_to_write(wording: str, channels: Sequence[str], wordings: Wordings) -> str:
    add = f"add {' and '.join(f'{TEMPLATES}/en/{wording}.{channel}.txt' for channel in channels)}"
    guess = did_you_mean(wording, {key.name for key in wordings.templates if not key.is_block})
    return f"{add}; {guess}" if guess.startswith("did") else add


def _instead_of(path: Path) -> str:
    """Say how to mend a file that is missing, by what stands beside it under nearly its name."""
    other = next(_copies_of(path), None)
    return "add it" if other is None else f"there is a {other.name}: call it {path.name}"


def _copies_of(path: Path) -> Iterator[Path]:
    """Yield the files beside one that are called nearly as it is: numbered, copied, put aside, `.yml`."""
    alike = re.compile(rf"(?:.*[^a-z])?{path.stem}(?![a-z]).*\.ya?ml\b.*", re.IGNORECASE)
    for other in sorted(path.parent.glob("[!.]*")):
        if other.name != path.name and other.is_file() and alike.fullmatch(other.name):
            yield other


def _version(files: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for name, text in sorted(files.items()):
        digest.update(f"{len(name)}:{name}{len(text)}:{text}".encode())
    return digest.hexdigest()[:16]
