"""Segments, by the numbers of GSM 03.38."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.wording.sms import Encoding, measure


@pytest.mark.parametrize(
    ("body", "encoding", "segments"),
    [
        ("", Encoding.GSM7, 1),
        ("a" * 160, Encoding.GSM7, 1),
        ("a" * 161, Encoding.GSM7, 2),
        ("a" * 306, Encoding.GSM7, 2),
        ("a" * 307, Encoding.GSM7, 3),
        ("é" * 160, Encoding.GSM7, 1),
        ("€" * 80, Encoding.GSM7, 1),
        ("€" * 81, Encoding.GSM7, 2),
        ("a" * 152 + "€" + "a" * 151, Encoding.GSM7, 2),
        ("a" * 152 + "€" + "a" * 152, Encoding.GSM7, 3),
        ("á" * 70, Encoding.UCS2, 1),
        ("á" * 71, Encoding.UCS2, 2),
        ("á" * 134, Encoding.UCS2, 2),
        ("á" * 135, Encoding.UCS2, 3),
        ("👍" * 35, Encoding.UCS2, 1),
        ("👍" * 36, Encoding.UCS2, 2),
        ("👍" * 66, Encoding.UCS2, 2),
        ("👍" * 67, Encoding.UCS2, 3),
    ],
)
def test_a_text_takes_so_many_segments(body: str, encoding: Encoding, segments: int) -> None:
    size = measure(body)

    assert (size.encoding, size.segments) == (encoding, segments)


@given(st.text(st.sampled_from("aé€á👍"), max_size=400), st.sampled_from("aé€á👍"))
def test_a_longer_text_never_takes_fewer_segments(body: str, more: str) -> None:
    assert measure(body + more).segments >= measure(body).segments
