"""The demo on the screen: progress while it plays, then figures, stories and the audit."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from outreach.audit.audit import Findings
from outreach.audit.telling import show_findings
from outreach.demo.demo import BEGINS, Watch, Wish
from outreach.demo.population import Resident
from outreach.demo.stories import Line, PersonStory
from outreach.demo.summary import Summary, WhoWaits
from outreach.demo.weeks import Chronicle
from outreach.demo.words import ANSWERED, CHOICES, ORIGINS, TROUBLES, purpose, waited
from outreach.model.words import Channel

_MARKS = {
    "happened": ("•", "default"),
    "wrote": ("“", "cyan"),
    "sent": ("→", "green"),
    "waited": ("…", "yellow"),
    "stopped": ("■", "red"),
    "given_up": ("–", "dim"),
}
#: So many of those who wait are shown.
_SHOWN = 8
_A_WEEK = timedelta(days=7)


@contextmanager
def progress(console: Console, wish: Wish) -> Iterator[Watch]:
    """Show how far the weeks are: a bar on a terminal, else one plain line a week."""
    if not console.is_terminal:
        yield _plain(console)
        return
    columns = (
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[counts]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(f"{BEGINS:%b %d}", total=wish.days, counts="")

        def watch(at: datetime, chronicle: Chronicle) -> None:
            days = (at - BEGINS) / timedelta(days=1)
            bar.update(task, completed=days, description=f"{at:%a %b %d}", counts=_counts(chronicle))

        yield watch


def _plain(console: Console) -> Watch:
    told_until = BEGINS

    def watch(at: datetime, chronicle: Chronicle) -> None:
        nonlocal told_until
        if at >= told_until + _A_WEEK:
            told_until += (at - told_until) // _A_WEEK * _A_WEEK
            console.print(f"{at:%a %b %d}: {_counts(chronicle)}", highlight=False)

    return watch


def _counts(chronicle: Chronicle) -> str:
    counts = chronicle.counts
    return (
        f"{counts['events']} events, {counts[Channel.SMS]} texts, {counts[Channel.EMAIL]} emails, "
        f"{counts['payments']} payments, {counts['replies']} replies"
    )


def show(
    console: Console, summary: Summary, stories: Sequence[PersonStory], findings: Findings, *, folder: Path
) -> None:
    """Print what a person enjoys reading."""
    console.print()
    console.print(_headline(summary))
    console.print()
    console.print(_figures(summary))
    if summary.kept_aside:
        console.print(
            f"Nobody could read {summary.kept_aside} of the events: kept aside, and whom they name waits."
        )
    if summary.who_waits:
        console.print(_waiting(summary.who_waits))
    for story in stories:
        console.print(_timeline(story))
    console.print(f"Every message is a file in [bold]{escape(str(folder))}/[/], to be opened and read.")
    console.print()
    show_findings(console, findings)


def _headline(summary: Summary) -> Text:
    sent = sum(summary.sent.values())
    return Text.assemble(
        (f"{summary.people} people, {summary.days} days, {summary.events} events. ", "bold"),
        f"{summary.planned} messages were planned and {sent} sent. "
        f"Of the others, {summary.cancelled} were not needed any more ({summary.cancelled_by_payments} "
        f"because somebody paid), {summary.expired} would have come too late, "
        f"{sum(summary.suppressed.values())} were not allowed, {summary.troubles.get('refused', 0)} had no "
        f"good number to go to, {sum(summary.waiting.values())} wait for something to change, and "
        f"{summary.still_planned} lie ahead.",
    )


def _figures(summary: Summary) -> Table:
    grid = Table.grid(padding=(0, 3))
    grid.add_column()
    grid.add_column()
    sent = {f"{name} to {summary.people_reached[name]} people": count for name, count in summary.sent.items()}
    troubles = {TROUBLES.get(name, name): count for name, count in summary.troubles.items()}
    grid.add_row(
        _counted("Planned", {purpose_of(play): count for play, count in summary.planned_by_play.items()}),
        _counted("Waited, and why", {waited(reason): count for reason, count in summary.deferred.items()}),
    )
    grid.add_row(
        _counted("Sent", {**sent, **troubles}),
        _counted(
            "Never sent, and why", {waited(reason): count for reason, count in summary.suppressed.items()}
        ),
    )
    grid.add_row(
        _counted(
            "Opt-outs honored", {ORIGINS.get(opt_out, opt_out): n for opt_out, n in summary.opt_outs.items()}
        ),
        _counted("Waits still, and for what", {waited(reason): n for reason, n in summary.waiting.items()}),
    )
    waiting = {urgency.replace("_", " "): n for urgency, n in summary.with_human.items()}
    chosen = {CHOICES.get(action, action): n for action, n in summary.choices.items()}
    grid.add_row(
        _counted("Answered us", {ANSWERED.get(way, way): n for way, n in summary.answers.items()}),
        _counted("What they said", {kind.replace("_", " "): n for kind, n in summary.heard.items()}),
    )
    used = f"{summary.people_on_their_page} people used the page behind their link"
    grid.add_row(_counted("Wait for a human", waiting), _counted(used, chosen))
    return grid


def invite(console: Console, who: Resident, link: str) -> None:
    """Print a link that can be opened, and what its page asks before it shows more."""
    postal_code, birth_year = who.answers["postal_code"], who.answers["birth_year"]
    console.print(
        f"The page of {escape(who.full_name)}: [bold]{escape(link)}[/]\n"
        f"It asks for the postal code and the year of birth: {postal_code}, {birth_year}.\n"
        "Ctrl-C ends the demo.",
        highlight=False,
        soft_wrap=True,
    )


def purpose_of(play: str) -> str:
    """Return a play's name as words."""
    return purpose(play)


def _counted(title: str, counts: Mapping[str, int]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", show_header=False, box=None)
    table.add_column(justify="right", style="bold")
    table.add_column()
    for name, count in counts.items():
        if count:
            table.add_row(str(count), name)
    return table


def _waiting(people: Sequence[WhoWaits]) -> Padding:
    """Show who waits for a human first, as `outreach waiting` lists them."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", style="cyan")
    for person in people[:_SHOWN]:
        way = ANSWERED.get(person.channel, person.channel)
        table.add_row(person.urgency.replace("_", " "), f"{person.name}, {way}:", Text(person.said))
    more = f", the first {_SHOWN} of {len(people)}" if len(people) > _SHOWN else ""
    return Padding(Panel(table, title=f"Who waits for a human{more}", title_align="left"), (1, 0, 0, 0))


def _timeline(story: PersonStory) -> Padding:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, style="dim")
    table.add_column()
    table.add_column(overflow="fold")
    for line in story.lines:
        table.add_row(line.local, *_marked(line))
    return Padding(Panel(table, title=escape(story.title), title_align="left"), (1, 0))


def _marked(line: Line) -> tuple[Text, Text]:
    mark, style = _MARKS[line.kind]
    return Text(mark, style=style), Text(line.text, style=style)
