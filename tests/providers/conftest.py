"""A vendor on a real socket, the providers that talk to it, and a message of each kind."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from outreach.providers.connection import open_session
from tests.providers.vendor import Vendor, running_vendor


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    async with running_vendor() as vendor:
        yield vendor


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with open_session() as session:
        yield session
