"""`preferences erase` and `readmit`: somebody asks to be forgotten, or a new relationship begins."""

import asyncio
import logging
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import typer

from foundation import acts
from foundation.acts import Actor
from foundation.clock import SystemClock
from foundation.command_line import ExitCode, fail, load_or_exit, print_table
from foundation.database import Database
from foundation.kafka import read_topic_settings
from foundation.kafka_reach import why_out_of_reach
from foundation.settings import KafkaSettings
from foundation.terminal import echo
from preferences.cli.shared import as_operator
from preferences.config import KafkaConfig
from preferences.desk.erasing import Erasure, Others, look_at_erasure
from preferences.desk.erasing import erase as erase_person
from preferences.desk.erasing import readmit as readmit_person
from preferences.model.kept_in_topics import kept_in_topics, settings_as_made

PersonId = Annotated[str, typer.Argument(metavar="PERSON", help="The person's id.")]


class _OthersChoice(StrEnum):
    ERASE = "erase"
    KEEP = "keep"


def erase(
    person_id: PersonId,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stays on record, so name nobody in it.")],
    others: Annotated[
        _OthersChoice | None,
        typer.Option(
            "--others", help="What becomes of their other ids: erase them too, or keep them closed."
        ),
    ] = None,
    not_known_here: Annotated[
        bool,
        typer.Option(
            "--not-known-here",
            help="Erase an id of which nothing was ever said here, for outreach and others to forget it.",
        ),
    ] = False,
    commit: Annotated[
        bool, typer.Option("--commit", help="Do it. Without it, it is only looked at.")
    ] = False,
) -> None:
    """Erase a person here and in outreach; without --commit say what goes, what stays, and why."""
    _insist_on(reason)
    chosen: Others | None = None if others is None else ("erase" if others is _OthersChoice.ERASE else "keep")

    async def work(database: Database, actor: Actor) -> Erasure:
        if commit:
            return await erase_person(
                person_id,
                reason=reason,
                others=chosen,
                not_known_here=not_known_here,
                actor=actor,
                database=database,
                clock=SystemClock(),
            )
        await acts.record_alone(database, actor, "look at erasing", subject=person_id)
        return await look_at_erasure(
            person_id, others=chosen, not_known_here=not_known_here, database=database, clock=SystemClock()
        )

    found = as_operator(work)
    if not (found.not_known_here and found.forbids):
        _show(found)
        _show_topics()
    if commit:
        echo(
            "erased here; outreach follows when it reads people.v1, or waits for what forbids it there:"
            f" `outreach erasures {person_id}` says which, and what it held"
        )
        return
    for why in found.forbids:
        echo(f"refused: {why}")
    echo("nothing was changed: this was a trial; do it with --commit")
    if found.forbids:
        raise typer.Exit(ExitCode.NO)


def readmit(
    person_id: PersonId,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept with the entry.")],
) -> None:
    """Say that a new relationship begins with somebody who was erased; their stops still stand."""
    _insist_on(reason)
    as_operator(
        lambda database, actor: readmit_person(
            person_id, reason=reason, actor=actor, database=database, clock=SystemClock()
        )
    )
    echo(f"what is said of {person_id} counts again; what they had stopped at an address is still stopped")


def _insist_on(reason: str) -> None:
    """End the command where nobody says why."""
    if not reason.strip():
        fail("--reason: is empty; say why, without naming anybody")


def _show_topics() -> None:
    """Say what topics still hold of somebody erased, and for how long: as Kafka has it, where it answers."""
    asked, why_not = asyncio.run(_ask_topics(load_or_exit(KafkaConfig).kafka))
    settings = {**settings_as_made(), **asked}
    rows = [(kept.topic, kept.until, kept.holds) for kept in kept_in_topics(settings)]
    print_table(["still holds it", "until", "what"], rows)
    if why_not:
        echo(f"that is as `outreach topics create` makes the topics; Kafka was not asked: {why_not}")
    elif unseen := sorted(settings_as_made().keys() - asked.keys()):
        echo(f"Kafka did not say what it keeps of {', '.join(unseen)}: that is as they are made")
    echo("what other systems have read and keep is theirs to forget: they hear of person.erased on people.v1")


async def _ask_topics(kafka: KafkaSettings | None) -> tuple[Mapping[str, Mapping[str, str]], str | None]:
    """Return the topics' settings as Kafka has them, or none and why it could not be asked."""
    if kafka is None:
        return {}, "PREFERENCES_KAFKA__BOOTSTRAP_SERVERS is not set"
    # What stops the client is said in a line of ours.
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())
    if why := await why_out_of_reach(kafka):
        return {}, f"{kafka.bootstrap_servers} {why}"
    return await read_topic_settings(kafka, list(settings_as_made())), None


def _show(found: Erasure) -> None:
    if found.not_known_here:
        echo("nothing was ever said of this id here")
    print_table(
        ["goes", "entries", "links", "choices", "light checks", "quarantined", "reasons of acts"],
        [
            (
                one.person_id,
                one.goes.entries,
                one.goes.links,
                one.goes.choices,
                one.goes.light_checks,
                one.goes.quarantined,
                one.goes.reasons,
            )
            for one in found.going
        ],
    )
    echo("goes in outreach: snapshot, addresses, debts, what messages said and to where, replies, waits")
    for one in found.going:
        echo(f"stays: stops of {one.person_id}, {one.stops}, as digests: whoever has the address meets them")
    echo("stays: that the ids were erased, when and by whom; the id alone beside what was done")
    echo("stays in outreach: when something was sent, by which channel, rule and decision")
    for name in found.staying:
        echo(f"stays: {name}, as closed as it is, without what was known of the others")
