"""Logs as JSON lines on stderr, about ids and never about people.

Known personal fields are refused, and whatever looks like a phone number or an email address in any
text. Errors are logged by type and place: their messages quote rows, requests and inputs.
"""

import logging
import re
import sys
import time
import traceback
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, TextIO, TypeAlias, cast

import structlog

REFUSED = "[refused]"

#: Names under which people's data travels. An event about a person names the person's id.
PERSONAL_FIELDS = frozenset(
    {
        "address", "addresses", "balance", "bcc", "birth_date", "body", "cc", "content", "data",
        "display_name", "email", "emails", "first_name", "from", "from_number", "full_name",
        "headers", "html", "last_name", "message", "name", "names", "number", "password", "payload",
        "phone", "phones", "postal_code", "raw", "recipient", "street", "subject", "text", "to",
        "to_number", "token", "url", "value", "words",
    }
)  # fmt: skip

_ADDRESS = re.compile(r"[^\s@<>(),;:\"]+@[^\s@<>(),;:\"']+\.[^\s@<>(),;:\"'.]{2,}")
_PHONE = re.compile(
    r"(?<![\w.+-])(?:\+?\d{1,3}[ .-]?)?(?:\(\d{3}\)|\d{3})[ .-]?\d{3}[ .-]?\d{4}(?![\w-])"
    r"|\+\d[\d .()-]{6,18}\d(?!\w)"
)
_OURS = frozenset({"exc_info", "logger", "level", "timestamp"})
_DEEPEST = 6
_QUIET_FOR = 30.0

EventDict: TypeAlias = MutableMapping[str, Any]


class PersonalDataInLog(AssertionError):
    """Somebody logs a field that may hold a person's data; log the id instead."""


@contextmanager
def only_trouble() -> Iterator[None]:
    """Log nothing below an error within the block: what a command prints is its answer, and may be JSON."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        yield
    finally:
        structlog.configure(wrapper_class=before)


def configure(*, strict: bool = False, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send everything logged in this process, by libraries too, through the rules of this module.

    `strict` raises `PersonalDataInLog` where our own code logs a refused field: for tests. Without it
    the field is replaced, because a log line must never stop the work.
    """
    own: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        Refusal(strict=strict),
    ]
    shared: list[Any] = [structlog.processors.TimeStamper(fmt="iso", utc=True), _name_the_error]
    structlog.configure(
        processors=[*own, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(Repetitions())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                Refusal(strict=False),
                *shared,
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(default=_only_the_type),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("aiokafka", "broker", "apscheduler", "alembic", "asyncio", "httpx", "uvicorn.access"):
        # Access logs hold whole addresses with their tokens; the others tell every breath they take.
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # FastStream's own, which warns at every start that topics are not made by naming them.
    logging.getLogger("broker").setLevel(logging.ERROR)


class Refusal:
    """A processor that lets no known personal field pass, nor text that looks like an address or number."""

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict

    def __call__(self, _logger: object, _method: str, event: EventDict) -> EventDict:
        for field, value in list(event.items()):
            if field == "event":
                event[field] = scrub(str(value))
            elif field not in _OURS and not field.startswith("_"):
                event[field] = self._clean(field, value, _DEEPEST)
        return event

    def _clean(self, field: str, value: Any, depth: int) -> Any:
        if field.lower() in PERSONAL_FIELDS:
            if self._strict:
                raise PersonalDataInLog(field)
            return REFUSED
        if isinstance(value, dict):
            if depth == 0:
                return REFUSED
            return {str(name): self._clean(str(name), part, depth - 1) for name, part in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return REFUSED if depth == 0 else [self._clean("", part, depth - 1) for part in value]
        return scrub(value) if isinstance(value, str) else value


def scrub(text: str) -> str:
    """Replace what looks like an email address or a phone number."""
    if "@" in text:
        text = _ADDRESS.sub(REFUSED, text)
    return _PHONE.sub(REFUSED, text)


class Repetitions(logging.Filter):
    """Lets a library say the same thing once in a while, and adds how often it wanted to.

    While a broker is away aiokafka logs several lines a second; what matters is said by the first.
    """

    def __init__(
        self, *, quiet_for: float = _QUIET_FOR, loggers: tuple[str, ...] = ("aiokafka", "broker")
    ) -> None:
        super().__init__()
        self._quiet_for = quiet_for
        self._loggers = loggers
        self._last: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(self._loggers):
            return True
        # The place, not the text, which differs by node, offset and correlation id.
        place = (record.name, record.lineno, record.levelname)
        now = time.monotonic()
        last, suppressed = self._last.get(place, (float("-inf"), 0))
        if now - last < self._quiet_for:
            self._last[place] = (last, suppressed + 1)
            return False
        self._last[place] = (now, 0)
        if suppressed:
            record.msg, record.args = f"{record.getMessage()} (and {suppressed} times since the last)", ()
        return True


def _name_the_error(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Replace the exception by its type, those of its causes, and the places it went through."""
    given = event.pop("exc_info", None)
    error = _exception(given)
    if error is not None:
        event["error"] = [_type_name(cause) for cause in _causes(error)]
        event["at"] = _places(error.__traceback__)
    return event


def _exception(given: object) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return cast("BaseException | None", given[1])
    return sys.exception() if given else None


def _causes(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return chain


def _places(frames: TracebackType | None) -> list[str]:
    summary = traceback.extract_tb(frames)[-8:]
    return [f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno} {frame.name}" for frame in summary]


def _only_the_type(value: object) -> str:
    # The text of an unknown object is unknown too.
    return str(value) if hasattr(value, "isoformat") or type(value).__name__ == "UUID" else _type_name(value)


def _type_name(value: object) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
