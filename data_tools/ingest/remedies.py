"""Other reading options that may mend a refusal, and how a client would send them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from data_tools.ingest.exceptions import (
    BrokenQuoting,
    ColumnNotFound,
    IngestError,
    OptionNotApplicable,
    RaggedLines,
    SheetNotFound,
    UnreadableEncoding,
    ValueNotOfType,
)
from data_tools.ingest.formats.json_records import RaggedRecords
from data_tools.ingest.options import DEFAULT_OPTIONS, WIRE_NAMES, ReadingOptions
from data_tools.ingest.written_options import options_as_json

_REMEDIES: dict[type[IngestError], tuple[dict[str, Any], ...]] = {
    RaggedLines: ({"pads_ragged": True},),
    RaggedRecords: ({"pads_ragged": True},),
    BrokenQuoting: ({"escape": "\\"}, {"quote": ""}),
    UnreadableEncoding: ({"replaces_bad_bytes": True},),
    SheetNotFound: ({"sheet": ""},),
}


def remedies_for(error: IngestError, options: ReadingOptions) -> Iterator[ReadingOptions]:
    """Yield options that may mend the error, the gentlest first."""
    for remedy in _REMEDIES.get(type(error), ()):
        mended = replace(options, **remedy)
        if mended != options:
            yield mended
    if isinstance(error, ValueNotOfType):
        for name, column in options.columns.items():
            lenient = replace(column, type=None, date_format=None)
            if (column.name or name) == error.report.get("column") and column != lenient:
                yield replace(options, columns={**options.columns, name: lenient})
    if isinstance(error, ColumnNotFound):
        unknown = error.report.get("columns", ())
        known = {name: column for name, column in options.columns.items() if name not in unknown}
        if len(known) < len(options.columns):
            yield replace(options, columns=known)
    if isinstance(error, OptionNotApplicable):
        names = {WIRE_NAMES.get(name, name): name for name in options.given()}
        refused = [names[name] for name in error.report.get("options", ()) if name in names]
        yield replace(options, **{name: getattr(DEFAULT_OPTIONS, name) for name in refused})


def without_supersets(remedies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out each remedy that another one is a part of."""
    return [
        remedy
        for remedy in remedies
        if not any(other.items() < remedy.items() for other in remedies)
    ]


def changes(options: ReadingOptions, mended: ReadingOptions) -> dict[str, Any]:
    """Return the options to send otherwise; null for one to leave out."""
    before: Mapping[str, Any] = options_as_json(options)
    after: Mapping[str, Any] = options_as_json(mended)
    return {
        name: after.get(name)
        for name in [*after, *(name for name in before if name not in after)]
        if before.get(name) != after.get(name)
    }
