"""`data/`: one page of rows, one cell whole; and a dataset's first rows for the older viewer."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.cell_answers import cell_body
from data_tools.answers.session_answers import page_body, past_page_body, shortened
from data_tools.columns import ColumnType
from data_tools.filtering import MAX_PAGE_NUMBER, parse_page, parse_selection
from data_tools.http.capabilities import wants_row_numbers
from data_tools.rows.on_demand import OnDemand
from data_tools.services import cell_service, session_service, time_travel_service
from data_tools.services.session_data import NotModified, SessionData
from data_tools.services.session_request import ShownRows
from data_tools.under_way.requests import Work
from data_tools.views.api.api_view import ApiView, ExistingView
from data_tools.views.api.conditional import known_tags, tagged
from data_tools.views.api.studio_view import (
    ROW_PARAMETERS,
    PastFields,
    named_column,
    past_of,
    query_fields_of,
    reader_of,
    require_known_parameters,
    rows_query,
)

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class DataView(ExistingView):
    """One page of the session's rows, or of the dataset's where there is no session.

    With `at_version` or `session_id`, the rows are those of the session as it was then, and the
    read is not recorded.
    """

    work = Work.LIGHT_OR_HEAVY

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        query = rows_query(request)
        page, selection = parse_page(query), parse_selection(query)
        numbered = wants_row_numbers(request)
        if (past := past_of(request)) is not None:
            past_data = time_travel_service.get_past_data(
                user_id=request.user.pk,
                datasource_id=datasource_id,
                shown=ShownRows(page=page, selection=selection, numbered=numbered),
                **past,
            )
            return Response(past_page_body(past_data))
        data = session_service.get_paginated_session_data(
            user_id=request.user.pk,
            datasource_id=datasource_id,
            page=page,
            selection=selection,
            command=reader_of(request),
            numbered=numbered,
            known_tags=known_tags(request),
        )
        if isinstance(data, NotModified):
            return tagged(request, Response(status=304), data.tag)
        return tagged(request, Response(page_body(data)), data.tag)


class CellFields(serializers.Serializer[None]):
    """The place of the cell's row, from 1, among the rows that the filter and the order show."""

    row = serializers.IntegerField(min_value=1, max_value=MAX_PAGE_NUMBER)


class CellView(ApiView):
    """One cell, whole: a page shows only the beginning of a long text. Records nothing."""

    work = Work.LIGHT_OR_HEAVY

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        require_known_parameters(
            request, ("row", "column", "key", *ROW_PARAMETERS, *PastFields().fields)
        )
        name, key = named_column(request)
        cell = cell_service.get_cell(
            user_id=request.user.pk,
            datasource_id=datasource_id,
            past=past_of(request),
            selection=parse_selection(rows_query(request)),
            row=query_fields_of(request, CellFields)["row"],
            name=name,
            key=key,
        )
        return Response(cell_body(cell))


class DataViewerView(ExistingView):
    """The dataset's own first 100 rows, without its session's changes."""

    work = Work.LIGHT

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        data = session_service.get_dataset_data(
            user_id=request.user.pk, datasource_id=datasource_id
        )
        return Response(pandas_split(data))


def pandas_split(data: SessionData) -> dict[str, Any]:
    """Return the rows as pandas' `to_json(orient="split")`: dates and times in ms since 1970."""
    moments = [column.type in (ColumnType.DATE, ColumnType.DATETIME) for column in data.columns]

    def with_milliseconds(row: list[Any]) -> list[Any]:
        return [
            _milliseconds(value) if is_moment and value is not None else value
            for value, is_moment in zip(row, moments, strict=True)
        ]

    return {
        "columns": [column.name for column in data.columns],
        "index": list(range(len(data.page.rows))),
        "data": OnDemand(with_milliseconds, data.page.rows),
        **shortened(data.page),
    }


def _milliseconds(text: str) -> int:
    """Return the ms since 1970 of a date or time in ISO 8601, which is UTC if it has no offset."""
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return (moment - _EPOCH) // dt.timedelta(milliseconds=1)
