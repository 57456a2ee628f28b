"""`make up`: everything starts from nothing, alone or beside another, and again from where it was."""

import asyncio
import contextlib
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from foundation.local.processes import ServerDied, last_lines, reserve_port
from scripts.parts import Part, Ports, Wiring, secrets_in
from scripts.running import Readiness, Running
from tests.support.eventually import eventually
from tests.support.servers import Server, Servers
from tests.support.sources import ROOT
from tests.support.world import SAMPLE

FIRST_DAY = "schemas/examples/first-day.jsonl"


@pytest.fixture
def homes() -> Iterator[tuple[Path, Path]]:
    """Folders outside pytest's own: where we are root, PostgreSQL's user cannot enter those."""
    with TemporaryDirectory(prefix="up-") as first, TemporaryDirectory(prefix="up-") as second:
        for folder in (first, second):
            Path(folder).chmod(0o755)
        yield Path(first), Path(second)


@pytest.fixture
def home(homes: tuple[Path, Path]) -> Path:
    return homes[0]


@pytest.mark.slow
@pytest.mark.timeout(420)
@pytest.mark.usefixtures("kafka")
async def test_the_whole_system_comes_up_takes_events_and_goes_on_after_a_restart(
    home: Path, servers: Servers
) -> None:
    up = await begin(servers, home)
    published = publish(up)
    assert published.returncode == 0, published.stderr
    before = await eventually(lambda: planned(up), what="touches are planned")
    assert await up.stop(within=60) == 0

    again = await begin(servers, home)
    assert publish(again).returncode == 0
    assert await planned(again) == before
    assert await again.stop(within=60) == 0


async def begin(servers: Servers, home: Path, *arguments: str) -> Server:
    command = ["-m", "scripts.up", "--home", str(home), *arguments]
    up = await servers.start(sys.executable, *command, env={})
    await servers.wait_for(up, lambda: "ready " in up.written(), within=200)
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


async def connect(up: Server) -> asyncpg.Connection:
    """Connect to where it tells us to look."""
    url = re.findall(r"psql '(.*)'", up.written())[-1]
    return await asyncpg.connect(url)


async def planned(up: Server) -> set[object]:
    """Return the ids of all touches."""
    connection = await connect(up)
    try:
        return {row["touch_id"] for row in await connection.fetch("SELECT touch_id FROM touches")}
    finally:
        await connection.close()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("kafka")
async def test_two_at_once_in_two_folders_both_come_up_each_at_its_own_addresses(
    homes: tuple[Path, Path], servers: Servers
) -> None:
    hurried = copy_of_the_sample(homes[1] / "config", policy="policy: hurried\n")

    first, second = await asyncio.gather(
        begin(servers, homes[0]), begin(servers, homes[1], "--config", str(hurried))
    )

    assert not addresses(first) & addresses(second)
    assert await policy_in_force(first) == (SAMPLE / "policy.yaml").read_text()
    assert await policy_in_force(second) == "policy: hurried\n"
    assert await first.stop(within=60) == 0
    assert await second.stop(within=60) == 0


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("kafka")
async def test_a_part_that_refuses_to_start_is_named_with_the_end_of_its_log(
    home: Path, servers: Servers
) -> None:
    broken = copy_of_the_sample(home / "config", policy="policy: [\n")

    up = await servers.start(
        sys.executable, "-m", "scripts.up", "--home", str(home), "--config", str(broken), env={}
    )

    assert await asyncio.to_thread(up.process.wait, 200) == 1
    ending = r"^outreach ended by itself with \d+; its log is .*\n((?:  .*\n)+)"
    [end] = re.findall(ending, up.written(), re.MULTILINE)
    assert "policy.yaml" in end


