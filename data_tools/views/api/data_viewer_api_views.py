"""The first rows of a dataset, in pandas' `split` form, for the older data viewer."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.columns import ColumnType
from data_tools.services import session_service
from data_tools.services.session_data import SessionData
from data_tools.views.api.api_view import ExistingView

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class DataViewerView(ExistingView):
    """The dataset's own first 100 rows, without its session's changes."""

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        data = session_service.get_dataset_data(
            user_id=request.user.pk, datasource_id=datasource_id
        )
        return Response(pandas_split(data))


def pandas_split(data: SessionData) -> dict[str, Any]:
    """Return the rows as pandas' `to_json(orient="split")`: dates and times in ms since 1970."""
    moments = [column.type in (ColumnType.DATE, ColumnType.DATETIME) for column in data.columns]
    return {
        "columns": [column.name for column in data.columns],
        "index": list(range(len(data.page.rows))),
        "data": [
            [
                _milliseconds(value) if is_moment and value is not None else value
                for value, is_moment in zip(row, moments, strict=True)
            ]
            for row in data.page.rows
        ],
    }


def _milliseconds(text: str) -> int:
    """Return the ms since 1970 of a date or time in ISO 8601, which is UTC if it has no offset."""
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return (moment - _EPOCH) // dt.timedelta(milliseconds=1)
