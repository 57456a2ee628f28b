"""What each form of the pages posts, as checked values; what does not fit is told beside its field.

Whatever a browser or a stranger posts becomes a form or misfits, never an error: fields of other names
are ignored, of a field that came twice the last counts, and an empty one was not filled in.
"""

import calendar
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from schemas.people import LocalTime
from schemas.vocabulary import Channel, Weekday

#: What was posted, by the name of its field.
Fields: TypeAlias = Mapping[str, Sequence[str]]

LONGEST_SAID: Final = 1000
#: No pause and no wish to talk reaches further; whoever wants more can stop.
FURTHEST: Final = timedelta(days=366)
_OLDEST: Final = 120
_YOUNGEST: Final = 10
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")


class Action(StrEnum):
    """What can be done, as the last part of the address that a form is posted to."""

    STOP = "stop"
    STOP_ALL = "stop-all"
    UNLOCK = "unlock"
    CHANNELS = "channels"
    HOURS = "hours"
    LANGUAGE = "language"
    PAUSE = "pause"
    HARDSHIP = "hardship"
    TALK = "talk"
    NOT_ME = "not-me"
    DISPUTE = "dispute"
    UNDO = "undo"


class Misfit(StrEnum):
    """Why a field cannot be taken as it is; each has its words in every language."""

    MISSING = "missing"
    NOT_OFFERED = "not_offered"
    TOO_LONG = "too_long"
    NOT_A_DAY = "not_a_day"
    TOO_EARLY = "too_early"
    TOO_FAR = "too_far"
    NOT_A_POSTAL_CODE = "not_a_postal_code"
    NOT_A_YEAR = "not_a_year"
    NO_TIME_LEFT = "no_time_left"


#: What is wrong, by the name of the field.
Misfits: TypeAlias = Mapping[str, Misfit]


def _misfit(misfit: Misfit) -> PydanticCustomError:
    return PydanticCustomError(misfit.value, "the field does not fit")


def _said(value: Any) -> Any:
    """Return what somebody wrote, its lines kept, without signs that only hide or turn others."""
    text = _CONTROLS.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(text) > LONGEST_SAID:
        raise _misfit(Misfit.TOO_LONG)
    return text


def _day(value: Any) -> Any:
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise _misfit(Misfit.NOT_A_DAY) from None


def _postal_code(value: Any) -> Any:
    """Return the letters and digits alone: people write the rest as they please."""
    written = re.sub(r"[\s-]", "", str(value)).upper()
    if not re.fullmatch(r"[A-Z0-9]{3,10}", written):
        raise _misfit(Misfit.NOT_A_POSTAL_CODE)
    return written


def _year(value: Any) -> Any:
    written = str(value).strip()
    if not re.fullmatch(r"(19|20)[0-9]{2}", written):
        raise _misfit(Misfit.NOT_A_YEAR)
    return int(written)


Said: TypeAlias = Annotated[str, BeforeValidator(_said)]
"""What somebody told us in their own words; empty where they said nothing."""

FormDay: TypeAlias = Annotated[date, BeforeValidator(_day)]


class _Form(BaseModel):
    """A posted form. Its own values never stand in what it says of them."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class StopForm(_Form):
    """Write to this address no more."""

    action: Literal[Action.STOP] = Action.STOP


class StopAllForm(_Form):
    """Write to this person no more, on any way."""

    action: Literal[Action.STOP_ALL] = Action.STOP_ALL


class UnlockForm(_Form):
    """The answers of the light check: letters and digits of a postal code, and a year; None if not asked."""

    action: Literal[Action.UNLOCK] = Action.UNLOCK
    postal_code: Annotated[str, BeforeValidator(_postal_code)] | None = None
    birth_year: Annotated[int, BeforeValidator(_year)] | None = None


class ChannelsForm(_Form):
    """One way of reaching the person: stop it, allow it again, or take it first."""

    action: Literal[Action.CHANNELS] = Action.CHANNELS
    channel: Channel
    wish: Literal["stop", "allow", "first"]


class HoursForm(_Form):
    """When the person may be written to, on their own clock; or `any_time`, which takes all limits away.

    `begins` is inside the span and `ends` is not; both are of the same day, and `ends` may be `24:00`.
    """

    action: Literal[Action.HOURS] = Action.HOURS
    any_time: bool = False
    days: tuple[Weekday, ...] = ()
    begins: LocalTime | None = None
    ends: LocalTime | None = None

    @property
    def misfits(self) -> Misfits:
        """What keeps these from being hours, each beside its field."""
        if self.any_time:
            return {}
        missing = {name: Misfit.MISSING for name in ("days", "begins", "ends") if not getattr(self, name)}
        if self.begins is None or self.ends is None:
            return missing
        return missing | ({"ends": Misfit.NO_TIME_LEFT} if self.begins >= self.ends else {})


class LanguageForm(_Form):
    """The language to write to the person in: one that the page offers."""

    action: Literal[Action.LANGUAGE] = Action.LANGUAGE
    language: str


class PauseForm(_Form):
    """Write nothing for a while. `until` is the first day on which we may write again; `end` is now."""

    action: Literal[Action.PAUSE] = Action.PAUSE
    span: Literal["two_weeks", "month", "until", "end"]
    until: FormDay | None = None

    def first_day_after(self, today: date) -> date | None:
        """Return the first day on which we may write again, on the person's clock; None ends the pause."""
        match self.span:
            case "two_weeks":
                return today + timedelta(weeks=2)
            case "month":
                return _a_month_after(today)
            case "until":
                return self.until
            case "end":
                return None


