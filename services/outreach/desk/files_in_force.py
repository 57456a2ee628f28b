"""Looks at the config folder of a deployment: whether it can be used, and whether it is what is in force."""

from pathlib import Path

from foundation.database import Database, DatabaseUnavailable
from foundation.doctor.observations import Observation, ok, weak, wrong
from outreach.guidance.files.folder import read_folder, read_guidance
from outreach.guidance.files.problems import ConfigError
from outreach.store import operations

_SUBJECT = "config files"


async def examine_files(folder: Path, database_url: str) -> list[Observation]:
    """Return whether the files of `folder` validate, and whether the running replicas follow them."""
    try:
        files = read_folder(folder)
        read_guidance(files)
    except ConfigError as error:
        says = f"hold {len(error.problems)} mistakes, so they take no effect"
        return [wrong(_SUBJECT, says, f"run `outreach check {folder}`")]
    try:
        async with (
            Database.open(database_url, size=1, name="outreach-doctor") as database,
            database.transaction() as connection,
        ):
            in_force = await operations.find_config_in_force(connection)
    except DatabaseUnavailable:
        return [ok(_SUBJECT, f"{folder} validates")]  # of the database more is said elsewhere
    if in_force is None:
        return [ok(_SUBJECT, f"{folder} validates; nothing is in force before the first start")]
    if in_force.content != files:
        says = f"{folder} is not what is in force since {in_force.switched_at:%Y-%m-%d %H:%M}Z"
        return [weak(_SUBJECT, says, "no replica has taken it up yet, or this machine has an older copy")]
    return [ok(_SUBJECT, f"{folder} validates and is in force")]
