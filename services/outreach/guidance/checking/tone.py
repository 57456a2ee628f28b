"""Finds what harms in the agency's own words: threats keep them from taking effect, the rest is advice."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from outreach.guidance.checking.required_words import said_at_all, said_by
from outreach.guidance.checking.tongues import other_language
from outreach.guidance.files.folder import TEMPLATES
from outreach.guidance.trying.made_up import facts_of
from outreach.model.directory import Directory
from outreach.model.finding import Finding, Severity
from outreach.wording.errors import WordingError
from outreach.wording.render import render
from outreach.wording.review import remarks_on
from outreach.wording.sample import SAMPLE_BRANCHES, SEVERAL_BRANCHES
from outreach.wording.tone.harms import Harm, Remark
from outreach.wording.tone.lint import lint
from outreach.wording.wordings import Key, Wordings

#: More words than these do not make it clearer.
_SHOWN: Final = 3
_SAID: Final[Mapping[Harm, str]] = {
    Harm.MISSING_WHO: "does not say who writes",
    Harm.MISSING_FOR_WHOM: "does not say for whom",
    Harm.MISSING_WHAT_YOU_CAN_DO: "does not say what the person can do",
}


def harms_in(wordings: Wordings, own: Mapping[str, str], *, directory: Directory | None) -> Iterator[Finding]:
    """Yield each harm of each template of the agency's own once, on whichever side of an `if` it stands.

    `own` are the agency's templates, by their path below `templates/`.
    """
    facts = facts_of(directory)
    for key in wordings.templates:
        file = f"{key.language}/{'blocks/' if key.is_block else ''}{key.name}.{key.channel}.txt"
        if file not in own or not said_at_all(own[file]):
            continue
        remarks = _of_block(wordings, key) if key.is_block else _of_wording(wordings, key, facts)
        # What is missing cannot be known of words in another language, of which there is a finding.
        unknown = _SAID.keys() if other_language(own[file], key.language) else ()
        for harm, said in _by_harm(remarks).items():
            if harm not in unknown:
                yield _finding(harm, said, file=f"{TEMPLATES}/{file}", text=own[file])


def severity_of(*remarks: Remark) -> Severity:
    """Return what remarks ask for: what frightens or is not true is an error, the rest a warning."""
    return Severity.ERROR if any(remark.is_error for remark in remarks) else Severity.WARNING


def _of_wording(wordings: Wordings, key: Key, facts: Mapping[str, Any]) -> list[Remark]:
    branches = list(SAMPLE_BRANCHES.values())
    if wordings.knows_several(key.name, key.channel, key.language):
        branches += SEVERAL_BRANCHES.values()
    remarks: dict[Remark, None] = {}
    for branch in branches:
        known = {**facts, **branch}
        try:
            rendered = render(
                wordings, name=key.name, channel=key.channel, language=key.language, facts=known
            )
        except WordingError:
            # What keeps it from being written is somebody else's finding.
            continue
        remarks |= dict.fromkeys(remarks_on(rendered, name=key.name, facts=known))
    return list(remarks)


def _of_block(wordings: Wordings, key: Key) -> list[Remark]:
    return lint(said_by(wordings.templates[key]), language=key.language)


def _by_harm(remarks: Iterable[Remark]) -> Mapping[Harm, list[Remark]]:
    """Return the remarks of each harm: one mistake is said once, however many words show it."""
    found: dict[Harm, list[Remark]] = {}
    for remark in remarks:
        found.setdefault(remark.harm, []).append(remark)
    return found


def _finding(harm: Harm, remarks: Sequence[Remark], *, file: str, text: str) -> Finding:
    line, column = min(_place(remark.words, text) for remark in remarks)
    shown = ", ".join(f"“{remark.words}”" for remark in remarks[:_SHOWN])
    return Finding(
        file=file,
        line=line,
        column=column,
        message=_SAID.get(harm) or f"{harm.replace('_', ' ')}: {shown}",
        fix=remarks[0].suggestion,
        severity=severity_of(*remarks),
    )


def _place(words: str, text: str) -> tuple[int, int]:
    """Return where words stand in a template, as far as they do: facts may have come between."""
    for part in (words, " ".join(words.split()[:2]), words.split(" ", maxsplit=1)[0]):
        at = text.lower().find(part.lower()) if part else -1
        if at >= 0:
            return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    return 1, 1
