"""The preferences service as the demo meets it: records in, records out, and pages behind links."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from importlib.metadata import entry_points
from typing import Final, Protocol, cast

from foundation.clock import Clock
from foundation.records import Record

#: Made up: nobody's links and facts hang on them.
LINK_KEY: Final = "the key of the links of the demo's fictional people"
CHECK_KEY: Final = "the key of the facts that the demo's fictional agency publishes"

_GROUP: Final = "outreach.demo"


class Preferences(Protocol):
    """The service beside outreach; people's browsers find its pages at `url`."""

    url: str

    async def hear(self, records: Sequence[Record]) -> None:
        """Read what other systems and outreach say, as one batch."""
        ...

    async def tell(self) -> Sequence[Record]:
        """Return what it has to say of people since it was last asked."""
        ...


class _Opens(Protocol):
    def __call__(
        self, database_url: str, *, clock: Clock, link_key: str, check_key: str
    ) -> AbstractAsyncContextManager[Preferences]: ...


#: Opens it on a database of its own, by a clock.
OpenPreferences = Callable[[Clock], AbstractAsyncContextManager[Preferences]]


def preferences_on(database_url: str) -> OpenPreferences:
    """Return what opens preferences on a database; services never import each other, so it is found by name.

    Raises:
        LookupError: it is not installed beside outreach.
    """
    (found,) = entry_points(group=_GROUP, name="preferences") or [None]
    if found is None:
        raise LookupError("preferences is not installed beside outreach")
    opens = cast("_Opens", found.load())
    return lambda clock: opens(database_url, clock=clock, link_key=LINK_KEY, check_key=CHECK_KEY)
