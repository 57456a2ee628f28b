"""The command line: every command by name, imported when it is asked for."""

from typing import Final

import typer

from foundation.on_demand import OnDemand, on_demand

COMMANDS: Final = {
    "run": OnDemand(
        "outreach.cli.running:run", "Run the roles until SIGTERM; what is under way then ends first."
    ),
    "migrate": OnDemand("outreach.cli.migrating:migrate", "Bring the database up to date."),
    "grant": OnDemand(
        "outreach.cli.migrating:grant",
        "Give a database role what the service needs, and no way to change what was done.",
    ),
    "topics": OnDemand("outreach.cli.running:topics", "The topics of the contract."),
    "events": OnDemand(
        "outreach.cli.events:cli", "Check and publish files of events, one CloudEvent to a line."
    ),
    "check": OnDemand(
        "outreach.cli.check:check",
        "Say what is wrong with a config folder, or weak in it: file, line, column and the fix.",
    ),
    "explain-config": OnDemand(
        "outreach.cli.explain_config:explain_config",
        "Say of a key of policy.yaml or playbook.yaml what it takes, and what it does.",
    ),
    "policy": OnDemand("outreach.cli.policy:cli", "Write, test, try and ship a change of policy."),
    "playbook": OnDemand("outreach.cli.playbook:cli", "Check and compare playbooks."),
    "story": OnDemand("outreach.cli.story:cli", "Try the playbook and its words on stories."),
    "replies": OnDemand("outreach.cli.replies:cli", "See how what people answer is understood."),
    "quarantine": OnDemand(
        "outreach.cli.quarantine:cli", "Records that could not be read; the people they name wait."
    ),
    "questions": OnDemand(
        "outreach.cli.questions:questions",
        "List events that were taken and contradict the rest: which, in what, and what to do.",
    ),
    "explain": OnDemand(
        "outreach.cli.explain:explain", "Say what was decided of a touch, or of all of a person's, and why."
    ),
    "export": OnDemand(
        "outreach.cli.explain:export",
        "Print the whole story of one person as JSON: for them, or for a regulator.",
    ),
    "preview": OnDemand(
        "outreach.cli.preview:preview",
        "Show what a reader would get, how long and how hard it is, and every remark on its tone.",
    ),
    "wording": OnDemand("outreach.cli.wording:cli", "Look at words before anybody is sent them."),
    "languages": OnDemand(
        "outreach.cli.languages:languages",
        "List the languages that people can be written to in, and the texts each of them lacks.",
    ),
    "audit": OnDemand(
        "outreach.cli.audit:audit_messages",
        "Check every message that was sent against hours, caps, consent, opt-outs and holds.",
    ),
    "demo": OnDemand(
        "outreach.cli.demo:demo",
        "Play some weeks of a fictional agency: all is real but the people, the clock and the sending.",
    ),
    "pause": OnDemand(
        "outreach.cli.operations:pause_touches",
        "Hold back everything, or what the options narrow it to. What is being called ends first.",
    ),
    "resume": OnDemand(
        "outreach.cli.operations:resume_touches",
        "End a pause; what waited is spread, so that nobody's phone is part of a flood.",
    ),
    "pauses": OnDemand(
        "outreach.cli.operations:pauses",
        "List what is paused, since when, by whom and what it holds; the volume brake is one of them.",
    ),
    "dry-run": OnDemand(
        "outreach.cli.dry_run:dry_run",
        "Say what would have been sent, had plays with `dry_run: true` not been in dry run.",
    ),
    "cancel": OnDemand(
        "outreach.cli.operations:cancel", "Cancel one touch for good, unless it is being sent."
    ),
    "erasures": OnDemand(
        "outreach.cli.erasures:erasures",
        "List whose erasure waits for what forbids it here; of one person what is held, or was.",
    ),
    "waiting": OnDemand(
        "outreach.cli.humans:waiting",
        "List who waits for a human: a crisis first, then by age, with what was said.",
    ),
    "answer": OnDemand(
        "outreach.cli.humans:answer",
        "Answer what somebody wrote, by the way it came. The policy decides as of everything; they wait on.",
    ),
    "release": OnDemand(
        "outreach.cli.humans:release", "Show what somebody wrote, say what it was, and let automation go on."
    ),
    "stop": OnDemand(
        "outreach.cli.stops:stop", "Record a stop that was told by phone or letter: it binds at once."
    ),
    "unstop": OnDemand(
        "outreach.cli.stops:unstop",
        "Mark a stop as recorded by mistake. It stays on record, with who, why and the evidence.",
    ),
    "tokens": OnDemand("outreach.cli.tokens:cli", "Who may ask over HTTP, or act by name."),
    "acts": OnDemand(
        "outreach.cli.tokens:list_acts", "Show what was done and asked here, by whom, about whom and why."
    ),
    "doctor": OnDemand(
        "outreach.cli.doctor:doctor",
        "Look at the settings, the database, Kafka, both vendors and the public address; change nothing.",
    ),
    "recover": OnDemand(
        "outreach.cli.recover:recover",
        "Show what a restored database has yet to read; nothing is sent until it has, and you say so.",
    ),
}

cli = typer.Typer(
    cls=on_demand(COMMANDS),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Contact people in debt as you would want to be contacted.",
)


@cli.callback()
def _outreach() -> None:
    """Give Typer, which finds no command of its own here, a group to make."""


if __name__ == "__main__":
    cli()
