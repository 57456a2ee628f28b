"""Finds templates that nobody uses, that say nothing, or that name what their message cannot know."""

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from babel import Locale, UnknownLocaleError

from outreach.guidance.checking.coverage import coverage
from outreach.guidance.checking.material import Material
from outreach.guidance.files.folder import TEMPLATES, own_templates
from outreach.guidance.files.nearest import did_you_mean
from outreach.guidance.files.yaml_text import Document
from outreach.model.finding import Finding, Severity
from outreach.model.playbook import Occasion, Play, Playbook
from outreach.wording.facts import VOCABULARY
from outreach.wording.review import ANSWERS
from outreach.wording.wordings import Key, Wordings, key_of, load_shipped

#: What a message can be about, by the occasion; all else in the vocabulary every message may know.
_ABOUT: Final[Mapping[Occasion, frozenset[str]]] = {
    Occasion.PAYMENT_RECEIVED: frozenset({"payment", "together"}),
    Occasion.PAYMENT_FAILED: frozenset({"payment", "together"}),
    Occasion.PLAN_AGREED: frozenset({"plan"}),
    Occasion.INSTALMENT_DUE: frozenset({"instalment", "together"}),
    Occasion.INSTALMENT_MISSED: frozenset({"instalment", "together"}),
    Occasion.PROMISE_DUE: frozenset({"promise", "together"}),
}
_SOMETIMES: Final = frozenset[str]().union(*_ABOUT.values())
_COMMENT: Final = re.compile(r"\{#.*?#\}", re.DOTALL)
_SUBJECT: Final = re.compile(r"\s*Subject:[^\n]*", re.IGNORECASE)
_SHOWN: Final = 4


def check_templates(material: Material) -> Iterator[Finding]:
    """Yield what is wrong with the agency's templates as a whole, and with how plays use them."""
    playbook, wordings = material.folder.playbook, material.folder.wordings
    own = own_templates(material.folder.files)
    for file, text in own.items():
        key = key_of(file)
        if key is not None:
            yield from _of_file(file, key, text)
    if playbook is None or wordings is None or material.folder.playbook_document is None:
        return
    yield from _unused(own, playbook, {key.name for key in wordings.templates})
    yield from _half_done(own, playbook, wordings)
    yield from _unspoken(material, wordings)
    for play in playbook.plays.values():
        yield from _unknowable(material.folder.playbook_document, play, wordings, own=own)
    yield from _without_pay_link(material, playbook, wordings)


def _of_file(file: str, key: Key, text: str) -> Iterator[Finding]:
    name = f"{TEMPLATES}/{file}"
    if not key.is_block and not _SUBJECT.sub("", _COMMENT.sub("", text), count=1).strip():
        fix = "write what people are to read, or delete the file to have the shipped words"
        yield Finding(file=name, message="says nothing", fix=fix)
    languages = Locale("en").languages
    if not _is_a_language(key.language):
        names = {str(spoken): code for code, spoken in languages.items()}
        code = names.get(key.language.capitalize()) or _as_written(key.language)
        fix = f"name the folder `{code}`" if code else "name it as in `es` or `en-GB`"
        yield Finding(file=name, message=f"`{key.language}` is no language's code: nobody gets this", fix=fix)


def _as_written(tag: str) -> str | None:
    """Return a language's code as it is written, es or en-GB, if this is one written otherwise."""
    language, _, region = tag.replace("_", "-").partition("-")
    written = f"{language.lower()}-{region.upper()}" if region else language.lower()
    return written if written != tag and _is_a_language(written) else None


def _is_a_language(tag: str) -> bool:
    language, _, region = tag.partition("-")
    if not language.islower() or (region.islower() and region.isalpha()):
        return False
    try:
        Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return language in Locale("en").languages and (not region or region in Locale("en").territories)
    return True


def _unused(own: Mapping[str, str], playbook: Playbook, written: AbstractSet[str]) -> Iterator[Finding]:
    if not {wording for play in playbook.plays.values() for wording in play.wordings} <= written:
        # Whoever misspelled the wording in a play will find out there.
        return
    used = {wording for play in playbook.plays.values() for wording in play.wordings} | ANSWERS
    shipped = {key.name for file in load_shipped() if (key := key_of(file)) is not None}
    for file in own:
        key = key_of(file)
        if key is None or key.is_block or key.name in used:
            continue
        severity = Severity.NOTE if key.name in shipped else Severity.WARNING
        fix = did_you_mean(key.name, used, otherwise="name it in a play as `wording`, or take it out")
        yield Finding(
            file=f"{TEMPLATES}/{file}",
            message=f"no play uses the wording `{key.name}`: nobody gets this",
            fix=fix if fix.startswith("did") else "name it in a play as `wording`, or take it out",
            severity=severity,
        )


