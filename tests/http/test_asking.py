"""Ask first: other systems share the caps and hours that outreach keeps."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from foundation.database import Database
from foundation.serving import serving
from outreach.http.application import application
from outreach.http.asking import Asking
from tests.support.world import World

Asks = Callable[..., Any]


@dataclass(frozen=True)
class Answer:
    """What outreach said."""

    status: int
    json: Any


@pytest.fixture
def world(database: Database) -> World:
    return World(database, now="2026-03-02T15:00Z")


@pytest.fixture
async def asks(world: World) -> Any:
    asking = Asking(database=world.database, clock=world.clock, policy=lambda: world.guidance.policy)
    app = application([asking.router()])
    async with serving(app, host="127.0.0.1", port=0) as port, aiohttp.ClientSession() as client:

        async def ask(person: str, **words: str) -> Answer:
            url = f"http://127.0.0.1:{port}/v1/people/{person}/may-contact"
            async with client.get(url, params=words) as answer:
                return Answer(answer.status, await answer.json())

        yield ask


async def test_a_dialer_hears_that_it_may_call_and_under_which_packs(world: World, asks: Asks) -> None:
    ada = await world.person()
    await world.debt(ada)

    answer = (await asks(ada, channel="voice", debt="d1")).json

    assert answer["decision"]["decision"] == "send"
    assert {"house", "us-federal"} <= set(answer["packs"])


async def test_the_eighth_call_in_seven_days_about_a_debt_waits(world: World, asks: Asks) -> None:
    ada = await world.person()
    await world.debt(ada)
    for day in range(7):
        await world.hears(
            world.happens(
                "contact.recorded",
                to=ada,
                contact_id=f"call-{day}",
                channel="voice",
                direction="outbound",
                outcome="unanswered",
                debt_id="d1",
                at=f"2026-02-2{day + 2}T16:00:00Z" if day < 7 else "",
            )
        )

    answer = (await asks(ada, channel="voice", debt="d1", at="2026-02-28T16:30:00Z")).json

    rule = next(each for each in answer["answers"] if each["rule"] == "us-federal.seven_calls")
    assert answer["decision"]["decision"] == "defer"
    assert rule["verdict"] == "defer"
    assert rule["until"] == "2026-03-01T16:00:00+00:00"


async def test_asking_reserves_nothing(world: World, asks: Asks) -> None:
    ada = await world.person()
    await world.debt(ada)

    answers = [(await asks(ada, channel="voice")).json["decision"]["decision"] for _ in range(3)]

    assert answers == ["send"] * 3
    assert await world.asks("SELECT count(*) FROM contacts") == 0


async def test_somebody_unknown_is_not_found(asks: Asks) -> None:
    assert (await asks("nobody", channel="sms")).status == 404


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"channel": "pigeon"},
        {"channel": "sms", "at": "2026-03-02T15:00:00"},
        {"channel": "sms", "at": "soon"},
    ],
    ids=["no channel", "an unknown channel", "an instant without offset", "no instant"],
)
async def test_a_question_that_makes_no_sense_is_refused(
    world: World, asks: Asks, words: dict[str, str]
) -> None:
    await world.person()

    assert (await asks("ada", **words)).status == 422
