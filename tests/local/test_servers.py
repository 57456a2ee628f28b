"""The tests' own processes: what ends too early is reported, what is left is ended."""

import sys

import pytest

from foundation.local.processes import free_ports
from tests.support.servers import Servers


async def test_a_server_is_waited_for_until_it_answers(servers: Servers) -> None:
    [port] = free_ports(1)

    server = await servers.start(
        sys.executable,
        *("-m", "http.server", "--bind", "127.0.0.1", str(port)),
        env={},
        ready=f"http://127.0.0.1:{port}/",
    )

    assert server.is_running
    assert "GET / HTTP/1.1" in server.written()
    server.kill()
    assert not server.is_running


async def test_a_server_that_ends_is_reported_with_what_it_wrote(servers: Servers) -> None:
    with pytest.raises(AssertionError, match=r"ended with 3; it wrote:\nno luck"):
        await servers.start(
            sys.executable, "-c", "print('no luck'); raise SystemExit(3)", env={}, ready=lambda: False
        )
