"""How a file would be read, with its first rows."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from data_tools.answers.session_answers import Row, Shortened, shortened
from data_tools.answers.shared_values import ColumnTypeName, OptionsObject, Success
from data_tools.ingest.options import ReadingOptions
from data_tools.ingest.preview import Preview, Refusal
from data_tools.ingest.written_options import options_as_json
from data_tools.rows.pages import rows_that_fit
from session_events.events import Column


class PreviewGuess(TypedDict):
    """What was decided about the file, how sure that is (`certain`, `likely`, `guess`), and why."""

    value: Any
    certainty: str
    why: str


class PreviewColumn(TypedDict):
    name: str
    type: ColumnTypeName
    certainty: str | None
    why: str | None


class PreviewError(TypedDict):
    """Why the file would not be loaded, as its dataset would say it. Each of `remedies` is an
    object of options with which it would be; null stands for an option to leave out."""

    code: str
    reason: str
    details: dict[str, Any]
    remedies: list[OptionsObject]


class FilePreview(Shortened):
    """The beginning of a file. With an `error`, `rows` are those of its first remedy, or those
    before the fault, or none."""

    guesses: dict[str, PreviewGuess]
    columns: list[PreviewColumn]
    rows: list[Row]
    rows_read: int
    is_partial: bool
    warnings: list[str]
    error: PreviewError | None
    ingest_report: dict[str, Any]
    options: OptionsObject


class PreviewBody(TypedDict):
    success: Success
    preview: FilePreview


def _error(refusal: Refusal) -> PreviewError:
    error = refusal.error
    return {
        "code": error.code,
        "reason": error.reason,
        "details": error.report,
        "remedies": refusal.remedies,
    }


def preview_body(preview: Preview, *, options: ReadingOptions) -> PreviewBody:
    report = preview.report
    columns = report.get("columns", [])
    names = [column["name"] for column in columns]
    shown = rows_that_fit(
        preview.rows, [Column(key="", name=each["name"], type=each["type"]) for each in columns]
    )
    return {
        "success": True,
        "preview": {
            "guesses": report.get("guesses", {}),
            "columns": [
                {
                    "name": column["name"],
                    "type": column["type"],
                    "certainty": column.get("certainty"),
                    "why": column.get("why"),
                }
                for column in columns
            ],
            "rows": [dict(zip(names, row, strict=True)) for row in shown.rows],
            **shortened(shown),
            "rows_read": report.get("row_count", 0),
            "is_partial": preview.is_partial,
            "warnings": preview.warnings,
            "error": None if preview.refusal is None else _error(preview.refusal),
            "ingest_report": report,
            "options": options_as_json(options),
        },
    }
