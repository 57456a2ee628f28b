"""Both services, each with its database, and one person between them who opens the page behind a message."""

from datetime import timedelta

from foundation.clock import ManualClock
from foundation.database import Database
from outreach.listening.replies import bind_waiting
from outreach.sending.compose import CenterLinks
from preferences.ledger.name import name_everybody
from tests.preferences.stories import happened, hears, published, record
from tests.preferences.visitors import KEY, facts_of
from tests.support.world import CHICAGO, World

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"
SMS = "+13125550142"
EMAIL = "ada@example.com"
CENTER = "https://choices.example.com"


class Town:
    """Both services, and one person between them."""

    def __init__(self, database: Database, preferences: Database) -> None:
        self.world = World(database, now=MORNING)
        self.world.center = CenterLinks(url=CENTER, key=KEY, last=timedelta(days=180))
        self.preferences = preferences

    @property
    def clock(self) -> ManualClock:
        return self.world.clock

    async def meets_ada(self, *, by_email: bool = False) -> None:
        """Have both know Ada, who allows texts, and `by_email` email too."""
        await name_everybody([KEY.names_key], database=self.preferences)
        before = (self.clock.now() - timedelta(days=20)).isoformat()
        await hears(
            self.preferences,
            happened(
                "person.changed",
                before,
                to="ada",
                names={"given": "Ada"},
                addresses=[CHICAGO],
                phones=[{"number": SMS, "kind": "mobile"}],
                emails=[{"address": EMAIL}] if by_email else [],
                light_check=facts_of("ada"),
            ),
            *(
                happened("consent.granted", before, to="ada", channel=channel, basis="written", at=before)
                for channel in (["sms", "email"] if by_email else ["sms"])
            ),
            now=self.clock.now(),
        )
        await self.tells()

    async def tells(self) -> None:
        """Carry the newest snapshot to outreach, as Kafka does, and have listening bind what it asks."""
        async with self.preferences.transaction() as connection:
            (*_, event) = [event for event in await published(connection) if event.person_id == "ada"]
        await self.world.reads([record(event)])
        await bind_waiting(
            database=self.world.database, clock=self.clock, playbook=self.world.guidance.playbook
        )

    def link(self, address: str = SMS) -> str:
        """Return the path of the page that messages to Ada at an address lead to."""
        links = self.world.center
        assert links is not None
        return links.of("ada", address, revoked_at=None, now=self.clock.now()).removeprefix(CENTER)
