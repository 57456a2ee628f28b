"""Commands that are imported when they are asked for: what one needs must not slow down `--help`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group


@dataclass(frozen=True, slots=True)
class OnDemand:
    """Where a command or a group of commands is, as `module:name`, and the line that `--help` shows."""

    place: str
    help: str


def on_demand(places: Mapping[str, OnDemand]) -> type[TyperGroup]:
    """Return a group with these commands besides its own, by name, for `typer.Typer(cls=...)`."""

    class Group(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            for name, command in places.items():
                self.commands.setdefault(name, TyperCommand(name=name, help=command.help))

        def resolve_command(self, ctx: Any, args: list[str]) -> Any:
            name, command, rest = super().resolve_command(ctx, args)
            if name is not None and name in places:
                command = read_command(name, places[name])
            return name, command, rest

    return Group


def read_command(name: str, command: OnDemand) -> Any:
    """Import a command and return it as the command line runs it."""
    module, _, attribute = command.place.partition(":")
    target: typer.Typer | Callable[..., Any] = getattr(import_module(module), attribute)
    if isinstance(target, typer.Typer):
        group = get_group(target)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False)
    alone.command(name)(target)
    return get_command(alone)
