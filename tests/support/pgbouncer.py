"""PgBouncer itself, where this machine has it, before a server of ours."""

import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from foundation.local.postgres import whom_to_run_as
from foundation.local.processes import ServerUnavailable, await_ready, free_ports, start_server, stop_server

#: How it gives out the server's sessions.
Pooling = Literal["session", "transaction", "statement"]

_PLACES = "/usr/sbin:/usr/local/sbin:/opt/homebrew/bin"


@contextmanager
def pgbouncer(url: str, pooling: Pooling, **settings: str) -> Iterator[str]:
    """Run it before the server whose socket `url` names; yield the URL of the same database through it.

    `settings` are its own. Raises `ServerUnavailable` where there is none.
    """
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path=_PLACES)
    if program is None:
        raise ServerUnavailable("no pgbouncer on this machine: apt-get install pgbouncer")
    sockets, database = parse_qs(urlsplit(url).query)["host"][0], urlsplit(url).path.removeprefix("/")
    run_as, [port] = whom_to_run_as(), free_ports(1)
    with TemporaryDirectory(prefix="pgbouncer-") as home:
        folder = Path(home)
        folder.chmod(0o755)
        config, log = folder / "pgbouncer.ini", folder / "log"
        all_settings = {
            "listen_addr": "127.0.0.1",
            "listen_port": str(port),
            "unix_socket_dir": "",
            "auth_type": "any",
            "pool_mode": pooling,
            **settings,
        }
        lines = [f"{name} = {value}\n" for name, value in all_settings.items()]
        config.write_text(f"[databases]\n* = host={sockets} user=postgres\n[pgbouncer]\n{''.join(lines)}")
        process = start_server([program, str(config)], log=log, env={}, cwd=folder, run_as=run_as)
        try:
            await_ready(process, lambda: _listens(port), name="PgBouncer", log=log, within=30)
            yield f"postgresql://postgres@127.0.0.1:{port}/{database}"
        finally:
            stop_server(process, end_with=signal.SIGTERM, within=10)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
