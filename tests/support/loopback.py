"""No network in tests but this machine's own, kept by the interpreter itself."""

import contextlib
import sys
from collections.abc import Iterator
from ipaddress import ip_address

_closed = False


class TalkedToTheWorld(AssertionError):
    """A test tried to reach an address that is not on this machine."""


@contextlib.contextmanager
def only_this_machine() -> Iterator[None]:
    """Refuse connections and name look-ups that leave this machine, for as long as the block lasts."""
    global _closed  # noqa: PLW0603 (an audit hook is for the whole process, and for ever)
    _closed = True
    try:
        yield
    finally:
        _closed = False


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if not _closed or event not in {"socket.connect", "socket.getaddrinfo", "socket.sendto"}:
        return
    address = arguments[1] if event != "socket.getaddrinfo" else (arguments[0],)
    if isinstance(address, tuple) and not _is_here(address[0]):
        raise TalkedToTheWorld(f"a test may talk to this machine only, not to {address[0]}")


def _is_here(host: object) -> bool:
    text = host.decode() if isinstance(host, bytes) else host
    if text in {None, "", "localhost"}:
        return True
    with contextlib.suppress(ValueError):
        return ip_address(str(text)).is_loopback or ip_address(str(text)).is_unspecified
    return False


sys.addaudithook(_refuse)
