"""The page that emails stand on, its styles written to each element, as mail programs want them.

Which style goes where follows from a page's shape (which elements stand in which order), never from
what they say. So a page is laid out once for each shape, with numbered slots, and then filled.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TypeAlias

from css_inline import CSSInliner
from jinja2 import Template
from markupsafe import Markup

from outreach.wording.email import BULLET, LINK

# Private-use characters, which facts are cleansed of, as for links.
_SLOT_BEGINS, _SLOT_ENDS = "\ue003", "\ue004"
_BETWEEN = "\ue005"
_SLOT = re.compile(f"{_SLOT_BEGINS}([0-9]+){_SLOT_ENDS}")

#: A page in pieces: every second one is the number of the slot that stands between its neighbors.
_Shape: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A layout and what writes its styles to the elements. Compared by identity."""

    layout: Template
    inliner: CSSInliner

    def fill(self, *, subject: str, language: str, body: list[list[str]], footer: list[list[str]]) -> str:
        """Return the page that says this. Everything said is escaped here, once."""
        texts = [subject]
        shape = _laid_out(self, language, _with_slots(body, texts), _with_slots(footer, texts))
        # Escaped together, since each call costs more than what it escapes.
        safe = escape(_BETWEEN.join(texts)).split(_BETWEEN)
        pieces = list(shape)
        pieces[1::2] = [safe[int(place)] for place in shape[1::2]]
        return "".join(pieces)


@lru_cache(maxsize=1024)
def _laid_out(page: Page, language: str, body: str, footer: str) -> _Shape:
    whole = page.layout.render(
        subject=_slot(0),
        language=language,
        body=Markup(body),  # noqa: S704 (elements and slots, nothing else)
        footer=Markup(footer),  # noqa: S704
    )
    return tuple(_SLOT.split(page.inliner.inline(whole)))


def _with_slots(paragraphs: list[list[str]], texts: list[str]) -> str:
    """Return the elements of these paragraphs with a slot for each thing said, which is added to `texts`."""
    return "\n".join(_element(paragraph, texts) for paragraph in paragraphs)


def _element(paragraph: list[str], texts: list[str]) -> str:
    if paragraph[0].startswith(BULLET):
        items = "".join(f"<li>{_line(item.removeprefix(BULLET), texts)}</li>" for item in paragraph)
        return f"<ul>{items}</ul>"
    return f"<p>{_line(paragraph[0], texts)}</p>"


def _line(text: str, texts: list[str]) -> str:
    parts = LINK.split(text)
    line = _taken(parts[0], texts)
    for label, address, rest in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        line += f'<a href="{_taken(address, texts)}">{_taken(label, texts)}</a>{_taken(rest, texts)}'
    return line


def _taken(text: str, texts: list[str]) -> str:
    if not text:
        return ""
    texts.append(text)
    return _slot(len(texts) - 1)


def _slot(number: int) -> str:
    return f"{_SLOT_BEGINS}{number}{_SLOT_ENDS}"
