"""Ask first: other systems share the caps and hours that outreach keeps."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from typing import Any

import aiohttp
import pytest

from foundation import acts, tokens
from foundation.access import Access
from foundation.database import Database
from foundation.serving import serving
from outreach.http.application import internal_application
from outreach.http.asking import ASK, Asking
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


async def token(world: World, *, name: str = "dialer", scope: str = ASK, per_second: float = 50) -> str:
    async with world.database.transaction() as connection:
        return await tokens.mint(
            connection, name=name, scopes=[scope], per_second=per_second, by="a test", now=world.clock.now()
        )


@pytest.fixture
async def asks(world: World) -> Any:
    asking = Asking(
        database=world.database,
        clock=world.clock,
        policy=lambda: world.guidance.policy,
        access=Access(database=world.database, clock=world.clock),
    )
    usual = {"Authorization": f"Bearer {await token(world)}"}
    app = internal_application([asking.router()])
    async with serving(app, host="127.0.0.1", port=0) as port, aiohttp.ClientSession() as client:

        async def ask(person: str, *, headers: dict[str, str] | None = None, **words: str) -> Answer:
            url = f"http://127.0.0.1:{port}/v1/people/{person}/may-contact"
            given = usual if headers is None else headers
            async with client.get(url, params=words, headers=given) as answer:
                return Answer(answer.status, await answer.json())

        yield ask


async def test_a_dialer_hears_that_it_may_call_and_nothing_else_of_the_person(
    world: World, asks: Asks
) -> None:
    ada = await world.person()
    await world.debt(ada)

    answer = (await asks(ada, channel="voice", debt="d1")).json

    assert answer["decision"] == "send"
    assert answer["until"] > answer["at"]
    assert answer.keys() == {"decision", "until", "final", "reasons", "at"}


@pytest.mark.parametrize(
    ("said", "reasons"),
    [
        ("you have the wrong number, this is not Ada", ["wrong_party"]),
        ("dont text here he reads my phone and i am scared of him", ["opted_out", "paused"]),
        ("stop texting me", []),
    ],
)
async def test_what_is_said_by_text_of_the_only_number_holds_for_calls_to_it(
    world: World, asks: Asks, said: str, reasons: list[str]
) -> None:
    ada = await world.person()
    await world.debt(ada)
    await world.answers(said)
    await world.releases(ada)

    answer = (await asks(ada, channel="voice", debt="d1")).json

    assert (answer["decision"], answer["reasons"]) == ("suppress" if reasons else "send", reasons)


async def test_who_asked_about_whom_is_kept(world: World, asks: Asks) -> None:
    ada = await world.person()

    await asks(ada, channel="voice")
    await asks("nobody", channel="voice")

    async with world.database.transaction() as connection:
        done = await acts.list_acts(connection, limit=10)
    assert [(str(act.actor), act.act, act.subject) for act in done] == [
        ("dialer", "may-contact", "nobody"),
        ("dialer", "may-contact", ada),
    ]


async def test_who_has_no_token_or_another_one_is_told_nothing_and_staff_can_see_it(
    world: World, asks: Asks, log: StringIO
) -> None:
    ada = await world.person()
    operators = await token(world, name="console", scope="operate")
    revoked = await token(world, name="gone")
    async with world.database.transaction() as connection:
        assert await tokens.revoke(connection, "gone", by="a test", now=world.clock.now())

    answers = [
        (await asks(person, channel="voice", headers=headers)).status
        for person in (ada, "nobody")
        for headers in (
            {},
            {"Authorization": "Bearer outreach_made-up"},
            {"Authorization": f"Bearer {revoked}"},
            {"Authorization": f"Basic {operators}"},
            {"Authorization": f"Bearer {operators}"},
        )
    ]

    assert answers == [401, 401, 401, 401, 403] * 2
    assert await world.asks("SELECT count(*) FROM acts") == 0
    refused = [line for line in map(json.loads, log.getvalue().splitlines()) if "refused" in line["event"]]
    assert [line.get("caller") for line in refused] == [None, None, None, None, "console"] * 2
    assert "outreach_" not in log.getvalue()


async def test_who_asks_too_often_is_asked_to_wait_and_nobody_else_is(world: World, asks: Asks) -> None:
    ada = await world.person()
    greedy = {"Authorization": f"Bearer {await token(world, name='greedy', per_second=0.1)}"}

    answers = [(await asks(ada, channel="voice", headers=greedy)).status for _ in range(3)]

    assert 429 in answers
    assert (await asks(ada, channel="voice")).status == 200


async def test_the_contract_says_how_it_refuses(asks: Asks, world: World) -> None:
    asking = Asking(
        database=world.database,
        clock=world.clock,
        policy=lambda: world.guidance.policy,
        access=Access(database=world.database, clock=world.clock),
    )
    contract = internal_application([asking.router()]).openapi()

    (operation,) = [path["get"] for path in contract["paths"].values()]
    assert {"200", "401", "403", "404", "422", "429"} <= operation["responses"].keys()
    assert operation["security"]


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

    assert answer["decision"] == "defer"
    assert "frequency_cap" in answer["reasons"]
    assert answer["until"] >= "2026-03-01T16:00:00Z"


async def test_asking_reserves_nothing(world: World, asks: Asks) -> None:
    ada = await world.person()
    await world.debt(ada)

    answers = [(await asks(ada, channel="voice")).json["decision"] for _ in range(3)]

    assert answers == ["send"] * 3
    assert await world.asks("SELECT count(*) FROM contacts") == 0


async def test_somebody_unknown_is_not_found(asks: Asks) -> None:
    assert (await asks("nobody", channel="sms")).status == 404


async def test_a_debt_that_the_person_does_not_owe_is_not_judged(world: World, asks: Asks) -> None:
    ada = await world.person()
    await world.debt(ada)

    assert (await asks(ada, channel="voice", debt="another")).status == 404


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
