"""`simulator run`: both vendors on this machine."""

import asyncio
import signal
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop

from foundation.clock import SystemClock
from foundation.terminal import echo
from simulator.app import running_simulator
from simulator.quiet import serve_quietly
from simulator.settings import Settings

cli = typer.Typer(no_args_is_help=True, add_completion=False, help="Twilio and SendGrid, simulated.")


@cli.callback()
def main() -> None:
    """Twilio and SendGrid, simulated."""


@cli.command()
def run(
    *,
    host: Annotated[str, typer.Option(envvar="SIMULATOR_HOST")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="SIMULATOR_PORT")] = 8082,
    callback_base: Annotated[
        str | None,
        typer.Option(envvar="SIMULATOR_OUTREACH_URL", help="Where inbound texts and email events go."),
    ] = None,
    account_sid: Annotated[str | None, typer.Option(envvar="SIMULATOR_TWILIO__ACCOUNT_SID")] = None,
    twilio_auth_token: Annotated[str | None, typer.Option(envvar="SIMULATOR_TWILIO__AUTH_TOKEN")] = None,
    sendgrid_api_key: Annotated[str | None, typer.Option(envvar="SIMULATOR_SENDGRID__API_KEY")] = None,
    sendgrid_private_key: Annotated[
        str | None,
        typer.Option(
            envvar="SIMULATOR_SENDGRID__WEBHOOK_PRIVATE_KEY",
            help="PKCS #8, as PEM or the base64 inside it; without it a new one, whose public half is shown.",
        ),
    ] = None,
    specs: Annotated[
        Path | None,
        typer.Option(envvar="SIMULATOR_SPECS", help="Check requests against the OpenAPI documents here."),
    ] = None,
    receipts: Annotated[bool, typer.Option(envvar="SIMULATOR_RECEIPTS")] = True,
    receipt_delay: Annotated[float, typer.Option(min=0, help="Seconds before each receipt.")] = 0.2,
    handles_stop: Annotated[
        bool, typer.Option(envvar="SIMULATOR_HANDLES_STOP", help="Twilio keeps the list of who said stop.")
    ] = False,
    seed: Annotated[str | None, typer.Option(help="Make the same ids again.")] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="A fast stub for benches: says yes, checks and reports nothing.")
    ] = False,
    latency: Annotated[float, typer.Option(min=0, help="With --quiet: seconds before each answer.")] = 0,
) -> None:
    """Serve until interrupted."""
    if quiet:
        _serve(_run_quietly(host=host, port=port, latency=latency))
        return
    settings = Settings(
        outreach_url=callback_base.rstrip("/") if callback_base else None,
        account_sid=account_sid,
        auth_token=twilio_auth_token,
        api_key=sendgrid_api_key,
        webhook_private_key=sendgrid_private_key,
        specs=specs,
        receipts=receipts,
        receipt_delay=timedelta(seconds=receipt_delay),
        handles_stop=handles_stop,
        **({} if seed is None else {"seed": seed}),
    )
    _serve(_run(settings, host=host, port=port))


async def _run(settings: Settings, *, host: str, port: int) -> None:
    async with running_simulator(settings, clock=SystemClock(), host=host, port=port) as simulator:
        echo(f"phones and mailboxes: {simulator.url}/")
        if settings.webhook_private_key is None:
            echo(f"SendGrid's verification key: {simulator.webhook_public_key}")
        await _interrupted()


async def _run_quietly(*, host: str, port: int, latency: float) -> None:
    server = await serve_quietly(host=host, port=port, latency=latency)
    echo(f"quiet vendors: http://{host}:{server.sockets[0].getsockname()[1]}/")
    await _interrupted()
    server.close()


async def _interrupted() -> None:
    """Wait for SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for sent_signal in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sent_signal, stop.set)
    await stop.wait()


def _serve(serving: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serving)
