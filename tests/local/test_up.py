"""`make up`: everything starts from nothing, and a second start goes on where the first was."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from scripts.up import Readiness
from tests.support.eventually import eventually
from tests.support.servers import Server, Servers
from tests.support.sources import ROOT

FIRST_DAY = "schemas/examples/first-day.jsonl"


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder outside pytest's own: where we are root, PostgreSQL's user cannot enter that."""
    with TemporaryDirectory(prefix="up-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.slow
@pytest.mark.timeout(420)
@pytest.mark.usefixtures("kafka")
async def test_the_whole_system_comes_up_takes_events_and_goes_on_after_a_restart(
    servers: Servers, home: Path
) -> None:
    up = await begin(servers, home)
    published = publish(up)
    assert published.returncode == 0, published.stderr
    before = await eventually(lambda: planned(up), within=30, what="touches are planned")
    assert await up.stop(within=60) == 0

    again = await begin(servers, home)
    assert publish(again).returncode == 0
    assert await planned(again) == before
    assert await again.stop(within=60) == 0


async def begin(servers: Servers, home: Path) -> Server:
    up = await servers.start(sys.executable, "-m", "scripts.up", "--home", str(home), env={})
    await servers.wait_for(up, lambda: "ready " in up.written(), within=150)
    return up


def publish(up: Server) -> subprocess.CompletedProcess[str]:
    """Run what it tells us to, by the letter."""
    [command] = re.findall(r"^  (\.venv/bin/outreach events publish .*)$", up.written(), re.MULTILINE)
    program, *arguments = command.split()
    return subprocess.run(
        [str(Path(sys.executable).parent / Path(program).name), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


async def planned(up: Server) -> set[object]:
    """Return the ids of all touches, from where it tells us to look."""
    [url] = re.findall(r"psql '(.*)'", up.written())
    connection = await asyncpg.connect(url)
    try:
        return {row["touch_id"] for row in await connection.fetch("SELECT touch_id FROM touches")}
    finally:
        await connection.close()


def test_what_a_part_says_is_missing_is_remembered_until_it_is_ready() -> None:
    answers = [(503, b'{"checks":{"kafka":"out of reach"}}'), (200, b"{}")]

    class Part(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers.pop(0)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Part) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        asked = Readiness(f"http://127.0.0.1:{server.server_port}/health/ready")

        assert not asked.answers()
        assert asked.said == '{"checks":{"kafka":"out of reach"}}'
        assert asked.answers()
        server.shutdown()
