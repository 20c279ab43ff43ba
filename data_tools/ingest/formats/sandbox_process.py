"""A table whose file is read by `data_tools.sandbox`, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, ClassVar

import data_tools
from data_tools.ingest.exceptions import IngestError
from data_tools.ingest.formats.spooled_table import SpooledTable
from data_tools.ingest.limits import Limits, SandboxLimits
from data_tools.under_way.requests import require_time

_ROOT = Path(data_tools.__file__).resolve().parent.parent
_SECONDS_BETWEEN_LOOKS = 0.5
# None of our own environment: the process reads what a stranger sent, and needs no secret. The
# limit is on address space, so the allocators are those that reserve no more than they use.
_ENVIRONMENT = {
    "PYTHONDONTWRITEBYTECODE": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
}
_ERROR_BY_CODE = {error.code: error for error in IngestError.__subclasses__()}


class SandboxedTable(SpooledTable):
    """A table that the sandbox reads. A subclass says how it can fail, and sets the columns."""

    too_large: ClassVar[type[IngestError]]
    broken: ClassVar[type[IngestError]]

    def __init__(
        self,
        path: Path,
        *,
        limits: Limits,
        sandbox_limits: SandboxLimits,
        advance: Callable[[float], None],
        trims_names: bool = False,
        **request: dict[str, Any],
    ) -> None:
        """`request` is what the request to the sandbox needs besides. `advance` is called while
        the file is read. `trims_names` leaves out blanks at the ends of the columns' names.

        Raises:
            IngestError: the sandbox refuses the file.
        """
        super().__init__()
        facts = read_in_sandbox(
            {
                "path": str(path.resolve()),
                "limits": {
                    "rows": limits.rows,
                    "columns": limits.columns,
                    "unpacked_bytes": sandbox_limits.unpacked_bytes,
                },
                "memory_bytes": sandbox_limits.memory_bytes,
                "cpu_seconds": sandbox_limits.cpu_seconds,
                **request,
            },
            out=self._spool,
            too_large=self.too_large,
            broken=self.broken,
            advance=advance,
        )
        self._describe(
            facts.pop("written_names"),
            row_count=facts.pop("row_count"),
            facts=facts,
            trims_names=trims_names,
        )


def read_in_sandbox(
    request: dict[str, Any],
    *,
    out: IO[bytes],
    too_large: type[IngestError],
    broken: type[IngestError],
    advance: Callable[[float], None],
) -> dict[str, Any]:
    """Have the file's rows written to `out`; return the facts about the file.

    `request` is that of `python -m data_tools.sandbox`, but for the parent's id. `advance` is
    called now and then meanwhile.

    Raises:
        IngestError: the sandbox refuses the file; `too_large` if the process ran out of memory or
            time, `broken` if it ended in another way.
        TookTooLong: the request that waits for it is over.
    """
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "data_tools.sandbox"),
            *(json.dumps(request | {"parent_id": os.getpid()}), str(out.fileno())),
        ],
        cwd=_ROOT,
        env=_ENVIRONMENT,
        pass_fds=[out.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        output = _output_of(process, advance)
    try:
        answer = json.loads(output)
    except ValueError:  # without memory it aborts, and out of time it is killed
        raise (too_large if process.returncode < 0 else broken) from None
    return facts_of(answer)


def facts_of(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the facts in the sandbox's answer, or raise the error whose code it names."""
    if "refused" in answer:
        refused = answer["refused"]
        raise _ERROR_BY_CODE[refused["code"]](refused["reason"])
    return answer["table"]


def _output_of(process: subprocess.Popen[bytes], advance: Callable[[float], None]) -> bytes:
    """Wait for the process and return its output; kill it if the wait is cut short."""
    try:
        while True:
            try:
                return process.communicate(timeout=_SECONDS_BETWEEN_LOOKS)[0]
            except subprocess.TimeoutExpired:
                require_time()  # a preview is read within a request
                advance(0.0)
    except BaseException:
        process.kill()
        raise
