"""Ports that stay ours while whoever listens there is dead."""

import random

from foundation.local.processes import is_free


def quiet_ports(count: int) -> list[int]:
    """Return free ports of 127.0.0.1 below those that a system gives to callers."""
    chance = random.SystemRandom()
    found: list[int] = []
    while len(found) < count:
        port = chance.randrange(20_000, 32_000)
        if port not in found and is_free(port):
            found.append(port)
    return found
