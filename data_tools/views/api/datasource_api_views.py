"""Endpoints for datasets: upload, upload again, list, progress, delete."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.exceptions import DatasourceNotFound
from data_tools.filtering import parse_page
from data_tools.models import DataSource
from data_tools.services import dataset_service
from data_tools.views.api.api_view import ApiView
from data_tools.views.api.upload_parser import UploadParser


class ReuploadFields(serializers.Serializer[None]):
    file = serializers.FileField(max_length=255)
    sheet = serializers.CharField(
        max_length=255, required=False, default="", allow_blank=True, trim_whitespace=False
    )


class UploadFields(ReuploadFields):
    name = serializers.CharField(max_length=255, required=False)


class DatasourceListView(ApiView):
    """The user's datasets, newest first; POST a file to add one."""

    parser_classes = (UploadParser,)
    rate_class_of_changes = "uploads"

    def get(self, request: Request) -> Response:
        page = parse_page(dict(request.query_params.lists()))
        found = dataset_service.list_for(request.user)
        total = found.count()
        shown = found[page.offset : page.offset + page.page_size]
        total_pages = -(-total // page.page_size)
        return Response(
            {
                "success": True,
                "datasources": [listed_object(datasource) for datasource in shown],
                "pagination": {
                    "page_number": page.page_number,
                    "page_size": page.page_size,
                    "total_rows": total,
                    "filtered_rows": total,
                    "total_pages": total_pages,
                    "has_next": page.page_number < total_pages,
                    "has_previous": page.page_number > 1,
                },
            }
        )

    def post(self, request: Request) -> Response:
        fields = UploadFields(data=request.data)
        fields.is_valid(raise_exception=True)
        datasource = dataset_service.create_from_upload(
            owner=request.user,
            uploaded_file=fields.validated_data["file"],
            name=fields.validated_data.get("name"),
            sheet=fields.validated_data["sheet"],
        )
        return Response({"success": True, "datasource": datasource_object(datasource)}, status=201)


class DatasourceView(ApiView):
    """One dataset: how far it has come, what was found in its file, or which recipe made it."""

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        try:
            datasource = dataset_service.get_for(request.user, datasource_id)
        except DataSource.DoesNotExist as error:
            raise DatasourceNotFound from error
        shown = datasource_object(datasource) | {"recipe": datasource.recipe or None}
        return Response({"success": True, "datasource": shown})

    def delete(self, request: Request, datasource_id: uuid.UUID) -> Response:
        try:
            dataset_service.delete(owner=request.user, datasource_id=datasource_id)
        except DataSource.DoesNotExist as error:
            raise DatasourceNotFound from error
        return Response({"success": True, "message": "Dataset deleted"})


class DatasourceFileView(ApiView):
    """POST another file for a dataset: its next revision, once it is loaded."""

    parser_classes = (UploadParser,)
    rate_class_of_changes = "uploads"

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        fields = ReuploadFields(data=request.data)
        fields.is_valid(raise_exception=True)
        try:
            datasource = dataset_service.upload_again(
                owner=request.user,
                datasource_id=datasource_id,
                uploaded_file=fields.validated_data["file"],
                sheet=fields.validated_data["sheet"],
            )
        except DataSource.DoesNotExist as error:
            raise DatasourceNotFound from error
        return Response({"success": True, "datasource": datasource_object(datasource)}, status=202)


def datasource_object(datasource: DataSource) -> dict[str, Any]:
    """Return a dataset as the API shows it; times in UTC, `progress` a percentage."""
    more = {"columns": datasource.columns, "ingest_report": datasource.ingest_report}
    return listed_object(datasource) | more


def listed_object(datasource: DataSource) -> dict[str, Any]:
    """Return a dataset as a list of them shows it: without its columns and what its file held."""
    return {
        "id": str(datasource.pk),
        "name": datasource.name,
        "description": datasource.description,
        "original_filename": datasource.original_filename,
        "status": datasource.status,
        "progress": datasource.progress_percent,
        "error_reason": datasource.error_reason,
        "revision": datasource.revision,
        "reupload_failure": datasource.reupload_failure,
        "row_count": datasource.row_count,
        "column_count": len(datasource.columns),
        "fingerprint": datasource.fingerprint,
        "parent": None if datasource.parent_id is None else str(datasource.parent_id),
        "created_at": datasource.created_at.astimezone(dt.UTC).isoformat(),
    }
