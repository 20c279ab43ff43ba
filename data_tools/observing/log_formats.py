"""The two forms of a log line. Neither holds values of users: see `ValueFreeFormatter`.

A record may have `fields`, a dict, which go into the line by their names.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import Any

from data_tools.observing.log_lines import ValueFreeFormatter, value_free


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return what a record has beside its message, its trace id last."""
    fields: dict[str, Any] = getattr(record, "fields", {})
    return {**fields, "trace_id": getattr(record, "trace_id", "")}


class TextFormatter(ValueFreeFormatter):
    """Writes a line for people: the message, then `name=value` of each field that has a value."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        shown = [
            f"{name}={_quoted(value)}"
            for name, value in fields_of(record).items()
            if value is not None and value != ""
        ]
        return " ".join([super().formatMessage(record), *shown])


def _quoted(value: Any) -> str:
    return json.dumps(value) if " " in str(value) else str(value)


class JsonFormatter(ValueFreeFormatter):
    """Writes a JSON object in one line, in ASCII. `time` is in UTC, as of RFC 3339."""

    def format(self, record: logging.LogRecord) -> str:
        record = value_free(record)
        time = dt.datetime.fromtimestamp(record.created, dt.UTC)
        line = {
            "time": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **fields_of(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = record.stack_info
        return json.dumps(line)
