"""Where the situations come from that a change of policy is tried on, each as one line of JSON."""

from datetime import datetime
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from foundation.database import Database
from outreach.desk.rehearse import rehearse
from outreach.guidance.files.folder import PLAYBOOK
from outreach.guidance.files.playbook import build_playbook
from outreach.guidance.files.problems import ConfigError, Finding
from outreach.guidance.trying.cases import read_cases
from outreach.guidance.trying.replay import situation_line
from outreach.guidance.trying.understood import understood
from outreach.policy.policy import Policy
from outreach.policy.situation import Situation
from outreach.store import decisions
from schemas.envelope import Event, Malformed
from schemas.people import PersonSnapshot
from schemas.publisher import read_line

#: Past this many stored decisions the latest are enough to see what a change does.
_MOST: Final = 1_000_000


async def list_stored_situations(database: Database, *, since: datetime) -> list[bytes]:
    """Return what was decided since then, the latest million of it."""
    async with database.transaction() as connection:
        return await decisions.list_situations_since(connection, since=since, limit=_MOST)


def list_situations_of_cases(file: Path, policy: Policy) -> list[bytes]:
    """Return the situations of a file of policy cases.

    Raises:
        ConfigError: the file cannot be read.
    """
    cases = read_cases(file, packs=policy.packs)
    return [situation_line(_understood(case.situation)).encode() for case in cases]


def list_situations_of_events(file: Path, *, policy_path: Path, policy: Policy, now: datetime) -> list[bytes]:
    """Return the questions that a file of events would put to a policy, with the playbook beside it.

    Raises:
        ConfigError: an event cannot be read, or nobody's snapshot is in the file.
        OSError: a file cannot be read.
    """
    folder = policy_path if policy_path.is_dir() else policy_path.parent
    playbook, _ = build_playbook((folder / PLAYBOOK).read_text(encoding="utf-8"), file=PLAYBOOK)
    events = read_events(file, now=now)
    if not any(isinstance(event.data, PersonSnapshot) for event in events):
        problem = Finding(
            file=str(file),
            line=1,
            column=1,
            message="holds no person.snapshot event, so nothing is known of anybody",
            fix="add what people.v1 holds of these people",
        )
        raise ConfigError([problem])
    questions = rehearse(events, playbook=playbook, policy=policy)
    return [situation_line(question).encode() for question in questions]


def read_events(file: Path, *, now: datetime) -> list[Event]:
    """Return the events of a file, one to a line.

    Raises:
        ConfigError: an event cannot be read; every one is listed.
        OSError: the file cannot be read.
    """
    events: list[Event] = []
    problems: list[Finding] = []
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
        if line.strip():
            try:
                events.append(read_line(line, now=now))
            except Malformed as error:
                problems.append(
                    Finding(file=str(file), line=number, column=1, message=f"{error.reason}: {error.problem}")
                )
    if problems:
        raise ConfigError(problems)
    return events


def _understood(situation: Situation) -> Situation:
    return replace(situation, facts=understood(situation.facts))
