"""The page read."""

from __future__ import annotations

import uuid
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.filtering import parse_page, parse_selection
from data_tools.services import session_service, time_travel_service
from data_tools.services.session_data import NotModified, SessionData
from data_tools.services.session_request import ShownRows
from data_tools.views.api import presentation
from data_tools.views.api.conditional import known_tags, not_modified, tagged
from data_tools.views.api.studio_view import StudioView, past_of, reader_of, rows_query


class DataView(StudioView):
    """One page of the session's rows, or of the dataset's where there is no session.

    With `at_version` or `session_id` it is the session's as it stood then, and looking at it is not
    recorded.
    """

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        query = rows_query(request)
        page, selection = parse_page(query), parse_selection(query)
        if (past := past_of(request)) is not None:
            past_data = time_travel_service.get_past_data(
                user_id=request.user.pk,
                datasource_id=datasource_id,
                shown=ShownRows(page=page, selection=selection),
                **past,
            )
            return Response(presentation.as_of_then(_page_body(past_data.data), past_data))
        data = session_service.get_paginated_session_data(
            user_id=request.user.pk,
            datasource_id=datasource_id,
            page=page,
            selection=selection,
            command=reader_of(request),
            known_tags=known_tags(request),
        )
        if isinstance(data, NotModified):
            return not_modified(data.tag)
        return tagged(Response(_page_body(data)), data.tag)


def _page_body(data: SessionData) -> dict[str, Any]:
    page = data.page
    return {
        "success": True,
        "data": presentation.records(page, data.columns),
        "totalRows": page.filtered_rows,
        "page": page.page_number,
        "pageSize": page.page_size,
        "totalPages": page.total_pages,
        "columnDefs": [column.name for column in data.columns],
        "pagination": presentation.pagination(page),
        "columns": presentation.column_list(data.columns),
        **presentation.durable(data.session),
    }
