"""What every page keeps to, in every state and language: small, safe, plain, and nothing ticked."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser

import pytest

from foundation.pages.look import load_look
from outreach.wording.readability import reading_age
from outreach.wording.tone.harms import Harm
from outreach.wording.tone.lint import lint
from preferences.pages.forms import Action
from preferences.pages.render import PREFIX, Pages
from preferences.pages.views import CheckOffered, ChoiceView, PersonView, StrangerView
from tests.support.page_states import NOW, person, states, stranger

PAGES = Pages(load_look(None))
OLDEST_READER = 9
#: What people wrote is theirs, however hard it is to read.
OF_PEOPLE = {"done: talk on a day", "done: hardship", "talk that does not fit"}


class _Read(HTMLParser):
    """The elements of a page with their attributes, and its text as a reader sees it."""

    _BLOCKS = (
        "p",
        "h1",
        "h2",
        "li",
        "b",
        "span",
        "button",
        "label",
        "legend",
        "th",
        "small",
        "option",
        "caption",
    )

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._unread = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._unread = tag in {"title", "style", "textarea"}

    def handle_endtag(self, tag: str) -> None:
        self._unread = False
        self.text += "\n" if tag in self._BLOCKS else ""

    def handle_data(self, data: str) -> None:
        self.text += "" if self._unread else data

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


def read(language: str, name: str) -> _Read:
    return _Read(PAGES.page(states(language)[name]))


@pytest.mark.parametrize("language", PAGES.languages)
def test_a_page_needs_nothing_but_itself_and_its_stylesheet(language: str) -> None:
    for name, view in states(language).items():
        page = _Read(html := PAGES.page(view))

        assert len(html.encode()) + len(PAGES.look.assets[PAGES.look.style].content) < 20_000, name
        assert page.all("script", "style", "iframe", "object") == [], name
        for _, attributes in page.elements:
            assert not {key for key in attributes if key == "style" or key.startswith("on")}, name
            addresses = {attributes[key] or "" for key in ("href", "src", "action") if key in attributes}
            assert all(address.startswith((PREFIX, "?lang=", "data:,")) for address in addresses), name


@pytest.mark.parametrize("language", PAGES.languages)
def test_a_page_says_its_language_and_its_one_thing(language: str) -> None:
    for name in states(language):
        page = read(language, name)

        assert page.all("html") == [{"lang": language}]
        assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) == 1, name


@pytest.mark.parametrize("language", PAGES.languages)
def test_every_field_has_a_label(language: str) -> None:
    # Boxes to tick stand inside of theirs.
    unlabeled = {"hidden", "checkbox"}

    for name in states(language):
        page = read(language, name)
        fields = [
            field for field in page.all("input", "select", "textarea") if field.get("type") not in unlabeled
        ]

        assert {field["id"] for field in fields} <= {label.get("for") for label in page.all("label")}, name


@pytest.mark.parametrize("language", PAGES.languages)
def test_every_form_is_posted_with_the_key_of_its_page(language: str) -> None:
    address = re.compile(rf"/p/a-token/({'|'.join(Action)})\?lang={language}")

    for name in states(language):
        page = read(language, name)
        keys = [field["value"] for field in page.all("input") if field.get("name") == "form"]

        assert keys == ["a-key"] * len(page.all("form")), name
        for form in page.all("form"):
            assert form["method"] == "post"
            assert address.fullmatch(form["action"] or ""), name


@pytest.mark.parametrize("language", PAGES.languages)
def test_a_child_of_nine_can_read_it(language: str) -> None:
    ages = {
        name: reading_age(read(language, name).text, language=language)
        for name in states(language).keys() - OF_PEOPLE
    }

    assert {name: age for name, age in ages.items() if age is not None and age > OLDEST_READER} == {}


#: What readers say to us by a button: in a message of ours it would press or mislead them.
BUTTONS = {"Stop everything", "Tell us that it is wrong", "No soy yo", "Solo a estas horas"}


@pytest.mark.parametrize("language", PAGES.languages)
def test_nothing_on_a_page_is_unkind(language: str) -> None:
    names = [name for name in states(language) if name not in OF_PEOPLE]
    # Most lines stand on many pages.
    lines = dict.fromkeys(line for name in names for line in read(language, name).text.splitlines())

    # Each line by itself: what stands on the next button is no part of a sentence.
    remarks = [remark for line in lines.keys() - BUTTONS for remark in lint(line, language=language)]

    # A message asks one thing; a form asks one in each of its fields.
    assert [remark for remark in remarks if remark.harm is not Harm.QUESTIONS] == []


@pytest.mark.parametrize("language", PAGES.languages)
def test_nothing_is_ticked_that_the_person_did_not_choose(language: str) -> None:
    for name in states(language):
        page = read(language, name)
        ticked = [field["value"] for field in page.all("input") if "checked" in field]
        assert ticked == (["tue", "thu"] if name == "hours chosen" else []), name


@pytest.mark.parametrize("language", PAGES.languages)
@pytest.mark.parametrize("name", ["stranger", "stranger by email", "stranger without a check", "person"])
def test_the_button_that_stops_comes_before_everything_else(language: str, name: str) -> None:
    page = read(language, name)
    first = next(
        tag for tag, _ in page.elements if tag in {"a", "button", "input", "select"} and tag != "input"
    )
    form = page.all("form")[0]

    assert first == "button"
    assert (form["action"] or "").partition("?")[0] in {"/p/a-token/stop", "/p/a-token/stop-all"}


def test_a_stranger_sees_nothing_of_the_person() -> None:
    seen = PAGES.page(stranger("en"))

    for known in ("debt", "owe", "English.", "pause", "email", "Monday"):
        assert known not in seen.partition("<main>")[2].replace("take a break", "")


def test_what_was_written_is_shown_as_it_was_written() -> None:
    html = PAGES.page(states("en")["done: hardship"])

    assert "&lt;b&gt;Please&lt;/b&gt;" in html
    assert "<b>Please" not in html


@pytest.mark.parametrize(
    "wrong", ["</textarea><script>x</script>", '" autofocus onfocus="x', "{{ 7*7 }}", "\x00"]
)
def test_what_was_entered_stays_text(wrong: str) -> None:
    entered: Mapping[str, list[str]] = {
        name: [wrong] for name in ("said", "until", "day", "part", "begins", "days")
    }
    for action in (Action.TALK, Action.PAUSE, Action.HOURS, Action.HARDSHIP):
        view = ChoiceView(of=person("en"), action=action, now=NOW, entered=entered)
        page = _Read(PAGES.page(view))

        assert page.all("script") == []
        assert not [key for _, attributes in page.elements for key in attributes if key.startswith("on")]
        assert "49" not in page.text


def test_a_misfit_is_told_beside_its_field() -> None:
    page = read("en", "hours that do not fit")
    (days,) = page.all("fieldset")
    ends = next(field for field in page.all("select") if field["id"] == "ends")

    assert days["aria-describedby"] == "days-hint days-misfit"
    assert (ends["aria-invalid"], ends["aria-describedby"]) == ("true", "ends-misfit")
    assert "Please pick a later time here." in page.text


def test_a_choice_that_is_not_offered_is_not_shown() -> None:
    offered = frozenset({Action.PAUSE})

    for view in (person("en", offers=offered), stranger("en", offers=offered)):
        assert isinstance(view, PersonView | StrangerView)
        links = [link["href"] for link in _Read(PAGES.page(view)).all("a")]
        assert links == ["/p/a-token/pause?lang=en", "?lang=es"]


def test_a_language_without_pages_is_english() -> None:
    assert 'lang="en"' in PAGES.page(stranger("tlh"))


def test_the_check_asks_for_what_the_agency_published() -> None:
    page = _Read(PAGES.page(stranger("en", check=CheckOffered(asks=("birth_year",)))))

    assert [field["id"] for field in page.all("input") if field.get("type") != "hidden"] == ["birth_year"]
