"""A stop is confirmed in the language in which somebody has just said it, whatever is recorded of them."""

import pytest

from foundation.database import Database
from tests.support.world import World, texts

#: A Monday, nine in the morning in Chicago.
MORNING = "2026-03-02T15:00Z"


async def confirmation(database: Database, text: str, *, recorded: str) -> str:
    world = World(database, now=MORNING)
    await world.person(language=recorded)
    await world.has_a_text_due()
    await world.works()
    await world.answers(text)
    await world.works()
    return texts(world.sms.sent)[-1]


@pytest.mark.parametrize(
    ("text", "recorded", "language"),
    [
        ("deje de mandarme mensajes", "en", "es"),
        ("STOP", "es", "es"),
        ("please stop texting me", "es", "es"),
        ("STOP", "en", "en"),
        # Nobody has written our words in French yet.
        ("arrêtez de m'écrire", "es", "es"),
    ],
)
async def test_a_stop_is_confirmed_in_the_language_it_was_said_in(
    database: Database, text: str, recorded: str, language: str
) -> None:
    said = await confirmation(database, text, recorded=recorded)

    is_spanish = "mensajes" in said
    assert is_spanish is (language == "es"), said
