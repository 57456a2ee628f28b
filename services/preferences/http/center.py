"""The pages of the preference center, behind the links in messages: GET changes nothing, POST does."""

import re
from dataclasses import dataclass, replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from foundation.clock import Clock
from foundation.database import Database
from foundation.metrics import Metrics
from preferences.center import choosing
from preferences.center.checking import Closed, Passed, Wrong, answer_check
from preferences.center.seeing import (
    OPEN_TO_ALL,
    done_view,
    person_view,
    recent_choices,
    stranger_view,
    told_view,
)
from preferences.http.answers import Answers
from preferences.http.visits import Visit, Visits, read_fields
from preferences.pages.forms import Action, Fields, Form, Misfits, UndoForm, UnlockForm, read_form
from preferences.pages.render import PREFIX
from preferences.pages.views import (
    CheckLocked,
    CheckOffered,
    ChoiceView,
    PersonView,
    RecentChoice,
    StaleFormView,
    StrangerView,
    TooLateView,
    UnknownLinkView,
)
from preferences.store import choices
from schemas.provenance import Evidence

#: What has no page of its own: one button, or a form on the first page.
_ONLY_POSTED: Final = frozenset({Action.STOP, Action.STOP_ALL, Action.UNLOCK, Action.UNDO})
_DOES_NOT_FIT: Final = 422
#: How a choice is named, in an address that anybody may write.
_CHOICE: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_KEPT_FOR_A_YEAR: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Center:
    """Answers what browsers ask. `check_key` is that of the digests of facts."""

    database: Database
    clock: Clock
    visits: Visits
    answers: Answers
    check_key: str
    metrics: Metrics

    def routes(self) -> list[Route]:
        """Return the routes of pages, forms and the files that pages name."""
        link = f"{PREFIX}{{token}}"
        return [
            Route(link, self.show),
            Route(f"{link}/done/{{choice}}", self.show_done),
            Route(f"{link}/{{action}}", self.show_choice),
            Route(f"{link}/{{action}}", self.act, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Show the page of a link, or a file that pages name."""
        asset = self.answers.pages.look.assets.get(request.path_params["token"])
        if asset is not None:
            headers = {"Cache-Control": _KEPT_FOR_A_YEAR}
            return Response(asset.content, media_type=asset.media_type, headers=headers)
        async with self.database.reading() as connection:
            visit = await self.visits.read(request, connection, now=self.clock.now())
            if visit is None:
                return self._unknown(request)
            lately = await choosing.list_lately(connection, visit.link, now=visit.looking.now)
        recent = recent_choices(lately, visit.looking, is_known=visit.is_known, session=visit.session.nonce)
        return self.answers.page(self._home(visit, recent=recent), visit)

    async def show_choice(self, request: Request) -> Response:
        """Show one choice alone."""
        visit, action = await self._visit(request), _action_of(request)
        if visit is None:
            return self._unknown(request)
        if action is None or action in _ONLY_POSTED or not _may_choose(action, visit):
            return self.answers.go_on(visit)
        return self.answers.page(self._choice(visit, action), visit)

    async def show_done(self, request: Request) -> Response:
        """Say what took effect, with the button that takes it back."""
        visit, name = await self._visit(request), request.path_params["choice"]
        if visit is None:
            return self._unknown(request)
        if not _CHOICE.fullmatch(name):
            return self.answers.go_on(visit)
        async with self.database.reading() as connection:
            choice = await choices.find_choice(connection, name, person_id=visit.link.person_id)
        done = None if choice is None else done_view(choice, visit.looking, is_known=visit.is_known)
        return self.answers.go_on(visit) if done is None else self.answers.page(done, visit)

    async def act(self, request: Request) -> Response:
        """Do what a form asks for; it is committed before the browser is sent on to be told so."""
        visit, action = await self._visit(request), _action_of(request)
        if visit is None:
            return self._unknown(request)
        fields = await read_fields(request)
        # A stop by whoever holds the link is never refused, as where a phone keeps no cookies.
        if action is not Action.STOP and not self._is_ours(visit, fields):
            return self.answers.page(StaleFormView(frame=visit.frame), visit)
        if action is None or not _may_choose(action, visit):
            return self.answers.go_on(visit)
        languages = self.answers.pages.languages
        form = read_form(action, fields, today=visit.looking.today, languages=languages, asks=visit.asks)
        match form:
            case UnlockForm():
                return await self._unlock(form, visit)
            case UndoForm():
                return await self._undo(form, visit)
            case dict():
                return self._misfit(visit, action, fields, misfits=form)
            case _:
                return await self._choose(form, visit)  # type: ignore[arg-type] # misfits are a dict

    async def _visit(self, request: Request) -> Visit | None:
        async with self.database.reading() as connection:
            return await self.visits.read(request, connection, now=self.clock.now())

    def _unknown(self, request: Request) -> Response:
        """Answer whoever comes by no link that works: to all of them the same."""
        return self.answers.note(UnknownLinkView(language=self.visits.language_of(request)))

    def _is_ours(self, visit: Visit, fields: Fields) -> bool:
        given = (fields.get("form") or [""])[-1]
        return visit.has_cookie and self.visits.sessions.is_of(given, visit.session, token=visit.link.token)

    def _home(
        self,
        visit: Visit,
        *,
        was_wrong: bool = False,
        misfits: Misfits | None = None,
        recent: tuple[RecentChoice, ...] = (),
    ) -> PersonView | StrangerView:
        if visit.is_known:
            return person_view(visit.looking, languages=self.answers.pages.languages, recent=recent)
        check: CheckOffered | CheckLocked | None = None
        if visit.closed_until is not None:
            check = CheckLocked(until=visit.looking.local(visit.closed_until))
        elif visit.asks:
            check = CheckOffered(asks=visit.asks, was_wrong=was_wrong, misfits=misfits or {})
        return stranger_view(visit.looking, check=check, recent=recent)

    def _choice(
        self, visit: Visit, action: Action, *, entered: Fields | None = None, misfits: Misfits | None = None
    ) -> ChoiceView:
        return ChoiceView(
            of=self._home(visit),
            action=action,
            now=visit.looking.local_now,
            entered=entered or {},
            misfits=misfits or {},
        )

    async def _choose(self, form: Form, visit: Visit) -> Response:
        choice = await choosing.choose(
            form,
            visit.link,
            is_known=visit.is_known,
            today=visit.looking.today,
            evidence=self._evidence(form, visit),
            session=visit.session.nonce,
            database=self.database,
            clock=self.clock,
        )
        self.metrics.count("choices_total", action=form.action.value)
        return self.answers.go_on(visit, f"/done/{choice.choice_id}")

    async def _undo(self, form: UndoForm, visit: Visit) -> Response:
        choice = await choosing.undo(
            form.change,
            visit.link,
            is_known=visit.is_known,
            evidence=self._evidence(form, visit),
            database=self.database,
            clock=self.clock,
        )
        if choice is None:
            return self.answers.page(TooLateView(frame=visit.frame), visit)
        self.metrics.count("choices_total", action=form.action.value)
        return self.answers.go_on(visit, f"/done/{choice.choice_id}")

    async def _unlock(self, form: UnlockForm, visit: Visit) -> Response:
        if not visit.asks:
            return self.answers.go_on(visit)
        async with self.database.transaction() as connection:
            outcome = await answer_check(
                connection,
                visit.link.person_id,
                {"postal_code": form.postal_code or "", "birth_year": str(form.birth_year or "")},
                key=self.check_key,
                now=self.clock.now(),
            )
        self.metrics.count("light_checks_total", outcome=outcome.name)
        match outcome:
            case Passed():
                session = visit.session.unlocked(now=visit.looking.now)
                return self.answers.go_on(visit, session=session)
            case Wrong(is_locked=False):
                home = self._home(visit, was_wrong=True)
                return self.answers.page(home, visit, status=_DOES_NOT_FIT)
            case Wrong() | Closed():
                home = self._home(replace(visit, closed_until=outcome.until))
                return self.answers.page(home, visit, status=_DOES_NOT_FIT)

    def _misfit(self, visit: Visit, action: Action, fields: Fields, *, misfits: Misfits) -> Response:
        """Show a form again that could not be read, with what does not fit beside each field."""
        if action is Action.UNLOCK:
            home = self._home(visit, misfits=misfits)
            return self.answers.page(home, visit, status=_DOES_NOT_FIT)
        if action in _ONLY_POSTED:
            # Only a form that we did not write can miss what these need.
            return self.answers.page(StaleFormView(frame=visit.frame), visit)
        choice = self._choice(visit, action, entered=fields, misfits=misfits)
        return self.answers.page(choice, visit, status=_DOES_NOT_FIT)

    def _evidence(self, form: Form, visit: Visit) -> Evidence:
        """Return which page it was, and what it told the person of what they did."""
        pages, frame = self.answers.pages, visit.frame
        told = pages.told(told_view(form, visit.looking, on=visit.looking.today))
        return Evidence(
            kind="page", reference=f"center-{pages.version}-{frame.language}-{form.action}", wording=told
        )


def _action_of(request: Request) -> Action | None:
    try:
        return Action(request.path_params["action"])
    except ValueError:
        return None


def _may_choose(action: Action, visit: Visit) -> bool:
    return visit.is_known or action in OPEN_TO_ALL
