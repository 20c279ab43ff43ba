"""Datasets: listed, shown one by one, deleted, and saved from a session."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, NotRequired, cast
from uuid import UUID

from msgspec import Meta
from typing_extensions import TypedDict

from data_tools.answers.history_answers import Recipe
from data_tools.answers.session_answers import ColumnNameAndType, Pagination, pagination
from data_tools.answers.shared_values import Durable, OptionsObject, Success, durable
from data_tools.filtering import PageSpec
from data_tools.models import DataSource
from data_tools.rows.pages import Page
from data_tools.services.save_service import Saved


class Datasource(TypedDict):
    """A dataset. A list of datasets leaves out `columns` and `ingest_report`; `recipe` is only told
    of a single one. `progress` is a percentage; `restarts` says how often loading the newest file,
    or writing saved rows, was interrupted and began again. `reading_options` are those with which
    its files are read."""

    id: UUID
    name: str
    description: str
    original_filename: str
    status: DataSource.Status
    progress: Annotated[int, Meta(extra_json_schema={"minimum": 0, "maximum": 100})]
    restarts: Annotated[int, Meta(extra_json_schema={"minimum": 0})]
    error_reason: str
    revision: int
    row_count: int
    column_count: int
    parent: UUID | None
    created_at: dt.datetime
    columns: NotRequired[list[ColumnNameAndType]]
    fingerprint: NotRequired[str]
    ingest_report: NotRequired[dict[str, Any]]
    recipe: NotRequired[Recipe | None]
    reading_options: NotRequired[OptionsObject]
    reupload_failure: NotRequired[dict[str, Any] | None]


class DatasourceList(TypedDict):
    success: Success
    datasources: list[Datasource]
    pagination: Pagination


class DatasourceBody(TypedDict):
    success: Success
    datasource: Datasource


class Deleted(TypedDict):
    success: Success
    message: str


class NewDatasource(TypedDict):
    """The dataset that a session was saved as."""

    id: UUID
    name: str
    description: str
    created_at: dt.datetime
    status: str
    progress: int
    row_count: int
    parent: UUID | None


class SavedBody(Durable):
    success: Success
    message: str
    new_datasource: NewDatasource
    session_id: UUID
    repeated: bool


def datasource_list(shown: Iterable[DataSource], *, total: int, page: PageSpec) -> DatasourceList:
    """Return the datasets `shown` as the page of `total` that they are."""
    return {
        "success": True,
        # See `dataset_service.list_for`.
        "datasources": [_listed(each, column_count=vars(each)["column_count"]) for each in shown],
        "pagination": pagination(
            Page(
                rows=[],
                page_number=page.page_number,
                page_size=page.page_size,
                total_rows=total,
                filtered_rows=total,
            )
        ),
    }


def datasource_body(datasource: DataSource, *, with_recipe: bool = False) -> DatasourceBody:
    shown: Datasource = {
        **_listed(datasource, column_count=len(datasource.columns)),
        "columns": datasource.columns,
        "ingest_report": datasource.ingest_report,
        "reading_options": datasource.reading_options,
    }
    if with_recipe:
        shown["recipe"] = datasource.recipe or None
    return {"success": True, "datasource": shown}


def deleted_body() -> Deleted:
    return {"success": True, "message": "Dataset deleted"}


def saved_body(saved: Saved) -> SavedBody:
    shown: Mapping[str, Any] = _listed(saved.datasource, column_count=len(saved.datasource.columns))
    return {
        "success": True,
        "message": "Data saved successfully as new datasource",
        "new_datasource": cast(
            NewDatasource, {name: shown[name] for name in NewDatasource.__annotations__}
        ),
        "session_id": saved.session.head.stream_id,
        "repeated": saved.is_repeat,
        **durable(saved.session),
    }


def _listed(datasource: DataSource, *, column_count: int) -> Datasource:
    return {
        "id": datasource.pk,
        "name": datasource.name,
        "description": datasource.description,
        "original_filename": datasource.original_filename,
        "status": DataSource.Status(datasource.status),
        "progress": datasource.progress_percent,
        "restarts": datasource.restarts,
        "error_reason": datasource.error_reason,
        "revision": datasource.revision,
        "reupload_failure": datasource.reupload_failure,
        "row_count": datasource.row_count,
        "column_count": column_count,
        "fingerprint": datasource.fingerprint,
        "parent": datasource.parent_id,
        "created_at": datasource.created_at,
    }
