"""How strong a secret is, as far as one can see it. Nothing here ever shows one."""

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

from foundation.doctor.observations import Observation, ok, wrong

_SHORTEST: Final = 24
_FEWEST_SIGNS: Final = 8
_MINT: Final = "mint another, such as with `openssl rand -base64 32`"
_SAMPLE: Final = re.compile(
    r"change.?me|secret|password|passwort|example|sample|dummy|test|default|qwert|letmein|admin|12345",
    re.IGNORECASE,
)
_LOOPBACK: Final = frozenset({"", "localhost", "127.0.0.1", "::1"})


def examine_secrets(secrets: Mapping[str, str]) -> list[Observation]:
    """Return how strong these are, each by the name of its setting."""
    observations = [*_weak_ones(secrets), *_shared_ones(secrets)]
    return observations or [ok("secrets", f"{len(secrets)} are long and each is used once")]


def why_weak(secret: str) -> str | None:
    """Say why a secret would be guessed; None where nothing speaks against it."""
    if len(secret) < _SHORTEST:
        return f"is shorter than {_SHORTEST} signs"
    if len(set(secret)) < _FEWEST_SIGNS:
        return "repeats the same few signs"
    # A long random secret may hold such a word by chance, a short phrase around one is a word.
    if len(_SAMPLE.sub("", secret)) < _SHORTEST:
        return "is mostly a word that others try first"
    return None


def _weak_ones(secrets: Mapping[str, str]) -> Iterator[Observation]:
    for name, secret in secrets.items():
        if why := why_weak(secret):
            yield wrong(name, why, _MINT)


def _shared_ones(secrets: Mapping[str, str]) -> Iterator[Observation]:
    names: dict[str, list[str]] = {}
    for name, secret in secrets.items():
        names.setdefault(secret, []).append(name)
    for first, *others in names.values():
        if others:
            yield wrong(first, f"is the same secret as {', '.join(others)}", "give each one of its own")


def examine_database_password(url: str, *, setting: str) -> list[Observation]:
    """Return how strong the password in a database's URL is, where one goes over a network."""
    parts = urlsplit(url)
    if parts.password is None or all(
        (host.rpartition(":")[0] or host) in _LOOPBACK for host in _hosts(parts.netloc)
    ):
        return []
    why = why_weak(unquote(parts.password))
    return [wrong(setting, f"the password in it {why}", _MINT)] if why else []


def _hosts(netloc: str) -> list[str]:
    return netloc.rpartition("@")[2].split(",")
