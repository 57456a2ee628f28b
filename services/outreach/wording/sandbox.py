"""The room templates run in: no loader, no globals, nothing but facts and a few filters."""

from functools import cache
from typing import Any

from jinja2 import StrictUndefined, UndefinedError
from jinja2.runtime import Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

#: All that a template may apply to a fact.
FILTERS = frozenset({"first", "last", "length", "lower", "upper"})

# A link travels through rendering as label and address between these. They are private-use
# characters, which facts are cleansed of, so no fact can become a link.
LINK_BEGINS, LINK_MIDDLE, LINK_ENDS = "\ue000", "\ue001", "\ue002"


@cache
def sandbox() -> ImmutableSandboxedEnvironment:
    """Return the environment for texts; facts come written out, and one that is not known is never said."""
    room = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,  # plain text; what becomes HTML is escaped when it does
        finalize=_said,
    )
    room.globals = {"link": _link}
    room.filters = {name: room.filters[name] for name in FILTERS}
    room.tests = {}
    return room


def page_sandbox() -> ImmutableSandboxedEnvironment:
    """Return the environment for the page that emails stand on."""
    room = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    room.globals, room.filters, room.tests = {}, {}, {}
    return room


def _said(value: Any) -> Any:
    if isinstance(value, str | int | Undefined):
        return value
    raise UndefinedError("a fact that is not known")


def _link(label: str, address: Any) -> str:
    if not isinstance(address, str):
        raise UndefinedError("a link that is not known")
    return f"{LINK_BEGINS}{label}{LINK_MIDDLE}{address}{LINK_ENDS}"
