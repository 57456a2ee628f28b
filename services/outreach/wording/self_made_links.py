"""What a phone or a mail program makes a link of by itself: what others tell us must not become one. Pure."""

import re
import unicodedata
from typing import Final

#: A dot as programs see it, once compatibility forms are resolved: an ideographic one separates labels too.
_DOT: Final = "[.\u3002]"
_WEB_SIGNS: Final = re.compile(
    rf"@|:/|\bwww\b|{_DOT}(?:com|net|org|info|biz|co|io)\b|\b[^\W\d_]+:\S|\w{_DOT}\w+/", re.IGNORECASE
)
#: A domain is written small; a name behind a dot, as in `St.John`, is not.
_SMALL_DOMAIN: Final = re.compile(rf"\w{_DOT}(?P<last>[^\W\d_]{{2,}})(?!\w)")
_JOINED: Final = re.compile("([.\u3002\uff0e\uff61\u2024])(?=[^\\W\\d_]{2})")


def looks_like_a_link(text: str) -> bool:
    """Tell whether the text holds an address of the web or of a mailbox, however it is disguised."""
    plain = unicodedata.normalize("NFKC", text)
    return is_an_address(text) or any(
        found["last"] == found["last"].casefold() for found in _SMALL_DOMAIN.finditer(plain)
    )


def is_an_address(text: str) -> bool:
    """Tell whether the text holds what is nothing but an address, such as `https://` or `@`."""
    return _WEB_SIGNS.search(unicodedata.normalize("NFKC", text)) is not None


def kept_apart(text: str) -> str:
    """Return the text with a space behind each dot that would join two words to what looks like a domain."""
    return _JOINED.sub(r"\1 ", text)
