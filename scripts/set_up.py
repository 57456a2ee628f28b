"""Make the environment that every `make` target runs in: `.venv`, from the pinned and hashed requirements.

Runs on any Python that can be had, needs nothing installed, and says what takes time while it does.
"""

import subprocess
import sys
import time
import venv
from pathlib import Path

_OLDEST = (3, 11)
_ROOT = Path(__file__).resolve().parent.parent
_PYTHON = _ROOT / ".venv" / "bin" / "python"


def main() -> int:
    """Bring `.venv` up to the lock file; return 0, or 1 after one line that says what is wrong."""
    if sys.version_info < _OLDEST:
        have = ".".join(map(str, sys.version_info[:2]))
        return _refuse(f"Python 3.11 or newer is needed, this is {have}: make PYTHON=python3.12 ...")
    began = time.monotonic()
    if not _PYTHON.exists():
        _say("Making .venv ...")
        try:
            venv.create(_ROOT / ".venv", with_pip=True)
        except subprocess.CalledProcessError:
            return _refuse("this Python cannot make environments; on Debian, install python3-venv")
    if not _install("--require-hashes", "-r", str(_ROOT / "requirements-dev.lock")):
        return 1
    # Our own packages stay where they are; their requirements are all there already.
    if not _install("--no-deps", "--no-build-isolation", "-e", str(_ROOT)):
        return 1
    _say(f"Set up in {time.monotonic() - began:.0f} s.\n")
    return 0


def _install(*what: str) -> bool:
    """Run pip, counting its packages on one line; show all it said when it fails."""
    command = [str(_PYTHON), "-m", "pip", "install", "--disable-pip-version-check", *what]
    pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert pip.stdout is not None
    printed = []
    packages = 0
    for line in pip.stdout:
        printed.append(line)
        if line.startswith(("Collecting ", "Obtaining ")):
            packages += 1
            _say(f"Fetching package {packages}: {line.split()[1].split('=')[0].split('/')[-1]} ...")
        elif line.startswith("Installing collected"):
            _say(f"Installing {packages} packages ...")
    if pip.wait() != 0:
        _refuse("pip could not install the requirements:\n" + "".join(printed[-15:]))
        return False
    return True


def _say(text: str) -> None:
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\033[K{text}")
    elif not text.startswith("Fetching"):
        sys.stdout.write(f"{text.rstrip()}\n")
    sys.stdout.flush()


def _refuse(reason: str) -> int:
    sys.stderr.write(f"\n{reason}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
