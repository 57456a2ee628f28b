"""`outreach waiting`, `answer`, `release`: people who wait for a human, in human hands."""

import csv
import io
import textwrap
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

import typer

from foundation.acts import Actor
from foundation.clock import SystemClock
from foundation.command_line import AsJson, ExitCode, fail, print_json
from foundation.database import Database
from foundation.terminal import echo, echo_text
from outreach.cli.shared import (
    as_operator,
    asking_about,
    find_guidance,
    guidance_in_force,
    refuse_name,
)
from outreach.desk.answering import Answer, CannotAnswer, UnusableText, answer_person
from outreach.desk.brakes import NoSuchName, check_creditor
from outreach.desk.explanations import explanation_lines
from outreach.desk.known_ids import UnknownId, refuse_unknown_id
from outreach.desk.releasing import NO_HOLDS, Decided, Decision, Release, release_person
from outreach.desk.waiting import (
    COLUMNS,
    WaitingPerson,
    list_people_waiting,
    waiting_json,
    waiting_rows,
)
from outreach.model.decision import Suppress, decision_words
from outreach.model.words import HoldKind
from outreach.understanding.kinds import Urgency

Person = Annotated[str, typer.Argument(help="The person's id; a reply's where nobody knows whose it is.")]
_WIDTH = 100
#: What a spreadsheet would take for a formula.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def waiting(
    person: Annotated[str | None, typer.Argument(help="One person's id; left out: everybody.")] = None,
    urgency: Annotated[Urgency | None, typer.Option(help="Only these.")] = None,
    creditor: Annotated[str | None, typer.Option(help="Only who owes this creditor.")] = None,
    *,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a table for a spreadsheet.")] = False,
    as_json: AsJson = False,
) -> None:
    """List who waits for a human: a crisis first, then by age, with what was said."""
    found = _list_or_exit(person, urgency=urgency, creditor=creditor)
    if as_json:
        print_json([waiting_json(one) for one in found])
    elif as_csv:
        echo_text(_as_csv(waiting_rows(found)))
    elif not found and person is not None:
        fail(f"{person} does not wait for a human", code=ExitCode.NO)
    elif not found:
        echo("nobody waits")
    else:
        for one in found:
            _print_waiting(one)


def answer(
    person: Annotated[str, typer.Argument(help="The person's id.")],
    text: Annotated[str | None, typer.Option(help="What to write, in your own words.")] = None,
    wording: Annotated[str | None, typer.Option(help="A wording, such as reply_acknowledgement.")] = None,
) -> None:
    """Answer what somebody wrote, by the way it came. The policy decides as of everything; they wait on."""
    if text is not None and wording is not None:
        fail("both --text and --wording were given: an answer is one of them")
    if text is None and wording is None:
        fail("say what to write: either --text or --wording")

    async def work(database: Database, actor: Actor) -> Answer:
        guidance = await guidance_in_force(database)
        return await answer_person(
            person,
            text=text,
            wording=wording,
            actor=actor,
            guidance=guidance,
            database=database,
            clock=SystemClock(),
        )

    try:
        planned = as_operator(work)
    except UnusableText as error:
        fail(f"--text: {error.problem}")
    except CannotAnswer as error:
        fail(error.problem, code=ExitCode.NO)
    _print_answer(person, planned)


def release(
    person: Person,
    *,
    was: Annotated[
        Decided | None, typer.Option(help="What their last answer was; left out, you are asked.")
    ] = None,
    hold: Annotated[HoldKind | None, typer.Option(help="With --was hold: its kind.")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=366, help="With --was hold: for how long.")] = None,
    why: Annotated[str | None, typer.Option(help="Why, for the record.")] = None,
) -> None:
    """Show what somebody wrote, say what it was, and let automation go on."""
    _refuse_unused(was, hold=hold, days=days)
    found = _list_or_exit(person)
    for one in found:
        _print_waiting(one)
    decided = was or _asked_for(found)
    _refuse_unused(decided, hold=hold, days=days)
    if decided is not Decided.NONE and found and not any(one.replies for one in found):
        fail(
            "they said nothing, so it was `--was none`; a stop is `outreach stop`, a hold is published",
            code=ExitCode.NO,
        )
    kind, lasts = _hold(found, hold, days) if decided is Decided.HOLD else (None, None)

    async def work(database: Database, actor: Actor) -> Release:
        decision = Decision(decided=decided, actor=actor, why=why, hold=kind, lasts=lasts)
        return await release_person(person, decision, database=database, clock=SystemClock())

    done = as_operator(work)
    if not done.replies and done.ended == 0:
        fail("nothing was waiting for a human", code=ExitCode.NO)
    echo(f"released; recorded as {decided}")


