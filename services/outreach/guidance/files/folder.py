"""Reads a config folder whole, policy.yaml, playbook.yaml and templates/, and gathers every problem."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from outreach.guidance.files.playbook import read_playbook
from outreach.guidance.files.policy import POLICY_FILE, read_policy
from outreach.guidance.files.problems import ConfigError, Finding
from outreach.guidance.guidance import Guidance
from outreach.model.playbook import Playbook
from outreach.wording.wordings import Wordings, load_shipped, read_wordings

POLICY, PLAYBOOK, TEMPLATES = POLICY_FILE, "playbook.yaml", "templates"


def read_folder(folder: Path) -> dict[str, str]:
    """Return the text of every file that says something, by its path below the folder.

    Raises:
        ConfigError: a file is missing or is not UTF-8.
    """
    paths = [folder / POLICY, folder / PLAYBOOK, *sorted((folder / TEMPLATES).rglob("*.*"))]
    return {path.relative_to(folder).as_posix(): _text(path, folder) for path in paths if not path.is_dir()}


def changed_by(folder: Path) -> str | None:
    """Return who owns the file that changed last, if the system knows."""
    paths = [path for path in folder.rglob("*.*") if path.is_file()]
    newest = max(paths, key=lambda path: path.stat().st_mtime)
    try:
        return newest.owner()
    except (KeyError, OSError):
        return None


def read_guidance(files: Mapping[str, str]) -> Guidance:
    """Return what the files say together; the version is the hash of them all.

    Raises:
        ConfigError: with every problem of every file, its line and its fix.
    """
    policy, policy_problems = read_policy(files[POLICY], file=POLICY)
    plays, playbook_problems = read_playbook(files[PLAYBOOK], file=PLAYBOOK)
    wordings, wording_problems = read_wordings({**load_shipped(), **_own_templates(files)})
    if policy is None or plays is None or wordings is None:
        in_folder = (replace(problem, file=f"{TEMPLATES}/{problem.file}") for problem in wording_problems)
        raise ConfigError([*policy_problems, *playbook_problems, *in_folder])
    playbook, directory = plays
    missing = list(_missing_wordings(playbook, wordings))
    if missing:
        raise ConfigError(missing)
    return Guidance(
        version=_version(files),
        policy=policy,
        playbook=playbook,
        wordings=wordings,
        directory=directory,
    )


def _own_templates(files: Mapping[str, str]) -> dict[str, str]:
    prefix = f"{TEMPLATES}/"
    return {name.removeprefix(prefix): text for name, text in files.items() if name.startswith(prefix)}


def _missing_wordings(playbook: Playbook, wordings: Wordings) -> Iterator[Finding]:
    for play in playbook.plays.values():
        for channel in play.channels:
            if play.wording not in wordings.names(channel):
                message = (
                    f"play `{play.name}` uses the wording `{play.wording}`, which has no {channel} template"
                )
                fix = f"add {TEMPLATES}/en/{play.wording}.{channel}.txt"
                yield Finding(file=PLAYBOOK, message=message, fix=fix)


def _version(files: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for name, text in sorted(files.items()):
        digest.update(f"{len(name)}:{name}{len(text)}:{text}".encode())
    return digest.hexdigest()[:16]


def _text(path: Path, folder: Path) -> str:
    name = path.relative_to(folder).as_posix()
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        problem = Finding(file=name, message="is missing", fix="add it")
    except UnicodeDecodeError:
        problem = Finding(file=name, message="is not UTF-8", fix="save it as UTF-8")
    raise ConfigError([problem])
