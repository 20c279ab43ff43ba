"""Answers that were recorded as examples, and the parts of them that must not change."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def record_answers(path: Path, answer: Any) -> None:
    """Write the answer to the file if the tests are run to record answers (RECORD_ANSWERS=1)."""
    if os.environ.get("RECORD_ANSWERS") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(answer, indent=1, ensure_ascii=False) + "\n")


def kinds(value: Any) -> Any:
    """Return the value with each scalar replaced by its kind, and each list by its first item."""
    match value:
        case dict():
            return {name: kinds(inner) for name, inner in value.items()}
        case list():
            return [kinds(inner) for inner in value[:1]]
        case bool() | None:
            return type(value).__name__
        case int() | float():
            return "number"
    return "text"
