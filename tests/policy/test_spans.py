"""Stretches of time: half-open, joined where they touch."""

from outreach.policy.spans import Span, complement, union
from tests.policy.builders import utc

NINE, TEN, ELEVEN, NOON = (utc(2026, 6, 9, hour) for hour in (9, 10, 11, 12))


def test_a_span_covers_its_beginning_and_not_its_end() -> None:
    assert Span(NINE, TEN).covers(NINE)
    assert not Span(NINE, TEN).covers(TEN)


def test_spans_that_touch_are_one() -> None:
    assert union([Span(TEN, ELEVEN), Span(NINE, TEN)]) == (Span(NINE, ELEVEN),)


def test_a_span_within_another_does_not_shorten_it() -> None:
    assert union([Span(NINE, NOON), Span(TEN, ELEVEN)]) == (Span(NINE, NOON),)


def test_an_empty_span_covers_nothing() -> None:
    assert union([Span(TEN, NINE), Span(TEN, TEN)]) == ()


def test_what_is_left_over_is_the_rest_of_the_whole() -> None:
    assert complement((Span(TEN, ELEVEN),), Span(NINE, NOON)) == (Span(NINE, TEN), Span(ELEVEN, NOON))
    assert complement((Span(NINE, NOON),), Span(NINE, NOON)) == ()
    assert complement((), Span(NINE, NOON)) == (Span(NINE, NOON),)
