"""`outreach audit`: check everything that was sent once more, by other means."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from foundation.clock import parse_instant
from foundation.command_line import AsJson, ExitCode, print_json
from foundation.console import SafeConsole
from foundation.database import Database
from outreach.audit.audit import Findings, audit, findings_as_builtins
from outreach.audit.telling import show_findings
from outreach.cli.shared import on_database

_EVERYTHING = datetime(2000, 1, 1, tzinfo=UTC)


def audit_messages(
    *,
    since: Annotated[
        str | None, typer.Option(metavar="INSTANT", help="Only calls since then, such as 2026-03-02T00:00Z.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check every message that was sent against hours, caps, consent, opt-outs and holds.

    Nothing that decided the messages takes part. Exits with 1 if there is a violation.
    """
    begins = _instant(since)

    async def work(database: Database) -> Findings:
        return await audit(database=database, since=begins)

    findings = on_database(work)
    if as_json:
        print_json(findings_as_builtins(findings))
    else:
        show_findings(SafeConsole(), findings)
    raise typer.Exit(ExitCode.NO if findings.violations else ExitCode.DONE)


def _instant(text: str | None) -> datetime:
    if text is None:
        return _EVERYTHING
    try:
        return parse_instant(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no instant such as 2026-03-02T00:00Z") from error
