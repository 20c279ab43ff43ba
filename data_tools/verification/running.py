"""Run all checks, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from data_tools.verification.applied_migrations import verify_migrations
from data_tools.verification.awaited_files import verify_files
from data_tools.verification.checks import Check
from data_tools.verification.fingerprinted_rows import verify_rows
from data_tools.verification.id_sequences import verify_sequences
from data_tools.verification.kept_columns import verify_columns
from data_tools.verification.kept_lists import verify_lists
from data_tools.verification.replayed_sessions import verify_sessions

# By what each examines. The first says whether the others can read the tables at all.
CHECKS: dict[str, Callable[[Check], None]] = {
    "migrations": verify_migrations,
    "sessions": verify_sessions,
    "rows": verify_rows,
    "computed columns": verify_columns,
    "files": verify_files,
    "lists": verify_lists,
    "id sequences": verify_sequences,
}


def run(begin: Callable[[str], Check] = lambda name: Check()) -> Iterator[tuple[str, Check]]:
    """Yield each check with its name when it is done.

    `begin` makes the check of that name. If the migrations are wrong, nothing else is checked.
    """
    for name, verify in CHECKS.items():
        check = begin(name)
        verify(check)
        yield name, check
        if verify is verify_migrations and check.faults:
            return
