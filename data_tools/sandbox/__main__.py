"""`python -m data_tools.sandbox REQUEST FD`: the process that reads a file in the sandbox.

REQUEST is JSON: `parent_id`, `memory_bytes` and `cpu_seconds`, and the fields that
`reading.read_file` takes. The rows go to the open file descriptor FD, and the answer to stdout, as
one JSON object.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from typing import Any

_PR_SET_PDEATHSIG = 1


def main(request: dict[str, Any], descriptor: int) -> dict[str, Any]:
    """Limit this process, then read the file; return the answer."""
    _die_with(request.pop("parent_id"))
    resource.setrlimit(resource.RLIMIT_AS, (request.pop("memory_bytes"),) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (request.pop("cpu_seconds"),) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Imported only now, so that the limits hold for the import too.
    from data_tools.sandbox.reading import read_file

    with os.fdopen(descriptor, "wb") as out:
        return read_file(request, out)


def _die_with(parent_id: int) -> None:
    """Have the kernel kill this process as soon as the thread that started it is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_id:  # the parent died before the kernel was told
        os._exit(1)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]), int(sys.argv[2]))))