def _list_or_exit(
    person: str | None, *, urgency: Urgency | None = None, creditor: str | None = None
) -> list[WaitingPerson]:
    """Return who waits, or refuse names and ids that nothing has."""

    async def ask(database: Database) -> list[WaitingPerson]:
        if creditor is not None:
            await check_creditor(creditor, guidance=await find_guidance(database), database=database)
        people = await list_people_waiting(database, urgency=urgency, creditor=creditor, subject=person)
        if person is not None and not people:
            await refuse_unknown_id(person, database=database)
        return people

    try:
        return asking_about(person, "waiting", ask)
    except UnknownId as error:
        fail(error, code=ExitCode.NO)
    except NoSuchName as error:
        refuse_name(error, "nobody is listed")


def _print_answer(person: str, planned: Answer) -> None:
    if not planned.is_new:
        echo(
            f"the same answer to the same message was planned already, touch {planned.touch_id}: once will do"
        )
        return
    never = [said for said in planned.answers if isinstance(said.explanation.decision, Suppress)]
    is_hopeless = bool(never) and len(never) == len(planned.answers)
    says = "; ".join(dict.fromkeys(decision_words(said.explanation.decision) for said in planned.answers))
    # Said first: the rules that follow fill a screen.
    if is_hopeless:
        echo(f"as things are it will not be sent: {says}", err=True)
        echo(f"it is kept as touch {planned.touch_id}, by {planned.channel}")
    else:
        echo(f"answer planned by {planned.channel}, touch {planned.touch_id}: {says}")
    echo(f"{person} still waits: `outreach release {person}` hands them back")
    for said in planned.answers:
        for line in explanation_lines(said.explanation):
            echo(f"  {line}")
    if is_hopeless:
        raise typer.Exit(ExitCode.NO)


def _print_waiting(person: WaitingPerson) -> None:
    kinds = ", ".join(person.kinds)
    echo(f"{person.urgency}  {person.subject}  {kinds}")
    answer_by = "" if person.answer_by is None else f", answer by {_at(person.answer_by)}"
    echo(f"  waits since {_at(person.since)}{answer_by}")
    if person.to_do is not None:
        echo(f"  {person.to_do}")
    if person.creditors:
        echo(f"  owes {', '.join(person.creditors)}")
    if person.closed or person.holds:
        echo(f"  closed: {', '.join(person.closed) or 'nothing'}; holds: {', '.join(person.holds) or 'none'}")
    for line in person.conversation:
        who = "we" if line.by_us else "they"
        first, *more = _paragraphs(line.text)
        echo(f"  {_at(line.at)}  {who}, {line.channel}: {first}")
        for each in more:
            # Beside a bar: what somebody writes must not pass for what we say.
            echo(f"    | {each}")
        for picture in line.pictures:
            echo(f"    picture: {picture}")
        for name in line.attachments:
            echo(f"    attachment, not kept: {_one_line(name)}")
    offered = person.offered_hold
    if offered is not None:
        lasts = f"for {offered.lasts.days} days" if offered.lasts is not None else "until it is lifted"
        echo(f"  a hold that fits: {offered.kind} {lasts} ({offered.why})")
    echo()


def _asked_for(found: Sequence[WaitingPerson]) -> Decided:
    if not found:
        fail("nothing was waiting for a human", code=ExitCode.NO)
    if not any(one.replies for one in found):
        return Decided.NONE  # a name was looked at, and nothing was said
    words = ", ".join(Decided)
    while True:
        try:
            said = typer.prompt(f"What was it? ({words})").strip()
        except typer.Abort:
            fail(f"say what it was: --was with one of {words}")
        if said in set(Decided):
            return Decided(said)
        echo(f"write one of {words}")


def _refuse_unused(decided: Decided | None, *, hold: HoldKind | None, days: int | None) -> None:
    """Refuse what would be passed over: whoever names a hold believes that it is placed."""
    if decided is None or decided is Decided.HOLD:
        return
    if hold is not None:
        fail("--hold goes with --was hold: nothing was released")
    if days is not None:
        fail("--days goes with --was hold: nothing was released")


def _hold(
    found: Sequence[WaitingPerson], hold: HoldKind | None, days: int | None
) -> tuple[HoldKind, timedelta | None]:
    """Return the hold that was named, else the one that fits."""
    if hold in NO_HOLDS:
        fail(f"{hold} is no hold to place: say what the answer was with another --was")
    if found and all(one.person_id is None for one in found):
        fail("nobody knows who wrote this, so nobody can be held: say what it was with another --was")
    offered = next((one.offered_hold for one in found if one.offered_hold is not None), None)
    if hold is None and offered is None:
        fail("no hold fits by itself: name one, such as --hold hardship --days 30")
    kind = hold or (offered.kind if offered is not None else HoldKind.HOLD)
    usual = offered.lasts if offered is not None and hold is None else None
    return kind, timedelta(days=days) if days is not None else usual


def _as_csv(rows: Sequence[Sequence[str]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_no_formula(cell) for cell in row] for row in rows)
    return written.getvalue()


def _no_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULAS) else cell


def _at(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M}Z"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _paragraphs(text: str) -> list[str]:
    """Return the lines of a text, none empty, and none longer than is read with ease."""
    lines = [_one_line(line) for line in text.splitlines()]
    wrapped = [
        textwrap.wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False) for line in lines if line
    ]
    return [part for parts in wrapped for part in parts] or [""]
