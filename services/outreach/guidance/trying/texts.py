"""Texts that somebody wrote, tried by themselves: a list of them, one message, or a template."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import PurePath
from types import MappingProxyType
from typing import Any, Final

from outreach.guidance.checking.tone import severity_of
from outreach.guidance.checking.tongues import other_language
from outreach.guidance.files.problems import ConfigError, Finding
from outreach.guidance.files.texts import LONGEST, TextShape, read_texts
from outreach.model.finding import Severity
from outreach.model.words import Channel
from outreach.wording.errors import WordingError
from outreach.wording.render import render
from outreach.wording.review import remarks_on
from outreach.wording.sample import SAMPLE_BRANCHES, SAMPLE_FACTS
from outreach.wording.sandbox import sandbox
from outreach.wording.templates import read_template
from outreach.wording.tone.harms import Harm, Remark
from outreach.wording.tone.lint import lint
from outreach.wording.tone.rulebook import languages
from outreach.wording.tone.telling import lint_telling
from outreach.wording.wordings import Key, Wordings, load_wordings

_LIST: Final = re.compile(r"\A(?:\s*#[^\n]*\n|\s*---\s*\n|\s*\n)*\s*(?:- *\{|- *\w+ *:|\[)")
_TEMPLATE: Final = re.compile(r"\{\{|\{%")
_SUBJECT: Final = re.compile(r"\A\s*Subject:[ \t]*(?P<subject>[^\n]*)\n", re.IGNORECASE)
_NAME: Final = "text_on_trial"
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
#: What a text is taken to be written in, where nobody says it and its words do not.
_USUAL: Final = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A text, and what can be said against it."""

    id: str
    channel: str
    language: str
    remarks: Sequence[Remark]

    @property
    def has_rules(self) -> bool:
        """False where the language has none: then hardly anything is looked for."""
        return self.language.partition("-")[0].lower() in languages()

    def count(self, severity: Severity) -> int:
        return sum(1 for remark in self.remarks if severity_of(remark) is severity)


def judge_texts(text: str, *, file: str, channel: str = "", language: str = "") -> list[Verdict]:
    """Return a verdict on each text of a list (YAML or JSON), on a template, or on one message.

    Channel and language of a template are told by its name, as in `en/check_in.sms.txt`, and what language
    a message is in by its words; one that begins with `Subject:` is an email.

    Raises:
        ConfigError: a list or template that cannot be read, with file, line and fix.
    """
    if _LIST.match(text):
        return [_judge(shape) for shape in read_texts(text, file=file)]
    key = _key(file, channel=channel, language=language, text=text)
    if _TEMPLATE.search(text):
        return [_judge_template(text, file=file, key=key)]
    head = _SUBJECT.match(text)
    subject = head["subject"].strip() if head and key.channel is Channel.EMAIL else None
    body = text[head.end() :] if head else text
    if not body.strip():
        raise ConfigError([Finding(file=file, message="says nothing", fix="write the text to look at")])
    shape = TextShape(
        id=file, text=body[:LONGEST], channel=key.channel.value, language=key.language, subject=subject
    )
    return [_judge(shape)]


def verdict_json(verdict: Verdict) -> Mapping[str, Any]:
    """Return a verdict for programs: the kinds of harm, each with the words that decided.

    Where no rule decided but the model, `weighed` are the words that weighed most.
    """
    kinds: dict[Harm, dict[str, Any]] = {}
    for remark in sorted(verdict.remarks, key=lambda remark: not remark.is_error):
        kind = kinds.setdefault(
            remark.harm,
            {
                "kind": remark.harm.value,
                "severity": severity_of(remark).value,
                "words": [],
                "suggestion": remark.suggestion,
            },
        )
        if remark.words:
            kind["words"].append(remark.words)
        if remark.weighed:
            kind.setdefault("weighed", []).extend(remark.weighed)
    return {
        "id": verdict.id,
        "channel": verdict.channel,
        "language": verdict.language,
        "kinds": list(kinds.values()),
    }


def _judge(shape: TextShape) -> Verdict:
    subject = shape.subject if shape.channel == Channel.EMAIL.value else None
    remarks = lint(shape.text, language=shape.language, subject=subject)
    remarks += lint_telling(shape.text, language=shape.language)
    return Verdict(id=str(shape.id), channel=shape.channel, language=shape.language, remarks=remarks)


def _judge_template(text: str, *, file: str, key: Key) -> Verdict:
    """Judge a template on every side of its `if`s, with made-up facts."""
    wording, problems = read_template(text, file=file, channel=key.channel, room=sandbox())
    if wording is None:
        raise ConfigError(problems)
    shipped = _shipped()
    wordings = replace(shipped, templates=MappingProxyType({**shipped.templates, key: wording}))
    told = PurePath(file).name.partition(".")[0]
    remarks: dict[Remark, None] = {}
    for branch in SAMPLE_BRANCHES.values():
        facts = {**SAMPLE_FACTS, **branch}
        try:
            rendered = render(wordings, name=_NAME, channel=key.channel, language=key.language, facts=facts)
        except WordingError as error:
            said = str(error).replace(_NAME, told)
            raise ConfigError([Finding(file=file, message=said)]) from error
        remarks |= dict.fromkeys(remarks_on(rendered, name=told, facts=facts))
    return Verdict(id=file, channel=key.channel, language=key.language, remarks=list(remarks))


@cache
def _shipped() -> Wordings:
    return load_wordings()


def _key(file: str, *, channel: str, language: str, text: str) -> Key:
    """Return what a file is, by what was said of it, by its name, or by how it begins."""
    path = PurePath(file)
    named = path.name.removesuffix(".txt").rpartition(".")[2]
    is_template = named in {Channel.SMS, Channel.EMAIL}
    told = channel or (named if is_template else "")
    guessed = Channel.EMAIL if _SUBJECT.match(text) else Channel.SMS
    # Of another file the folder says nothing: `my` and `new` are no languages, though they look like some.
    folder = path.parent.parent if path.parent.name == "blocks" else path.parent
    named_so = folder.name if is_template and _LANGUAGE.fullmatch(folder.name) else ""
    return Key(language or named_so or _spoken(text), _NAME, Channel(told) if told else guessed)


def _spoken(text: str) -> str:
    other = other_language(text, _USUAL)
    return _USUAL if other is None else other.language
