"""`outreach policy`: write, test, try and ship a change of policy."""

from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from foundation.clock import SystemClock
from foundation.command_line import AsJson, ExitCode, fail, print_json, print_table
from foundation.on_demand import OnDemand, on_demand
from foundation.terminal import echo
from outreach.cli.check import Since, SituationsFile, Strict, check_part
from outreach.desk.explanations import explanation_json, explanation_lines
from outreach.desk.policy_freshness import RuleFreshness, freshness_json, freshness_of
from outreach.guidance.files.policy import POLICY_FILE, load_policy, standard_policy
from outreach.guidance.files.problems import ConfigError
from outreach.guidance.trying.cases import Case, judge, read_cases
from outreach.guidance.trying.understood import understood
from outreach.policy.explanation import explain as explain_situation
from outreach.policy.policy import Policy

COMMANDS = {
    "diff": OnDemand(
        "outreach.cli.policy_diff:diff",
        "Decide the same messages under two policies and say what changes. Nothing is written or sent.",
    )
}

cli = typer.Typer(
    cls=on_demand(COMMANDS), no_args_is_help=True, help="Write, test, try and ship a change of policy."
)

PolicyFile = Annotated[
    Path | None, typer.Option("--policy", metavar="FILE", help="The agency's own policy, in force as well.")
]


@cli.command()
def check(
    path: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="A policy.yaml, or the directory that holds one.")
    ] = Path(),
    situations: SituationsFile = None,
    since: Since = None,
    *,
    strict: Strict = False,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with a policy, or weak in it: file, line, column and the fix.

    Of a directory the files beside it are read too, so that names are checked; what is wrong with those
    `outreach check` says. Exits with 1 if there is an error and with 2 if there is no such file.
    """
    check_part(path, POLICY_FILE, situations=situations, since=since, strict=strict, as_json=as_json)


@cli.command("test")
def run_cases(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files of policy cases.")],
    policy: PolicyFile = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Run policy cases: one line each, then `N passed, N failed`.

    Exits with 1 if a case fails and with 2 if a file cannot be read.
    """
    in_force = _policy_or_exit(policy)
    verdicts = [
        judge(case, in_force, understand=understood)
        for file in files
        for case in _cases_or_exit(file, in_force)
    ]
    failed = [verdict for verdict in verdicts if verdict.complaint is not None]
    if as_json:
        described = [
            {"id": verdict.case.id, "passed": verdict.complaint is None, "complaint": verdict.complaint}
            for verdict in verdicts
        ]
        print_json({"cases": described, "passed": len(verdicts) - len(failed), "failed": len(failed)})
    else:
        for verdict in verdicts:
            words = "passed" if verdict.complaint is None else f"FAILED: {verdict.complaint}"
            echo(f"{verdict.case.id:16} {verdict.case.title}: {words}")
        echo(f"{len(verdicts) - len(failed)} passed, {len(failed)} failed")
    raise typer.Exit(ExitCode.NO if failed else ExitCode.DONE)


@cli.command()
def explain(
    case: Annotated[str, typer.Option("--case", metavar="FILE#ID", help="A case of a file.")],
    policy: PolicyFile = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say every rule's answer to a case, with the facts and the law it rests on."""
    file, _, name = case.rpartition("#")
    if not file:
        fail(f"{case} names no case: write FILE#ID")
    in_force = _policy_or_exit(policy)
    named = next((case for case in _cases_or_exit(Path(file), in_force) if case.id == name), None)
    if named is None:
        fail(f"{file} has no case {name}; write FILE#ID")
    situation = named.situation
    explanation = explain_situation(replace(situation, facts=understood(situation.facts)), in_force)
    if as_json:
        print_json(explanation_json(explanation))
        return
    echo(f"{named.id}: {named.title}")
    for line in explanation_lines(explanation):
        echo(line)


@cli.command()
def freshness(policy: PolicyFile = None, *, as_json: AsJson = False) -> None:
    """List each rule with the day somebody last read its source, oldest first, and the dates of 90 days.

    Sources that nobody has read stand first; what has none but our own judgment stands last.
    """
    answer = freshness_of(_policy_or_exit(policy), today=SystemClock().now().date())
    if as_json:
        print_json(freshness_json(answer))
        return
    print_table(("read on", "rule", "confidence", "source"), map(_freshness_row, answer.rules))
    echo("", "Within 90 days:" if answer.ahead else "Nothing begins or ends within 90 days.")
    for change in answer.ahead:
        echo(f"  {change.on}  {change.rule} {change.what}")


def _freshness_row(rule: RuleFreshness) -> tuple[str, ...]:
    read_on = str(rule.read_on) if rule.read_on else "-" if rule.is_ours else "never"
    name = f"{rule.rule} (draft)" if rule.is_draft else rule.rule
    return read_on, name, rule.confidence or "house", rule.cite


def _policy_or_exit(file: Path | None) -> Policy:
    try:
        return standard_policy() if file is None else load_policy(file)
    except ConfigError as error:
        fail(*error.problems)


def _cases_or_exit(file: Path, policy: Policy) -> list[Case]:
    try:
        return read_cases(file, packs=policy.packs)
    except ConfigError as error:
        fail(*error.problems)
