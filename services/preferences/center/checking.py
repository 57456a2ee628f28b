"""The light check: whether somebody is whom a link was made for. Wrong answers are few, and ever slower."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final, get_args

from foundation.database import Connection
from preferences.model.record import Record
from preferences.store import light_checks, people
from preferences.store.light_checks import MOST_WRONG, WrongAnswers
from schemas.light_check import Fact, digest_of_fact

#: How long no other answer is looked at, after the first wrong one in a row, the second, and so on.
_WAITS: Final = (
    timedelta(seconds=2),
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
)
_LOCKED_FOR: Final = timedelta(days=1)
_FACTS: Final[tuple[Fact, ...]] = get_args(Fact)


@dataclass(frozen=True, slots=True)
class Passed:
    """Whoever answers knows what the person knows."""

    name: ClassVar[str] = "passed"


@dataclass(frozen=True, slots=True)
class Wrong:
    """At least one answer was wrong; which one is never said. `is_locked`: it was the last for a day.

    No other is looked at before `until`.
    """

    name: ClassVar[str] = "wrong"
    until: datetime
    is_locked: bool = False


@dataclass(frozen=True, slots=True)
class Closed:
    """No answer is looked at before this instant, however true it is."""

    name: ClassVar[str] = "closed"
    until: datetime


def facts_asked(record: Record) -> tuple[Fact, ...]:
    """Return which facts the agency has published for the check, in the order in which they are asked."""
    digests = _digests(record)
    return tuple(fact for fact in _FACTS if digests.get(fact))


async def answer_check(
    connection: Connection, person_id: str, answers: Mapping[Fact, str], *, key: str, now: datetime
) -> Passed | Wrong | Closed:
    """Hold answers to what the agency published, and count what is wrong; what was never published is.

    Whoever answers many times at once is counted one by one: the person is locked.
    """
    (person,) = await people.lock_people(connection, [person_id], now=now)
    before = await light_checks.find_count(connection, person_id)
    if before is not None and now < before.closed_until:
        return Closed(before.closed_until)
    if _are_true(person_id, answers, record=person.record, key=key):
        await light_checks.forget_count(connection, person_id)
        return Passed()
    wrong = 1 if before is None else before.wrong + 1
    until = now + (_LOCKED_FOR if wrong >= MOST_WRONG else _WAITS[wrong - 1])
    await light_checks.count_wrong(connection, person_id, WrongAnswers(wrong, now, until))
    return Wrong(until, is_locked=wrong >= MOST_WRONG)


async def closed_until(connection: Connection, person_id: str, *, now: datetime) -> datetime | None:
    """Return until when no answer is looked at; None where one is."""
    count = await light_checks.find_count(connection, person_id)
    return None if count is None or count.closed_until <= now else count.closed_until


def _are_true(person_id: str, answers: Mapping[Fact, str], *, record: Record, key: str) -> bool:
    digests = _digests(record)
    asked = facts_asked(record)
    right = [_is_true(person_id, fact, answers.get(fact, ""), digests=digests, key=key) for fact in asked]
    return bool(right) and all(right)


def _is_true(person_id: str, fact: Fact, answer: str, *, digests: Mapping[str, str], key: str) -> bool:
    return hmac.compare_digest(digest_of_fact(key, person_id, fact, answer), digests[fact])


def _digests(record: Record) -> Mapping[str, str]:
    register = record.get("is light_check")
    return register.value or {} if register is not None else {}
