"""`outreach questions`: events that were taken and contradict the rest of what is known."""

from foundation.command_line import AsJson, print_json, print_table
from foundation.database import Database
from foundation.terminal import echo
from outreach.cli.shared import on_database
from outreach.desk.questions import list_questions, question_json
from outreach.model.question import PROBLEMS, AskedQuestion


def questions(*, as_json: AsJson = False) -> None:
    """List events that were taken and contradict the rest: which, in what, and what to do.

    A question stands until events answer it. Each was published as event.questioned when it arose.
    """

    async def work(database: Database) -> list[AskedQuestion]:
        return await list_questions(database)

    asked = on_database(work)
    if as_json:
        print_json([question_json(one) for one in asked])
    elif asked:
        names = ("asked at", "question", "person", "debt", "about", "event", "what to do")
        print_table(names, map(_row, asked))
        echo(f"{len(asked)} open")
    else:
        echo("nothing contradicts the rest")


def _row(asked: AskedQuestion) -> tuple[str, ...]:
    question = asked.question
    return (
        f"{asked.asked_at:%Y-%m-%d %H:%M}Z",
        question.kind,
        question.person_id,
        question.debt_id,
        question.about or "-",
        f"{question.source} {question.event_id}",
        PROBLEMS[question.kind],
    )
