"""Puts views into words and HTML. Pure: the same view gives the same page."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, assert_never

from foundation.pages.environment import environment
from foundation.pages.look import Look
from foundation.pages.words import FIRST, Words, read_words
from preferences.pages.done import said_in, texts_of
from preferences.pages.forms import FURTHEST, LONGEST_SAID, Action
from preferences.pages.rows import LESS, STRANGERS_LESS, STRANGERS_TELL, TELL, rows_of
from preferences.pages.spelling import Spelling
from preferences.pages.views import (
    CheckLocked,
    CheckOffered,
    ChoiceView,
    DoneView,
    Frame,
    PersonView,
    RecentChoice,
    StaleFormView,
    StrangerView,
    TooLateView,
    TooManyView,
    UnavailableView,
    Undo,
    UnknownLinkView,
    View,
)
from preferences.pages.week import WEEKDAYS, Span, Week

#: Where pages and their files are served.
PREFIX: Final = "/p/"
_FOLDER: Final = Path(__file__).parent / "templates"
_HALF_HOUR: Final = 30
_DAYS_AHEAD: Final = 10
#: What helps a phone to fill the fields of the light check in; nothing there is checked by the browser alone.
_CHECK_INPUT: Final[Mapping[str, str]] = {
    "postal_code": "autocomplete=postal-code maxlength=12",
    "birth_year": "autocomplete=bday-year inputmode=numeric maxlength=4",
}
_NOTES: Final[Mapping[type, str]] = {
    UnknownLinkView: "unknown",
    TooManyView: "many",
    StaleFormView: "stale",
    TooLateView: "late",
    UnavailableView: "down",
}


class Pages:
    """All pages of the preference center, in every language that has a file, in one look."""

    def __init__(self, look: Look) -> None:
        """Read words and templates, once.

        Raises:
            WordsIncomplete: a language says less than English does.
        """
        self.look = look
        self._words = read_words(files("preferences.pages") / "words")
        self._templates = environment(_FOLDER)
        #: Names the words and the forms that people saw, for whoever keeps what they chose.
        self.version = _digest_of(_FOLDER, _FOLDER.parent / "words")

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that pages can be read in, English first."""
        return tuple(self._words)

    def told(self, view: DoneView) -> str:
        """Return in words what the page of a change says of it."""
        return " ".join(texts_of(view, self._spelling(view.frame.language)))

    def page(self, view: View) -> str:
        """Return the HTML of a view. A language that has no pages is English."""
        match view:
            case StrangerView():
                return self._render("stranger", view.frame, view, **self._stranger(view))
            case PersonView():
                return self._render("person", view.frame, view, **self._person(view))
            case ChoiceView():
                return self._render("choice", view.of.frame, view, **self._choice(view))
            case DoneView():
                return self._render("done", view.frame, view, others=(), **self._done(view))
            case StaleFormView() | TooLateView():
                return self._render("note", view.frame, view, name=_NOTES[type(view)], others=())
            case UnknownLinkView() | TooManyView() | UnavailableView():
                return self._render("note", view.language, view, name=_NOTES[type(view)])
            case _:
                assert_never(view)

    def _render(self, template: str, frame: Frame | str, view: View, **parts: Any) -> str:
        language = frame if isinstance(frame, str) else frame.language
        spelling = self._spelling(language)
        words = spelling.words
        others = [other for other in self._words.values() if other is not words]
        context = {
            "look": self.look,
            "assets": PREFIX,
            "words": words,
            "say": words.say,
            "clock": spelling.clock,
            "frame": None if isinstance(frame, str) else frame,
            "url": partial(_address, frame),
            "view": view,
            "others": others,
            "entered": {},
            "misfits": {},
            "weekdays": tuple(enumerate(WEEKDAYS)),
            "longest_said": LONGEST_SAID,
        }
        return self._templates.get_template(f"{template}.html").render(context | parts)

    def _spelling(self, language: str) -> Spelling:
        return Spelling(self._words.get(language) or self._words[FIRST])

    def _stranger(self, view: StrangerView) -> Mapping[str, Any]:
        spelling = self._spelling(view.frame.language)
        locked = ""
        if isinstance(view.check, CheckLocked):
            locked = _locked(view.check.until, spelling.words)
        return {
            "title": spelling.say("stranger.closed_title" if view.is_closed else "stranger.title"),
            "less": [] if view.is_closed else list(rows_of(view, STRANGERS_LESS, spelling)),
            "tell": list(rows_of(view, STRANGERS_TELL, spelling)),
            "locked": locked,
            "recent": list(_recent(view.recent, spelling)),
            "check_input": _CHECK_INPUT,
            "misfits": view.check.misfits if isinstance(view.check, CheckOffered) else {},
        }

    def _person(self, view: PersonView) -> Mapping[str, Any]:
        spelling = self._spelling(view.frame.language)
        groups = (("person.less", LESS), ("person.tell", TELL))
        return {
            "recent": list(_recent(view.recent, spelling)),
            "groups": [
                (spelling.say(heading), list(rows_of(view, actions, spelling))) for heading, actions in groups
            ],
        }

    def _choice(self, view: ChoiceView) -> Mapping[str, Any]:
        person = view.of if isinstance(view.of, PersonView) else None
        spelling = self._spelling(view.of.frame.language)
        day = spelling.words.day
        parts: dict[str, Any] = {
            "name": view.action.name.lower(),
            "is_known": person is not None,
            "entered": view.entered,
            "misfits": view.misfits,
            "paused": None,
        }
        match view.action:
            case Action.HOURS if person is not None:
                parts |= _hours(view, person.week, spelling)
            case Action.LANGUAGE if person is not None:
                parts |= self._languages(person)
            case Action.PAUSE:
                until = None if person is None else person.paused_until
                parts["paused"] = None if until is None else day(until)
                parts["until_input"] = _days_within(view.now.date())
            case Action.TALK:
                ahead = [view.now.date() + timedelta(days=days) for days in range(_DAYS_AHEAD)]
                parts["days_ahead"] = [(date_ahead.isoformat(), day(date_ahead)) for date_ahead in ahead]
            case _:
                pass
        return parts

    def _languages(self, person: PersonView) -> Mapping[str, Any]:
        chosen = None if person.language is None else person.language.partition("-")[0]
        return {
            "current_language": chosen,
            "choosable": [
                self._words[language]
                for language in person.languages
                if language in self._words and language != chosen
            ],
        }

    def _done(self, view: DoneView) -> Mapping[str, Any]:
        spelling = self._spelling(view.frame.language)
        return {
            "title": spelling.say("undone.title" if view.is_undone else "done.title"),
            "texts": list(texts_of(view, spelling)),
            "said": "" if view.is_undone else said_in(view),
        }


