"""The one canonical form of a telephone number or email address, in which addresses are stored and compared.

Two spellings that reach the same person have the same form: an opt-out of one binds the other. What a
message is sent to keeps the spelling it was told in; only what is compared is canonical.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import idna
import phonenumbers

_LONGEST: Final = 400
_PLAIN_EMAIL = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9-]+\.)+[a-z]{2,}", re.ASCII)
_PLAIN_NUMBER = re.compile(r"\+1[2-9][0-9]{9}", re.ASCII)
_NUMBER = re.compile(r"\+[0-9(). -]{6,30}", re.ASCII)
#: RFC 5322 `atext`, and what RFC 6532 adds to it.
_ATOMS = re.compile(r"[^\x00-\x20\x7f()<>\[\]:;@\\,.\"]+(?:\.[^\x00-\x20\x7f()<>\[\]:;@\\,.\"]+)*")
_DOMAIN = re.compile(r"[^\s@\"()\\,;:<>]+")


@lru_cache(maxsize=100_000)
def canonical_address(address: str) -> str | None:
    """Return the canonical form of an E.164 number or email address; None where it cannot be read as either.

    A number without its country names nobody in particular, so it cannot be read. `canonical_address`
    of a canonical form is that form.
    """
    if len(address) > _LONGEST:
        return None
    if _PLAIN_NUMBER.fullmatch(address) or _PLAIN_EMAIL.fullmatch(address):
        return address
    text = unicodedata.normalize("NFKC", address).strip()
    return _email(text) if "@" in text else _phone(text)


def comparable(address: str) -> str:
    """Return the canonical form, or, of what cannot be read, the text without its case: never nothing."""
    return canonical_address(address) or unicodedata.normalize("NFKC", address).strip().casefold()


def is_same_address(one: str | None, other: str | None) -> bool:
    """Tell whether two addresses are the same one, however they are spelled; nothing is like no address."""
    return one is not None and other is not None and comparable(one) == comparable(other)


def reaches(channel: str, address: str) -> bool:
    """Tell whether an address can be read, as one that a channel is addressed by."""
    canonical = canonical_address(address)
    return canonical is not None and ("@" in canonical) == (channel == "email")


def _phone(text: str) -> str | None:
    digits = text.removeprefix("tel:")
    if not _NUMBER.fullmatch(digits):
        return None
    try:
        number = phonenumbers.parse(digits, None)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _email(text: str) -> str | None:
    """Read an address of RFC 5322: comments and needless quotes gone, the domain as DNS has it."""
    bare = _without_comments(text.removeprefix("mailto:"))
    if bare is None:
        return None
    local, at, domain = bare.rpartition("@")
    mailbox, host = _mailbox(local.strip()), _host(domain.strip())
    return f"{mailbox}@{host}" if at and mailbox and host else None


def _without_comments(text: str) -> str | None:
    kept: list[str] = []
    depth, quoted = 0, False
    for character, escaped in _with_escapes(text):
        if not escaped and not depth and character == '"':
            quoted = not quoted
        if not escaped and not quoted and character == "(":
            depth += 1
        elif not escaped and not quoted and character == ")":
            depth -= 1
            if depth < 0:
                return None
        elif not depth:
            kept.append(f"\\{character}" if escaped else character)
    return None if depth or quoted else "".join(kept)


def _with_escapes(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each character, and whether a backslash stands before it."""
    characters = iter(text)
    for character in characters:
        if character == "\\":
            yield next(characters, ""), True
        else:
            yield character, False


def _mailbox(local: str) -> str | None:
    if len(local) > 1 and local[0] == local[-1] == '"':
        content = "".join(character for character, _ in _with_escapes(local[1:-1]))
        if not _ATOMS.fullmatch(content):
            escaped = content.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{_folded(escaped)}"'
        local = content
    return _folded(local) if _ATOMS.fullmatch(local) else None


def _host(domain: str) -> str | None:
    # A dot at the end says only that the name is whole.
    domain = domain.rstrip(".\u3002")
    if not domain or not _DOMAIN.fullmatch(domain):
        return None
    if domain.isascii():
        return domain.lower()
    try:
        labels = idna.uts46_remap(domain).split(".")
    except idna.IDNAError:
        return None
    return ".".join(_label(label) for label in labels)


def _label(label: str) -> str:
    if label.isascii():
        return label.lower()
    try:
        return idna.alabel(label).decode()
    except idna.IDNAError:
        # Registered under the rules of 2003, which let more characters pass.
        return f"xn--{label.encode('punycode').decode()}"


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())
