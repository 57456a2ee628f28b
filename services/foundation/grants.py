"""What a service's own database role may do: everything it needs, but what is never to be rewritten."""

from collections.abc import Collection

from foundation.database import Connection
from foundation.sql import queries

_SQL = queries(__file__)


class RoleNotFound(Exception):
    """The server has no such role."""

    def __init__(self, role: str) -> None:
        super().__init__(f"the server has no role {role}: create it first, with LOGIN and no rights")


async def grant_service(connection: Connection, role: str, *, insert_only: Collection[str]) -> None:
    """Give a role the rights of the service, on the tables as they are now; it only adds to `insert_only`.

    Raises:
        RoleNotFound: nothing was granted.
    """
    if not await _SQL.role_exists(connection, role=role):
        raise RoleNotFound(role)
    for row in await _SQL.list_grants(connection, role=role, insert_only=[*insert_only]):
        await connection.execute(row["statement"])
