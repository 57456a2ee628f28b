"""Get promtool for the tests of the alert rules: out of Debian's package, which is fetched and not installed.

Installing it would start a Prometheus that nobody asked for. Says plainly where it cannot be had.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(_ROOT))

from tests.support.promtool import FETCHED, find_promtool  # noqa: E402 (this repository's own, not installed)

_PACKAGE = "prometheus"
_REMEDY = "install Prometheus's promtool, and have it on the path"


def main() -> int:
    """Make sure that there is a promtool; return 0, or 1 after one line that says why there is none."""
    if (path := find_promtool()) is not None:
        print(f"promtool is here: {path}")
        return 0
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return _refuse(f"there is no apt-get here; {_REMEDY}")
    print("Getting promtool out of Debian's package with apt-get (19 MB) ...", flush=True)
    with TemporaryDirectory(prefix="promtool-") as home:
        folder = Path(home)
        # What a fresh machine has never asked, it cannot name; only root may ask for everybody.
        if not (_download(folder) or (_run(["apt-get", "update"], folder) and _download(folder))):
            return _refuse(f"apt-get could not fetch {_PACKAGE}; as root: apt-get update; or {_REMEDY}")
        [package] = folder.glob("*.deb")
        if not _run(["dpkg-deb", "--extract", package.name, "unpacked"], folder):
            return _refuse(f"{package.name} could not be unpacked; {_REMEDY}")
        FETCHED.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder / "unpacked" / "usr" / "bin" / "promtool", FETCHED)
    print(f"promtool is here: {FETCHED}")
    return 0


def _download(folder: Path) -> bool:
    return _run(["apt-get", "download", "--quiet", _PACKAGE], folder)


def _run(command: list[str], folder: Path) -> bool:
    """Run a command in a folder without questions; show the end of what it said when it fails."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.stderr.write("\n".join(done.stdout.splitlines()[-3:]) + "\n")
    return done.returncode == 0


def _refuse(problem: str) -> int:
    sys.stderr.write(f"make promtool: {problem}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
