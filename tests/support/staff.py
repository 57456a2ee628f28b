"""Who acts in tests where somebody has to."""

from foundation.acts import Actor, KnownBy


def staff(name: str) -> Actor:
    """Return somebody whose token has this name."""
    return Actor(name=name, known_by=KnownBy.TOKEN)


STAFF, EVE = staff("staff"), staff("eve")
