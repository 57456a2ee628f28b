"""Who may ask over HTTP: a bearer token of the right scope, not more often than it allows, and recorded."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

import structlog
from aiolimiter import AsyncLimiter
from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from foundation import acts, tokens
from foundation.acts import Actor, KnownBy
from foundation.clock import Clock
from foundation.database import Database
from foundation.tokens import Token

log = structlog.get_logger(__name__)

_BEARER: Final = HTTPBearer(auto_error=False, description="A token of `tokens mint`.")
#: What a route of ours may answer before it is asked, for its contract.
REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    401: {"description": "No token, or one that is not known or was revoked."},
    403: {"description": "The token does not allow this."},
    429: {"description": "Asked more often than the token allows; `Retry-After` says when again."},
}
#: A caller may ask this many seconds' worth at once.
_BURST: Final = 5


class Access:
    """Knows tokens, holds their rates, and records who asked about whom."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._limiters: dict[str, AsyncLimiter] = {}

    def requires(self, scope: str) -> Callable[..., Awaitable[Actor]]:
        """Return a dependency of a route: whoever calls it, where they may.

        The route answers 401, 403 or 429 before anything else is looked at.
        """

        async def caller(
            given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
        ) -> Actor:
            token = await self._find(given.credentials) if given is not None else None
            if token is None:
                log.warning("caller refused: no token that is known", asked_for=scope)
                raise HTTPException(
                    401, "give a token: Authorization: Bearer …", headers={"WWW-Authenticate": "Bearer"}
                )
            if scope not in token.scopes:
                log.warning(
                    "caller refused: its token does not allow this", caller=token.name, asked_for=scope
                )
                raise HTTPException(403, f"this token does not allow {scope}")
            await self._hold_to_rate(token)
            return Actor(name=token.name, known_by=KnownBy.TOKEN)

        return caller

    async def record(self, actor: Actor, act: str, *, subject: str) -> None:
        """Record that somebody asks about somebody; what cannot be recorded is not answered."""
        async with self._database.transaction() as connection:
            await acts.record(connection, actor, act, subject=subject, now=self._clock.now())

    async def _find(self, token: str) -> Token | None:
        async with self._database.reading() as connection:
            return await tokens.find(connection, token)

    async def _hold_to_rate(self, token: Token) -> None:
        most = max(token.per_second * _BURST, 1)
        limiter = self._limiters.get(token.name)
        if limiter is None or limiter.max_rate != most:
            limiter = self._limiters[token.name] = AsyncLimiter(most, most / token.per_second)
        if not limiter.has_capacity():
            log.warning("caller asks too often", caller=token.name)
            raise HTTPException(429, "asked too often", headers={"Retry-After": "1"})
        await limiter.acquire()
