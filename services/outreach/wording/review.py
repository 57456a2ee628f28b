"""Every wording as somebody would get it, with all that can be said against it, before anybody does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from outreach.model.words import Channel
from outreach.wording.readability import reading_age
from outreach.wording.render import Rendered, RenderedSms, render
from outreach.wording.sms import measure
from outreach.wording.tone.harms import Harm, Remark
from outreach.wording.tone.lint import lint
from outreach.wording.tone.telling import lint_transparency
from outreach.wording.wordings import Key, Wordings

#: Answers to a keyword or a message of the person's own, who knows what they are about.
ANSWERS = frozenset(
    {"opt_out_confirmation", "opt_in_confirmation", "help_reply", "human_reply", "reply_acknowledgement"}
)
#: More segments than this cost more and are read less; twice as many where a letter doubles the length.
_BUDGET = {"gsm7": 2, "ucs2": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A wording, rendered in one language, what it needs to be known, and what is wrong with its tone.

    `language` is the one asked for; what is rendered may be in another. `reading_age` is that of the
    youngest who read it with ease; None where no formula can tell. `unsaid` are words that the law asks
    for and nobody has written: such a message is not sent.
    """

    name: str
    channel: Channel
    language: str
    rendered: Rendered
    needs: tuple[str, ...]
    remarks: tuple[Remark, ...]
    reading_age: float | None = None
    unsaid: tuple[str, ...] = ()


def review(wordings: Wordings, *, facts: Mapping[str, Any]) -> Iterator[Review]:
    """Yield every wording in every language it is written in, ordered by name.

    Raises:
        WordingError: one cannot be rendered with these facts.
    """
    for key in sorted(
        wordings.templates, key=lambda template: (template.name, template.channel, template.language)
    ):
        if not key.is_block:
            rendered = render(
                wordings, name=key.name, channel=key.channel, language=key.language, facts=facts
            )
            yield look_at(rendered, key=key, facts=facts, needs=tuple(sorted(wordings.templates[key].needs)))


def look_at(
    rendered: Rendered,
    *,
    key: Key,
    facts: Mapping[str, Any],
    needs: tuple[str, ...],
    is_obliged: bool = False,
) -> Review:
    """Return what is to be seen of a rendered wording; what it is obliged to say may take a segment more."""
    return Review(
        name=key.name,
        channel=key.channel,
        language=key.language,
        rendered=rendered,
        needs=needs,
        remarks=tuple(remarks_on(rendered, name=key.name, facts=facts, is_obliged=is_obliged)),
        reading_age=reading_age(text_of(rendered), language=rendered.language.partition("-")[0]),
    )


def remarks_on(
    rendered: Rendered, *, name: str, facts: Mapping[str, Any], is_obliged: bool = False
) -> list[Remark]:
    """Return what can be said against a rendered wording: its tone, what it does not tell, its length."""
    agency, creditor = facts["agency"], facts["creditor"]["name"]
    text = text_of(rendered)
    remarks = lint(
        text,
        language=rendered.language,
        subject=None if isinstance(rendered, RenderedSms) else rendered.subject,
        names=[agency["name"], agency["postal_address"], creditor],
    )
    remarks += lint_transparency(
        text,
        agency=agency["name"],
        creditor=None if name in ANSWERS else creditor,
        language=rendered.language,
    )
    return remarks + (
        _lint_size(rendered, is_obliged=is_obliged) if isinstance(rendered, RenderedSms) else []
    )


def text_of(rendered: Rendered) -> str:
    """Return what a message says, without its subject line."""
    return rendered.body if isinstance(rendered, RenderedSms) else rendered.text


def _lint_size(text: RenderedSms, *, is_obliged: bool) -> list[Remark]:
    most = _BUDGET[measure(text.body).encoding] + int(is_obliged)
    if text.segments <= most:
        return []
    return [Remark(Harm.LENGTH, f"{text.segments} segments", f"Say it in {most}, or by email.")]
