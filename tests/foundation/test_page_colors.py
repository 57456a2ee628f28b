"""Whatever colors an agency wears, everything on its pages can be read, by day and by night."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from foundation.pages.contrast import BLACK, MARK, TEXT, WHITE, Color, contrast, readable_on, until_readable
from foundation.pages.dress import Colors, Dress, Worn
from foundation.pages.look import look_of

COLORS = st.builds(Color, *[st.integers(0, 255)] * 3)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#767676", "#ffffff", 4.54),
        ("#ffffff", "#ffffff", 1.0),
        ("#1d5c58", "#f7f4ed", 7.0),
        ("#ff0000", "#0000ff", 2.15),
    ],
)
def test_contrast_is_that_of_the_guidelines(one: str, other: str, ratio: float) -> None:
    assert contrast(Color.read(one), Color.read(other)) == pytest.approx(ratio, abs=0.1)


@pytest.mark.parametrize("written", ["red", "#fff", "#12345g", "123456", "#1234567", ""])
def test_a_color_is_written_in_one_way(written: str) -> None:
    with pytest.raises(ValueError, match="such as"):
        Color.read(written)


@given(color=COLORS)
def test_a_color_reads_back(color: Color) -> None:
    assert Color.read(str(color)) == color


@given(ground=COLORS)
def test_black_or_white_can_be_read_on_anything(ground: Color) -> None:
    assert readable_on(ground) in {BLACK, WHITE}
    assert contrast(readable_on(ground), ground) >= TEXT


@given(color=COLORS, ground=COLORS)
def test_a_color_is_changed_until_it_can_be_read_and_no_further(color: Color, ground: Color) -> None:
    better = until_readable(color, ground)

    assert contrast(better, ground) >= TEXT
    assert better == color or contrast(color, ground) < TEXT


@settings(max_examples=50)
@given(main=COLORS, ground=COLORS)
@example(main=BLACK, ground=BLACK)
@example(main=WHITE, ground=Color(0x77, 0x77, 0x77))
@example(main=BLACK, ground=Color(0x76, 0x76, 0x76))
@example(main=BLACK, ground=Color(0, 151, 0))
def test_every_text_of_a_page_can_be_read_in_any_dress_that_passes(main: Color, ground: Color) -> None:
    if contrast(main, ground) < TEXT:
        main = until_readable(main, ground)
    look = look_of(Worn(Dress(colors=Colors(main=str(main), ground=str(ground)))))

    for tints in _tints(look.assets[look.style].content.decode()):
        for name in ("main", "ink", "quiet", "alarm"):
            for under in ("ground", "wash", "card"):
                assert contrast(tints[name], tints[under]) >= TEXT, (name, under)
        assert contrast(tints["on-main"], tints["main"]) >= TEXT
        assert contrast(tints["on-main"], tints["main-held"]) >= TEXT
        assert contrast(tints["line"], tints["ground"]) >= MARK
        assert contrast(tints["line"], tints["card"]) >= MARK


def _tints(css: str) -> list[dict[str, Color]]:
    """Return the colors of day and of night."""
    blocks = re.findall(r":root\{((?:--[a-z-]+:#[0-9a-f]{6};)+)\}", css)
    assert len(blocks) == 2
    return [
        {name: Color.read(color) for name, color in re.findall(r"--([a-z-]+):(#[0-9a-f]{6});", block)}
        for block in blocks
    ]
