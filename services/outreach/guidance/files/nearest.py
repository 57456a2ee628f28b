"""Guesses which of the words that exist somebody meant."""

from collections.abc import Iterable
from difflib import get_close_matches

#: More names than this are not listed: nobody reads on.
_LISTED = 12
#: How like two words are when the one may be meant for the other; 1 is equal.
_LIKE = 0.7


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """Return `did you mean …?` where something known is like the word, else the list of what is known.

    Where nothing is known, or too much to be listed, it is `otherwise`.
    """
    names = sorted(set(known))
    by_comparison = {_comparable(name): name for name in names}
    near = get_close_matches(_comparable(word), by_comparison, n=1, cutoff=_LIKE)
    if near:
        return f"did you mean `{by_comparison[near[0]]}`?"
    return f"write one of {', '.join(names)}" if 0 < len(names) <= _LISTED else otherwise


def _comparable(name: str) -> str:
    return name.casefold().replace("-", "_").replace(" ", "_")
