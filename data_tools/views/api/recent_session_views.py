"""`api/sessions/`: what the user worked on last, on whatever dataset."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.recent_session_answers import recent_sessions_body
from data_tools.features import Feature
from data_tools.services import recent_sessions
from data_tools.under_way.requests import Work
from data_tools.views.api.api_view import ApiView
from data_tools.views.api.studio_view import query_fields_of


class RecentSessionsFields(serializers.Serializer[None]):
    limit = serializers.IntegerField(required=False, min_value=1, max_value=50, default=10)


class RecentSessionsView(ApiView):
    """The user's sessions that can still be recovered, last used first. Never writes."""

    work = Work.LIGHT
    feature = Feature.RECOVERY

    def get(self, request: Request) -> Response:
        limit = query_fields_of(request, RecentSessionsFields)["limit"]
        sessions = recent_sessions.recent(user_id=request.user.pk, limit=limit)
        return Response(recent_sessions_body(sessions))
