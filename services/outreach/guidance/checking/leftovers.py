"""Finds what goes out as it stands and was not meant to: placeholders, markup, unsafe links, costly signs."""

import re
from collections.abc import Iterator
from typing import Final

from outreach.guidance.checking.material import Material
from outreach.guidance.files.folder import TEMPLATES, own_templates
from outreach.model.finding import Finding, Severity
from outreach.model.words import Channel
from outreach.wording.sms import is_gsm7
from outreach.wording.wordings import key_of

#: As other systems mark what is filled in: {name}, ${name}, %name%, [NAME], <NAME>, <<name>>, XXX.
_PLACEHOLDER: Final = re.compile(
    r"(?<![{%#])\$?\{ *[a-z_]+(?:\.[a-z_]+)* *\}(?!\})|%[A-Za-z_]{2,30}%"
    r"|<<? *[a-z_]{2,30} *>>|\[[A-Z][A-Z _]{2,30}\]|<[A-Z][A-Z _]{2,30}>|\bXXX+\b"
)
_MARKUP: Final = re.compile(
    r"</?(?:b|i|u|a|p|br|div|em|font|h[1-6]|li|span|strong|table|td|tr|ul)\b[^<>]*>", re.IGNORECASE
)
#: A link that anybody on the way may read and change.
_UNSAFE_LINK: Final = re.compile(r"\bhttp://[^\s)>\]]*", re.IGNORECASE)
#: Facts, tags and notes, of which nothing goes out as it is written.
_FILLED_IN: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)


def check_leftovers(material: Material) -> Iterator[Finding]:
    """Yield a finding for the first of each kind in each of the agency's own templates."""
    for file, text in own_templates(material.folder.files).items():
        key = key_of(file)
        if key is None:
            continue
        plain = as_sent(text)
        if (found := _PLACEHOLDER.search(plain)) is not None:
            message = f"`{found.group()}` is sent as it stands"
            yield _at(
                file, plain, found, Severity.ERROR, message, "write a fact, such as {{ person.given_name }}"
            )
        if (found := _MARKUP.search(plain)) is not None:
            message = f"`{found.group()}` is sent as it stands: there is no markup in templates"
            yield _at(
                file, plain, found, Severity.ERROR, message, "leave it out; emails are laid out for you"
            )
        if (found := _UNSAFE_LINK.search(plain)) is not None:
            message = f"`{found.group()}` is a link that anybody on the way can read and change"
            yield _at(file, plain, found, Severity.ERROR, message, "write https://, or leave the link out")
        if key.channel is Channel.SMS and (found := _costly_sign(plain)) is not None:
            message = f"`{found.group()}` leaves a text 70 characters a segment in place of 160"
            yield _at(file, plain, found, Severity.WARNING, message, "leave it out, or write it plainly")


def as_sent(text: str) -> str:
    """Return a template with spaces for what is filled in or left out; all else stands where it was."""
    return _FILLED_IN.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def _costly_sign(plain: str) -> re.Match[str] | None:
    """Return the first sign that no text needs; letters of names and languages are no such signs."""
    signs = (found for found in re.finditer(r"[^\w\s]", plain) if not is_gsm7(found.group()))
    return next(signs, None)


def _at(file: str, text: str, found: re.Match[str], severity: Severity, message: str, fix: str) -> Finding:  # noqa: PLR0917 - the parts of a finding
    line = text.count("\n", 0, found.start()) + 1
    column = found.start() - (text.rfind("\n", 0, found.start()) + 1) + 1
    return Finding(
        file=f"{TEMPLATES}/{file}", line=line, column=column, severity=severity, message=message, fix=fix
    )
