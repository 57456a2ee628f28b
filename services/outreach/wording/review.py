"""Every wording as somebody would get it, with all that can be said against it, before anybody does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from outreach.model.words import Channel
from outreach.wording.lint import Fault, Remark, lint, lint_transparency
from outreach.wording.render import Rendered, RenderedSms, render
from outreach.wording.sms import measure
from outreach.wording.wordings import Key, Wordings

#: Answers to a keyword or a message of the person's own, who knows what they are about.
ANSWERS = frozenset({"opt_out_confirmation", "opt_in_confirmation", "help_reply", "reply_acknowledgement"})
#: More segments than this cost more and are read less; twice as many where a letter doubles the length.
_BUDGET = {"gsm7": 2, "ucs2": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A wording, rendered in one language, what it needs to be known, and what is wrong with its tone."""

    name: str
    channel: Channel
    language: str
    rendered: Rendered
    needs: tuple[str, ...]
    remarks: tuple[Remark, ...]


def review(wordings: Wordings, *, facts: Mapping[str, Any]) -> Iterator[Review]:
    """Yield every wording in every language it is written in, ordered by name.

    Raises:
        WordingError: one cannot be rendered with these facts.
    """
    for key in sorted(
        wordings.templates, key=lambda template: (template.name, template.channel, template.language)
    ):
        if not key.is_block:
            yield _review(wordings, key, facts)


def _review(wordings: Wordings, key: Key, facts: Mapping[str, Any]) -> Review:
    rendered = render(wordings, name=key.name, channel=key.channel, language=key.language, facts=facts)
    agency, creditor = facts["agency"], facts["creditor"]["name"]
    text = rendered.body if isinstance(rendered, RenderedSms) else f"{rendered.subject}.\n{rendered.text}"
    names = [agency["name"], agency["postal_address"], creditor]
    remarks = lint(text, language=rendered.language, names=names)
    remarks += lint_transparency(
        text,
        agency=agency["name"],
        creditor=None if key.name in ANSWERS else creditor,
        language=rendered.language,
    )
    if isinstance(rendered, RenderedSms):
        remarks += _lint_size(rendered)
    return Review(
        name=key.name,
        channel=key.channel,
        language=key.language,
        rendered=rendered,
        needs=tuple(sorted(wordings.templates[key].needs)),
        remarks=tuple(remarks),
    )


def _lint_size(text: RenderedSms) -> list[Remark]:
    most = _BUDGET[measure(text.body).encoding]
    if text.segments <= most:
        return []
    return [Remark(Fault.LENGTH, f"{text.segments} segments", f"say it in {most}, or by email")]
