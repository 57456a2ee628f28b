"""Questions to vendors about their own settings: GETs that change nothing and send nobody anything."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import msgspec
from aiohttp import ClientSession

from outreach.providers.connection import FAILURES, call_timeout

_LARGEST_ANSWER: Final = 1_000_000


class VendorSilent(Exception):
    """A vendor did not answer, or not in JSON; it says so in a few words."""


class VendorRefuses(Exception):
    """A vendor answered with no: `status` is HTTP's."""

    def __init__(self, status: int) -> None:
        super().__init__(f"answers HTTP {status}")
        self.status = status


class VendorApi:
    """Asks one vendor, at `base_url`, as whom `headers` say."""

    def __init__(
        self, session: ClientSession, *, base_url: str, headers: Mapping[str, str], timeout: timedelta
    ) -> None:
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._headers = headers
        self._timeout = call_timeout(timeout)

    async def get(self, path: str) -> dict[str, Any]:
        """Return what the vendor answers.

        Raises:
            VendorRefuses: it says no, such as 401 to credentials that it does not know.
            VendorSilent: it says nothing that could be read.
        """
        try:
            async with self._session.get(
                f"{self._base_url}{path}", headers=self._headers, timeout=self._timeout, allow_redirects=False
            ) as answer:
                body = await answer.content.read(_LARGEST_ANSWER)
        except FAILURES as error:
            raise VendorSilent(f"cannot be reached ({type(error).__name__})") from error
        if answer.status != 200:  # noqa: PLR2004 (HTTP's word for yes)
            raise VendorRefuses(answer.status)
        try:
            return msgspec.json.decode(body, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise VendorSilent("answers nothing that can be read") from error
