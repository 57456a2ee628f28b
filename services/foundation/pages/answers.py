"""Pages as HTTP answers: nothing of them is kept, followed, framed or fetched from elsewhere."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from foundation.pages.look import Asset, Look

#: No script, no style in an attribute, nothing of anybody else's; forms go back to where they came from.
#: The icon of a page is `data:`, an empty one, or browsers would ask for one.
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
#: A link in the address bar names somebody, so no other site hears of it, and no cache keeps its page.
HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
_ASSET_HEADERS: Final[Mapping[str, str]] = {
    # Whatever stands in a logo does nothing, even where somebody opens it alone.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cache-Control": "public, max-age=31536000, immutable",
    "Referrer-Policy": "no-referrer",
}


def page_answer(html: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a page as an answer."""
    return HTMLResponse(html, status_code=status, headers={**HEADERS, **(headers or {})})


def asset_routes(look: Look, *, prefix: str) -> list[Route]:
    """Return a route for each file of the look, to stand before what takes anything after the prefix."""
    return [_route(asset, prefix) for asset in look.assets.values()]


def _route(asset: Asset, prefix: str) -> Route:
    async def answer(_request: Request) -> Response:
        return Response(asset.content, media_type=asset.media_type, headers=dict(_ASSET_HEADERS))

    return Route(prefix + asset.name, answer, methods=["GET"])
