"""The command line of preferences: every command by name, imported when it is asked for."""

from typing import Final

import typer

from foundation.on_demand import OnDemand, on_demand

COMMANDS: Final = {
    "run": OnDemand(
        "preferences.cli.running:run", "Run the service until SIGTERM; what is under way then ends first."
    ),
    "migrate": OnDemand(
        "preferences.cli.migrating:migrate",
        "Bring the database up to date; running it again, or twice at once, does no harm.",
    ),
    "tokens": OnDemand("preferences.cli.tokens:cli", "Who may ask over HTTP, or act by name."),
    "acts": OnDemand(
        "preferences.cli.tokens:list_acts", "Show what was done and asked here, by whom, about whom and why."
    ),
    "doctor": OnDemand(
        "preferences.cli.doctor:doctor",
        "Look at the settings, the database, Kafka and the preference center; change nothing.",
    ),
    "recover": OnDemand(
        "preferences.cli.recover:recover",
        "Show what a restored database has yet to read; nothing is told meanwhile, so nothing is sent.",
    ),
    "grant": OnDemand(
        "preferences.cli.migrating:grant",
        "Give a database role what the service needs, and no way to change ledger or acts.",
    ),
    "show": OnDemand(
        "preferences.cli.history:show",
        "Show what is known of a person, as `people.v1` would carry it, now or as of an instant.",
    ),
    "history": OnDemand(
        "preferences.cli.history:history",
        "List what was said about a person: what, by whom, how, when it happened and when it was heard.",
    ),
    "duplicates": OnDemand(
        "preferences.cli.history:duplicates",
        "List people who share a number or an email address: one person under two ids, or a household.",
    ),
    "links": OnDemand("preferences.cli.links:cli", "Links to the preference center."),
    "merge": OnDemand(
        "preferences.cli.joining:merge",
        "Say that two ids are one person: what closes one closes both, and contacts count together.",
    ),
    "separate": OnDemand(
        "preferences.cli.joining:separate",
        "Say that two ids were joined by mistake; what was closed meanwhile stays closed for both.",
    ),
    "erase": OnDemand(
        "preferences.cli.erasing:erase",
        "Erase a person here and in outreach; without --commit say what goes, what stays, and why.",
    ),
    "readmit": OnDemand(
        "preferences.cli.erasing:readmit",
        "Say that a new relationship begins with somebody who was erased; their stops still stand.",
    ),
    "rebuild": OnDemand(
        "preferences.cli.history:rebuild",
        "Draw everybody again from the ledger, and publish whoever differs from what it says.",
    ),
    "import": OnDemand(
        "preferences.cli.moving:bring_in",
        "Bring in people, consents, opt-outs, holds and past contacts; without --commit say what would be.",
    ),
    "export": OnDemand(
        "preferences.cli.moving:export",
        "Write everything said about people as lines of JSON, in the form that `import` reads.",
    ),
    "quarantine": OnDemand(
        "preferences.cli.quarantine:cli", "Records that could not be read; the people they name wait."
    ),
}

cli = typer.Typer(
    cls=on_demand(COMMANDS),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Who may be reached, how, when, and why not.",
)


@cli.callback()
def _preferences() -> None:
    """Give Typer, which finds no command of its own here, a group to make."""


if __name__ == "__main__":
    cli()
