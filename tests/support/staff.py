"""Who acts in tests where somebody has to."""

from foundation.acts import Actor, KnownBy

STAFF = Actor(name="staff", known_by=KnownBy.TOKEN)
EVE = Actor(name="eve", known_by=KnownBy.TOKEN)
