"""Our own words mean nothing, however they come back."""

import pytest

from outreach.understanding.kinds import Kind
from outreach.understanding.quotes import own_words
from outreach.understanding.understand import understand

SENT = (
    "Hi Ada, this is Harbor Recovery. We are here when you are ready to talk. "
    "Reply STOP to stop texts to this number."
)


@pytest.mark.parametrize(
    "text",
    [
        "Liked “{}”",
        'Loved "{}"',
        "Laughed at “{}”",
        "Emphasized “{}”",
        "Removed a heart from “{}”",
        "👍 to “{}”",
        "❤️\u200a to “{}”",
        "Reacted 👍 to “{}”",
        "Le gustó “{}”",
        "Le encantó “{}”",
        "Reaccionó con 👍 a “{}”",
        "A aimé « {} »",
        "Gostou de “{}”",
        "Liked “{}",
        "Loved an image",
    ],
)
def test_a_kind_reaction_means_nothing_but_itself(text: str) -> None:
    meaning = understand(text.format(SENT))

    assert meaning.kinds == (Kind.REACTION,)
    assert not meaning.closes
    assert not meaning.needs_human


@pytest.mark.parametrize(
    "text", ["Disliked “{}”", "Questioned “{}”", "👎 to “{}”", "No le gustó “{}”", "❓ to “{}”"]
)
def test_an_unkind_or_asking_one_goes_to_a_human_and_closes_nothing(text: str) -> None:
    meaning = understand(text.format(SENT))

    assert Kind.REACTION in meaning.kinds
    assert not meaning.closes
    assert meaning.needs_human


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
