"""What a change came to, in words."""

from collections.abc import Iterator

from preferences.pages.forms import (
    ChannelsForm,
    DisputeForm,
    HardshipForm,
    HoursForm,
    LanguageForm,
    NotMeForm,
    PauseForm,
    StopAllForm,
    StopForm,
    TalkForm,
    UndoForm,
    UnlockForm,
)
from preferences.pages.spelling import Spelling
from preferences.pages.views import DoneView

#: What a human reads, so that taking it back is told to them too.
_TOLD = (HardshipForm, TalkForm, NotMeForm, DisputeForm)
#: After these a message that was handed over before may still come.
_STOPS = (StopForm, StopAllForm, PauseForm, NotMeForm)


def texts_of(view: DoneView, spelling: Spelling) -> Iterator[str]:
    """Yield what took effect, or was taken back, a paragraph each."""
    say = spelling.say
    if view.is_undone:
        yield say("undone.text")
        if isinstance(view.form, _TOLD):
            yield say("undone.told")
        return
    yield _effect(view, spelling)
    ends = isinstance(view.form, PauseForm) and view.form.span == "end"
    stops = isinstance(view.form, _STOPS) and not ends
    if stops or (isinstance(view.form, ChannelsForm) and view.form.wish == "stop"):
        yield say("done.soon")


def said_in(view: DoneView) -> str:
    """Return what the person wrote, to be shown to them again; empty where they wrote nothing."""
    return view.form.said if isinstance(view.form, _TOLD) else ""


def _effect(view: DoneView, spelling: Spelling) -> str:
    say = spelling.say
    match view.form:
        case StopForm():
            return say(f"done.stop.{view.channel}")
        case ChannelsForm(channel=channel, wish=wish):
            return say(f"done.channels_{wish}.{channel}")
        case HoursForm() as hours:
            return _hours(hours, spelling)
        case LanguageForm(language=language):
            return say("done.language", language=spelling.words.tongue(language))
        case PauseForm(span=span):
            return say("done.pause_end") if span == "end" else _pause(view, spelling)
        case TalkForm(day=day):
            return say("done.talk_soon") if day is None else say("done.talk", day=spelling.words.day(day))
        case (
            StopAllForm() | HardshipForm() | DisputeForm() | NotMeForm() | UnlockForm() | UndoForm() as plain
        ):
            return say(f"done.{plain.action.name.lower()}")


def _pause(view: DoneView, spelling: Spelling) -> str:
    assert view.until is not None, "whoever shows a pause says until when it is"
    return spelling.say("done.pause", day=spelling.words.day(view.until))


def _hours(form: HoursForm, spelling: Spelling) -> str:
    if form.any_time:
        return spelling.say("done.hours_any")
    assert form.begins is not None
    assert form.ends is not None
    return spelling.say(
        "done.hours",
        days=spelling.days(form.days),
        begins=spelling.clock(form.begins),
        ends=spelling.clock(form.ends),
    )
