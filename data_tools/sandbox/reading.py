"""What the sandboxed process does: read one file, and answer with facts or a refusal."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

from data_tools.sandbox.limits import ReadingLimits
from data_tools.sandbox.refusal import Code, Refusal


def read_file(request: dict[str, Any], out: IO[bytes]) -> dict[str, Any]:
    """Write the rows of the file to `out`, as one Arrow stream.

    The request has `path` and `limits`, and for a workbook also `workbook`, the fields of
    `SheetOptions`; without it, the file is read as Parquet. Returns `{"table": facts}` or
    `{"refused": {"code", "reason"}}`.
    """
    path, limits = Path(request["path"]), ReadingLimits(**request["limits"])
    workbook = request.get("workbook")
    # Each process reads one file, and half of its time is the import of what reads it.
    try:
        if workbook is None:
            from data_tools.sandbox.parquet import write_table

            facts = write_table(path, limits=limits, out=out)
        else:
            from data_tools.sandbox.sheet_layout import SheetOptions
            from data_tools.sandbox.workbook import write_sheet

            facts = write_sheet(path, options=SheetOptions(**workbook), limits=limits, out=out)
    except Refusal as refusal:
        return {"refused": {"code": refusal.code, "reason": refusal.reason}}
    except MemoryError:
        code = Code.UNFOLDS_TOO_LARGE if workbook is None else Code.WORKBOOK_TOO_LARGE
        return {"refused": {"code": code, "reason": ""}}
    return {"table": facts}
