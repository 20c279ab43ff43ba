"""A sheet of a workbook as a stream of record batches.

The sheet is read once, by `data_tools.workbooks` in a process of its own, into a temporary file
without a name: whoever dies, it is gone.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

import data_tools
from data_tools.ingest import exceptions
from data_tools.ingest.cell_column import CellColumn
from data_tools.ingest.csv_layout import unique_names
from data_tools.ingest.exceptions import BrokenWorkbook, IngestError, WorkbookTooLarge
from data_tools.ingest.limits import Limits
from data_tools.ingest.renamed_columns import renamed_columns

_ROOT = Path(data_tools.__file__).resolve().parent.parent
_SECONDS_BETWEEN_LOOKS = 0.5
_REFUSALS = {
    refusal.code: refusal
    for refusal in vars(exceptions).values()
    if isinstance(refusal, type) and issubclass(refusal, IngestError)
}


class WorkbookFile:
    """One sheet; it may be read any number of times."""

    def __init__(
        self, path: Path, *, sheet: str, limits: Limits, advance: Callable[[float], None]
    ) -> None:
        """`sheet` is the sheet's name, "" for the first. `advance` is called while it is read."""
        self._cells = tempfile.TemporaryFile()
        weakref.finalize(self, self._cells.close)
        self._facts = _read(path, self._cells, sheet=sheet, limits=limits, advance=advance)
        self._row_count = self._facts.pop("row_count")
        self._written_names = tuple(self._facts.pop("written_names"))
        self.names = unique_names(self._written_names)
        self.columns = [
            CellColumn(name, Counter(kinds))
            for name, kinds in zip(self.names, self._facts.pop("kinds"), strict=True)
        ]
        self._rows_read = 0

    @property
    def fraction_read(self) -> float:
        """How much of the sheet the reading under way has read."""
        return self._rows_read / self._row_count if self._row_count else 1.0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The sheet's rows below its header, in order."""
        self._rows_read = 0
        self._cells.seek(0)
        for batch in pa.ipc.open_stream(self._cells):
            self._rows_read += len(batch)
            yield batch

    def facts(self) -> dict[str, Any]:
        """What the report says of the file as a whole."""
        renamed = renamed_columns(self._written_names, self.names)
        return {**self._facts, "renamed_columns": renamed}


def _read(
    path: Path, out: IO[bytes], *, sheet: str, limits: Limits, advance: Callable[[float], None]
) -> dict[str, Any]:
    request = {
        "path": str(path.resolve()),
        "sheet": sheet,
        "limits": {
            "rows": limits.rows,
            "columns": limits.columns,
            "unpacked_bytes": limits.workbook_unpacked_bytes,
        },
        "memory_bytes": limits.workbook_memory_bytes,
        "cpu_seconds": limits.workbook_cpu_seconds,
    }
    with subprocess.Popen(
        [sys.executable, "-m", "data_tools.workbooks", json.dumps(request), str(out.fileno())],
        cwd=_ROOT,
        # Nothing of ours: it needs no secret, and reads what somebody sent us.
        env={"PYTHONDONTWRITEBYTECODE": "1"},
        pass_fds=[out.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        answer = _answer(process, advance)
    try:
        outcome = json.loads(answer)
    except ValueError:
        outcome = None
    match outcome:
        case {"sheet": facts}:
            return facts
        case {"refused": {"code": code, "reason": reason}}:
            raise refused(code, reason)
    if process.returncode < 0:  # it aborts without memory, and is killed without time
        raise WorkbookTooLarge
    raise BrokenWorkbook


def refused(code: str, reason: str) -> IngestError:
    """The error that the reader of workbooks names by its code."""
    return _REFUSALS[code](reason)


def _answer(process: subprocess.Popen[bytes], advance: Callable[[float], None]) -> bytes:
    """What the process says in the end; it is ended if we are."""
    try:
        while True:
            try:
                return process.communicate(timeout=_SECONDS_BETWEEN_LOOKS)[0]
            except subprocess.TimeoutExpired:
                advance(0.0)
    except BaseException:
        process.kill()
        raise
