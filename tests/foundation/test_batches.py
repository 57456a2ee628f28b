"""Single requests worked on together: everybody gets an answer, and each their own."""

import asyncio
from collections.abc import Sequence

import pytest

from foundation.batches import Batches
from foundation.database import DatabaseUnavailable


async def test_whoever_comes_while_one_batch_is_under_way_is_in_the_next_and_gets_their_own_answer() -> None:
    sizes: list[int] = []

    async def double(numbers: Sequence[int]) -> Sequence[int]:
        sizes.append(len(numbers))
        await asyncio.sleep(0)
        return [2 * each for each in numbers]

    batches = Batches(double, most=3)

    answers = await asyncio.gather(*(batches.submit(each) for each in range(10)))

    assert answers == [2 * each for each in range(10)]
    assert sizes == [3, 3, 3, 1]


async def test_when_the_database_is_away_a_batch_fails_for_its_own_and_the_next_goes_on() -> None:
    async def refuse_the_first(numbers: Sequence[int]) -> Sequence[int]:
        if 0 in numbers:
            raise DatabaseUnavailable("away")
        return list(numbers)

    batches = Batches(refuse_the_first, most=2)

    answers = await asyncio.gather(*(batches.submit(each) for each in range(4)), return_exceptions=True)

    assert [type(each) for each in answers] == [DatabaseUnavailable, DatabaseUnavailable, int, int]
    with pytest.raises(DatabaseUnavailable):
        await batches.submit(0)


async def test_an_item_that_nobody_can_work_on_harms_no_other() -> None:
    async def divide(numbers: Sequence[int]) -> Sequence[int]:
        return [12 // each for each in numbers]

    batches = Batches(divide)

    answers = await asyncio.gather(*(batches.submit(each) for each in (3, 0, 4)), return_exceptions=True)

    assert answers[::2] == [4, 3]
    assert isinstance(answers[1], ZeroDivisionError)


async def test_when_the_work_is_cancelled_nobody_waits_for_ever() -> None:
    async def never(numbers: Sequence[int]) -> Sequence[int]:
        raise asyncio.CancelledError

    batches = Batches(never)

    answers = await asyncio.gather(*(batches.submit(each) for each in range(3)), return_exceptions=True)

    assert [type(each) for each in answers] == [asyncio.CancelledError] * 3
