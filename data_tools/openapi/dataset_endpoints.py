"""The endpoints for datasets and for signing in."""

from __future__ import annotations

from data_tools.answers.dataset_answers import DatasourceBody, DatasourceList, Deleted
from data_tools.openapi.answer_schema import schema_of
from data_tools.openapi.description import FORM, PAGE, Described
from data_tools.openapi.json_schema import TEXT, Schema, fields_of, record
from data_tools.views.api.datasource_api_views import ReuploadFields, UploadFields
from data_tools.views.api.token_api_views import CredentialFields

_DATASOURCE = schema_of(DatasourceBody)
_BODY_REFUSED = ("LENGTH_REQUIRED", "PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE")


def _form(serializer: type) -> Schema:
    fields = fields_of(serializer)
    return {
        "type": "object",  # with room for more: a form may carry a CSRF token and the like
        "properties": {  # an optional one has no type: a form sends every value as text
            name: schema if required else {"maxLength": schema["maxLength"]}
            for name, (schema, required) in fields.items()
        },
        "required": [name for name, (_, required) in fields.items() if required],
    }


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
        refusals=("INVALID_UPLOAD", *_BODY_REFUSED),
    ),
    ("GET", "/api/datasources/{datasource_id}/"): Described(
        summary="One dataset: how far it has come, and what was found in its file",
        tag="Datasets",
        answer=_DATASOURCE,
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
        refusals=("INVALID_UPLOAD", "DATASOURCE_NOT_READY", *_BODY_REFUSED),
    ),
    ("POST", "/api/auth/token/"): Described(
        summary="A token for programs, for a user name and a password",
        tag="Signing in",
        body=_form(CredentialFields),
        answer=record(token=TEXT),
        example_body={"username": "ada", "password": "password"},
        refusals=("INVALID_CREDENTIALS", "INVALID_JSON", "INVALID_BODY", *_BODY_REFUSED),
        needs_sign_in=False,
    ),
}