def _recent(recent: Sequence[RecentChoice], spelling: Spelling) -> Iterator[tuple[str, Undo]]:
    """Yield what was chosen, in words, and how it is taken back."""
    for choice in recent:
        if choice.done is None:
            clock, day = spelling.words.clock(choice.at), spelling.words.day(choice.at)
            yield spelling.say("recent.something", time=clock, day=day), choice.undo
        else:
            yield next(texts_of(choice.done, spelling)), choice.undo


def _digest_of(*folders: Path) -> str:
    """Return what tells the files of these folders, below them too, from what they were before."""
    digest = sha256()
    for path in sorted(path for folder in folders for path in folder.rglob("*.*") if path.is_file()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _address(frame: Frame | str, action: str | None = None) -> str:
    """Return the address of the page, or of one of its choices, which keeps the language."""
    assert isinstance(frame, Frame), "what has no link leads nowhere"
    return f"{frame.path}{'' if action is None else f'/{action}'}?lang={frame.language}"


def _locked(until: datetime | None, words: Words) -> str:
    if until is None:
        return words.say("check.locked")
    return words.say("check.locked_until", time=words.clock(until), day=words.day(until))


def _hours(view: ChoiceView, week: Week, spelling: Spelling) -> Mapping[str, Any]:
    """Return what the form of days and hours shows: what was entered, else what the person chose before."""
    picked = _entered_hours(view) if view.entered else _chosen_hours(week)
    times = list(_half_hours(week.within, spelling))
    return {"picked": picked, "times": {"begins": times[:-1], "ends": times[1:]}}


def _entered_hours(view: ChoiceView) -> Mapping[str, Any]:
    begins, ends = ((view.entered.get(name) or [""])[-1] for name in ("begins", "ends"))
    return {"days": view.entered.get("days", ()), "begins": begins, "ends": ends}


def _chosen_hours(week: Week) -> Mapping[str, Any]:
    """Return what the person chose before; where they chose nothing, nothing is ticked."""
    spans = {span for day in week.days for span in week.open[day]}
    if not week.is_chosen or not spans:
        return {"days": (), "begins": "", "ends": ""}
    begins, ends = min(span.begins for span in spans), max(span.ends for span in spans)
    return {"days": week.days, "begins": _as_local_time(begins), "ends": _as_local_time(ends)}


def _half_hours(within: Span, spelling: Spelling) -> Iterator[tuple[str, str]]:
    for minute in range(within.begins, within.ends + 1, _HALF_HOUR):
        yield _as_local_time(minute), spelling.clock(minute)


def _as_local_time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _days_within(today: date) -> str:
    return f"min={today + timedelta(days=1)} max={today + FURTHEST}"
