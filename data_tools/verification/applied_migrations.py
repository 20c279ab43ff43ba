"""Whether the database has the tables that this version of the service expects."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from data_tools.verification.checks import Check


def verify_migrations(check: Check) -> None:
    """Find migrations that are still to be applied, and those that only another version knows."""
    loader = MigrationLoader(connection)
    check.examine(len(loader.applied_migrations))
    for app, name in sorted(loader.graph.nodes.keys() - loader.applied_migrations.keys()):
        check.fault(f"{app}.{name} is not applied; run `hydroml migrate`")
    unknown = loader.applied_migrations.keys() - loader.disk_migrations.keys()
    # Rows of an app that is no longer installed stay in the table, and mean nothing.
    for app, name in sorted(each for each in unknown if each[0] in loader.migrated_apps):
        check.fault(f"{app}.{name} was applied by another version of this service")