def test_a_config_that_is_no_folder_is_refused_before_anything_starts(tmp_path: Path) -> None:
    nowhere, home = tmp_path / "nowhere", tmp_path / "home"

    run = subprocess.run(
        [sys.executable, "-m", "scripts.up", "--home", str(home), "--config", str(nowhere)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 2
    assert f"there is no folder {nowhere}" in run.stderr
    assert not home.exists()


def copy_of_the_sample(folder: Path, *, policy: str) -> Path:
    shutil.copytree(SAMPLE, folder)
    (folder / "policy.yaml").write_text(policy)
    return folder


def addresses(up: Server) -> set[str]:
    """Return every address of 127.0.0.1 that it tells us."""
    return set(re.findall(r"127\.0\.0\.1:\d+", up.written()))


async def policy_in_force(up: Server) -> object:
    connection = await connect(up)
    try:
        return await connection.fetchval(
            """SELECT content::jsonb ->> 'policy.yaml'
                 FROM config_in_force JOIN config_versions USING (version)"""
        )
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("kafka", "said", "line"),
    [
        (9092, None, "first-day.jsonl --today"),
        (9393, "Somebody else has the usual port 9092: ", "first-day.jsonl --today --kafka 127.0.0.1:9393"),
    ],
)
def test_whoever_goes_by_the_readme_is_told_which_usual_ports_are_taken(
    tmp_path: Path, kafka: int, said: str | None, line: str
) -> None:
    wiring = Wiring(
        ports=Ports(
            kafka=kafka, outreach=8080, outreach_internal=8090, preferences=8081, simulator=8082, center=8083
        ),
        secrets=secrets_in(tmp_path / "secrets.json"),
        urls={"outreach": "postgresql://here/outreach"},
        kafka=f"127.0.0.1:{kafka}",
        home=tmp_path,
        config=SAMPLE,
    )

    guide = wiring.guide()

    assert guide.strip().startswith(said or "phones and mailboxes")
    assert any(written.endswith(line) for written in guide.splitlines())


def test_who_reserves_a_port_has_it_alone_until_the_block_ends() -> None:
    with contextlib.ExitStack() as ours, contextlib.ExitStack() as another:
        port = reserve_port(ours)

        assert reserve_port(another, port) != port
        ours.close()
        assert reserve_port(another, port) == port


def test_a_server_that_dies_while_another_is_waited_for_is_named_at_once(
    running: Running, tmp_path: Path
) -> None:
    launch(running, "waits", "import time; time.sleep(60)", log=tmp_path / "waits.log")
    launch(running, "dies", "print('one'); print('two'); raise SystemExit(3)", log=tmp_path / "dies.log")

    with pytest.raises(ServerDied, match="dies ended by itself with 3") as died:
        running.await_ready({"waits": lambda: False}, within=60)

    assert died.value.log == tmp_path / "dies.log"
    assert last_lines(died.value.log, 8) == ["one", "two"]


def test_a_server_that_is_never_ready_is_named_with_what_it_said_is_missing(
    running: Running, tmp_path: Path
) -> None:
    launch(running, "waits", "import time; time.sleep(60)", log=tmp_path / "waits.log")

    with answering((503, b'{"process": 7, "checks": {"kafka": "out of reach"}}')) as url:
        never = Readiness(url, pid=7)
        with pytest.raises(ServerDied, match=r"waits is not ready: asked, it said last .*out of reach"):
            running.await_ready({"waits": never}, within=0)


def test_what_a_part_says_is_missing_is_remembered_until_it_is_ready() -> None:
    missing = b'{"process": 7, "checks": {"kafka": "out of reach"}}'
    with answering((503, missing), (200, b'{"process": 7}')) as url:
        ready = Readiness(url, pid=7)

        assert not ready()
        assert ready.last_answer == missing.decode()
        assert ready()


@pytest.mark.parametrize("body", [b'{"process": 8}', b'"well"', b"<html>"])
def test_another_process_at_the_address_of_a_part_is_not_mistaken_for_it(body: bytes) -> None:
    with answering((200, body)) as url:
        ready = Readiness(url, pid=7)

        assert not ready()
        assert ready.last_answer == f"another process answers at {url}"


@pytest.fixture
def running() -> Iterator[Running]:
    servers = Running()
    yield servers
    servers.stop(tell=lambda _: None)


def launch(running: Running, name: str, program: str, *, log: Path) -> None:
    command = [sys.executable, "-c", program]
    running.launch(Part(name=name, command=command, env=dict(os.environ), ready=""), log=log)


@contextlib.contextmanager
def answering(*answers: tuple[int, bytes]) -> Iterator[str]:
    """Serve these answers, one after the other; give the URL to ask."""
    coming = iter(answers)

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = next(coming)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/health/ready"
        server.shutdown()
