"""What each page of the preference center shows: values alone, which `render.py` puts into words and HTML.

Whoever builds a view decides what may be seen. A page shows all that its view holds, and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeAlias

from preferences.pages.forms import Action, Fields, Form, Misfits
from preferences.pages.week import Week
from schemas.vocabulary import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every page of a link has in common.

    `path` is the link without its host, such as `/p/<token>`; every address on the page begins with it.
    `form_key` is sent back by each form, beside the cookie that it belongs to. `language` is that of the
    page, one that `words.languages()` names; every address carries it as `?lang=`, so that it stays.
    """

    path: str
    form_key: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOffered:
    """The light check: which facts unlock the page, and what was wrong with the last answer.

    `asks` are fields of `UnlockForm`, in the order in which they are asked. `was_wrong`: the answer was
    well formed and not true; which of the facts it was is never said.
    """

    asks: tuple[str, ...] = ("postal_code", "birth_year")
    was_wrong: bool = False
    misfits: Misfits = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLocked:
    """The light check was failed too often. Stopping stays as it was. `until` is on the reader's clock."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StrangerView:
    """What whoever holds the phone may see: that we may write to this address, and how to stop it.

    `ending` are the last signs of the address, such as `0142`, for whoever has more than one; None says
    nothing of it. `is_closed`: nothing is sent to this address any more. `offers` are the choices beside
    stopping that need no check, of which this page knows PAUSE, NOT_ME and TALK. `recent` can still be
    taken back.
    """

    frame: Frame
    channel: Channel
    ending: str | None = None
    is_closed: bool = False
    offers: frozenset[Action] = frozenset({Action.NOT_ME})
    check: CheckOffered | CheckLocked | None = None
    recent: tuple["RecentChoice", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelState:
    """One way of reaching the person. `may_open`: the person can open it again here."""

    channel: Channel
    is_open: bool
    may_open: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """What the person sees after the light check: all their choices, each with how it stands.

    `channels` come in the person's order. `language` is the one we write to them in, None where they
    have not chosen. `now` is on the person's own clock. `paused_until` is the first day on which we may
    write again. `asked_for` are those of TALK, HARDSHIP and DISPUTE that a human has yet to answer. `recent`
    can still be taken back.
    """

    frame: Frame
    channel: Channel
    now: datetime
    week: Week
    ending: str | None = None
    is_closed: bool = False
    is_all_closed: bool = False
    channels: tuple[ChannelState, ...] = ()
    language: str | None = None
    languages: tuple[str, ...] = ("en", "es")
    recent: tuple["RecentChoice", ...] = ()
    paused_until: date | None = None
    asked_for: frozenset[Action] = frozenset()
    offers: frozenset[Action] = frozenset(Action) - {Action.UNLOCK, Action.UNDO}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceView:
    """One choice alone, at `GET {path}/{action}`, and again after a POST that could not be read.

    `entered` is what was posted, so that nobody types twice; `misfits` say beside each field what to do.
    STOP, STOP_ALL and LANGUAGE have buttons on the person's page too. A stranger's NOT_ME, PAUSE and
    TALK are shown with `of` a `StrangerView`, which then needs its `now`.
    """

    of: PersonView | StrangerView
    action: Action
    now: datetime
    entered: Fields = field(default_factory=dict)
    misfits: Misfits = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """How a change is taken back: `change` names it in the form, `until` is on the reader's clock."""

    change: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneView:
    """What took effect, in words, with the button that takes it back.

    `form` is what was asked for. `channel` and `ending` are of this link's address. `until` is the first
    day after a pause. `is_undone`: it was taken back, and what it says is so no more. `is_known`: the
    light check was passed, so the page leads back to the person's choices.
    """

    frame: Frame
    form: Form
    channel: Channel
    ending: str | None = None
    until: date | None = None
    undo: Undo | None = None
    is_undone: bool = False
    is_known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentChoice:
    """Something chosen within the last day, that the first page offers to take back.

    `at` is on the reader's clock. `done` says what it came to; None where whoever looks only reads that
    something was chosen.
    """

    undo: Undo
    at: datetime
    done: DoneView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownLinkView:
    """A link that was not made here, is too old, or was revoked: the same page for all three."""

    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TooManyView:
    """Too many requests from one place. Nothing was changed."""

    language: str
    wait: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleFormView:
    """A form without the cookie that it belongs to. Nothing was changed; one tap leads back."""

    frame: Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class TooLateView:
    """A change that can be undone no more, or was undone before. Nothing was changed."""

    frame: Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class UnavailableView:
    """The database is out of reach. Nothing was changed, or nobody knows: asking again does no harm."""

    language: str


View: TypeAlias = (
    StrangerView
    | PersonView
    | ChoiceView
    | DoneView
    | UnknownLinkView
    | TooManyView
    | StaleFormView
    | TooLateView
    | UnavailableView
)

#: The HTTP status of a page, where it is not 200. One that tells of misfits has 422.
STATUS: Mapping[type, int] = {
    UnknownLinkView: 404,
    TooManyView: 429,
    StaleFormView: 403,
    TooLateView: 409,
    UnavailableView: 503,
}