def _half_done(own: Mapping[str, str], playbook: Playbook, wordings: Wordings) -> Iterator[Finding]:
    """Yield a warning for each language in which people would be written to in another now and then."""
    for spoken in coverage(playbook, wordings):
        if spoken.missing and spoken.written and _is_a_language(spoken.language):
            files = [file for file in own if file.startswith(f"{spoken.language}/")]
            shown = ", ".join(spoken.missing[:_SHOWN])
            more = f" and {len(spoken.missing) - _SHOWN} more" if len(spoken.missing) > _SHOWN else ""
            yield Finding(
                file=f"{TEMPLATES}/{files[0] if files else spoken.language}",
                message=(
                    f"`{spoken.language}` has {spoken.written} of {spoken.needed} texts: whoever reads it "
                    f"gets `{wordings.fallback}` for {shown}{more}"
                ),
                fix=f"write {TEMPLATES}/{spoken.language}/{spoken.missing[0]}.txt and the others",
                severity=Severity.WARNING,
            )


def _unspoken(material: Material, wordings: Wordings) -> Iterator[Finding]:
    """Yield a warning where the language of the agency itself is one that nobody has written."""
    directory, document = material.folder.directory, material.folder.playbook_document
    if directory is None or document is None:
        return
    language = directory.agency.language
    if language.partition("-")[0] not in {tongue.partition("-")[0] for tongue in wordings.languages}:
        message = f"nothing is written in `{language}`: people whose language is not known get English"
        fix = f"write templates/{language}/, or name one of {', '.join(sorted(wordings.languages))}"
        yield document.finding(("agency", "language"), Severity.WARNING, message, fix=fix)


def _unknowable(
    document: Document, play: Play, wordings: Wordings, *, own: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield an error for each fact without which a message cannot go, and which none of its kind has."""
    known = {
        f"{subject}.{part}"
        for subject, parts in VOCABULARY.items()
        if subject not in _SOMETIMES - _ABOUT.get(play.on, frozenset())
        for part in parts
    }
    for key, wording in wordings.templates.items():
        if key.name not in play.wordings or key.channel not in play.channels or key.is_block:
            continue
        needed = frozenset[str]().union(*(needs.given(known) for needs in wording.needs_given))
        for fact in sorted(needed - known):
            message = (
                f"`{fact}` is never known on {play.on}: messages of `{play.name}` would wait until they lapse"
            )
            fix = f"take it out, or ask for it by {{% if {fact} %}}"
            file = f"{key.language}/{key.name}.{key.channel}.txt"
            if file in own:
                line, column = _place_of(fact, own[file])
                yield Finding(file=f"{TEMPLATES}/{file}", line=line, column=column, message=message, fix=fix)
            else:
                fix = "name a wording that is made for the occasion"
                yield document.problem(("plays", play.name, "wording"), message, fix)


def _without_pay_link(material: Material, playbook: Playbook, wordings: Wordings) -> Iterator[Finding]:
    """Yield a warning where a message cannot go for want of a creditor's link to pay."""
    directory, document = material.folder.directory, material.folder.playbook_document
    assert directory is not None
    assert document is not None
    everything = {f"{subject}.{part}" for subject, parts in VOCABULARY.items() for part in parts}
    used = {
        (wording, channel)
        for play in playbook.plays.values()
        for channel in play.channels
        for wording in play.wordings
    }
    needing = sorted(
        f"{key.language}/{key.name}.{key.channel}"
        for key, wording in wordings.templates.items()
        if (key.name, key.channel) in used
        and any("links.pay" in needs.given(everything - {"links.pay"}) for needs in wording.needs_given)
    )
    for name, creditor in directory.creditors.items():
        if needing and creditor.pay_url is None:
            message = f"`{name}` has no `pay_url`, without which {', '.join(needing[:_SHOWN])} cannot go"
            fix = "add `pay_url`, or ask for it in the template by {% if links.pay %}"
            yield document.finding(("creditors", name), Severity.WARNING, message, fix=fix)


def _place_of(words: str, text: str) -> tuple[int, int]:
    """Return the line and column where words stand first, or the beginning."""
    at = max(text.find(words), 0)
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
