"""Read a file as the ingest does, without the database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from data_tools.ingest.formats.sandbox_process import facts_of
from data_tools.ingest.options import ReadingOptions
from data_tools.ingest.typed_table import read_typed_table
from data_tools.sandbox.reading import read_file


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTable:
    """Types by column name, the rows as they would be stored, and facts of file and columns."""

    types: dict[str, str]
    rows: list[list[Any]]
    facts: dict[str, Any]
    columns: dict[str, dict[str, Any]]

    def notes(self, name: str) -> list[str]:
        return list(self.columns[name]["notes"])


def read_table(path: Path, **options: Any) -> ReadTable:
    """Read the file twice, as the ingest does with these `ReadingOptions`.

    Raises:
        IngestError: as the ingest does.
    """
    typed = read_typed_table(path, options=ReadingOptions(**options))
    table = typed.table
    return ReadTable(
        types={column["name"]: column["type"] for column in typed.columns},
        rows=[row for batch in table.batches() for row in typed.rows_of(batch)],
        facts=table.facts(),
        columns={facts["name"]: facts for facts in typed.report()["columns"]},
    )


def read_without_sandbox(request: dict[str, Any], *, out: IO[bytes], **how: Any) -> dict[str, Any]:
    """Read as the sandbox does, in this process: a hundredth of a second instead of one."""
    return facts_of(read_file(request, out))
