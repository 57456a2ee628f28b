"""Steps are taken with the product's own logs, which refuse personal fields."""

from collections.abc import Iterator
from io import StringIO

import pytest

from tests.support.logged import strictly_logged


@pytest.fixture(autouse=True)
def log() -> Iterator[StringIO]:
    """Everything that is logged during the test; a personal field that is given to a log fails it."""
    with strictly_logged() as written:
        yield written
