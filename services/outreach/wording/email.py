"""One source, two parts: what a template says as plain text, and the same as HTML."""

import re
from html import escape

from markupsafe import Markup

from outreach.wording.sandbox import LINK_BEGINS, LINK_ENDS, LINK_MIDDLE

_LINK = re.compile(f"{LINK_BEGINS}([^{LINK_MIDDLE}]*){LINK_MIDDLE}([^{LINK_ENDS}]*){LINK_ENDS}")
_BULLET = "- "


def one_line(text: str) -> str:
    """Join the lines of a text, however its template was wrapped."""
    return " ".join(text.split())


def as_text(paragraphs: list[list[str]]) -> str:
    """Write paragraphs one to a line, list items below each other, and links as `label: address`."""
    return _LINK.sub(_spelled_out, "\n\n".join("\n".join(each) for each in paragraphs))


def as_html(paragraphs: list[list[str]]) -> Markup:
    """Write the same paragraphs and lists as HTML. Everything is escaped here, once."""
    return Markup("\n".join(_element(each) for each in paragraphs))  # noqa: S704 (each is escaped)


def paragraphs(source: str) -> list[list[str]]:
    """Return each paragraph: one line of prose, or the items of a list, which empty lines do not part."""
    found: list[list[str]] = []
    for block in re.split(r"\n[ \t]*\n", source):
        lines = [each.strip() for each in block.splitlines() if each.strip()]
        if not lines:
            continue
        if not lines[0].startswith(_BULLET):
            found.append([one_line(" ".join(lines))])
        elif found and found[-1][0].startswith(_BULLET):
            found[-1].extend(lines)
        else:
            found.append(lines)
    return found


def _element(paragraph: list[str]) -> str:
    if paragraph[0].startswith(_BULLET):
        items = "".join(f"<li>{_linked(each.removeprefix(_BULLET))}</li>" for each in paragraph)
        return f"<ul>{items}</ul>"
    return f"<p>{_linked(paragraph[0])}</p>"


def _linked(text: str) -> str:
    return _LINK.sub(r'<a href="\2">\1</a>', escape(text))


def _spelled_out(link: re.Match[str]) -> str:
    label, address = link.groups()
    return address if label == address else f"{label}: {address}"
