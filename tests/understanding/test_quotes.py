"""Our own words mean nothing, however they come back."""

import pytest

from outreach.understanding.kinds import Kind
from outreach.understanding.quotes import own_words
from outreach.understanding.understand import understand

SENT = (
    "Hi Ada, this is Harbor Recovery. We are here when you are ready to talk. "
    "Reply STOP to stop texts to this number."
)


#: How phones tell of a reaction: iPhones, since iOS 18 with any picture, and Google Messages.
KIND_ONES = [
    *(
        "Liked “{}”",
        'Loved "{}"',
        "Laughed at “{}”",
        "Emphasized “{}”",
        "Emphasised “{}”",
        "Liked ‘{}’",
        "Liked “{}",
    ),
    *("Removed a like from “{}”", "Removed a heart from “{}”", "Removed a laugh from “{}”"),
    *("Removed an exclamation from “{}”", "Removed a dislike from “{}”", "Removed 😂 from “{}”"),
    *(
        "👍 to “{}”",
        "❤️\u200a to “{}”",
        "\u200a👍\u200a to \u200a“\u200a{}\u200a”\u200a",
        "👍🏽 to “{}”",
        "👍 to '{}'",
    ),
    *("Reacted 👍 to “{}”", "Reacted with 😂 to “{}”", "Reacted 😂 to an image", "Sticker to “{}”"),
    *("Loved an image", "Liked 3 photos", "Liked a message", "Le encantó una imagen"),
    *("Le gustó “{}”", "Le encantó “{}”", "Se rio de “{}”", "Enfatizó “{}”", "Exclamó por “{}”"),
    *("Indicó que le gustó “{}”", "Marcó con un corazón “{}”", "Eliminó un corazón de “{}”", "Me gusta “{}”"),
    *("Reaccionó con 👍 a “{}”", "Reaccionó 😂 a «{}»", "👍 a “{}”"),
    *("A aimé « {} »", "A adoré « {} »", "A ri de « {} »", "A réagi avec 😂 à « {} »"),
    *("Gostou de “{}”", "Amou “{}”", "Riu de “{}”", "Reagiu com ❤️ à mensagem “{}”"),
    *("Gefällt „{}“", "Liebt „{}“", "Hat mit 😂 auf „{}“ reagiert"),
]
OTHERS = [
    *("Disliked “{}”", "Questioned “{}”", "👎 to “{}”", "👎🏿 to “{}”", "❓ to “{}”", "Disliked an image"),
    *("Reacted 👎 to “{}”", "Reacted 🖕 to “{}”", "Reacted 🛑 to “{}”", "Reacted ⁉️ to “{}”"),
    *("No le gustó “{}”", "Indicó que no le gustó “{}”", "Cuestionó “{}”", "Preguntó sobre “{}”"),
    *(
        "Marcó con un signo de interrogación “{}”",
        "N’a pas aimé « {} »",
        "Não gostou de “{}”",
        "Gefällt nicht „{}“",
    ),
]
#: As a phone quotes a text, whole or, a long one, its beginning.
QUOTED = [SENT, f"{SENT[:60]}…"]


def test_a_kind_reaction_means_nothing_but_itself() -> None:
    for text in (form.format(quoted) for form in KIND_ONES for quoted in QUOTED):
        meaning = understand(text)

        assert meaning.kinds == (Kind.REACTION,), text
        assert not meaning.closes, text
        assert not meaning.needs_human, text


def test_an_unkind_or_asking_one_goes_to_a_human_and_closes_nothing() -> None:
    for text in (form.format(quoted) for form in OTHERS for quoted in QUOTED):
        meaning = understand(text)

        assert Kind.REACTION in meaning.kinds, text
        assert not meaning.closes, text
        assert meaning.needs_human, text


def test_what_is_written_behind_a_reaction_counts() -> None:
    assert Kind.OPT_OUT in understand(f"Disliked “{SENT}” stop texting me").kinds


@pytest.mark.parametrize(
    "text",
    [
        "Fwd: {}",
        "{} what does this mean?",
        "you wrote: {}",
        "> {}",
        "ok\n\nOn Mon, Mar 2, 2026 at 9:00 AM Harbor <a@example.com> wrote:\n> {}",
        "ok\nEl lun, 2 mar 2026 a las 9:00, Harbor (<a@example.com>) escribió:\n{}",
        "ok\n-----Original Message-----\n{}",
        "ok\nFrom: Harbor <a@example.com>\n{}",
        "“Reply STOP to stop texts” how?",
    ],
)
def test_a_copy_of_ours_closes_nothing(text: str) -> None:
    assert not understand(text.format(SENT), sent=[SENT]).closes


def test_the_persons_words_round_a_copy_stay() -> None:
    assert own_words(f"who is this {SENT} i paid", sent=[SENT]).text.replace(",", "").replace(
        ".", ""
    ).split() == [
        "who",
        "is",
        "this",
        "i",
        "paid",
    ]


@pytest.mark.parametrize("text", ["STOP", "stop texts to this number", "Stop texts", f"{SENT} STOP"])
def test_who_types_what_we_told_them_to_is_obeyed(text: str) -> None:
    assert understand(text, sent=[SENT]).closes
