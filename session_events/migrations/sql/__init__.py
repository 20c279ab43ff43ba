"""The SQL of migrations that is more than a few lines, in a file beside them."""

from __future__ import annotations

from pathlib import Path


def sql_of(migration: str, part: str = "forward") -> str:
    """Return `sql/<migration>.<part>.sql` beside a migration, given its `__file__`.

    It begins with a line break, as the text in the migrations did before it moved to files: what is
    executed must not change.
    """
    path = Path(migration)
    return "\n" + (path.parent / "sql" / f"{path.stem}.{part}.sql").read_text(encoding="utf-8")
