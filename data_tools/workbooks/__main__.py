"""`python -m data_tools.workbooks REQUEST FD`: the process that reads a workbook.

REQUEST is JSON: `path`, `sheet`, `limits`, `memory_bytes`, `cpu_seconds`. The cells go to the open
file FD, and one JSON object to stdout: `{"sheet": facts}` or `{"refused": {code, reason}}`.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any


def main(request: dict[str, Any], descriptor: int) -> dict[str, Any]:
    resource.setrlimit(resource.RLIMIT_AS, (request["memory_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (request["cpu_seconds"],) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Not before: what they take counts too.
    from data_tools.workbooks.reading import SheetLimits, write_sheet
    from data_tools.workbooks.refusal import TOO_LARGE, Refusal

    try:
        with os.fdopen(descriptor, "wb") as out:
            facts = write_sheet(
                Path(request["path"]),
                sheet=request["sheet"],
                limits=SheetLimits(**request["limits"]),
                out=out,
            )
    except Refusal as refusal:
        return {"refused": {"code": refusal.code, "reason": refusal.reason}}
    except MemoryError:
        return {"refused": {"code": TOO_LARGE, "reason": ""}}
    return {"sheet": facts}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]), int(sys.argv[2]))))
