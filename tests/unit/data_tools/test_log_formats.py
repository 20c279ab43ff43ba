"""A log line in its two forms, and the shape of a selection that it shows."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.core.exceptions import DisallowedHost
from django.test import RequestFactory

from data_tools.filtering import parse_selection
from data_tools.filtering.shapes import LONGEST_SHAPE, shapes
from data_tools.observing.log_formats import JsonFormatter, TextFormatter
from data_tools.observing.log_lines import TraceFilter
from data_tools.observing.request_line import client_kind, method_shown
from data_tools.observing.trace import begin_trace
from session_events.events import Column

TRACE = "0af7651916cd43dd8448eb211c80319c"
SECRET = "a cell of somebody"


def a_record(message: str, *args: object, **more: Any) -> logging.LogRecord:
    begin_trace(f"00-{TRACE}-b7ad6b7169203331-01")
    record = logging.getLogger("a.b").makeRecord(
        "a.b", logging.INFO, "a.py", 1, message, args, more.pop("exc_info", None), extra=more
    )
    TraceFilter().filter(record)
    return record


def as_json(message: str, *args: object, **more: Any) -> dict[str, Any]:
    text = JsonFormatter().format(a_record(message, *args, **more))
    assert text.isascii()
    assert "\n" not in text
    line: dict[str, Any] = json.loads(text)
    return line


def raised(error: Exception) -> Any:
    try:
        raise error
    except type(error) as caught:
        return (type(caught), caught, caught.__traceback__)


def test_a_json_line_is_one_object_with_time_level_logger_message_trace_id_and_fields() -> None:
    line = as_json("%d of\n%s", 3, "orders\ud800", fields={"rows": 7, "route": None})

    assert line.pop("time")[-1] == "Z"
    assert line == {
        "level": "INFO",
        "logger": "a.b",
        "message": "3 of\norders\ud800",
        "rows": 7,
        "route": None,
        "trace_id": TRACE,
    }


def test_an_error_in_a_json_line_has_its_place_and_no_value() -> None:
    line = as_json("it failed", exc_info=raised(ValueError(SECRET)))

    assert "in raised" in line["exception"]
    assert SECRET not in str(line)


def test_a_text_line_has_the_fields_that_have_a_value() -> None:
    text = TextFormatter().format(a_record("request", fields={"a": 1, "b": None, "c": "x y"}))

    assert text.endswith(f' INFO a.b request a=1 c="x y" trace_id={TRACE}')


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_a_message_that_is_the_text_of_an_error_is_left_out(formatter: logging.Formatter) -> None:
    """As Django logs a `Host` that is not allowed."""
    error = DisallowedHost(f"Invalid HTTP_HOST header: '{SECRET}'.")

    text = formatter.format(a_record(str(error), exc_info=raised(error)))

    assert SECRET not in text
    assert "DisallowedHost" in text


def test_the_path_of_a_request_is_logged_as_its_pattern() -> None:
    request = RequestFactory().get(f"/no/{SECRET}/")

    line = as_json("Not Found: %s", request.path, request=request)

    assert line["message"] == "Not Found: (no such address)"


COLUMNS = tuple(Column(key=f"b{n}", name=f"{SECRET} {n}", type="text") for n in range(4))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {}),
        (
            {"filter": [json.dumps([{"column": f"{SECRET} 1", "op": "eq", "value": SECRET}])]},
            {"filter_shape": "b1 eq"},
        ),
        (
            {
                "filter": [
                    json.dumps(
                        {
                            "any": [
                                {"column": f"{SECRET} 0", "op": "in", "value": [SECRET]},
                                {"not": {"column": f"{SECRET} 3", "op": "is_null"}},
                                {"column": "no such", "op": "gte", "value": 3},
                            ]
                        }
                    )
                ],
                "sort": [f"-{SECRET} 2,{SECRET} 0,unknown"],
            },
            {"filter_shape": "any(b0 in, not(b3 is_null), ? gte)", "sort_shape": "-b2, b0, ?"},
        ),
    ],
)
def test_a_shape_has_keys_and_operators_and_nothing_that_was_typed(
    query: dict[str, list[str]], expected: dict[str, str]
) -> None:
    assert shapes(parse_selection(query), COLUMNS) == expected


def test_a_shape_is_bounded() -> None:
    condition = {"column": f"{SECRET} 1", "op": "starts_with", "value": "x"}
    query = {"filter": [json.dumps([condition] * 100)]}

    assert len(shapes(parse_selection(query), COLUMNS)["filter_shape"]) == LONGEST_SHAPE


@pytest.mark.parametrize(
    ("method", "shown"), [("GET", "GET"), ("secret", "OTHER"), ("", ""), (None, None)]
)
def test_a_method_that_http_does_not_have_is_not_repeated(
    method: str | None, shown: str | None
) -> None:
    assert method_shown(method) == shown


@pytest.mark.parametrize(
    ("agent", "kind"),
    [("Mozilla/5.0 (X11)", "browser"), (f"{SECRET}/1", "program"), ("", "unnamed")],
)
def test_a_client_is_of_one_of_three_kinds(agent: str, kind: str) -> None:
    assert client_kind(agent) == kind
