"""The audit's findings on the screen."""

from rich.console import Console

from outreach.audit.audit import Findings

_SHOWN = 10


def show_findings(console: Console, findings: Findings) -> None:
    """Print the audit's result; the violations that came first are shown one by one."""
    count = len(findings.violations)
    style = "bold green" if not count else "bold red"
    console.print(
        f"Audit: {findings.messages} {'message' if findings.messages == 1 else 'messages'} to "
        f"{findings.people} {'person' if findings.people == 1 else 'people'} checked again by other means, "
        f"{findings.checks} checks."
    )
    console.print(f"{count} {'violation' if count == 1 else 'violations'}", style=style, highlight=False)
    for violation in findings.violations[:_SHOWN]:
        console.print(
            f"  {violation.called_at:%Y-%m-%d %H:%M} {violation.check}: {violation.problem} "
            f"(person {violation.person_id}, attempt {violation.attempt_id})",
            markup=False,
            highlight=False,
        )
    if count > _SHOWN:
        console.print(f"  and {count - _SHOWN} more; --json lists them all", markup=False)
    for stop in findings.mistaken:
        console.print(
            f"  a stop ({stop.kind}) of {stop.heard_at:%Y-%m-%d %H:%M} was marked as recorded by mistake at "
            f"{stop.mistaken_at:%Y-%m-%d %H:%M} by {stop.mistaken_by}: {stop.mistaken_why} "
            f"(evidence: {stop.mistaken_evidence}; stop {stop.suppression_id})",
            markup=False,
            highlight=False,
        )
    for note in findings.notes:
        console.print(f"  note: {note}", markup=False)
