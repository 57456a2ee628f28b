"""A page that is laid out once for its shape and then filled is the page that would be laid out whole."""

from html import escape

import pytest
from css_inline import CSSInliner
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from outreach.wording.errors import WordingsUnusable
from outreach.wording.page import Page
from outreach.wording.sandbox import LINK_BEGINS, LINK_ENDS, LINK_MIDDLE, page_sandbox
from outreach.wording.wordings import SHIPPED, build_wordings, load_shipped

INLINER = CSSInliner(load_remote_stylesheets=False)
SHIPPED_LAYOUT = (SHIPPED / "layout.html").read_text()
# Shape alone may decide: the first paragraph, a link beside text, every second item.
PICKY_LAYOUT = """<html lang="{{ language }}"><head><title>{{ subject }}</title><style>
p:first-child { margin: 1px; } p > a { color: red; }
li:nth-child(2n) a { color: blue; } p + ul { margin: 2px; }
</style></head><body><div>{{ footer }}</div><h1 title="{{ subject }}">{{ subject }}</h1>{{ body }}</body>
</html>"""

WORDS = st.text("Aé1.;&<>\"'\u00a0", min_size=1, max_size=6).map(lambda text: f"{text.strip()}.")
LINKS = st.tuples(WORDS, WORDS.map(lambda path: f"https://a.example.com/?a={path}"))
LINES = st.lists(WORDS | LINKS, min_size=1, max_size=4)
PARAGRAPHS = st.lists(LINES.map(lambda line: [line]) | st.lists(LINES, min_size=1, max_size=3), min_size=1)


def source(line: list[str | tuple[str, str]]) -> str:
    return "".join(
        each if isinstance(each, str) else f"{LINK_BEGINS}{each[0]}{LINK_MIDDLE}{each[1]}{LINK_ENDS}"
        for each in line
    )


def markup(line: list[str | tuple[str, str]]) -> str:
    return "".join(
        escape(each) if isinstance(each, str) else f'<a href="{escape(each[1])}">{escape(each[0])}</a>'
        for each in line
    )


def whole(paragraphs: list[list[list[str | tuple[str, str]]]]) -> Markup:
    found = [
        f"<p>{markup(each[0])}</p>"
        if len(each) == 1
        else f"<ul>{''.join(f'<li>{markup(line)}</li>' for line in each)}</ul>"
        for each in paragraphs
    ]
    return Markup("\n".join(found))  # noqa: S704 (escaped above)


@pytest.mark.parametrize("text", [SHIPPED_LAYOUT, PICKY_LAYOUT], ids=["shipped", "picky"])
@settings(max_examples=40, deadline=None)
@given(subject=WORDS, body=PARAGRAPHS, footer=PARAGRAPHS)
def test_filled_afterwards_it_is_the_page_that_is_styled_whole(
    text: str,
    subject: str,
    body: list[list[list[str | tuple[str, str]]]],
    footer: list[list[list[str | tuple[str, str]]]],
) -> None:
    layout = page_sandbox().from_string(text)
    sources = [
        [[f"- {source(line)}" for line in each] if len(each) > 1 else [source(each[0])] for each in part]
        for part in (body, footer)
    ]

    filled = Page(layout, INLINER).fill(subject=subject, language="en", body=sources[0], footer=sources[1])

    styled_whole = INLINER.inline(
        layout.render(subject=subject, language="en", body=whole(body), footer=whole(footer))
    )
    # Once more, for one way to write an apostrophe.
    assert INLINER.inline(filled) == INLINER.inline(styled_whole)


def test_a_style_that_looks_at_attributes_is_refused() -> None:
    layout = (
        "<style>\na[href^=http] { color: red; }\n</style>{{ subject }}{{ language }}{{ body }}{{ footer }}"
    )

    with pytest.raises(WordingsUnusable, match=r"layout\.html:2:1: error: a style that looks at attributes"):
        build_wordings(load_shipped() | {"layout.html": layout})