class HardshipForm(_Form):
    """Things are hard for the person just now; `said` in their words, if they want to say."""

    action: Literal[Action.HARDSHIP] = Action.HARDSHIP
    said: Said = ""


class TalkForm(_Form):
    """The person wants to talk to a human: on a day, or as soon as can be, in a part of that day."""

    action: Literal[Action.TALK] = Action.TALK
    day: FormDay | None = None
    part: Literal["any", "morning", "afternoon", "evening"] = "any"
    said: Said = ""


class NotMeForm(_Form):
    """This address belongs to somebody else than the person we look for."""

    action: Literal[Action.NOT_ME] = Action.NOT_ME
    said: Said = ""


class DisputeForm(_Form):
    """The person says that they do not owe this, or not so much."""

    action: Literal[Action.DISPUTE] = Action.DISPUTE
    said: Said = ""


class UndoForm(_Form):
    """Take one change back; `change` is what `views.Undo` named it."""

    action: Literal[Action.UNDO] = Action.UNDO
    change: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-~]+$")]


Form: TypeAlias = (
    StopForm
    | StopAllForm
    | UnlockForm
    | ChannelsForm
    | HoursForm
    | LanguageForm
    | PauseForm
    | HardshipForm
    | TalkForm
    | NotMeForm
    | DisputeForm
    | UndoForm
)

FORMS: Final[Mapping[Action, type[_Form]]] = {
    form.model_fields["action"].default: form for form in _Form.__subclasses__()
}


def read_form(
    action: Action,
    fields: Fields,
    *,
    today: date,
    languages: Sequence[str] = (),
    asks: Sequence[str] = (),
) -> Form | Misfits:
    """Return the form that was posted, or what does not fit in it, by field.

    `today` is the person's own. `languages` are those that may be chosen, `asks` the facts that the light
    check asked for.
    """
    model = FORMS[action]
    try:
        form = model.model_validate(_values(model, fields))
    except ValidationError as error:
        return _told(error)
    misfits = _outside(form, today=today, languages=languages, asks=asks)
    return misfits or form  # type: ignore[return-value] # one of FORMS is one of Form


def form_of(stored: Mapping[str, Any]) -> Form:
    """Return a form from what `model_dump(mode="json")` made of it.

    Raises:
        ValueError: it is none, or of an older release that knew other fields.
    """
    return FORMS[Action(stored["action"])].model_validate(stored)  # type: ignore[return-value]


def _values(model: type[_Form], fields: Fields) -> dict[str, Any]:
    """Return what was filled in of a form's own fields, each as one text, and `days` as all of them."""
    values: dict[str, Any] = {}
    for name in model.model_fields.keys() - {"action"}:
        given = [text for text in fields.get(name, ()) if text.strip()]
        if given:
            # Seven days are all there are; whoever sends thousands means nothing by it.
            values[name] = tuple(dict.fromkeys(given))[:20] if name == "days" else given[-1]
    return values


def _told(error: ValidationError) -> dict[str, Misfit]:
    misfits: dict[str, Misfit] = {}
    for part in error.errors(include_url=False, include_input=False):
        kind, place = part["type"], part["loc"]
        name = str(place[0])
        known = kind in set(Misfit)
        misfits.setdefault(name, Misfit(kind) if known else Misfit.NOT_OFFERED)
    return misfits


def _outside(
    form: _Form, *, today: date, languages: Sequence[str], asks: Sequence[str]
) -> Mapping[str, Misfit]:
    """Return what a form asks for that is not to be had: days gone by, or languages without words."""
    match form:
        case PauseForm(span="until", until=None):
            return {"until": Misfit.MISSING}
        case PauseForm(span="until", until=date() as until):
            return _day_misfit("until", until, earliest=today + timedelta(days=1), today=today)
        case TalkForm(day=date() as day):
            return _day_misfit("day", day, earliest=today, today=today)
        case HoursForm():
            return form.misfits
        case LanguageForm(language=language) if language not in languages:
            return {"language": Misfit.NOT_OFFERED}
        case UnlockForm():
            return {name: Misfit.MISSING for name in asks if getattr(form, name) is None}
        case _:
            return {}


def _day_misfit(name: str, day: date, *, earliest: date, today: date) -> dict[str, Misfit]:
    if day < earliest:
        return {name: Misfit.TOO_EARLY}
    return {name: Misfit.TOO_FAR} if day > today + FURTHEST else {}


def _a_month_after(day: date) -> date:
    """Return the same day of the next month, or its last where it has no such day."""
    year, month = (
        (day.year + 1, 1) if day.month == len(calendar.month_name) - 1 else (day.year, day.month + 1)
    )
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
