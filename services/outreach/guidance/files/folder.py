"""Reads a config folder whole: policy.yaml, playbook.yaml and templates/, as one version."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from outreach.guidance.files.playbook import read_playbook
from outreach.guidance.files.policy import build_policy
from outreach.guidance.files.problems import ConfigError, Problem
from outreach.guidance.files.yaml_text import read_yaml
from outreach.guidance.guidance import Guidance
from outreach.wording.errors import WordingsUnusable
from outreach.wording.wordings import load_shipped, read_wordings

POLICY, PLAYBOOK, TEMPLATES = "policy.yaml", "playbook.yaml", "templates"


def read_folder(folder: Path) -> dict[str, str]:
    """Return the text of every file that says something, by its path below the folder.

    Raises:
        ConfigError: a file is missing or is not UTF-8.
    """
    paths = [folder / POLICY, folder / PLAYBOOK, *sorted((folder / TEMPLATES).rglob("*.*"))]
    return {path.relative_to(folder).as_posix(): _text(path, folder) for path in paths if not path.is_dir()}


def changed_by(folder: Path) -> str | None:
    """Return who owns the file that changed last, if the system knows."""
    newest = max(
        (each for each in folder.rglob("*.*") if each.is_file()), key=lambda each: each.stat().st_mtime
    )
    try:
        return newest.owner()
    except (KeyError, OSError):
        return None


def read_guidance(files: Mapping[str, str]) -> Guidance:
    """Return what the files say together; the version is the hash of them all.

    Raises:
        ConfigError: with every problem found, its file and line.
    """
    problems: list[Problem] = []
    policy = playbook = wordings = directory = None
    try:
        policy = build_policy(read_yaml(files[POLICY], file=POLICY))
    except ConfigError as error:
        problems.extend(error.problems)
    try:
        playbook, directory = read_playbook(files[PLAYBOOK], file=PLAYBOOK)
    except ConfigError as error:
        problems.extend(error.problems)
    own = {
        name.removeprefix(f"{TEMPLATES}/"): text
        for name, text in files.items()
        if name.startswith(f"{TEMPLATES}/")
    }
    try:
        wordings = read_wordings({**load_shipped(), **own})
    except WordingsUnusable as error:
        problems.extend(
            Problem(
                file=f"{TEMPLATES}/{each.file}", line=each.line, column=1, message=each.text, fix=each.fix
            )
            for each in error.problems
        )
    if policy is None or playbook is None or wordings is None or directory is None:
        raise ConfigError(problems)
    missing = [
        Problem(
            file=PLAYBOOK,
            line=1,
            column=1,
            message=f"play `{play.name}` uses the wording `{play.wording}`, which has no {channel} template",
            fix=f"add {TEMPLATES}/en/{play.wording}.{channel}.txt",
        )
        for play in playbook.plays.values()
        for channel in play.channels
        if play.wording not in wordings.names(channel)
    ]
    if missing:
        raise ConfigError(missing)
    digest = hashlib.sha256()
    for name, text in sorted(files.items()):
        digest.update(f"{len(name)}:{name}{len(text)}:{text}".encode())
    return Guidance(
        version=digest.hexdigest()[:16],
        policy=policy,
        playbook=playbook,
        wordings=wordings,
        directory=directory,
    )


def _text(path: Path, folder: Path) -> str:
    name = path.relative_to(folder).as_posix()
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            [Problem(file=name, line=1, column=1, message="is missing", fix="add it")]
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(
            [Problem(file=name, line=1, column=1, message="is not UTF-8", fix="save it as UTF-8")]
        ) from None
