"""Endpoints for datasets: preview, upload, upload again, list, progress, rename, delete."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.dataset_answers import datasource_body, datasource_list, deleted_body
from data_tools.answers.preview_answers import preview_body
from data_tools.filtering import parse_page
from data_tools.ingest.options import DEFAULT_OPTIONS
from data_tools.ingest.written_options import InvalidOption, options_from_text, with_sheet
from data_tools.operations.exceptions import InvalidParameter
from data_tools.services import dataset_service, preview_service
from data_tools.under_way.requests import Work
from data_tools.views.api.api_view import ApiView, validated
from data_tools.views.api.preview_parser import PreviewParser
from data_tools.views.api.studio_view import fields_of
from data_tools.views.api.text_field import TextField
from data_tools.views.api.upload_parser import UploadParser

_OPTIONS_CHARACTERS = 1 << 20
_CSRF_FIELD = "csrfmiddlewaretoken"  # Django has read it by then


class ReuploadFields(serializers.Serializer[None]):
    file = serializers.FileField(max_length=255)
    sheet = serializers.CharField(
        max_length=255,
        required=False,
        default="",
        allow_blank=True,
        trim_whitespace=False,
        help_text="The sheet of a workbook; without it, the first visible one.",
    )
    options = serializers.CharField(
        max_length=_OPTIONS_CHARACTERS, required=False, default="", allow_blank=True
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Put the options, or None if there are none, in place of their text."""
        text = attrs["options"]
        try:
            attrs["options"] = options_from_text(text) if text else None
            with_sheet(attrs["options"] or DEFAULT_OPTIONS, attrs["sheet"])
        except InvalidOption as error:
            raise serializers.ValidationError({"options": str(error)}) from error
        return attrs


class UploadFields(ReuploadFields):
    name = serializers.CharField(
        max_length=255, required=False, help_text="The dataset's name; without it, the file's."
    )


class PreviewFields(ReuploadFields):
    is_head = serializers.BooleanField(
        required=False,
        default=False,
        help_text="`true` if only the beginning of the file is sent, as is possible of text.",
    )


class DatasourceListView(ApiView):
    """List the user's datasets, newest first (GET), or add one from a file (POST)."""

    work = Work.LIGHT
    work_of_changes = Work.LONG
    parser_classes = (UploadParser,)
    rate_class_of_changes = "uploads"

    def get(self, request: Request) -> Response:
        page = parse_page(dict(request.query_params.lists()))
        datasets = dataset_service.list_for(request.user)
        total = datasets.count()
        shown = datasets[page.offset : page.offset + page.page_size]
        return Response(datasource_list(shown, total=total, page=page))

    def post(self, request: Request) -> Response:
        _require_room(request, is_new=True)
        fields = _form_of(request, UploadFields)
        datasource = dataset_service.create_from_upload(
            owner=request.user,
            uploaded_file=fields["file"],
            name=fields["name"],
            options=fields["options"] or DEFAULT_OPTIONS,
            sheet=fields["sheet"],
        )
        return Response(datasource_body(datasource), status=201)


class NameFields(serializers.Serializer[None]):
    """What can be changed of a dataset."""

    name = TextField(min_length=1, max_length=255)


class DatasourceView(ApiView):
    """One dataset: its progress, what was found in its file, or the recipe that made it."""

    work = Work.LIGHT
    work_of_changes = Work.HEAVY

    def work_of(self, request: Request) -> Work:
        return Work.LIGHT if request.method == "PATCH" else super().work_of(request)

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        datasource = dataset_service.get_for(request.user, datasource_id)
        return Response(datasource_body(datasource, with_recipe=True))

    def patch(self, request: Request, datasource_id: uuid.UUID) -> Response:
        dataset_service.get_for(request.user, datasource_id)  # before it is said what is wrong
        datasource = dataset_service.rename(
            owner=request.user,
            datasource_id=datasource_id,
            name=fields_of(request, NameFields)["name"],
        )
        return Response(datasource_body(datasource))

    def delete(self, request: Request, datasource_id: uuid.UUID) -> Response:
        dataset_service.delete(owner=request.user, datasource_id=datasource_id)
        return Response(deleted_body())


class DatasourceFileView(ApiView):
    """Upload another file for a dataset; once loaded, it is the next revision."""

    work = Work.LONG
    parser_classes = (UploadParser,)
    rate_class_of_changes = "uploads"

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        _require_room(request, is_new=False)
        fields = _form_of(request, ReuploadFields)
        datasource = dataset_service.upload_again(
            owner=request.user,
            datasource_id=datasource_id,
            uploaded_file=fields["file"],
            options=fields["options"],
            sheet=fields["sheet"],
        )
        return Response(datasource_body(datasource), status=202)


def _require_room(request: Request, *, is_new: bool) -> None:
    """Refuse an upload that its user has no room for, before reading it.

    Raises: as `dataset_service.require_room_for_upload`.
    """
    declared = request.META.get("CONTENT_LENGTH") or ""
    body_bytes = int(declared) if declared.isdecimal() else 0
    if body_bytes <= settings.UPLOADS["MAX_BYTES"]:  # larger ones are refused for their size
        dataset_service.require_room_for_upload(request.user, body_bytes=body_bytes, is_new=is_new)


class DatasourcePreviewView(ApiView):
    """How a file would be read, with its first rows; stores nothing."""

    work = Work.HEAVY
    parser_classes = (PreviewParser,)
    rate_class_of_changes = "scans"

    def post(self, request: Request) -> Response:
        fields = _form_of(request, PreviewFields)
        options = with_sheet(fields["options"] or DEFAULT_OPTIONS, fields["sheet"])
        with fields["file"] as uploaded_file:
            preview = preview_service.preview(
                uploaded_file, options=options, is_head=fields["is_head"]
            )
        return Response(preview_body(preview, options=options))


def _form_of(request: Request, fields: type[ReuploadFields]) -> dict[str, Any]:
    """Return the validated fields of the form.

    Raises:
        InvalidParameter: the form has a field that is not known.
        And as `validated`.
    """
    form = fields(data=request.data)
    for name in request.data:
        if name not in form.fields and name != _CSRF_FIELD:
            raise InvalidParameter(name, "is not a field of this form", known=sorted(form.fields))
    return validated(form)
