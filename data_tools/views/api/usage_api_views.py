"""`api/account/usage/`, and deleting ended sessions for good to make room."""

from __future__ import annotations

import uuid

from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.usage_answers import sessions_deleted_body, usage_body
from data_tools.services import dataset_service, usage_service
from data_tools.under_way.requests import Work
from data_tools.views.api.api_view import ApiView


class UsageView(ApiView):
    """How much the user keeps and may keep, and what takes up the most room."""

    work = Work.LIGHT

    def get(self, request: Request) -> Response:
        return Response(usage_body(usage_service.usage(request.user.pk)))


class EndedSessionsView(ApiView):
    """Delete the ended sessions of a dataset for good; its open session stays."""

    work = Work.HEAVY

    def delete(self, request: Request, datasource_id: uuid.UUID) -> Response:
        removed = dataset_service.delete_ended_sessions(
            owner=request.user, datasource_id=datasource_id
        )
        return Response(sessions_deleted_body(sessions=removed.streams, events=removed.events))
