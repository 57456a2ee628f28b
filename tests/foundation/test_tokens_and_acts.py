"""Who may act is known by name; what was done stands."""

import os
import pwd

import asyncpg
import pytest

from foundation import acts, tokens
from foundation.acts import Actor, KnownBy, NoOperator, find_operator
from foundation.clock import parse_instant
from foundation.database import Database
from foundation.tokens import NameTaken

NOW = parse_instant("2026-03-02T15:00:00Z")
STAFF = Actor(name="grace", known_by=KnownBy.TOKEN)


async def minted(database: Database, name: str = "grace", *scopes: str) -> str:
    async with database.transaction() as connection:
        return await tokens.mint(
            connection, name=name, scopes=scopes or ("operate",), per_second=5, by="a test", now=NOW
        )


async def test_nothing_that_is_stored_gives_the_token_away(database: Database) -> None:
    token = await minted(database)

    async with database.transaction() as connection:
        (row,) = await connection.fetch("SELECT * FROM tokens")

    assert token not in str(dict(row))
    assert token.removeprefix("outreach_") not in str(dict(row))


async def test_a_token_is_known_until_it_is_revoked_and_its_name_is_never_given_again(
    database: Database,
) -> None:
    token = await minted(database, "dialer", "ask")

    async with database.transaction() as connection:
        known = await tokens.find(connection, token)
        assert known is not None
        assert (known.name, known.scopes) == ("dialer", frozenset({"ask"}))
        assert await tokens.find(connection, f"{token}x") is None
        assert await tokens.revoke(connection, "dialer", by="a test", now=NOW)
        assert await tokens.find(connection, token) is None
        assert not await tokens.revoke(connection, "dialer", by="a test", now=NOW)
    with pytest.raises(NameTaken):
        await minted(database, "dialer")


async def test_an_operator_is_the_name_of_the_token_or_the_systems_user_said_as_such(
    database: Database,
) -> None:
    operates, asks = await minted(database), await minted(database, "dialer", "ask")

    async with database.transaction() as connection:
        assert await find_operator(connection, operates) == STAFF
        by_system = await find_operator(connection, None)
        for token in (asks, "outreach_made-up"):
            with pytest.raises(NoOperator):
                await find_operator(connection, token)

    assert by_system.known_by is KnownBy.SYSTEM_USER
    # Not what the environment says, which whoever runs a command may set to anything.
    assert by_system.name == pwd.getpwuid(os.getuid()).pw_name
    assert str(by_system).endswith("(system user)")


@pytest.mark.parametrize(
    "statement",
    ["UPDATE acts SET actor = 'nobody'", "DELETE FROM acts", "TRUNCATE acts"],
    ids=["changed", "deleted", "emptied"],
)
async def test_what_was_done_stands(database: Database, statement: str) -> None:
    async with database.transaction() as connection:
        await acts.record(connection, STAFF, "resume", subject="northwind", reason="mended", now=NOW)

    with pytest.raises(asyncpg.RestrictViolationError, match="what was done stands"):
        async with database.transaction() as connection:
            await connection.execute(statement)

    async with database.transaction() as connection:
        (act,) = await acts.list_acts(connection, limit=10)
    assert (act.actor, act.act, act.subject, act.reason) == (STAFF, "resume", "northwind", "mended")


async def test_acts_are_found_by_whom_and_about_whom(database: Database) -> None:
    other = Actor(name="dialer", known_by=KnownBy.TOKEN)
    async with database.transaction() as connection:
        await acts.record(connection, STAFF, "release", subject="ada", now=NOW)
        await acts.record(connection, other, "may-contact", subject="ada", now=NOW)
        await acts.record(connection, STAFF, "release", subject="bob", now=NOW)

        about_ada = await acts.list_acts(connection, subject="ada", limit=10)
        by_staff = await acts.list_acts(connection, actor="grace", limit=10)

    assert [str(act.actor) for act in about_ada] == ["dialer", "grace"]
    assert [act.subject for act in by_staff] == ["bob", "ada"]
