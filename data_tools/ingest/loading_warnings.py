"""What an owner should look at before a file is loaded, in sentences, out of the ingest report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from data_tools.ingest.guess import Certainty

_MOST_NAMED = 5
# Counts of a column, and what is said of the values that they count.
_COUNTED = {
    "nan_count": "is not a number (NaN) and becomes missing",
    "infinity_count": "is infinite and becomes missing",
    "negative_zero_count": "is minus zero and becomes 0",
    "rounded_values": "has more digits than a number keeps and is rounded",
}


def warnings_of(report: Mapping[str, Any]) -> list[str]:
    """Return the warnings, those about the whole file first."""
    return [*_of_the_file(report), *_of_columns(report.get("columns", ()))]


def _of_the_file(report: Mapping[str, Any]) -> Iterator[str]:
    for name, guess in report.get("guesses", {}).items():
        if guess["certainty"] == Certainty.GUESS:
            yield f"The {name.replace('_', ' ')} is a guess. {guess['why']}"
    if replaced := report.get("replaced_bytes"):
        count, first = replaced["count"], replaced["first_bytes"]
        said = (
            "One byte is not a character and becomes"
            if count == 1
            else f"{count:,} bytes are not characters and become"
        )
        yield f"{said} “\ufffd”, first {first} in line {replaced['first_line']:,}."
    renamed = report.get("renamed_columns", ())
    for column in renamed[:_MOST_NAMED]:
        written = f"“{column['written']}”" if column["written"].strip() else "without a name"
        yield f"Column {column['position']}, {written}, will be called “{column['name']}”."
    if len(renamed) > _MOST_NAMED:
        yield f"{len(renamed) - _MOST_NAMED:,} more columns get other names."


def _of_columns(columns: list[Mapping[str, Any]]) -> Iterator[str]:
    for column in columns:
        name = f"Column “{column['name']}”"
        if column.get("certainty") == Certainty.GUESS:
            yield f"{name}: its type, {column['type']}, is a guess. {column['why']}"
        for key, said in _COUNTED.items():
            if count := column.get(key):
                yield f"{name}: {_values(count)} {said if count == 1 else _plural(said)}."
        for spelling, count in column.get("kept_spellings", {}).items():
            yield f"{name}: “{spelling}” is kept as text ({count:,})."
        for spelling, count in column.get("missing_spellings", {}).items():
            if spelling:
                yield f"{name}: “{spelling}” becomes missing ({count:,})."
        for note in column.get("notes", ()):
            yield f"{name}: {note}"


def _values(count: int) -> str:
    return "one value" if count == 1 else f"{count:,} values"


def _plural(said: str) -> str:
    for one, many in (("is ", "are "), ("has ", "have "), ("becomes", "become")):
        said = said.replace(one, many)
    return said
