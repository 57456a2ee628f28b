"""Puts together what sends: for a process, for the demo, for a bench, for a test."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from foundation.clock import Clock
from foundation.database import Database
from outreach.guidance.guidance import Guidance
from outreach.providers.provider import Provider
from outreach.sending.compose import Compose
from outreach.sending.dispatch import Dispatch
from outreach.sending.dispatching import Dispatching
from outreach.sending.obstacles import FindObstacle, no_obstacle
from outreach.sending.pace import Pace
from outreach.sending.send import Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """What makes the calls that a claim decided, and what claims and has them made."""

    sender: Sender
    dispatch: Dispatch


def assemble(
    *,
    database: Database,
    clock: Clock,
    guidance: Callable[[], Guidance],
    compose: Compose,
    providers: Collection[Provider],
    paces: Mapping[str, Pace] | None = None,
    dispatching: Dispatching | None = None,
    find_obstacle: FindObstacle = no_obstacle,
    monotonic: Callable[[], float] = time.monotonic,
) -> Assembly:
    """Return what sends by these providers, following whatever guidance is in force.

    `paces` are by provider; one that has none is called as fast as it answers.
    """
    dispatching = dispatching or Dispatching()
    sender = Sender(
        database=database,
        clock=clock,
        providers={provider.name: provider for provider in providers},
        paces=paces or {},
        playbook=lambda: guidance().playbook,
        dispatching=dispatching,
        find_obstacle=find_obstacle,
        monotonic=monotonic,
    )
    dispatch = Dispatch(
        database=database,
        clock=clock,
        compose=compose,
        sender=sender,
        dispatching=dispatching,
        guidance=guidance,
        find_obstacle=find_obstacle,
    )
    return Assembly(sender=sender, dispatch=dispatch)
