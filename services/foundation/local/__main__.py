"""`python -m foundation.local kafka --home FOLDER`: one server in the foreground, until Ctrl-C or SIGTERM.

`python -m foundation.local fetch` fetches what a first start would, and starts nothing.
"""

import argparse
import signal
import sys
from pathlib import Path

from foundation.local.artifacts import find_jars
from foundation.local.kafka import running_kafka
from foundation.local.postgres import running_postgres
from foundation.local.processes import ServerUnavailable
from foundation.terminal import echo


def main(arguments: list[str]) -> int:
    """Run the server asked for; return 1, with one line on stderr, when it cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m foundation.local", description=__doc__)
    parser.add_argument("server", choices=["kafka", "postgres", "fetch"])
    parser.add_argument("--home", type=Path, help="folder of its data; a second start goes on")
    parser.add_argument("--port", type=int, help="of 127.0.0.1; the default is any that is free")
    wanted = parser.parse_args(arguments)
    if wanted.server != "fetch" and wanted.home is None:
        parser.error(f"--home is needed: the folder of {wanted.server}'s data")
    for number in (signal.SIGINT, signal.SIGTERM):
        # Started in the background, a shell has SIGINT ignored.
        signal.signal(number, signal.default_int_handler)
    try:
        if wanted.server == "fetch":
            find_jars()
        else:
            _run(wanted.server, wanted.home, wanted.port)
    except ServerUnavailable as problem:
        echo(problem, err=True)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _run(name: str, home: Path, port: int | None) -> None:
    if name == "kafka":
        with running_kafka(home, port=port) as kafka:
            _wait(f"Apache Kafka listens on {kafka.address}")
    else:
        with running_postgres(home, durable=True, port=port) as postgres:
            _wait(f"PostgreSQL {postgres.version} listens on {postgres.tcp_url or postgres.url}")


def _wait(message: str) -> None:
    echo(f"{message}; Ctrl-C stops it")
    while True:
        signal.pause()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
