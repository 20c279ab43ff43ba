"""A file read by `data_tools.sandbox`, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import data_tools
from data_tools.ingest import exceptions
from data_tools.ingest.exceptions import IngestError

_ROOT = Path(data_tools.__file__).resolve().parent.parent
_SECONDS_BETWEEN_LOOKS = 0.5
# Nothing of ours: it needs no secret, and reads what somebody sent us. The allocators are those
# that take no more addresses than memory, since addresses are what is limited.
_ENVIRONMENT = {
    "PYTHONDONTWRITEBYTECODE": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
}
_REFUSALS = {
    refusal.code: refusal
    for refusal in vars(exceptions).values()
    if isinstance(refusal, type) and issubclass(refusal, IngestError)
}


def read_confined(
    request: dict[str, Any],
    *,
    out: IO[bytes],
    memory_bytes: int,
    cpu_seconds: int,
    too_large: type[IngestError],
    broken: type[IngestError],
    advance: Callable[[float], None],
) -> dict[str, Any]:
    """Have the file read to `out`; return what is known of it. `advance` is called meanwhile.

    `request` is that of `data_tools.sandbox.reading`. Raises the error by which it is refused;
    `too_large` if memory or time ran out, `broken` if the process ended otherwise.
    """
    limited = request | {"memory_bytes": memory_bytes, "cpu_seconds": cpu_seconds}
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "data_tools.sandbox"),
            *(json.dumps(limited | {"parent_id": os.getpid()}), str(out.fileno())),
        ],
        cwd=_ROOT,
        env=_ENVIRONMENT,
        pass_fds=[out.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        answer = _answer(process, advance)
    try:
        outcome = json.loads(answer)
    except ValueError:  # it aborts without memory, and is killed without time
        raise (too_large if process.returncode < 0 else broken) from None
    return facts_of(outcome)


def facts_of(outcome: dict[str, Any]) -> dict[str, Any]:
    """What the process says of the file. Raises the error that it names by its code."""
    if "refused" in outcome:
        refused = outcome["refused"]
        raise _REFUSALS[refused["code"]](refused["reason"])
    return outcome["table"]


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
