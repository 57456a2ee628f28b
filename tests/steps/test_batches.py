"""Single requests worked on together: everybody gets an answer, and each their own."""

import asyncio
from collections.abc import Sequence

import pytest

from outreach.steps.batches import Batches


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


async def test_a_batch_that_fails_fails_for_its_own_and_the_next_goes_on() -> None:
    async def refuse_the_first(numbers: Sequence[int]) -> Sequence[int]:
        if 0 in numbers:
            raise ConnectionError("away")
        return list(numbers)

    batches = Batches(refuse_the_first, most=2)

    answers = await asyncio.gather(*(batches.submit(each) for each in range(4)), return_exceptions=True)

    assert [type(each) for each in answers] == [ConnectionError, ConnectionError, int, int]
    with pytest.raises(ConnectionError):
        await batches.submit(0)
