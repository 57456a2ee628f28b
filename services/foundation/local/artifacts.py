"""Apache Kafka's artifacts, fetched once for everybody on this machine who starts a broker.

Several processes may want them at once, test workers above all. One fetches, under a lock, to a folder that
nobody else knows of; it gets its final name when it is whole, so nobody ever finds half of it.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from foundation.local.processes import ServerUnavailable
from foundation.terminal import echo

# 4.4.0 does not resolve: an artifact it depends on was never published.
_ARTIFACTS = "org.apache.kafka:kafka_2.13:4.3.1+org.slf4j:slf4j-simple:1.7.36"


def find_jars() -> str:
    """Return the broker's class path, fetching its artifacts at first use (44 MB, half a minute).

    Raises `ServerUnavailable`, in one line, when they cannot be fetched.
    """
    cache = _cache_folder()
    jars = cache / _ARTIFACTS.replace(":", "_")
    if not jars.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with _alone(cache / "lock"):
            if not jars.exists():
                _fetch(jars)
    return os.pathsep.join(str(jar) for jar in sorted(jars.glob("*.jar")))


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "local-kafka"


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _fetch(target: Path) -> None:
    with TemporaryDirectory(prefix="fetching-", dir=target.parent) as folder:
        making = Path(folder)
        # jgo writes into the Maven repository of the user as it goes, and takes half a file that it finds
        # there for a whole one. A process of its own can be given another repository.
        fetching = subprocess.run(
            [sys.executable, "-m", "foundation.local.artifacts", str(making)],
            env=os.environ | {"M2_REPO": str(making / "repository")},
            capture_output=True,
            text=True,
            check=False,
        )
        if fetching.returncode != 0:
            reason = " ".join(fetching.stderr.strip().splitlines()[-1:])[:200] or "no reason given"
            raise ServerUnavailable(
                f"Apache Kafka's artifacts could not be fetched ({reason}); "
                "KAFKA_BOOTSTRAP_SERVERS names a server to use instead"
            )
        (making / "jars").rename(target)


def main(folder: Path) -> int:
    """Fetch into `folder`/jars; return 1, the reason in the last line on stderr, when that fails."""
    try:
        import jgo  # noqa: PLC0415 (a tenth of a second, and only the first start needs it)
    except ImportError:
        echo("jgo from PyPI is not installed", err=True)
        return 1
    try:
        fetched = jgo.build(_ARTIFACTS, cache_dir=folder / "environment").all_jars
    except Exception as problem:  # noqa: BLE001 (jgo lets every library's own errors through)
        echo("", " ".join(f"{type(problem).__name__}: {problem}".split()), err=True)
        return 1
    jars = folder / "jars"
    jars.mkdir()
    for jar in fetched:
        shutil.copy(jar, jars / jar.name)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
