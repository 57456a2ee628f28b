"""What staff ask of one id, a person's or a touch's: what became of it, why, and what would at an instant."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

import msgspec

from foundation.database import Connection, Database
from outreach.desk.ask import PersonStory, WhatIf, look_ahead, tell_stories, what_if
from outreach.desk.explanations import explanation_json
from outreach.desk.outlook import outlooks_of
from outreach.guidance.files.folder import read_guidance
from outreach.guidance.trying.replay import read_situation
from outreach.model.touch import Touch, TouchStatus
from outreach.model.words import ScheduleReason
from outreach.planning.erase import list_forbidding
from outreach.planning.inputs import INPUTS
from outreach.policy.explanation import Explanation, explain
from outreach.policy.policy import Policy
from outreach.sending.flow import caps_over
from outreach.sending.obstacles import Obstacle, ObstacleLimits, obstacle_in, read_conditions
from outreach.store import erasures, flows, operations, people

#: What a story leaves out of an attempt: where it went and what was said are for `export` alone.
_PRIVATE = ("message", "address")
_UNSENT = frozenset({TouchStatus.PLANNED, TouchStatus.WAITING})
#: Of somebody with many debts and long plans only the next ones are asked about: it takes its time.
_LOOKED_AHEAD = 100


class _Subject(TypedDict):
    person_id: str | None
    touch_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldSubject:
    """The stories of a subject's touches; of one touch also its last decision, if its policy is kept.

    `obstacle` is what stands in the way of every message now; `other_ids` are those of the same person, with
    which contacts are counted together and closings shared. `outlooks` say of what is not sent yet when it
    can go, and on what condition; `full` says which hourly caps hold touches back, `erasing` what the erasure
    of their person waits for, meanwhile nothing is sent to them.
    """

    stories: list[PersonStory]
    other_ids: tuple[str, ...] = ()
    last_decision: Explanation | None = None
    obstacle: Obstacle | None = None
    outlooks: Mapping[UUID, Sequence[str]] = field(default_factory=dict)
    full: tuple[str, ...] = ()
    erasing: tuple[str, ...] = ()


async def tell_subject(
    subject: str, *, database: Database, limits: ObstacleLimits, now: datetime, policy: Policy | None = None
) -> ToldSubject:
    """Return what became of a touch, or of all of a person's, and when the rest can go, by a policy.

    The last decision of one touch is explained by the policy and the facts of its time.
    """
    async with database.transaction() as connection:
        stories = await tell_stories(connection, **_named(subject))
        obstacle = obstacle_in(await read_conditions(connection, INPUTS, now=now), limits=limits)
        others = await people.read_other_ids(connection, {story.touch.person_id for story in stories})
        unsent = sorted(
            (story.touch for story in stories if story.touch.status in _UNSENT),
            key=lambda touch: touch.due_at,
        )
        ahead = (
            []
            if policy is None
            else await look_ahead(connection, unsent[:_LOOKED_AHEAD], policy=policy, now=now)
        )
        told = ToldSubject(
            stories=stories,
            obstacle=obstacle,
            other_ids=tuple(sorted({other for ids in others.values() for other in ids})),
            outlooks=outlooks_of(ahead),
            full=await _full_hours(connection, [story.touch for story in stories], now=now),
            erasing=tuple([why async for why in _erasing(connection, stories, now=now)]),
        )
        if len(stories) != 1 or not stories[0].decisions:
            return told
        last = stories[0].decisions[-1]
        content = await operations.find_content_of_policy(connection, last.policy)
    if content is None:
        return told
    explanation = explain(read_situation(last.situation), read_guidance(content).policy)
    return replace(told, last_decision=explanation)


async def _erasing(
    connection: Connection, stories: Sequence[PersonStory], *, now: datetime
) -> AsyncIterator[str]:
    """Say of each person of these stories whose erasure waits what it waits for."""
    for person in sorted({story.touch.person_id for story in stories}):
        for waiting in await erasures.list_deferred(connection, person=person, limit=1):
            forbidden = await list_forbidding(connection, [person], now=now)
            why = "; ".join(forbidden.get(person, ())) or "nothing any more"
            yield f"{person} is to be erased since {waiting.erased_at:%Y-%m-%d %H:%M}Z, which waits: {why}"


async def _full_hours(connection: Connection, told: Sequence[Touch], *, now: datetime) -> tuple[str, ...]:
    """Say of each hourly cap that holds one of these touches back how full its hour is."""
    held = [
        touch
        for touch in told
        if touch.status is TouchStatus.PLANNED and touch.reason == ScheduleReason.HOURLY_CAP
    ]
    in_force = await operations.find_config_in_force(connection) if held else None
    if in_force is None:
        return ()
    caps = read_guidance(in_force.content).playbook.flow_caps
    over = {name: most for touch in held for name, most in caps_over(touch, caps).items()}
    begun = await flows.read_flows(connection, over, now=now)
    return tuple(
        f"{name}: {sum(one.messages for one in begun.get(name, ()))} of {most} messages an hour began in the "
        "last one (messages_an_hour in playbook.yaml)"
        for name, most in sorted(over.items())
    )


async def ask_subject(subject: str, *, policy: Policy, at: datetime, database: Database) -> list[WhatIf]:
    """Return what the policy would say of a touch, or of all of a person's, with what is known now."""
    return await what_if(database, **_named(subject), policy=policy, at=at)


def story_json(
    story: PersonStory,
    *,
    obstacle: Obstacle | None = None,
    other_ids: Sequence[str] = (),
    outlook: Sequence[str] = (),
    full: Sequence[str] = (),
) -> dict[str, Any]:
    """Return a touch's story as JSON values, without addresses and texts; `obstacle` holds back every one."""
    return {
        "held_back_by": str(obstacle) if obstacle is not None else None,
        "other_ids": list(other_ids),
        "outlook": list(outlook),
        "hourly_caps": list(full),
        "touch": msgspec.to_builtins(story.touch),
        "decisions": [
            {
                **msgspec.to_builtins(decision),
                "situation": json.loads(decision.situation),
                "answers": json.loads(decision.answers),
            }
            for decision in story.decisions
        ],
        "attempts": [
            {name: value for name, value in msgspec.to_builtins(attempt).items() if name not in _PRIVATE}
            for attempt in story.attempts
        ],
    }


def what_if_json(answer: WhatIf) -> dict[str, Any]:
    """Return what the policy would say of a touch on a channel as JSON values."""
    return {
        "touch_id": str(answer.touch.touch_id),
        "channel": answer.channel,
        **explanation_json(answer.explanation),
    }


def _named(subject: str) -> _Subject:
    try:
        return {"person_id": None, "touch_id": UUID(subject)}
    except ValueError:
        return {"person_id": subject, "touch_id": None}
