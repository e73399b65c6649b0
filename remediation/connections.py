"""What the host names in a workspace's connections stand for: the resource types, and the names that are unique there.

A connection's `target` is a URL, a host name, or a connection string (`Server=tcp:a.database.windows.net,1433;
Database=b;…`). The suffixes differ between clouds, the words in front of them do not.
Source: https://learn.microsoft.com/azure/machine-learning/how-to-connection
"""

import re
from collections.abc import Iterable
from typing import Final

from rules.model import Body
from rules.values import text_at

_START: Final = r"(?<![a-z0-9.-])"
_END: Final = r"(?![a-z0-9-]|\.[a-z0-9])"
_CLOUDS: Final = r"(?:windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)"
_DATABASES: Final = r"database\.(?:azure\.com|usgovcloudapi\.net|chinacloudapi\.cn)"


def _host(pattern: str) -> re.Pattern[str]:
    return re.compile(f"{_START}{pattern}{_END}")


_PRIVATE: Final = r"(?:\.privatelink)?"
_STORAGE: Final = _host(
    rf"([a-z0-9]{{3,24}})(?:-secondary)?(?:{_PRIVATE}\.(?:blob|dfs|file)\.core\.{_CLOUDS}"
    r"|\.z[0-9]+\.(?:blob|dfs|file)\.storage\.azure\.net)"
)
_SQL: Final = _host(rf"([a-z0-9][a-z0-9-]{{0,62}})(?:\.secondary)?{_PRIVATE}\.database\.{_CLOUDS}")
_POSTGRESQL: Final = _host(rf"([a-z0-9][a-z0-9-]{{2,62}}){_PRIVATE}\.postgres\.{_DATABASES}")
_MYSQL: Final = _host(rf"([a-z0-9][a-z0-9-]{{2,62}}){_PRIVATE}\.mysql\.{_DATABASES}")
_COSMOS: Final = _host(rf"([a-z0-9][a-z0-9-]{{2,49}}){_PRIVATE}\.documents\.azure\.(?:com|us|cn)")
_DATABRICKS: Final = _host(r"adb-[0-9]+\.[0-9]+\.(?:azuredatabricks\.net|databricks\.azure\.(?:us|cn))")
_DATABASE: Final = ("database", "initial catalog")
LONGEST: Final = 4096
"""Longer targets name nothing: they are no connection string that anybody could use."""

type Name = tuple[str, ...]
"""A lower-case resource type, and the names from the outermost parent's to its own."""


def named_in(connection: Body) -> list[Name]:
    """What a connection's target names."""
    target = text_at(connection, "properties.target") or ""
    if len(target) > LONGEST:
        return []
    return [
        *storage_in(target),
        *_sql(target),
        *_servers(_POSTGRESQL, "microsoft.dbforpostgresql", target),
        *_servers(_MYSQL, "microsoft.dbformysql", target),
        *(("microsoft.documentdb/databaseaccounts", found[1]) for found in _COSMOS.finditer(target)),
        *(("microsoft.databricks/workspaces", found[0]) for found in _DATABRICKS.finditer(target)),
    ]


def storage_in(target: str) -> list[Name]:
    """The storage accounts whose end points a lower-case text names."""
    return [("microsoft.storage/storageaccounts", found[1]) for found in _STORAGE.finditer(target)]


def _sql(target: str) -> Iterable[Name]:
    """A database, or all of a server's (`*`) where the target names none. The server may be a failover group."""
    parts = (part.partition("=") for part in target.split(";"))
    database = next((value.strip() for key, _, value in parts if key.strip() in _DATABASE), "")
    for server in _SQL.finditer(target):
        yield "microsoft.sql/servers/databases", server[1], database or "*"


def _servers(pattern: re.Pattern[str], provider: str, target: str) -> Iterable[Name]:
    """Single and flexible servers share their host names."""
    for found in pattern.finditer(target):
        yield f"{provider}/flexibleservers", found[1]
        yield f"{provider}/servers", found[1]
