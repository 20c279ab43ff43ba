"""The OpenAPI document as clients have it: a change of one byte is one that somebody chose."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from django.core.management import call_command

DOCUMENT = Path(__file__).parent / "openapi.json"


def generated_document() -> dict[str, Any]:
    """Return the document that the service serves now. A fault or a warning in it is an error."""
    out = io.StringIO()
    call_command(
        "spectacular", "--format", "openapi-json", "--validate", "--fail-on-warn", stdout=out
    )
    return json.loads(out.getvalue())


def as_text(document: dict[str, Any]) -> str:
    """Return the document indented, its keys in the order in which they are served."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def write_missing_document() -> list[Path]:
    """Write the document unless it exists; return the paths of what was written."""
    if DOCUMENT.exists():
        return []
    DOCUMENT.write_text(as_text(generated_document()))
    return [DOCUMENT]
