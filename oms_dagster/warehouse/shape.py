"""What gives the tables their shape, as one number: a copy that was published with another is older than the code.

Belongs here: the fingerprint. Does not belong here: what is done about a difference (`defs.dbt` rebuilds, `defs.commit`
publishes anew, the tower says so).
"""

from __future__ import annotations

import hashlib

from oms_dagster import settings
from oms_dagster.warehouse.tables import TABLES


def project_fingerprint() -> str:
    """sha256 over every file that shapes dbt's graph, and over the tables that its views show."""
    digest = hashlib.sha256("".join(table.create_sql() for table in TABLES.values()).encode())
    for path in sorted(settings.DBT_PROJECT.rglob("*")):
        inside = path.relative_to(settings.DBT_PROJECT)
        if (
            path.is_file()
            and inside.parts[0] not in ("target", "logs")
            and path.suffix in (".sql", ".yml", ".csv", ".md")
        ):
            digest.update(str(inside).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
