"""Get a Chromium for the tests that open pages: Debian's, through apt, where this user may install packages.

Says plainly where it cannot, and what to do then. `OUTREACH_BROWSER` names one that is somewhere else.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(_ROOT))

from tests.support.chromium import NAMED_BY, find_chromium  # noqa: E402 (this repository's own, not installed)

#: A page is drawn in letters, and a small system has none.
_PACKAGES = ("chromium", "fonts-dejavu-core")
_REMEDY = f"install a Chromium and name it with {NAMED_BY}=/path/to/chromium"


def main() -> int:
    """Make sure that there is a Chromium; return 0, or 1 after one line that says why there is none."""
    if (path := find_chromium()) is not None:
        print(f"Chromium is here: {path}")
        return 0
    if shutil.which("apt-get") is None:
        return _refuse(f"there is no apt-get here; {_REMEDY}")
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if as_root and shutil.which("sudo") is None:
        return _refuse(f"this user may not install packages; as root: apt-get install {' '.join(_PACKAGES)}")
    print("Getting Debian's Chromium with apt-get ...", flush=True)
    if not (_apt([*as_root, "apt-get", "update"]) and _apt([*as_root, "apt-get", "install", *_OPTIONS])):
        return _refuse(f"apt-get could not install {' '.join(_PACKAGES)}; {_REMEDY}")
    path = find_chromium()
    if path is None:
        return _refuse(f"apt-get installed no Chromium that can be found; {_REMEDY}")
    print(f"Chromium is here: {path}")
    return 0


_OPTIONS = ("--yes", "--no-install-recommends", *_PACKAGES)


def _apt(command: Sequence[str]) -> bool:
    """Run apt without its questions; show the end of what it said when it fails."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        sys.stderr.write("\n".join(done.stdout.splitlines()[-5:]) + "\n")
    return done.returncode == 0


def _refuse(problem: str) -> int:
    sys.stderr.write(f"make browser: {problem}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
