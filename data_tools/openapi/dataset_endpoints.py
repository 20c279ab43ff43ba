"""The endpoints for datasets."""

from __future__ import annotations

from data_tools.answers.dataset_answers import DatasourceBody, DatasourceList, Deleted
from data_tools.answers.preview_answers import PreviewBody
from data_tools.openapi.answer_schema import schema_of
from data_tools.openapi.description import FORM, PAGE, Described
from data_tools.openapi.json_schema import TEXT, Schema, body, fields_of, ref
from data_tools.views.api.datasource_api_views import PreviewFields, ReuploadFields, UploadFields

_DATASOURCE = schema_of(DatasourceBody)
_OPTIONS: Schema = {
    "description": "How the file is to be read: a JSON object, as text.",
    "contentMediaType": "application/json",
    "contentSchema": ref("ReadingOptions"),
}
_BODY_REFUSED = ("LENGTH_REQUIRED", "PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE")


def _form(serializer: type) -> Schema:
    fields = fields_of(serializer)
    return {
        "type": "object",  # with room for more: a form may carry a CSRF token and the like
        "properties": {  # an optional one has no type: a form sends every value as text
            name: schema if required else _sent_as_text(name, schema)
            for name, (schema, required) in fields.items()
        },
        "required": [name for name, (_, required) in fields.items() if required],
    }


def _sent_as_text(name: str, schema: Schema) -> Schema:
    kept = {key: schema[key] for key in ("maxLength", "description") if key in schema}
    return kept | (_OPTIONS if name == "options" else {})


DATASETS: dict[tuple[str, str], Described] = {
    ("GET", "/api/datasources/"): Described(
        summary="The user's datasets, newest first",
        tag="Datasets",
        query=PAGE,
        answer=schema_of(DatasourceList),
        refusals=("INVALID_PAGINATION",),
    ),
    ("POST", "/api/datasources/"): Described(
        summary="Upload a file; it becomes a dataset in the background",
        tag="Datasets",
        body=_form(UploadFields),
        sent_as=FORM,
        answer=_DATASOURCE,
        status=201,
        refusals=("INVALID_UPLOAD", "QUOTA_EXCEEDED", *_BODY_REFUSED),
    ),
    ("POST", "/api/datasources/preview/"): Described(
        summary="How a file would be read, with its first rows; stores nothing",
        text="`file` is the whole file or, with `is_head`, the beginning of a text file. A file "
        "that would be refused is answered with the `error` and, where possible, with rows.",
        tag="Datasets",
        body=_form(PreviewFields),
        sent_as=FORM,
        answer=schema_of(PreviewBody),
        refusals=("INVALID_UPLOAD", *_BODY_REFUSED),
    ),
    ("GET", "/api/datasources/{datasource_id}/"): Described(
        summary="One dataset: how far it has come, and what was found in its file",
        tag="Datasets",
        answer=_DATASOURCE,
    ),
    ("PATCH", "/api/datasources/{datasource_id}/"): Described(
        summary="Give a dataset another name",
        text="Several datasets may have the same one.",
        tag="Datasets",
        body=body(("name",), name={**TEXT, "minLength": 1, "maxLength": 255}),
        answer=_DATASOURCE,
        example_body={"name": "Flights of 2013"},
        refusals=("INVALID_JSON", "INVALID_BODY", *_BODY_REFUSED),
    ),
    ("DELETE", "/api/datasources/{datasource_id}/"): Described(
        summary="Delete a dataset, its rows and its file",
        tag="Datasets",
        answer=schema_of(Deleted),
    ),
    ("POST", "/api/datasources/{datasource_id}/file/"): Described(
        summary="Another file for a dataset: its next revision, once it is loaded",
        tag="Datasets",
        body=_form(ReuploadFields),
        sent_as=FORM,
        answer=_DATASOURCE,
        status=202,
        refusals=("INVALID_UPLOAD", "DATASOURCE_NOT_READY", "QUOTA_EXCEEDED", *_BODY_REFUSED),
    ),
}
