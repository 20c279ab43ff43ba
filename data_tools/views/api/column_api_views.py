"""Endpoints about what columns hold: metadata, suggestions, statistics, missing values."""

from __future__ import annotations

import uuid

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.column_answers import (
    column_histogram_body,
    columns_body,
    statistics_body,
    suggestions_body,
)
from data_tools.answers.missing_value_answers import missing_values_body
from data_tools.features import Feature
from data_tools.filtering import parse_filter
from data_tools.http.capabilities import wants_exact_integers
from data_tools.services import column_service
from data_tools.under_way.requests import Work
from data_tools.views.api.api_view import ApiView, ExistingView
from data_tools.views.api.studio_view import named_column, past_of, query_fields_of, rows_query


class ColumnStatisticsView(ExistingView):
    """The figures of the session's columns, as existing clients read them."""

    work = Work.LIGHT_OR_HEAVY
    rate_class = "scans"
    tells_response_time = True

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        profiled = column_service.session_column_profiles(
            user_id=request.user.pk, datasource_id=datasource_id
        )
        return Response(statistics_body(profiled, exact_integers=wants_exact_integers(request)))


class MissingValuesView(ExistingView):
    """Where the session's values are missing, as existing clients read it."""

    work = Work.LIGHT_OR_HEAVY
    rate_class = "scans"

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        missing = column_service.missing_values(
            user_id=request.user.pk, datasource_id=datasource_id
        )
        return Response(missing_values_body(missing))


class ColumnsFields(serializers.Serializer[None]):
    """Which of the columns to describe: all, or some of very many."""

    offset = serializers.IntegerField(required=False, min_value=0, max_value=100_000, default=0)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=100_000, default=None)


class ColumnsView(ApiView):
    """What each column holds: the session's columns, or without a session the dataset's.

    With `at_version` or `session_id`, the columns are those of the session as it was then.
    """

    work = Work.LIGHT_OR_HEAVY
    feature = Feature.FILTERS
    rate_class = "scans"

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        fields = query_fields_of(request, ColumnsFields)
        profiled = column_service.column_profiles(
            user_id=request.user.pk,
            datasource_id=datasource_id,
            past=past_of(request),
            offset=fields["offset"],
            limit=fields["limit"],
        )
        return Response(columns_body(profiled))


LONGEST_TEXT = 200  # percent-encoded, it still fits into a request line


class SuggestionFields(serializers.Serializer[None]):
    """The text to look for, and how many values to answer."""

    q = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=LONGEST_TEXT, default=""
    )
    limit = serializers.IntegerField(required=False, min_value=1, max_value=100, default=20)


class ColumnValuesView(ApiView):
    """A column's values that contain a text, of the rows that a filter finds.

    The path names the column. For names that no path can hold, the query has `column` or `key`.
    """

    work = Work.HEAVY
    feature = Feature.FILTERS
    rate_class = "scans"

    def get(
        self, request: Request, datasource_id: uuid.UUID, column: str | None = None
    ) -> Response:
        name, key = (column, None) if column is not None else named_column(request)
        fields = query_fields_of(request, SuggestionFields)
        suggestions = column_service.suggestions(
            user_id=request.user.pk,
            datasource_id=datasource_id,
            past=past_of(request),
            name=name,
            key=key,
            row_filter=parse_filter(rows_query(request)),
            text=fields["q"],
            limit=fields["limit"],
        )
        return Response(suggestions_body(suggestions))


class ColumnHistogramView(ApiView):
    """A column's histogram, counted among the rows that a filter finds; named as for values."""

    work = Work.HEAVY
    feature = Feature.FILTERS
    rate_class = "scans"

    def get(
        self, request: Request, datasource_id: uuid.UUID, column: str | None = None
    ) -> Response:
        name, key = (column, None) if column is not None else named_column(request)
        counted = column_service.histogram(
            user_id=request.user.pk,
            datasource_id=datasource_id,
            past=past_of(request),
            name=name,
            key=key,
            row_filter=parse_filter(rows_query(request)),
        )
        return Response(column_histogram_body(counted))
