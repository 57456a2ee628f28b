"""`tokens` and `acts`, the same for every service: who may ask and act, and what was done."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any

import typer

from foundation import acts, tokens
from foundation.acts import Act, Actor
from foundation.clock import SystemClock
from foundation.command_line import AsJson, ExitCode, fail, print_json, print_table
from foundation.database import Database
from foundation.terminal import echo
from foundation.tokens import NameTaken, StoredToken

#: Does work on the service's database, or says plainly why not.
OnDatabase = Callable[[Callable[[Database], Awaitable[Any]]], Any]
#: Does work on the service's database in the name of whoever runs the command.
AsOperator = Callable[[Callable[[Database, Actor], Awaitable[Any]]], Any]

Name = Annotated[str, typer.Argument(help="Whose it is, such as dialer-west; it stands in the acts.")]


Scopes = Annotated[
    list[str],
    typer.Option("--scope", help="What it allows; may be repeated. A wrong one names those there are."),
]
PerSecond = Annotated[float, typer.Option(help="How often it may ask.", min=0.1)]


def token_commands(
    *, scopes: Collection[str], on_database: OnDatabase, as_operator: AsOperator
) -> typer.Typer:
    """Return `tokens mint`, `list` and `revoke` for a service whose tokens have these scopes."""
    offered = ", ".join(sorted(scopes))
    cli = typer.Typer(no_args_is_help=True, help="Who may ask over HTTP, or act by name.")

    @cli.command()
    def mint(name: Name, scope: Scopes, per_second: PerSecond = 20) -> None:
        """Mint a token and print it, this once: only what recognizes it is kept."""
        if unknown := sorted(set(scope) - set(scopes)):
            fail(f"--scope {unknown[0]}: there is no such scope; there are {offered}")
        try:
            echo(as_operator(partial(_mint, name=name, scopes=scope, per_second=per_second)))
        except NameTaken as error:
            fail(f"{error}; choose another name", code=ExitCode.NO)

    @cli.command("list")
    def list_all(*, as_json: AsJson = False) -> None:
        """List tokens, those revoked too: what they allow, who minted them."""
        minted = on_database(_list)
        if as_json:
            print_json([{**asdict(token), "scopes": sorted(token.scopes)} for token in minted])
        else:
            print_table(["name", "scopes", "per second", "minted", "revoked"], map(_row, minted))

    @cli.command()
    def revoke(name: Name) -> None:
        """End a token at once."""
        if not as_operator(partial(_revoke, name=name)):
            fail(f"there is no token called {name} that could be revoked", code=ExitCode.NO)
        echo("revoked")

    return cli


async def _mint(
    database: Database, actor: Actor, *, name: str, scopes: Collection[str], per_second: float
) -> str:
    now = SystemClock().now()
    async with database.transaction() as connection:
        token = await tokens.mint(
            connection, name=name, scopes=scopes, per_second=per_second, by=str(actor), now=now
        )
        await acts.record(connection, actor, "tokens mint", subject=name, now=now)
    return token


async def _list(database: Database) -> list[StoredToken]:
    async with database.transaction() as connection:
        return await tokens.list_tokens(connection)


async def _revoke(database: Database, actor: Actor, *, name: str) -> bool:
    now = SystemClock().now()
    async with database.transaction() as connection:
        ended = await tokens.revoke(connection, name, by=str(actor), now=now)
        if ended:
            await acts.record(connection, actor, "tokens revoke", subject=name, now=now)
    return ended


def acts_command(on_database: OnDatabase) -> Callable[..., None]:
    """Return `acts`: what was done, asked and by whom, the latest first."""

    def list_acts(
        subject: Annotated[str | None, typer.Argument(help="Only about this person, touch or thing.")] = None,
        *,
        actor: Annotated[str | None, typer.Option("--by", help="Only by this token or user.")] = None,
        limit: Annotated[int, typer.Option(min=1, max=100_000)] = 100,
        as_json: AsJson = False,
    ) -> None:
        """Show what was done and asked here, by whom, about whom and why."""

        async def work(database: Database) -> list[Act]:
            async with database.transaction() as connection:
                return await acts.list_acts(connection, subject=subject, actor=actor, limit=limit)

        done = on_database(work)
        if as_json:
            print_json(done)
            return
        rows = [
            [f"{act.at:%Y-%m-%d %H:%M:%SZ}", act.actor, act.act, act.subject or "", act.reason or ""]
            for act in done
        ]
        print_table(["when", "who", "what", "about", "why"], rows)

    return list_acts


def _row(token: StoredToken) -> list[object]:
    revoked = f"{token.revoked_at:%Y-%m-%d} by {token.revoked_by}" if token.revoked_at else ""
    minted = f"{token.minted_at:%Y-%m-%d} by {token.minted_by}"
    return [token.name, " ".join(sorted(token.scopes)), f"{token.per_second:g}", minted, revoked]
