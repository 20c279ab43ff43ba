"""Endpoints for datasets: upload, upload again, list, progress, delete."""

from __future__ import annotations

import uuid

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.dataset_answers import datasource_body, datasource_list, deleted_body
from data_tools.filtering import parse_page
from data_tools.services import dataset_service
from data_tools.views.api.api_view import ApiView, validated
from data_tools.views.api.upload_parser import UploadParser


class ReuploadFields(serializers.Serializer[None]):
    file = serializers.FileField(max_length=255)
    sheet = serializers.CharField(
        max_length=255, required=False, default="", allow_blank=True, trim_whitespace=False
    )


class UploadFields(ReuploadFields):
    name = serializers.CharField(max_length=255, required=False)


class DatasourceListView(ApiView):
    """List the user's datasets, newest first (GET), or add one from a file (POST)."""

    parser_classes = (UploadParser,)
    rate_class_of_changes = "uploads"

    def get(self, request: Request) -> Response:
        page = parse_page(dict(request.query_params.lists()))
        datasets = dataset_service.list_for(request.user)
        total = datasets.count()
        shown = datasets[page.offset : page.offset + page.page_size]
        return Response(datasource_list(shown, total=total, page=page))

    def post(self, request: Request) -> Response:
        fields = validated(UploadFields(data=request.data))
        datasource = dataset_service.create_from_upload(
            owner=request.user,
            uploaded_file=fields["file"],
            name=fields["name"],
            sheet=fields["sheet"],
        )
        return Response(datasource_body(datasource), status=201)


class DatasourceView(ApiView):
    """One dataset: its progress, what was found in its file, or the recipe that made it."""

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        datasource = dataset_service.get_for(request.user, datasource_id)
        return Response(datasource_body(datasource, with_recipe=True))

    def delete(self, request: Request, datasource_id: uuid.UUID) -> Response:
        dataset_service.delete(owner=request.user, datasource_id=datasource_id)
        return Response(deleted_body())


class DatasourceFileView(ApiView):
    """Upload another file for a dataset; once loaded, it is the next revision."""

    parser_classes = (UploadParser,)
    rate_class_of_changes = "uploads"

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        fields = validated(ReuploadFields(data=request.data))
        datasource = dataset_service.upload_again(
            owner=request.user,
            datasource_id=datasource_id,
            uploaded_file=fields["file"],
            sheet=fields["sheet"],
        )
        return Response(datasource_body(datasource), status=202)
