"""The one place where text reaches a terminal: what would steer it, or hide in it, is written out instead.

Strangers name people, write records and answer messages; what they wrote must not move an operator's cursor,
turn the order of its letters around, or pass for a line of ours.
"""

import unicodedata
from typing import Final

import typer

#: Controls, formats (what turns the order around, what is not seen), half characters, what nobody assigned or
#: everybody assigns for themselves, and separators of lines. Letters, signs and spaces are none of these.
_STEERING: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def shown(text: object) -> str:
    r"""Return the text as one line in which all can be seen: `\x1b` for what would steer a terminal."""
    written = str(text)
    if written.isprintable():
        return written
    return "".join(_written_out(sign) if _steers(sign) else sign for sign in written)


def echo(*lines: object, err: bool = False) -> None:
    """Print each line on a line of its own, where errors go if `err`; without any, an empty one."""
    for line in lines or ("",):
        # As bytes, for a terminal that cannot show a letter must not end the command.
        typer.echo(shown(line).encode("utf-8"), err=err)


def echo_text(text: str) -> None:
    """Print text that may have several lines, each as `echo` does."""
    echo(*text.removesuffix("\n").split("\n"))


def echo_json(text: str) -> None:
    """Print JSON, with what would steer a terminal written as JSON escapes it: it reads back the same."""
    if not text.isprintable():
        text = "".join(
            _json_escape(sign) if sign != "\n" and _steers(sign) else sign for sign in text.removesuffix("\n")
        )
    typer.echo(text.encode("utf-8"))


def _steers(sign: str) -> bool:
    return unicodedata.category(sign) in _STEERING


def _written_out(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")


def _json_escape(sign: str) -> str:
    units = sign.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))
