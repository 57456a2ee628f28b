"""A site that serves every page in every state, as the real one does, and notes what is posted."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from foundation.pages.answers import asset_routes, page_answer
from foundation.pages.look import Look, load_look
from foundation.serving import serving
from outreach.http.unsubscribe import PATH as UNSUBSCRIBE_PATH
from outreach.http.unsubscribe import UnsubscribePage
from preferences.pages.render import PREFIX, Pages
from tests.support.page_states import UNSUBSCRIBE, states


@dataclass(slots=True)
class PageSite:
    """`url` is where it listens; `posted` are the fields of each form, with the path it was posted to."""

    pages: Pages
    unsubscribe: UnsubscribePage
    url: str = ""
    posted: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)

    def address(self, language: str, name: str) -> str:
        """Return where a page is shown in a state."""
        return f"{self.url}{PREFIX}shown/{language}/{name}"

    def routes(self) -> list[Route]:
        return [
            *asset_routes(self.pages.look, prefix=PREFIX),
            *asset_routes(self.pages.look, prefix=UNSUBSCRIBE_PATH),
            Route(PREFIX + "shown/{language}/{name}", self._shown),
            Route(PREFIX + "a-token", self._home),
            Route(PREFIX + "a-token/{action}", self._posted, methods=["POST"]),
            Route(PREFIX + "a-token/{action}", self._choice),
        ]

    async def _shown(self, request: Request) -> Response:
        language, name = request.path_params["language"], request.path_params["name"]
        if name in UNSUBSCRIBE:
            state, choices = UNSUBSCRIBE[name]
            return page_answer(self.unsubscribe.html(state, language=language, choices=choices))
        return page_answer(self.pages.page(states(language)[name]))

    async def _home(self, request: Request) -> Response:
        name = "done: stop" if "done" in request.query_params else "person"
        return page_answer(self.pages.page(states(request.query_params["lang"])[name]))

    async def _choice(self, request: Request) -> Response:
        name = request.path_params["action"].replace("-", " ")
        return page_answer(self.pages.page(states(request.query_params["lang"])[name]))

    async def _posted(self, request: Request) -> Response:
        form = await request.form()
        fields = {name: [str(value) for value in form.getlist(name)] for name in form}
        self.posted.append((request.url.path, fields))
        return RedirectResponse(
            f"{PREFIX}a-token?lang={request.query_params['lang']}&done=1", status_code=303
        )


@contextlib.asynccontextmanager
async def page_site(look: Look | None = None) -> AsyncIterator[PageSite]:
    """Serve while the block lasts, in this look or the plain one."""
    look = look or load_look(None)
    site = PageSite(Pages(look), UnsubscribePage(look))
    async with serving(Starlette(routes=site.routes()), host="127.0.0.1", port=0) as port:
        site.url = f"http://127.0.0.1:{port}"
        yield site
