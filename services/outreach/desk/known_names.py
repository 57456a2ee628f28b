"""Which names the data has, and whether those in files are among them."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from foundation.database import Database
from outreach.guidance.checking.material import KnownNames, Material
from outreach.guidance.checking.names import check_names
from outreach.guidance.files.folder import PLAYBOOK, POLICY, Folder, read_files, understand
from outreach.guidance.files.problems import ConfigError
from outreach.model.finding import Severity
from outreach.store import debts


async def list_known_names(database: Database) -> KnownNames:
    """Return the creditors and portfolios that debts in the database have."""
    async with database.reading() as connection:
        names = await debts.list_creditors_and_portfolios(connection)
    return KnownNames(
        creditors=frozenset(creditor for creditor, _ in names),
        portfolios=frozenset(portfolio for _, portfolio in names if portfolio is not None),
    )


def refuse_unknown_names(folder: Folder, *, known: KnownNames | None, now: datetime) -> None:
    """Refuse files that name what exists nowhere: a trial of them would say that little changes.

    Raises:
        ConfigError: with every such name.
    """
    found = check_names(Material(folder=folder, now=now, known=known))
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    if errors:
        raise ConfigError(errors)


def refuse_unknown_names_of_policy(path: Path, *, known: KnownNames | None, now: datetime) -> None:
    """Refuse a policy, or a folder that holds one, by the names of the playbook that stands beside it.

    Raises:
        ConfigError: with every name that exists nowhere.
    """
    file, beside = (path / POLICY, path / PLAYBOOK) if path.is_dir() else (path, path.parent / PLAYBOOK)
    if not (file.is_file() and beside.is_file()):
        return
    files, _ = read_files(beside.parent, only=PLAYBOOK)
    try:
        folder = understand({**files, POLICY: file.read_text(encoding="utf-8-sig")})
        refuse_unknown_names(folder, known=known, now=now)
    except ConfigError as error:
        raise ConfigError(
            [
                replace(problem, file=str(file)) if problem.file == POLICY else problem
                for problem in error.problems
            ]
        ) from None
