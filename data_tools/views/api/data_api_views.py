"""The page read."""

from __future__ import annotations

import uuid

from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.filtering import parse_page, parse_sort
from data_tools.services import session_service
from data_tools.views.api import presentation
from data_tools.views.api.studio_view import StudioView, reader_of


class DataView(StudioView):
    """One page of the session's rows, or of the dataset's where there is no session."""

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        query = dict(request.query_params.lists())
        data = session_service.get_paginated_session_data(
            user_id=request.user.pk,
            datasource_id=datasource_id,
            page=parse_page(query),
            sort=parse_sort(query),
            command=reader_of(request),
        )
        page = data.page
        return Response(
            {
                "success": True,
                "data": presentation.records(page, data.columns),
                "totalRows": page.total_rows,
                "page": page.page_number,
                "pageSize": page.page_size,
                "totalPages": page.total_pages,
                "columnDefs": [column.name for column in data.columns],
                "pagination": presentation.pagination(page),
                "columns": presentation.column_list(data.columns),
                **presentation.durable(data.session),
            }
        )
