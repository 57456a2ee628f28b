"""`outreach replies`: see how what people answer is understood, and which words decided."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from foundation.command_line import AsJson, fail, print_json, print_table
from outreach.cli.shared import SHIPPED_CONFIG, read_guidance_or_exit
from outreach.guidance.files.answers import WrittenAnswer, read_answers
from outreach.guidance.files.problems import ConfigError
from outreach.model.words import Channel
from outreach.providers.mail import written_in
from outreach.understanding.meaning import Understanding
from outreach.understanding.understand import understand

cli = typer.Typer(no_args_is_help=True, help="See how what people answer is understood.")


@cli.callback()
def replies() -> None:
    """See how what people answer is understood."""


@cli.command("understand")
def understand_replies(
    file: Annotated[Path, typer.Argument(metavar="FILE|-", help="One answer to a line, or a YAML list.")],
    config: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            envvar="OUTREACH_CONFIG_DIR",
            help="Where the playbook is that tells our names; else the sample, where there is one.",
        ),
    ] = SHIPPED_CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Say of each answer its kinds, how urgent it is, what it closes, and which words decided.

    The YAML form is a list of {id, text, channel, language, after}: the last three may be left out;
    `after` is the wording that it answers. `machine` says whether a machine may answer.
    """
    try:
        answers = read_answers(_text_of(file), file=str(file))
    except ConfigError as error:
        fail(*error.problems)
    our_names = _our_names(config)
    understood = [(answer, _meaning(answer, our_names)) for answer in answers]
    if as_json:
        print_json([_as_json(answer, meaning) for answer, meaning in understood])
    else:
        names = ("id", "urgency", "kinds", "closes", "answered by", "words")
        print_table(names, [_row(answer, meaning) for answer, meaning in understood])


def _text_of(file: Path) -> str:
    """Return the text of a file or of the input; what is no UTF-8 is replaced, as phones do."""
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        fail(f"{file}: cannot be read: {error.strerror}")
    return content.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")


def _our_names(config: Path) -> Sequence[str]:
    """Return the names in a playbook; none where nobody named a folder, and the sample was not installed."""
    if config == SHIPPED_CONFIG and not config.exists():
        return ()
    return read_guidance_or_exit(config).playbook.our_names


def _meaning(answer: WrittenAnswer, our_names: Sequence[str]) -> Understanding:
    # As the webhook of email does before it listens.
    text = written_in(answer.text) if answer.channel is Channel.EMAIL else answer.text
    return understand(
        text,
        channel=answer.channel,
        language=answer.language,
        after=answer.after,
        our_names=our_names,
    )


def _as_json(answer: WrittenAnswer, meaning: Understanding) -> dict[str, object]:
    return {
        "id": answer.id,
        "kinds": [kind.value for kind in meaning.kinds],
        "urgency": meaning.urgency.value,
        "closes": sorted(channel.value for channel in meaning.closes),
        "machine": meaning.machine,
        "words": _words(meaning),
    }


def _row(answer: WrittenAnswer, meaning: Understanding) -> Sequence[str]:
    return (
        answer.id,
        meaning.urgency.value,
        ", ".join(meaning.kinds),
        ", ".join(sorted(meaning.closes)) or "-",
        "a machine" if meaning.machine else "a human",
        "; ".join(_words(meaning)) or "-",
    )


def _words(meaning: Understanding) -> list[str]:
    """Return which words stand for which kind; those that only weighed are marked."""
    return list(
        dict.fromkeys(
            f"{grounds.kind}: {grounds.words}{' (weighed)' if grounds.by == 'model' else ''}"
            for grounds in meaning.words
        )
    )
