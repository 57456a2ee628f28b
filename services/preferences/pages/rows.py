"""The choices that a page leads to, each with how it stands."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from preferences.pages.forms import Action
from preferences.pages.spelling import Spelling
from preferences.pages.views import PersonView, StrangerView

#: What is less than stopping, and what is told to a human, in the order of the page.
LESS: Final = (Action.CHANNELS, Action.HOURS, Action.LANGUAGE, Action.PAUSE)
TELL: Final = (Action.TALK, Action.HARDSHIP, Action.DISPUTE, Action.NOT_ME)
#: The same of what a stranger may be offered: nothing of it shows what we know.
STRANGERS_LESS: Final = (Action.PAUSE,)
STRANGERS_TELL: Final = (Action.TALK, Action.NOT_ME)


@dataclass(frozen=True, slots=True)
class Row:
    """A choice on a page: what it is called, and how it stands."""

    action: Action
    label: str
    state: str


def rows_of(view: PersonView | StrangerView, actions: Iterable[Action], spelling: Spelling) -> Iterator[Row]:
    """Yield the choices of these that the view offers."""
    for action in actions:
        if action in view.offers:
            name = action.name.lower()
            state = (
                _state(view, action, spelling) if isinstance(view, PersonView) else _plain(action, spelling)
            )
            yield Row(action, spelling.say(f"rows.{name}"), state)


def _plain(action: Action, spelling: Spelling) -> str:
    return spelling.say("pause.lead" if action is Action.PAUSE else f"now.{action.name.lower()}")


def _state(view: PersonView, action: Action, spelling: Spelling) -> str:
    say = spelling.say
    if action in view.asked_for:
        return say("now.asked")
    match action:
        case Action.CHANNELS:
            channels = [state.channel for state in view.channels if state.is_open]
            is_none = view.is_all_closed or not channels
            return (
                say("now.channels_none")
                if is_none
                else say("now.channels", channels=spelling.channels(channels))
            )
        case Action.HOURS:
            return _hours(view, spelling)
        case Action.LANGUAGE if view.language is not None:
            return say("now.language", language=spelling.words.tongue(view.language))
        case Action.LANGUAGE:
            return say("now.language_none")
        case Action.PAUSE if view.paused_until is not None:
            return say("now.pause", day=spelling.words.day(view.paused_until))
        case Action.PAUSE:
            return say("now.pause_none")
        case _:
            return say(f"now.{action.name.lower()}")


def _hours(view: PersonView, spelling: Spelling) -> str:
    """Say the days and hours where one span says them; else that they were chosen."""
    week = view.week
    if not week.is_chosen:
        return spelling.say("now.hours_any")
    if not week.days:
        return spelling.say("now.hours_none")
    spans = {tuple(week.open[day]) for day in week.days}
    if len(spans) == 1 and len(only := spans.pop()) == 1:
        span = spelling.say(
            "hours.span", begins=spelling.clock(only[0].begins), ends=spelling.clock(only[0].ends)
        )
        return f"{spelling.days(week.days)}, {span}"
    return spelling.say("now.hours")
