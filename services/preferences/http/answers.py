"""What browsers get: pages, and where to go on to; each with the one cookie that its forms belong to."""

from dataclasses import dataclass
from typing import Final

from starlette.responses import HTMLResponse, RedirectResponse, Response

from preferences.center.choosing import UNDONE_WITHIN
from preferences.center.session import Session, Sessions
from preferences.http.visits import Visit, cookie_name
from preferences.pages.render import Pages
from preferences.pages.views import STATUS, View

_SEE_OTHER: Final = 303


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Answers visits. `is_private`: browsers come by https, as all do but those of this machine."""

    pages: Pages
    sessions: Sessions
    is_private: bool

    def page(self, view: View, visit: Visit, *, status: int | None = None) -> Response:
        """Return a page of a link; a status other than the view's own says that a form did not fit."""
        return self._with_cookie(self.note(view, status=status), visit, session=visit.session)

    def note(self, view: View, *, status: int | None = None) -> Response:
        """Return a page that belongs to no link."""
        return HTMLResponse(self.pages.page(view), status_code=status or STATUS.get(type(view), 200))

    def go_on(self, visit: Visit, place: str = "", *, session: Session | None = None) -> Response:
        """Send the browser on to another page of the link, with another session where one is given."""
        address = f"{visit.frame.path}{place}?lang={visit.frame.language}"
        response = RedirectResponse(address, status_code=_SEE_OTHER)
        return self._with_cookie(response, visit, session=session or visit.session)

    def _with_cookie(self, response: Response, visit: Visit, *, session: Session) -> Response:
        if not visit.has_cookie or session != visit.session:
            response.set_cookie(
                cookie_name(is_private=self.is_private),
                self.sessions.write(session, token=visit.link.token),
                # Each link has its own, and no other page is told of it.
                path=visit.frame.path,
                secure=self.is_private,
                # As long as what was chosen can be taken back.
                max_age=int(UNDONE_WITHIN.total_seconds()),
                httponly=True,
                samesite="strict",
            )
        return response
