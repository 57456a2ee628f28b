"""The room templates run in: no loader, no attributes but facts, no arithmetic that could eat the machine."""

from collections.abc import Callable
from datetime import date
from typing import Any

from jinja2 import StrictUndefined, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.runtime import Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from outreach.model.money import Money
from outreach.wording.formats import write_day, write_money

#: All that a template may apply to a fact.
FILTERS = frozenset({"first", "last", "length", "lower", "upper"})

# A link travels through rendering as label and address between these. They are private-use
# characters, which facts are cleansed of, so no fact can become a link.
LINK_BEGINS, LINK_MIDDLE, LINK_ENDS = "\ue000", "\ue001", "\ue002"


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        raise SecurityError(f"{operator} is not for templates")


def sandbox(language: str) -> ImmutableSandboxedEnvironment:
    """Return the environment for texts of one language; amounts and days write themselves in it."""
    room = _Sandbox(
        undefined=StrictUndefined,
        autoescape=False,  # plain text; what becomes HTML is escaped when it does
        finalize=_writer(language),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    room.globals = {"link": _link}
    room.filters = {name: room.filters[name] for name in FILTERS}
    room.tests = {}
    return room


def _writer(language: str) -> Callable[[Any], Any]:
    def write(value: Any) -> Any:
        match value:
            case Money():
                return write_money(value, language=language)
            case date():
                return write_day(value, language=language)
            case str() | int() | Undefined():
                return value
            case _:
                raise UndefinedError("a fact that is not known")

    return write


def _link(label: str, address: Any) -> str:
    if not isinstance(address, str):
        raise UndefinedError("a link that is not known")
    return f"{LINK_BEGINS}{label}{LINK_MIDDLE}{address}{LINK_ENDS}"
