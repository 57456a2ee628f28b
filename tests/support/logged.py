"""Logging as the product does it, for the time of a test."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import structlog

from foundation import logs


@contextmanager
def strictly_logged() -> Iterator[StringIO]:
    """Log as the product does, and fail where a personal field is logged; give what was written."""
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    stream = StringIO()
    logs.configure(strict=True, stream=stream)
    # pytest keeps its own copy for the report.
    root.handlers += [handler for handler in handlers if handler not in root.handlers]
    yield stream
    root.handlers[:], root.level = handlers, level
    structlog.configure(**before)
