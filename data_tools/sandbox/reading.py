"""What the sandboxed process does: read one file, and answer with facts or a refusal."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

from data_tools.sandbox.limits import ReadingLimits
from data_tools.sandbox.parquet import write_table
from data_tools.sandbox.refusal import Code, Refusal
from data_tools.sandbox.workbook import write_sheet


def read_file(request: dict[str, Any], out: IO[bytes]) -> dict[str, Any]:
    """Write the rows of the file to `out`, as one Arrow stream.

    The request has `path` and `limits`, and for a workbook also `sheet`; without it, the file is
    read as Parquet. Returns `{"table": facts}` or `{"refused": {"code", "reason"}}`.
    """
    path, limits = Path(request["path"]), ReadingLimits(**request["limits"])
    sheet = request.get("sheet")
    try:
        if sheet is None:
            facts = write_table(path, limits=limits, out=out)
        else:
            facts = write_sheet(path, sheet=sheet, limits=limits, out=out)
    except Refusal as refusal:
        return {"refused": {"code": refusal.code, "reason": refusal.reason}}
    except MemoryError:
        code = Code.UNFOLDS_TOO_LARGE if sheet is None else Code.WORKBOOK_TOO_LARGE
        return {"refused": {"code": code, "reason": ""}}
    return {"table": facts}
